//! How applications went, kept by the name of the blueprint.

use countersign_crypto::digest;
use countersign_model::{BlueprintInstance, BlueprintInstanceId, BlueprintStatus};
use countersign_store::{StoreError, Tx, blueprint_instances};
use countersign_types::JsonObject;
use serde_json::Value;

use crate::{Document, Report, Source};

/// Hexadecimal SHA-256 of a blueprint's text.
pub(crate) fn content_hash(text: &str) -> String {
    hex::encode(digest(text).0)
}

/// Keeps how the application went, in the same transaction. What was passed as context is not kept: it may
/// hold passwords.
pub(crate) fn note_success(
    tx: &mut Tx<'_>,
    source: &Source,
    document: &Document,
    report: &Report,
) -> Result<(), StoreError> {
    let status =
        if report.warnings.is_empty() { BlueprintStatus::Successful } else { BlueprintStatus::Warning };
    let (now, hash) = (tx.now(), content_hash(&source.text));
    note(tx, source, &document.name, |instance| {
        instance.content_hash = hash;
        instance.status = status;
        instance.last_applied = Some(now);
        instance.last_error = None;
        instance.metadata = metadata(document);
    })
}

/// Keeps that an application failed, in a transaction of its own.
pub(crate) fn note_failure(tx: &mut Tx<'_>, source: &Source, error: &str) -> Result<(), StoreError> {
    let name = Document::parse(&source.text).map(|document| document.name).unwrap_or_default();
    note(tx, source, &name, |instance| {
        instance.status = BlueprintStatus::Error;
        instance.last_error = Some(error.chars().take(4_000).collect());
    })
}

fn note(
    tx: &mut Tx<'_>,
    source: &Source,
    name: &str,
    change: impl FnOnce(&mut BlueprintInstance),
) -> Result<(), StoreError> {
    let name = if name.is_empty() { &source.file } else { name };
    let path = if source.in_library { source.file.as_str() } else { "" };
    if let Some(mut instance) = blueprint_instances::by_name(tx, name)? {
        path.clone_into(&mut instance.path);
        change(&mut instance);
        blueprint_instances::update(tx, &instance)?;
        return Ok(());
    }
    let mut instance = BlueprintInstance {
        id: BlueprintInstanceId::random(tx.rng()),
        name: name.to_owned(),
        path: path.to_owned(),
        content_hash: String::new(),
        status: BlueprintStatus::Unknown,
        last_applied: None,
        last_error: None,
        enabled: true,
        context: JsonObject::new(),
        metadata: JsonObject::new(),
    };
    change(&mut instance);
    blueprint_instances::create(tx, &instance)
}

fn metadata(document: &Document) -> JsonObject {
    let labels: JsonObject =
        document.labels.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect();
    JsonObject::from_iter([
        ("name".to_owned(), Value::from(document.name.as_str())),
        ("labels".to_owned(), Value::Object(labels)),
    ])
}

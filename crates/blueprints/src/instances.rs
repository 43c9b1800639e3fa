//! Blueprints that are kept applied: where each stands, and how its applications went.

use countersign_crypto::digest;
use countersign_model::{BlueprintInstance, BlueprintInstanceId, BlueprintStatus};
use countersign_store::{StoreError, Tx, blueprint_instances, blueprint_objects};
use countersign_types::JsonObject;
use serde_json::Value;

use crate::{Document, Done, EntryReport, Library, Report, Source};

/// Beginning of addresses in registries of containers.
const OCI: &str = "oci://";

/// Hexadecimal SHA-256 of a blueprint's text.
pub(crate) fn content_hash(text: &str) -> String {
    hex::encode(digest(text).0)
}

/// Why the text of a blueprint that is kept applied is not at hand.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Elsewhere {
    /// It stands in a registry of containers.
    #[error(
        "blueprints are not fetched from registries (oci://): keep the file in the directory of blueprints, \
         or its text in the blueprint"
    )]
    Registry,
    /// There is no such file.
    #[error("“{0}” is no file of the library")]
    NoFile(String),
    /// It was applied once and is kept nowhere.
    #[error("it was handed in and is kept nowhere")]
    HandedIn,
}

/// Whether a path is an address in a registry of containers.
pub(crate) fn is_in_registry(path: &str) -> bool {
    path.get(..OCI.len()).is_some_and(|start| start.eq_ignore_ascii_case(OCI))
}

/// The text of a blueprint that is kept applied.
pub(crate) fn source_of(library: &Library, instance: &BlueprintInstance) -> Result<Source, Elsewhere> {
    let id = Some(instance.id);
    if !instance.content.is_empty() {
        let (file, text) = (instance.name.clone(), instance.content.clone());
        return Ok(Source { file, in_library: false, instance: id, text });
    }
    match instance.path.as_str() {
        "" => Err(Elsewhere::HandedIn),
        path if is_in_registry(path) => Err(Elsewhere::Registry),
        path => {
            let source = library.by_path(path).ok_or_else(|| Elsewhere::NoFile(path.to_owned()))?;
            Ok(Source { instance: id, ..source })
        }
    }
}

/// Keeps how the application went, in the same transaction. What was passed as context is not kept: it may
/// hold passwords.
pub(crate) fn note_success(
    tx: &mut Tx<'_>,
    library: &Library,
    source: &Source,
    document: &Document,
    report: &Report,
) -> Result<(), StoreError> {
    let status =
        if report.warnings.is_empty() { BlueprintStatus::Successful } else { BlueprintStatus::Warning };
    let Some(mut instance) = instance_for(tx, library, source, &document.name)? else { return Ok(()) };
    instance.content_hash = content_hash(&source.text);
    instance.status = status;
    instance.last_applied = Some(tx.now());
    instance.last_error = None;
    instance.metadata = metadata(document);
    blueprint_instances::update(tx, &instance)?;
    let is_there = |entry: &&EntryReport| entry.done != Done::Deleted;
    let objects = report.entries.iter().filter(is_there).filter_map(|entry| entry.id).collect();
    blueprint_objects::replace(tx, instance.id, &objects)
}

/// Keeps that an application failed, in a transaction of its own.
pub(crate) fn note_failure(
    tx: &mut Tx<'_>,
    library: &Library,
    source: &Source,
    error: &str,
) -> Result<(), StoreError> {
    let name = Document::parse(&source.text).map(|document| document.name).unwrap_or_default();
    let Some(mut instance) = instance_for(tx, library, source, &name)? else { return Ok(()) };
    instance.status = BlueprintStatus::Error;
    instance.last_error = Some(error.chars().take(4_000).collect());
    blueprint_instances::update(tx, &instance)?;
    Ok(())
}

/// With which blueprint it is kept how the application of a text went. A file of the library is known by its path, and
/// after a move by its name; what was handed in by its name, where nothing that is kept applied has it.
fn instance_for(
    tx: &mut Tx<'_>,
    library: &Library,
    source: &Source,
    name: &str,
) -> Result<Option<BlueprintInstance>, StoreError> {
    if let Some(id) = source.instance {
        return blueprint_instances::by_id(tx, id);
    }
    let name = if name.is_empty() { source.file.as_str() } else { name };
    if !source.in_library {
        return match blueprint_instances::by_name(tx, name)? {
            Some(instance) => Ok(Some(instance).filter(|one| one.path.is_empty() && one.content.is_empty())),
            None => create(tx, name.to_owned(), "").map(Some),
        };
    }
    let path = source.file.as_str();
    if let Some(instance) = blueprint_instances::by_path(tx, path)? {
        return Ok(Some(instance));
    }
    match blueprint_instances::by_name(tx, name)? {
        Some(instance) if stands_elsewhere(library, &instance) => {
            create(tx, format!("{name} ({path})"), path).map(Some)
        }
        Some(instance) => Ok(Some(BlueprintInstance { path: path.to_owned(), ..instance })),
        None => create(tx, name.to_owned(), path).map(Some),
    }
}

/// Whether a blueprint has a text that is at hand.
pub(crate) fn stands_elsewhere(library: &Library, instance: &BlueprintInstance) -> bool {
    !instance.content.is_empty() || (!instance.path.is_empty() && library.by_path(&instance.path).is_some())
}

fn create(tx: &mut Tx<'_>, name: String, path: &str) -> Result<BlueprintInstance, StoreError> {
    let instance = BlueprintInstance {
        id: BlueprintInstanceId::random(tx.rng()),
        name,
        path: path.to_owned(),
        content: String::new(),
        content_hash: String::new(),
        status: BlueprintStatus::Unknown,
        last_applied: None,
        last_error: None,
        enabled: true,
        context: JsonObject::new(),
        metadata: JsonObject::new(),
    };
    blueprint_instances::create(tx, &instance)?;
    Ok(instance)
}

fn metadata(document: &Document) -> JsonObject {
    let labels: JsonObject =
        document.labels.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect();
    JsonObject::from_iter([
        ("name".to_owned(), Value::from(document.name.as_str())),
        ("labels".to_owned(), Value::Object(labels)),
    ])
}

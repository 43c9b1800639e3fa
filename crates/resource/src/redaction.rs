//! What may be shown of a document, and of a change.

use countersign_types::JsonObject;
use serde_json::{Value, json};

use crate::{Descriptor, sealing::is_sealed};

/// What stands where a secret was.
pub const REDACTED: &str = "***";

/// The document with stars for every secret that is set.
pub fn redact(descriptor: &Descriptor, document: &JsonObject) -> JsonObject {
    let mut value = Value::Object(document.clone());
    for field in descriptor.secrets() {
        field.value_path().visit_mut(&mut value, &mut |_, secret| {
            if !secret.is_null() {
                *secret = Value::from(REDACTED);
            }
        });
    }
    hide_sealed(&mut value);
    match value {
        Value::Object(redacted) => redacted,
        _ => JsonObject::new(),
    }
}

/// What changed, by top-level attribute, redacted: `{"name": {"previous_value": …, "new_value": …}}`.
/// Compare unsealed documents: sealing the same secret twice gives two texts.
pub fn diff(descriptor: &Descriptor, old: &JsonObject, new: &JsonObject) -> JsonObject {
    let (shown_old, shown_new) = (redact(descriptor, old), redact(descriptor, new));
    let names = old.keys().chain(new.keys().filter(|name| !old.contains_key(*name)));
    names
        .filter(|name| old.get(*name) != new.get(*name))
        .map(|name| {
            let change = json!({ "previous_value": shown_old.get(name), "new_value": shown_new.get(name) });
            (name.clone(), change)
        })
        .collect()
}

/// Stars for sealed values wherever they stand, as a second line of defence.
fn hide_sealed(value: &mut Value) {
    if is_sealed(value) {
        *value = Value::from(REDACTED);
        return;
    }
    match value {
        Value::Array(elements) => elements.iter_mut().for_each(hide_sealed),
        Value::Object(members) => members.values_mut().for_each(hide_sealed),
        _ => {}
    }
}

//! What an entry makes different, attribute by attribute.

use countersign_registry::{AnyResource, Registry, ResourceError};
use countersign_resource::references;
use countersign_store::Tx;
use countersign_types::{JsonObject, RawId};
use serde_json::Value;

use crate::Change;

/// The document of an object as people read it: what it refers to by name.
pub(crate) fn readable(
    tx: &mut Tx<'_>,
    registry: &Registry,
    resource: &dyn AnyResource,
    id: RawId,
) -> Result<JsonObject, ResourceError> {
    let Some(document) = resource.read(tx, id)? else { return Ok(JsonObject::new()) };
    let mut edges = references(resource.descriptor(), &document);
    edges.extend(registry.granted_objects(resource, &document));
    let mut readable = Value::Object(document);
    for edge in edges {
        let Some((model, target)) = registry.read_any(tx, &edge.target, edge.id)? else { continue };
        let named = registry.get(model)?.identified_by().iter().find_map(|name| target.get(*name));
        let place = readable.pointer_mut(&format!("/{}", edge.path.replace('.', "/")));
        if let (Some(place), Some(Value::String(name))) = (place, named) {
            *place = Value::from(name.as_str());
        }
    }
    match readable {
        Value::Object(document) => Ok(document),
        _ => Ok(JsonObject::new()),
    }
}

/// What differs between two documents of an object. `written` are attributes that were set: secrets among them are in
/// no document.
pub(crate) fn between(
    resource: &dyn AnyResource,
    before: &JsonObject,
    after: &JsonObject,
    written: Option<&JsonObject>,
) -> Vec<Change> {
    let mut changes: Vec<Change> = Vec::new();
    for name in before.keys().chain(after.keys()) {
        let of = |document: &JsonObject| document.get(name).cloned().unwrap_or_default();
        let (before, after) = (of(before), of(after));
        if before != after && changes.iter().all(|change| change.field != *name) {
            changes.push(Change { field: name.clone(), before, after });
        }
    }
    if changes.is_empty() {
        let secrets = resource.descriptor().secrets().map(|field| field.path.to_string());
        let set = secrets.filter(|name| written.is_some_and(|written| written.contains_key(name)));
        changes.extend(set.map(|field| Change { field, before: Value::Null, after: Value::Null }));
    }
    changes
}

//! Documents in and out: parsing with paths, the canonical form, partial changes.

use countersign_types::{FieldErrors, JsonObject, Text};
use serde::Serialize;
use serde_json::Value;
use serde_path_to_error::Segment;

use crate::{Common, Describe, Descriptor};

/// Reads and checks a document. Complaints carry the path of the field (`fields.0`); attributes that the
/// kind does not know are ignored (see [`unknown_attributes`]).
pub fn parse<T: Describe>(document: &JsonObject) -> Result<T, FieldErrors> {
    let parsed: T = serde_path_to_error::deserialize(document).map_err(|error| complaint(&error))?;
    parsed.check()?;
    Ok(parsed)
}

/// Reads and checks a whole document: the common attributes and the kind's own, with all complaints.
pub fn parse_whole<T: Describe>(document: &JsonObject) -> Result<(T::Common, T), FieldErrors> {
    let common = serde_path_to_error::deserialize(document)
        .map_err(|error| complaint(&error))
        .and_then(|common: T::Common| Common::check(&common).map(|()| common));
    match (common, parse(document)) {
        (Ok(common), Ok(spec)) => Ok((common, spec)),
        (Err(mut complaints), Err(more)) => {
            complaints.0.extend(more.0);
            Err(complaints)
        }
        (Err(complaints), Ok(_)) | (Ok(_), Err(complaints)) => Err(complaints),
    }
}

/// The document as it is read back: every attribute with its value, secrets left out.
pub fn canonical<T: Serialize>(spec: &T) -> JsonObject {
    match serde_json::to_value(spec) {
        Ok(Value::Object(document)) => document,
        _ => JsonObject::new(),
    }
}

/// Attributes of the document that the kind does not know, in order.
pub fn unknown_attributes(descriptor: &Descriptor, document: &JsonObject) -> Vec<String> {
    document.keys().filter(|name| !descriptor.knows(name)).cloned().collect()
}

/// A partial change: top-level attributes of `patch` replace those of `base`, others stay.
///
/// Secrets that the patch leaves out stay too, since `base` is the unsealed document.
pub fn merge(base: &JsonObject, patch: &JsonObject) -> JsonObject {
    let mut merged = base.clone();
    merged.extend(patch.iter().map(|(name, value)| (name.clone(), value.clone())));
    merged
}

/// A message of serde as a complaint about a field. serde says "missing field" of the parent.
fn complaint(error: &serde_path_to_error::Error<serde_json::Error>) -> FieldErrors {
    let parent = error.path().iter().filter_map(step).collect::<Vec<_>>().join(".");
    let message = error.inner().to_string();
    let missing = message.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
    match missing {
        Some(name) if parent.is_empty() => FieldErrors::one(name, "required", "resource-error-required"),
        Some(name) => FieldErrors::one(format!("{parent}.{name}"), "required", "resource-error-required"),
        None => FieldErrors::one(parent, "invalid", Text::literal(message)),
    }
}

/// A step of serde's path; variants of enums are not places in a document.
fn step(segment: &Segment) -> Option<String> {
    match segment {
        Segment::Seq { index } => Some(index.to_string()),
        Segment::Map { key } => Some(key.clone()),
        Segment::Enum { .. } | Segment::Unknown => None,
    }
}

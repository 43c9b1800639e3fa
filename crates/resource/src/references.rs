//! The edges that leave a document.

use countersign_types::{JsonObject, RawId};
use serde_json::Value;

use crate::Descriptor;

/// One edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Where it stands, exactly: `fields.0`.
    pub path: String,
    /// Model label or family of what it points at.
    pub target: String,
    /// The object pointed at.
    pub id: RawId,
    /// Whether the document stays valid without it: an optional field or an element of a list.
    pub nullable: bool,
    /// Whether users come to belong to the group pointed at.
    pub grants: bool,
}

/// Every reference of a document that has been parsed.
pub fn references(descriptor: &Descriptor, document: &JsonObject) -> Vec<Reference> {
    let document = Value::Object(document.clone());
    let mut found = Vec::new();
    for field in &descriptor.fields {
        let Some(target) = &field.reference else { continue };
        let nullable = field.many || !field.required;
        field.value_path().visit(&document, &mut |path, value| {
            if let Some(id) = value.as_str().and_then(|text| text.parse().ok()) {
                found.push(Reference {
                    path: path.to_owned(),
                    target: target.clone(),
                    id,
                    nullable,
                    grants: field.grants,
                });
            }
        });
    }
    found
}

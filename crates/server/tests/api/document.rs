//! The committed OpenAPI document is the one that the server describes.

use std::collections::HashSet;

use serde_json::Value;

const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/openapi.json");

#[test]
fn the_committed_document_has_not_drifted() {
    let described = countersign_server::openapi().unwrap();
    let committed = std::fs::read_to_string(COMMITTED).unwrap_or_default();
    assert!(
        described.trim() == committed.trim(),
        "docs/reference/openapi.json has drifted: countersign openapi > docs/reference/openapi.json"
    );
}

#[test]
fn every_operation_has_a_name_of_its_own() {
    let document: Value = serde_json::from_str(&countersign_server::openapi().unwrap()).unwrap();
    let mut names = HashSet::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        assert!(path.ends_with('/'), "{path}");
        for (method, operation) in operations.as_object().unwrap() {
            let name = operation["operationId"].as_str().unwrap();
            assert!(names.insert(name.to_owned()), "{method} {path}: {name} is the name of another");
            assert!(
                !operation["summary"].as_str().unwrap().is_empty(),
                "{method} {path} says not what it does"
            );
        }
    }
    assert!(names.len() > 150, "{}", names.len());
}

#[test]
fn every_reference_within_the_document_leads_somewhere() {
    let document: Value = serde_json::from_str(&countersign_server::openapi().unwrap()).unwrap();
    let mut references = Vec::new();
    collect(&document, &mut references);
    for reference in references {
        let place = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(place).is_some(), "{reference}");
    }
}

fn collect(value: &Value, references: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            if let Some(reference) = members.get("$ref").and_then(Value::as_str) {
                references.push(reference.to_owned());
            }
            members.values().for_each(|value| collect(value, references));
        }
        Value::Array(elements) => elements.iter().for_each(|value| collect(value, references)),
        _ => {}
    }
}

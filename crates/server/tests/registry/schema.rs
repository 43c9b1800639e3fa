//! The committed JSON schema of blueprints is the one that the server describes, and fits the blueprints that ship.

use serde_json::Value;

const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/blueprint-schema.json");

#[test]
fn the_committed_schema_has_not_drifted() {
    let described = countersign_server::blueprint_schema().unwrap();
    let committed = std::fs::read_to_string(COMMITTED).unwrap_or_default();
    assert!(
        described.trim() == committed.trim(),
        "docs/reference/blueprint-schema.json has drifted: countersign blueprint schema > docs/reference/blueprint-schema.json"
    );
}

#[test]
fn whatever_the_schema_refers_to_is_there() {
    fn references<'s>(schema: &'s Value, found: &mut Vec<&'s str>) {
        match schema {
            Value::Object(members) => {
                found.extend(members.get("$ref").and_then(Value::as_str));
                members.values().for_each(|member| references(member, found));
            }
            Value::Array(elements) => elements.iter().for_each(|element| references(element, found)),
            _ => {}
        }
    }
    let schema: Value = serde_json::from_str(&countersign_server::blueprint_schema().unwrap()).unwrap();
    let mut found = Vec::new();
    references(&schema, &mut found);
    assert!(found.len() > 100, "{}", found.len());
    for reference in found {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(schema.pointer(pointer).is_some(), "{reference}");
    }
    for kind in ["authentik_flows.flow", "authentik_core.user", "authentik_blueprints.metaapplyblueprint"] {
        assert!(schema["$defs"][kind]["properties"].is_object(), "{kind}");
    }
}

//! JSON schema of the format with every kind that there is, for editors.
//!
//! A tag may stand for any value, and an editor sees what is written after it: text, a number or a list. Attributes are
//! not required: `identifiers` may hold them, and what is there keeps them.

use countersign_registry::Registry;
use countersign_resource::Descriptor;
use countersign_types::JsonObject;
use serde_json::{Map, Value, json};

use crate::needs::META;

/// Definition of what a tag leaves to see.
const TAGGED: &str = "#/$defs/tagged";

/// The schema of a whole file.
pub fn schema(registry: &Registry) -> Value {
    let mut definitions = shared();
    let mut models = vec![Value::from(META)];
    let mut cases = vec![case(META)];
    definitions.insert(META.to_owned(), meta());
    for resource in registry.resources() {
        let kind = resource.descriptor();
        models.push(Value::from(kind.model));
        cases.push(case(kind.model));
        definitions.insert(kind.model.to_owned(), attributes(kind));
        if let Some(Value::Object(own)) = kind.schema.get("$defs") {
            for (name, definition) in own {
                definitions.entry(name.clone()).or_insert_with(|| plain(definition));
            }
        }
    }
    definitions.insert("entry".to_owned(), entry(&models, &cases));
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Countersign blueprint",
        "type": "object",
        "required": ["version", "entries"],
        "additionalProperties": false,
        "properties": {
            "$schema": { "type": "string" },
            "version": { "const": 1 },
            "metadata": {
                "type": "object",
                "properties": {
                    "name": { "type": "string", "description": "Name by which others may ask for it." },
                    "labels": { "type": "object", "description": "What it says about itself." },
                },
            },
            "context": { "type": "object", "description": "Values for `!Context`, under those that are passed." },
            "entries": {
                "oneOf": [
                    { "type": "array", "items": { "$ref": "#/$defs/entry" } },
                    {
                        "type": "object",
                        "description": "Lists of entries under headings.",
                        "additionalProperties": { "type": ["array", "null"], "items": { "$ref": "#/$defs/entry" } },
                    },
                ],
            },
        },
        "$defs": definitions,
    })
}

/// What a tag leaves to see, and who is given a permission.
fn shared() -> JsonObject {
    let tagged = json!({
        "description": "What a tag works out.",
        "type": ["string", "number", "array"],
    });
    let permission = json!({
        "type": "object",
        "required": ["permission"],
        "additionalProperties": false,
        "properties": {
            "permission": { "type": "string", "description": "`view_flow`, or with its app." },
            "role": { "$ref": TAGGED },
            "user": { "$ref": TAGGED },
        },
    });
    JsonObject::from_iter([("tagged".to_owned(), tagged), ("permission".to_owned(), permission)])
}

fn entry(models: &[Value], cases: &[Value]) -> Value {
    let states = json!(["present", "created", "must_created", "absent"]);
    json!({
        "type": "object",
        "required": ["model"],
        "additionalProperties": false,
        "properties": {
            "model": { "enum": models, "description": "The kind." },
            "id": { "type": ["string", "null"], "description": "A name for `!KeyOf`." },
            "state": { "anyOf": [{ "enum": states }, { "$ref": TAGGED }], "default": "present" },
            "conditions": { "type": ["array", "null"], "description": "Unless all count as true, the entry is skipped." },
            "identifiers": { "type": ["object", "null"], "description": "Which object is meant." },
            "attrs": { "type": ["object", "null"], "description": "How it should be." },
            "permissions": {
                "type": ["array", "null"],
                "description": "Who may do what with it.",
                "items": { "$ref": "#/$defs/permission" },
            },
        },
        "allOf": cases,
    })
}

/// Which attributes a kind has.
fn case(model: &str) -> Value {
    let part = json!({ "$ref": format!("#/$defs/{model}") });
    json!({
        "if": { "required": ["model"], "properties": { "model": { "const": model } } },
        "then": { "properties": { "attrs": part, "identifiers": part } },
    })
}

/// Another blueprint that is needed.
fn meta() -> Value {
    json!({
        "type": ["object", "null"],
        "properties": {
            "identifiers": {
                "type": "object",
                "properties": { "name": { "type": "string" }, "path": { "type": "string" } },
            },
            "required": { "type": "boolean", "default": true },
        },
    })
}

fn attributes(kind: &Descriptor) -> Value {
    let mut properties = JsonObject::new();
    if let Some(Value::Object(own)) = kind.schema.get("properties") {
        for (name, property) in own {
            properties.insert(name.clone(), or_tagged(property));
        }
    }
    json!({ "type": ["object", "null"], "title": kind.verbose_name, "properties": properties })
}

/// A value, or what a tag stands for.
fn or_tagged(property: &Value) -> Value {
    let mut property = plain(property);
    let mut outer = Map::new();
    if let Value::Object(members) = &mut property {
        for name in ["description", "default", "title"] {
            outer.extend(members.remove(name).map(|value| (name.to_owned(), value)));
        }
    }
    outer.insert("anyOf".to_owned(), json!([property, { "$ref": TAGGED }]));
    Value::Object(outer)
}

/// Without what is meant for forms.
fn plain(schema: &Value) -> Value {
    match schema {
        Value::Object(members) => Value::Object(
            members
                .iter()
                .filter(|(name, _)| !name.starts_with("x-"))
                .map(|(name, member)| (name.clone(), plain(member)))
                .collect(),
        ),
        Value::Array(elements) => elements.iter().map(plain).collect(),
        other => other.clone(),
    }
}

//! A kind with every shape of field, described, parsed, redacted and sealed.
#![expect(clippy::panic, reason = "tests")]

use std::collections::BTreeMap;

use countersign_model::{ConfigObject, ConfigObjectId, Family, PolicyEngineMode};
use countersign_resource::{
    ConfigKind, Descriptor, LoadError, REDACTED, SealError, Vault, canonical, diff, load, merge, parse,
    redact, references, sealed, target, unknown_attributes, unsealed,
};
use countersign_types::{Expression, FieldErrors, JsonObject, RawId, Ref, Secret, Span};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A stage with everything.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Kitchen {
    /// The prompts.
    fields: Vec<Ref<target::Prompt>>,
    /// Where to go.
    #[serde(default)]
    flow: Option<Ref<target::Flow>>,
    /// How long.
    #[serde(default = "ten_minutes")]
    duration: Span,
    #[serde(default)]
    rule: Expression,
    #[serde(default)]
    engine: Option<PolicyEngineMode>,
    /// Shared with the other side.
    #[serde(skip_serializing, default)]
    token: Secret<String>,
    #[serde(default)]
    servers: Vec<Server>,
    #[serde(default)]
    by_name: BTreeMap<String, Server>,
    #[serde(default)]
    count: u8,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Server {
    url: String,
    #[serde(skip_serializing, default)]
    password: Option<Secret<String>>,
    #[serde(default)]
    owner: Option<Ref<target::User>>,
}

fn ten_minutes() -> Span {
    Span::from_mins(10)
}

impl ConfigKind for Kitchen {
    const MODEL: &'static str = "test.kitchen";
    const FAMILY: Family = Family::Stage;
    const COMPONENT: &'static str = "ak-kitchen-form";
    const VERBOSE_NAME: &'static str = "Kitchen stage";

    fn validate(&self) -> Result<(), FieldErrors> {
        if self.count > 9 {
            return Err(FieldErrors::one("count", "invalid", "test-too-many"));
        }
        Ok(())
    }
}

/// Not a cipher: enough to see what is bound to what.
struct Ribbon;

impl Vault for Ribbon {
    fn seal(&self, place: &str, plain: &str) -> Result<String, SealError> {
        Ok(format!("{place}|{}", plain.chars().rev().collect::<String>()))
    }

    fn open(&self, place: &str, sealed: &str) -> Result<Secret<String>, SealError> {
        let (bound, plain) = sealed.split_once('|').ok_or(SealError)?;
        if bound != place {
            return Err(SealError);
        }
        Ok(Secret::new(plain.chars().rev().collect()))
    }
}

fn object(value: Value) -> JsonObject {
    let Value::Object(object) = value else { panic!("an object") };
    object
}

fn id(number: u128) -> RawId {
    RawId::from_u128(number)
}

fn document() -> JsonObject {
    object(json!({
        "fields": [id(1), id(2)],
        "flow": id(3),
        "token": "canary-one",
        "servers": [{"url": "https://a.test", "password": "canary-two", "owner": id(4)}, {"url": "https://b.test"}],
        "by_name": {"c": {"url": "https://c.test", "password": "canary-three"}},
    }))
}

#[test]
fn fields_know_their_widget_default_and_reference() {
    let descriptor = Descriptor::of::<Kitchen>();
    let field = |path: &str| descriptor.field(path).unwrap_or_else(|| panic!("no field {path}")).clone();
    assert_eq!(descriptor.model, "test.kitchen");
    assert_eq!(descriptor.family, Some("stage"));
    assert!(field("name").required);
    assert_eq!(field("fields").doc, "The prompts.");
    assert_eq!((field("fields").many, field("fields").required), (true, true));
    assert_eq!(field("fields").reference.as_deref(), Some("prompt"));
    assert_eq!(field("flow").reference.as_deref(), Some("authentik_flows.flow"));
    assert_eq!(field("flow").widget, "ref");
    assert_eq!(field("duration").widget, "duration");
    assert_eq!(field("duration").default, Some(json!("minutes=10")));
    assert_eq!(field("rule").widget, "expression");
    assert_eq!(field("engine").widget, "select");
    assert_eq!(field("engine").choices, ["any", "all"]);
    assert_eq!(field("count").widget, "number");
    assert!(field("token").secret);
    assert!(field("servers.*.password").secret);
    assert!(field("by_name.*.password").secret);
    assert_eq!(field("servers.*.owner").reference.as_deref(), Some("authentik_core.user"));
}

#[test]
fn complaints_name_the_place() {
    let about = |change: Value| {
        let document = merge(&document(), &object(change));
        let errors = parse::<Kitchen>(&document).err().unwrap();
        (errors.0[0].path.clone(), errors.0[0].code)
    };
    assert_eq!(about(json!({"fields": ["no"]})), ("fields.0".to_owned(), "invalid"));
    assert_eq!(about(json!({"servers": [{}]})), ("servers.0.url".to_owned(), "required"));
    assert_eq!(about(json!({"duration": "soon"})), ("duration".to_owned(), "invalid"));
    assert_eq!(about(json!({"count": 10})), ("count".to_owned(), "invalid"));
    let errors = parse::<Kitchen>(&JsonObject::new()).err().unwrap();
    assert_eq!((errors.0[0].path.as_str(), errors.0[0].code), ("fields", "required"));
}

#[test]
fn unknown_attributes_are_reported() {
    let descriptor = Descriptor::of::<Kitchen>();
    let document = object(json!({"name": "x", "managed": null, "fields": [], "colour": "red"}));
    assert_eq!(unknown_attributes(&descriptor, &document), ["colour"]);
}

#[test]
fn every_edge_is_found() {
    let descriptor = Descriptor::of::<Kitchen>();
    let found = references(&descriptor, &document());
    let edges: Vec<_> =
        found.iter().map(|edge| (edge.path.as_str(), edge.target.as_str(), edge.id)).collect();
    assert_eq!(
        edges,
        [
            ("fields.0", "prompt", id(1)),
            ("fields.1", "prompt", id(2)),
            ("flow", "authentik_flows.flow", id(3)),
            ("servers.0.owner", "authentik_core.user", id(4)),
        ]
    );
}

#[test]
fn sealed_documents_hold_no_secret_and_open_again() {
    let descriptor = Descriptor::of::<Kitchen>();
    let plain = document();
    let spec: Kitchen = parse(&plain).unwrap();
    let stored = sealed(&descriptor, id(9), canonical(&spec), &plain, None, &Ribbon).unwrap();
    assert!(!serde_json::to_string(&stored).unwrap().contains("canary"));
    assert!(!serde_json::to_string(&canonical(&spec)).unwrap().contains("canary"));

    let opened = unsealed(&descriptor, id(9), &stored, &Ribbon).unwrap();
    assert_eq!(opened["token"], "canary-one");
    assert_eq!(opened["servers"][0]["password"], "canary-two");
    assert_eq!(opened["by_name"]["c"]["password"], "canary-three");

    let patched = merge(&opened, &object(json!({"count": 3})));
    let spec: Kitchen = parse(&patched).unwrap();
    let again =
        sealed(&descriptor, id(9), canonical(&spec), &patched, Some((&stored, &opened)), &Ribbon).unwrap();
    assert_eq!(again["token"], stored["token"], "a secret left out is kept");
    assert_eq!(again["count"], 3);
}

#[test]
fn a_sealed_text_moved_to_another_object_does_not_open() {
    let descriptor = Descriptor::of::<Kitchen>();
    let plain = document();
    let spec: Kitchen = parse(&plain).unwrap();
    let stored = sealed(&descriptor, id(9), canonical(&spec), &plain, None, &Ribbon).unwrap();
    assert_eq!(unsealed(&descriptor, id(10), &stored, &Ribbon), Err(SealError));
    let injected = object(json!({"fields": [], "token": stored["token"]}));
    assert!(parse::<Kitchen>(&injected).is_err(), "a sealed text is not accepted as input");
}

#[test]
fn loading_asks_for_the_right_kind() {
    let descriptor = Descriptor::of::<Kitchen>();
    let plain = document();
    let spec: Kitchen = parse(&plain).unwrap();
    let config = sealed(&descriptor, id(9), canonical(&spec), &plain, None, &Ribbon).unwrap();
    let mut stored = ConfigObject {
        id: ConfigObjectId(id(9)),
        family: Family::Stage,
        kind: "test.kitchen".to_owned(),
        name: "kitchen".to_owned(),
        managed: None,
        config: Value::Object(config),
    };
    let loaded: Kitchen = load(&stored, &Ribbon).unwrap();
    assert!(loaded.token.ct_eq("canary-one"));
    assert!(loaded.servers[0].password.as_ref().unwrap().ct_eq("canary-two"));
    stored.kind = "test.bath".to_owned();
    assert!(matches!(load::<Kitchen>(&stored, &Ribbon), Err(LoadError::WrongKind { .. })));
}

#[test]
fn differences_show_stars_for_secrets() {
    let descriptor = Descriptor::of::<Kitchen>();
    let old = document();
    let new = merge(&old, &object(json!({"token": "canary-four", "count": 4})));
    let change = diff(&descriptor, &old, &new);
    assert_eq!(change["token"], json!({"previous_value": REDACTED, "new_value": REDACTED}));
    assert_eq!(change["count"], json!({"previous_value": null, "new_value": 4}));
    assert_eq!(change.len(), 2);
    assert!(!serde_json::to_string(&redact(&descriptor, &new)).unwrap().contains("canary"));
}

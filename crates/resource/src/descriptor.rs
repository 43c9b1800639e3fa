//! The description of a kind, worked out of its struct once.

use countersign_types::JsonObject;
use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::Value;

use crate::{Describe, Facts, Path, facts, walk};

/// One field as forms, references and redaction need it.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldInfo {
    /// Where it stands; `*` where every element of a list is meant.
    pub path: Path,
    /// What it is called: `x-label`, or the name made readable.
    pub label: String,
    /// The doc comment: help for administrators.
    pub doc: String,
    /// Section of the form (`x-group`), by its key; none for the first.
    pub group: Option<String>,
    /// Whether only few need it (`x-advanced`): folded away at first.
    pub advanced: bool,
    /// Which widget edits it: `text`, `expression`, `secret`, `ref`, `duration`, `select`, …
    pub widget: String,
    /// Whether a new document must have it.
    pub required: bool,
    /// What it is when left out.
    pub default: Option<Value>,
    /// Whether it may be null.
    pub nullable: bool,
    /// Least value of a number.
    pub minimum: Option<i64>,
    /// Largest value of a number.
    pub maximum: Option<i64>,
    /// Most characters of a text.
    pub max_length: Option<u64>,
    /// Whether it is written and never read.
    pub secret: bool,
    /// Model label or family of what it points at.
    pub reference: Option<String>,
    /// Whether users come to belong to the group that it points at (`x-grants`).
    pub grants: bool,
    /// Whether it is a list; `path` is the list's.
    pub many: bool,
    /// The values it may have, when they are few.
    pub choices: Vec<String>,
}

impl FieldInfo {
    /// Where its values stand: the elements of a list, or the place itself.
    pub fn value_path(&self) -> Path {
        if self.many { self.path.each() } else { self.path.clone() }
    }
}

/// The description of a kind.
#[derive(Clone, Debug)]
pub struct Descriptor {
    /// Model label as blueprints write it.
    pub model: &'static str,
    /// Label of the family, if it has one.
    pub family: Option<&'static str>,
    /// Form element that authentik's API names for the kind.
    pub component: &'static str,
    /// What administrators call it.
    pub verbose_name: &'static str,
    /// What they call several of it.
    pub verbose_name_plural: String,
    /// Where the API has it, below `/api/v3/`, without slashes at the ends: `stages/password`.
    pub api_path: String,
    /// Picture beside its name in the console.
    pub icon: &'static str,
    /// JSON schema of a document, without definitions beside it.
    pub schema: Value,
    /// The fields, in the order of declaration; nested ones after their parent.
    pub fields: Vec<FieldInfo>,
}

impl Descriptor {
    /// Works out the description of a kind. Costs a schema: do it once and keep it.
    pub fn of<T: Describe>() -> Self {
        let mut schema = schema_of::<T>();
        join(&mut schema, schema_of::<T::Common>());
        let fields = walk::fields(&schema);
        let Facts { model, family, component, verbose_name, .. } = T::FACTS;
        Self {
            model,
            family,
            component,
            verbose_name,
            verbose_name_plural: facts::plural(&T::FACTS),
            api_path: facts::api_path(&T::FACTS),
            icon: facts::icon(&T::FACTS),
            schema,
            fields,
        }
    }

    /// The field that stands exactly there.
    pub fn field(&self, path: &str) -> Option<&FieldInfo> {
        self.fields.iter().find(|field| field.path.to_string() == path)
    }

    /// Whether a document may have the top-level attribute.
    pub fn knows(&self, attribute: &str) -> bool {
        self.schema.get("properties").is_some_and(|properties| properties.get(attribute).is_some())
    }

    /// Application and model, the two halves of the label: `authentik_core` and `user`.
    pub fn label(&self) -> (&'static str, &'static str) {
        self.model.split_once('.').unwrap_or(("", self.model))
    }

    /// The fields that are written and never read.
    pub fn secrets(&self) -> impl Iterator<Item = &FieldInfo> {
        self.fields.iter().filter(|field| field.secret)
    }
}

/// The schema of a type, without definitions beside it.
pub fn schema_of<T: JsonSchema>() -> Value {
    let mut settings = SchemaSettings::draft2020_12();
    settings.inline_subschemas = true;
    settings.into_generator().into_root_schema_for::<T>().to_value()
}

/// Puts the common attributes before the kind's own.
fn join(schema: &mut Value, common: Value) {
    let (Some(root), Value::Object(mut common)) = (schema.as_object_mut(), common) else { return };
    let mut properties = match common.remove("properties") {
        Some(Value::Object(properties)) => properties,
        _ => JsonObject::new(),
    };
    if let Some(Value::Object(own)) = root.remove("properties") {
        properties.extend(own);
    }
    let mut required = match common.remove("required") {
        Some(Value::Array(required)) => required,
        _ => Vec::new(),
    };
    if let Some(Value::Array(own)) = root.remove("required") {
        required.extend(own);
    }
    root.insert("properties".to_owned(), Value::Object(properties));
    root.insert("required".to_owned(), Value::Array(required));
}

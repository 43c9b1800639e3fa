//! Shapes of bodies and parameters, for the OpenAPI document.

use std::borrow::Cow;

use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::{Value, json};

/// A JSON schema, perhaps with the name under which the document keeps it.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    /// Name among the components; a shape without one is written where it is used.
    pub name: Option<Cow<'static, str>>,
    /// The schema.
    pub schema: Value,
    /// What of it comes.
    pub number: Number,
}

/// What of a shape comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    /// One.
    One,
    /// A list.
    Many,
    /// A page: `{"pagination", "results", "autocomplete"}`.
    Page,
}

impl Shape {
    /// The shape of a type, kept under its name when it is an object or an enumeration.
    pub fn of<T: JsonSchema>() -> Self {
        let mut settings = SchemaSettings::draft2020_12();
        settings.inline_subschemas = true;
        settings.meta_schema = None;
        let schema = settings.into_generator().into_root_schema_for::<T>().to_value();
        let named = schema.get("properties").is_some() && !T::inline_schema();
        let name = named.then(|| T::schema_name());
        Self { name, schema, number: Number::One }
    }

    /// A shape of a name.
    pub fn named(name: impl Into<Cow<'static, str>>, schema: Value) -> Self {
        Self { name: Some(name.into()), schema, number: Number::One }
    }

    /// A shape without a name.
    pub const fn bare(schema: Value) -> Self {
        Self { name: None, schema, number: Number::One }
    }

    /// Any text.
    pub fn text() -> Self {
        Self::bare(json!({ "type": "string" }))
    }

    /// A list of these.
    #[must_use]
    pub fn many(mut self) -> Self {
        self.number = Number::Many;
        self
    }

    /// A page of these.
    #[must_use]
    pub fn paginated(mut self) -> Self {
        self.number = Number::Page;
        self
    }
}

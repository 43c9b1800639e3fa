//! Shapes of bodies and parameters, for the OpenAPI document.
//!
//! Nothing but the document needs them, and few ever ask for it: so a [`Shape`] is a way to make a schema, which is
//! gone as soon as the document has taken it in.

use std::{borrow::Cow, fmt, sync::Arc};

use countersign_registry::{AnyResource, Registry};
use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::{Value, json};

/// A JSON schema, perhaps with the name under which the document keeps it.
#[derive(Clone, Debug, PartialEq)]
pub struct Described {
    /// Name among the components; a schema without one is written where it is used.
    pub name: Option<Cow<'static, str>>,
    /// The schema.
    pub schema: Value,
}

/// What makes a schema.
type Make = Arc<dyn Fn(&Registry) -> Described + Send + Sync>;

/// How to make a JSON schema, and what of it comes.
#[derive(Clone)]
pub struct Shape {
    make: Make,
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

impl Described {
    /// The schema of a type, kept under its name when it is an object or an enumeration.
    pub fn of<T: JsonSchema>() -> Self {
        let mut settings = SchemaSettings::draft2020_12();
        settings.inline_subschemas = true;
        settings.meta_schema = None;
        let schema = settings.into_generator().into_root_schema_for::<T>().to_value();
        let named = schema.get("properties").is_some() && !T::inline_schema();
        Self { name: named.then(|| T::schema_name()), schema }
    }

    /// A schema of a name.
    pub fn named(name: impl Into<Cow<'static, str>>, schema: Value) -> Self {
        Self { name: Some(name.into()), schema }
    }

    /// A schema without a name.
    pub const fn bare(schema: Value) -> Self {
        Self { name: None, schema }
    }
}

impl Shape {
    /// What this makes, when the document is asked for.
    pub fn made(make: impl Fn(&Registry) -> Described + Send + Sync + 'static) -> Self {
        Self { make: Arc::new(make), number: Number::One }
    }

    /// What this makes of a kind.
    pub(crate) fn of_kind(model: &'static str, make: fn(&Registry, &dyn AnyResource) -> Described) -> Self {
        Self::made(move |registry| match registry.get(model) {
            Ok(resource) => make(registry, resource),
            Err(_) => Described::bare(json!({})),
        })
    }

    /// The shape of a type, kept under its name when it is an object or an enumeration.
    pub fn of<T: JsonSchema>() -> Self {
        Self::made(|_| Described::of::<T>())
    }

    /// A shape of a name.
    pub fn named(name: &'static str, schema: impl Fn() -> Value + Send + Sync + 'static) -> Self {
        Self::made(move |_| Described::named(name, schema()))
    }

    /// A shape without a name.
    pub fn bare(schema: impl Fn() -> Value + Send + Sync + 'static) -> Self {
        Self::made(move |_| Described::bare(schema()))
    }

    /// Any text.
    pub fn text() -> Self {
        Self::bare(|| json!({ "type": "string" }))
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

    /// The schema.
    pub fn describe(&self, registry: &Registry) -> Described {
        (self.make)(registry)
    }
}

impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shape").field("number", &self.number).finish_non_exhaustive()
    }
}

//! The field vocabulary of descriptors: the type of a field chooses its widget, its redaction and its
//! reference edge. The choice is written into the JSON schema as `x-widget`, `x-secret` and `x-ref`.

use std::{borrow::Cow, fmt, marker::PhantomData, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// A text newtype with its own widget.
macro_rules! text_field {
    ($(#[$doc:meta])* $name:ident, $widget:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Whether there is none.
            pub fn is_empty(&self) -> bool {
                self.0.is_empty()
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "x-widget": $widget })
            }
        }
    };
}

text_field!(
    /// Source text of an expression (Python, see the crate `expr`).
    Expression,
    "expression"
);
text_field!(
    /// Text in Markdown.
    Markdown,
    "markdown"
);
text_field!(
    /// A CSS colour.
    Color,
    "color"
);
text_field!(
    /// A file of ours by path, or an absolute URL.
    FilePath,
    "file"
);

/// A name that stands in a URL: letters, digits, `-` and `_`, 1 to 255 characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Slug(String);

/// Why a text is not a slug.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a slug has 1 to 255 letters, digits, hyphens or underscores")]
pub struct ParseSlugError;

impl Slug {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Slug {
    type Err = ParseSlugError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if text.is_empty() || text.len() > 255 || !text.bytes().all(legal) {
            return Err(ParseSlugError);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Slug {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for Slug {
    fn schema_name() -> Cow<'static, str> {
        "Slug".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string", "pattern": "^[-a-zA-Z0-9_]+$", "maxLength": 255, "x-widget": "slug"
        })
    }
}

/// What a [`Ref`] may point at. The model label is the one blueprints use; a family label
/// (`stage`, `policy`, `propertymapping`, `provider`, `source`) stands for all kinds of that family.
pub trait RefTarget {
    /// `authentik_flows.flow`, or a family such as `stage`.
    const MODEL: &'static str;
}

/// A reference to another object, visible in the schema, so that "used by" and deletion know of it.
pub struct Ref<T> {
    id: Uuid,
    target: PhantomData<fn() -> T>,
}

impl<T> Ref<T> {
    /// A reference to the object with this identifier.
    pub const fn new(id: Uuid) -> Self {
        Self { id, target: PhantomData }
    }

    /// The identifier of the object pointed at.
    pub const fn id(&self) -> Uuid {
        self.id
    }
}

impl<T> Clone for Ref<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Ref<T> {}

impl<T> PartialEq for Ref<T> {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl<T> Eq for Ref<T> {}

impl<T> fmt::Debug for Ref<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ref({})", self.id)
    }
}

impl<T> Serialize for Ref<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.id.serialize(serializer)
    }
}

impl<'de, T> Deserialize<'de> for Ref<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Uuid::deserialize(deserializer).map(Self::new)
    }
}

impl<T: RefTarget> schemars::JsonSchema for Ref<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("Ref_{}", T::MODEL).into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "format": "uuid", "x-ref": T::MODEL, "x-widget": "ref" })
    }
}

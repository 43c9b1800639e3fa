//! Text that waits for a language.

use serde::{Deserialize, Serialize};

/// Text for people: a message of the catalogues with its arguments, or words of the configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Text {
    /// A message of the catalogues, by its key.
    Key(Cow, Vec<(Cow, TextArg)>),
    /// Words of the configuration, in whatever language they were written; those that came with the product
    /// and were not changed are translated. Never HTML.
    Literal(String),
    /// The same with places such as `%(app)s`, and what stands there.
    Template(String, Vec<(Cow, TextArg)>),
}

type Cow = std::borrow::Cow<'static, str>;

/// An argument of a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum TextArg {
    /// A number, which may choose a plural form.
    Number(i64),
    /// Some words.
    Words(String),
}

impl Text {
    /// A message without arguments.
    pub const fn key(key: &'static str) -> Self {
        Self::Key(Cow::Borrowed(key), Vec::new())
    }

    /// Words of the configuration.
    pub fn literal(words: impl Into<String>) -> Self {
        Self::Literal(words.into())
    }

    /// Words of the configuration that have places for arguments.
    pub fn template(words: impl Into<String>) -> Self {
        Self::Template(words.into(), Vec::new())
    }

    /// Adds an argument to a message or a template; words without places take none.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<TextArg>) -> Self {
        if let Self::Key(_, args) | Self::Template(_, args) = &mut self {
            args.push((Cow::Borrowed(name), value.into()));
        }
        self
    }
}

/// A static text is always a key of the catalogues: words come from administrators, who own their strings.
impl From<&'static str> for Text {
    fn from(key: &'static str) -> Self {
        Self::key(key)
    }
}

impl From<i64> for TextArg {
    fn from(value: i64) -> Self {
        Self::Number(value)
    }
}

impl From<String> for TextArg {
    fn from(value: String) -> Self {
        Self::Words(value)
    }
}

impl From<&str> for TextArg {
    fn from(value: &str) -> Self {
        Self::Words(value.to_owned())
    }
}

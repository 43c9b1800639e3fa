//! Why a write through the registry came to nothing.

use std::fmt;

use countersign_resource::SealError;
use countersign_store::{ConflictRule, StoreError};
use countersign_types::{ErrorKind, FieldErrors, Secret, Text};

use crate::Usage;

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} “{}” ({})", self.model, self.name, self.field)
    }
}

/// Why a write came to nothing. The caller's transaction must be undone.
#[derive(Debug, thiserror::Error)]
pub enum ResourceError {
    /// There is no such object.
    #[error("there is no such object")]
    NotFound,
    /// The actor may not do this.
    #[error("this account may not do that")]
    Denied,
    /// The document does not keep the rules.
    #[error("{}", list(.0))]
    Fields(FieldErrors),
    /// The object is needed by others.
    #[error("still used by {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))]
    InUse(Vec<Usage>),
    /// The object is the last that guards others, which its deletion would open to everybody.
    #[error("the last that guards {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))]
    WouldOpen(Vec<Usage>),
    /// The object has changed since the actor saw it.
    #[error("the object has changed meanwhile")]
    Stale,
    /// Objects of this kind come about otherwise.
    #[error("objects of this kind are not made or changed here")]
    ReadOnly,
    /// A list cannot be filtered or ordered by this attribute.
    #[error("a list of this kind does not know {0}")]
    UnknownAttribute(String),
    /// No such kind is known.
    #[error("{0} is not a kind that is known here")]
    UnknownModel(String),
    /// The kind is authentik's but not built here.
    #[error("{0} is a kind of authentik that is not built here yet")]
    NotBuilt(String),
    /// The password must be hashed first, outside of the transaction: see [`Prepared`](crate::Prepared).
    #[error("a password must be hashed first")]
    NeedsHash(Secret<String>),
    /// A stored secret does not open.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// A stored document is not what it should be.
    #[error("a stored object is damaged: {0}")]
    Damaged(String),
    /// The database did not do its part.
    #[error(transparent)]
    Store(StoreError),
}

impl ResourceError {
    /// A single complaint about a field.
    pub fn field(path: impl Into<String>, code: &'static str, message: impl Into<Text>) -> Self {
        Self::Fields(FieldErrors::one(path, code, message))
    }

    /// What a surface makes of it.
    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound | Self::UnknownModel(_) => ErrorKind::NotFound,
            Self::Denied | Self::ReadOnly => ErrorKind::Denied,
            Self::Fields(_) | Self::NotBuilt(_) | Self::UnknownAttribute(_) => ErrorKind::Invalid,
            Self::InUse(_) | Self::WouldOpen(_) | Self::Stale => ErrorKind::Conflict,
            Self::NeedsHash(_) | Self::Seal(_) | Self::Damaged(_) => ErrorKind::Internal,
            Self::Store(error) => error.kind(),
        }
    }
}

impl From<FieldErrors> for ResourceError {
    fn from(errors: FieldErrors) -> Self {
        Self::Fields(errors)
    }
}

/// A rule of the tables that a document broke is a complaint about a field; the rest is the store's.
impl From<StoreError> for ResourceError {
    fn from(error: StoreError) -> Self {
        let Some(conflict) = error.conflict() else { return Self::Store(error) };
        let column = conflict.column.split(", ").next().unwrap_or_default();
        let field = column.strip_suffix("_id").or_else(|| column.strip_suffix("_lower")).unwrap_or(column);
        match conflict.rule {
            ConflictRule::Unique => Self::field(field, "unique", "resource-error-unique"),
            ConflictRule::Reference => Self::field(field, "does_not_exist", "resource-error-reference"),
            ConflictRule::Cycle => Self::field("parents", "invalid", "resource-error-cycle"),
        }
    }
}

fn list(errors: &FieldErrors) -> String {
    let part = |error: &countersign_types::FieldError| {
        let what = match &error.message {
            Text::Literal(words) | Text::Template(words, _) => words.clone(),
            Text::Key(..) => error.code.to_owned(),
        };
        if error.path.is_empty() { what } else { format!("{}: {what}", error.path) }
    };
    errors.0.iter().map(part).collect::<Vec<_>>().join("; ")
}

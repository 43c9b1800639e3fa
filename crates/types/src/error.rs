//! The kinds of failure that a surface can show. Domain errors are small enums with a `kind()`;
//! they meet HTTP once, at the edge.

use serde::Serialize;

use crate::Text;

/// What a surface makes of a domain error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// There is no such thing, or the caller may not know that there is.
    NotFound,
    /// Nobody is signed in and somebody must be.
    Unauthenticated,
    /// Who is signed in may see it but not do it.
    Denied,
    /// The input is malformed or fails a rule.
    Invalid,
    /// The state moved on: a unique name taken, a stale version, an answer to an old step.
    Conflict,
    /// The input exceeds a bound.
    TooLarge,
    /// Too many attempts; the caller may try again later.
    Throttled,
    /// A bounded queue is full or a dependency is away; the caller may try again later.
    Unavailable,
    /// A fault of ours.
    Internal,
}

/// One complaint about one field of what was sent. An empty path is about the whole.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FieldError {
    /// Dotted path below the document: `redirect_uris.0.url`.
    pub path: String,
    /// Machine-readable reason: `required`, `invalid`, `unique`, …
    pub code: &'static str,
    /// What to tell the person.
    pub message: Text,
}

/// The complaints about one document, in the order found.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct FieldErrors(pub Vec<FieldError>);

impl FieldErrors {
    /// A single complaint.
    pub fn one(path: impl Into<String>, code: &'static str, message: impl Into<Text>) -> Self {
        Self(vec![FieldError { path: path.into(), code, message: message.into() }])
    }

    /// Adds a complaint.
    pub fn push(&mut self, path: impl Into<String>, code: &'static str, message: impl Into<Text>) {
        self.0.push(FieldError { path: path.into(), code, message: message.into() });
    }

    /// Whether there is nothing to complain about.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `Ok` when there is nothing to complain about.
    pub fn into_result(self) -> Result<(), Self> {
        if self.is_empty() { Ok(()) } else { Err(self) }
    }

    /// The complaints about exactly this path.
    pub fn about<'a>(&'a self, path: &'a str) -> impl Iterator<Item = &'a FieldError> {
        self.0.iter().filter(move |error| error.path == path)
    }
}

//! Scopes (RFC 6749 §3.3).

use std::{fmt, str::FromStr};

use countersign_types::ErrorKind;

use crate::{ErrorCode, OAuthError};

const MAX_SCOPES: usize = 64;
const MAX_SCOPE_LEN: usize = 128;

/// Scopes in the order asked for, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScopeSet(Vec<String>);

/// The text is not a list of scopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("scope is at most 64 words of at most 128 printable characters, separated by spaces")]
pub struct ScopeError;

impl ScopeError {
    /// What a surface makes of it.
    pub fn kind(&self) -> ErrorKind {
        ErrorKind::Invalid
    }
}

impl From<ScopeError> for OAuthError {
    fn from(error: ScopeError) -> Self {
        Self::new(ErrorCode::InvalidScope, error.to_string())
    }
}

impl ScopeSet {
    /// The scopes.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether it holds this scope.
    pub fn contains(&self, scope: &str) -> bool {
        self.iter().any(|known| known == scope)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `other` holds all of them.
    pub fn is_subset(&self, other: &Self) -> bool {
        self.iter().all(|scope| other.contains(scope))
    }

    /// Those that pass.
    #[must_use]
    pub fn retain(mut self, keep: impl Fn(&str) -> bool) -> Self {
        self.0.retain(|scope| keep(scope));
        self
    }
}

impl FromStr for ScopeSet {
    type Err = ScopeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut scopes: Vec<String> = Vec::new();
        for scope in text.split(' ').filter(|scope| !scope.is_empty()) {
            let legal = |byte: u8| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
            if scope.len() > MAX_SCOPE_LEN || !scope.bytes().all(legal) {
                return Err(ScopeError);
            }
            if !scopes.iter().any(|known| known == scope) {
                if scopes.len() == MAX_SCOPES {
                    return Err(ScopeError);
                }
                scopes.push(scope.to_owned());
            }
        }
        Ok(Self(scopes))
    }
}

impl fmt::Display for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

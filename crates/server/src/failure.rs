//! Why a command ended without having done its work.

use std::io;

use countersign_blueprints::BlueprintError;
use countersign_config::ConfigErrors;
use countersign_crypto::{GenerateError, HashError, HashOptionsError, MasterKeyError};
use countersign_i18n::{Catalogues, LoadError};
use countersign_registry::ResourceError;
use countersign_store::{OpenError, StoreError};

use crate::serve::TlsError;

/// Why a command ended without having done its work; said on standard error.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigErrors),
    /// There is no master key.
    #[error(transparent)]
    MasterKey(#[from] MasterKeyError),
    /// The parameters of password hashes cannot be used.
    #[error("argon2: {0}")]
    HashOptions(#[from] HashOptionsError),
    /// A password could not be hashed.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The database cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The database did not do its part.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An object could not be written.
    #[error("{}", in_words(.0))]
    Resource(#[from] ResourceError),
    /// A blueprint was not applied.
    #[error(transparent)]
    Blueprint(#[from] BlueprintError),
    /// A key could not be made.
    #[error(transparent)]
    Key(#[from] GenerateError),
    /// There is no HTTPS.
    #[error("tls: {0}")]
    Tls(#[from] TlsError),
    /// The words of the pages cannot be read.
    #[error(transparent)]
    Catalogues(#[from] LoadError),
    /// The operating system refused.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// Something else, in words.
    #[error("{0}")]
    Words(String),
}

impl Failure {
    /// In words.
    pub(crate) fn words(words: impl Into<String>) -> Self {
        Self::Words(words.into())
    }
}

/// Complaints about fields are keys of the catalogues; whoever reads a terminal gets them in English.
fn in_words(error: &ResourceError) -> String {
    let (ResourceError::Fields(errors), Ok(catalogues)) = (error, Catalogues::load()) else {
        return error.to_string();
    };
    let localizer = catalogues.localizer(catalogues.negotiate(&["en"]));
    let words = errors.0.iter().map(|error| format!("{}: {}", error.path, localizer.text(&error.message)));
    words.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_taken_is_said_in_words() {
        let failure = Failure::from(ResourceError::field("username", "unique", "resource-error-unique"));
        let words = failure.to_string();
        assert!(
            words.starts_with("username: ") && words.contains(' ') && !words.contains("resource-"),
            "{words}"
        );
    }
}

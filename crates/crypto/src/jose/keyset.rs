//! The keys that are accepted, and the document that publishes them (RFC 7517 §5).

use jsonwebtoken::DecodingKey;

use super::{SigningAlgorithm, jwk::Jwk, verify::JwtError};

/// A key that checks tokens. It is of one algorithm and answers to no other.
#[derive(Clone)]
pub struct VerifyingKey {
    pub(super) algorithm: SigningAlgorithm,
    pub(super) kid: Option<String>,
    pub(super) key: DecodingKey,
    pub(super) jwk: Option<Jwk>,
}

impl std::fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VerifyingKey")
            .field("algorithm", &self.algorithm)
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}

impl VerifyingKey {
    /// Its algorithm.
    pub fn algorithm(&self) -> SigningAlgorithm {
        self.algorithm
    }

    /// The `kid` of its tokens; none for a client secret.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// Whether the signature (base64url) is this key's over the message.
    pub(super) fn is_authentic(&self, message: &str, signature: &str) -> bool {
        jsonwebtoken::crypto::verify(signature, message.as_bytes(), &self.key, self.algorithm.jose())
            .unwrap_or(false)
    }
}

/// The keys that are accepted: those that sign and those that did so until recently.
#[derive(Clone, Debug, Default)]
pub struct KeySet {
    keys: Vec<VerifyingKey>,
}

impl KeySet {
    /// A set of keys; the newest first, as relying parties without a `kid` try the first.
    pub fn new(keys: Vec<VerifyingKey>) -> Self {
        Self { keys }
    }

    /// The keys.
    pub fn keys(&self) -> &[VerifyingKey] {
        &self.keys
    }

    /// The JWKS document. Client secrets are not in it.
    pub fn jwks_json(&self) -> String {
        let keys: Vec<_> = self.keys.iter().filter_map(|key| key.jwk.as_ref()).collect();
        serde_json::json!({ "keys": keys }).to_string()
    }

    /// The key that a token names; it may leave out the name only when there is no choice.
    pub(super) fn select(&self, kid: Option<&str>) -> Result<&VerifyingKey, JwtError> {
        match (kid, self.keys.as_slice()) {
            // A client secret has no name; whatever the token calls it cannot mislead.
            (Some(_), [only]) if only.kid.is_none() => Ok(only),
            (Some(kid), keys) => {
                keys.iter().find(|key| key.kid.as_deref() == Some(kid)).ok_or(JwtError::UnknownKey)
            }
            (None, [only]) => Ok(only),
            (None, []) => Err(JwtError::UnknownKey),
            (None, _) => Err(JwtError::KeyNotNamed),
        }
    }
}

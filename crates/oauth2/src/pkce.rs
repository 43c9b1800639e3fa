//! Proof key for code exchange (RFC 7636), S256 only.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_types::Secret;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::{ErrorCode, OAuthError};

/// `code_challenge` of method S256: 32 bytes in base64url.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PkceChallenge(String);

/// `code_verifier`: 43 to 128 unreserved characters.
#[derive(Clone, Debug)]
pub struct PkceVerifier(Secret<String>);

impl PkceChallenge {
    /// From the two parameters. A challenge without method would be `plain`, which shows the verifier to
    /// whoever sees the request.
    pub fn parse(challenge: Option<&str>, method: Option<&str>) -> Result<Option<Self>, OAuthError> {
        let refuse = |description| Err(OAuthError::invalid_request(description));
        match (challenge, method) {
            (None, None) => Ok(None),
            (None, Some(_)) => refuse("code_challenge_method without code_challenge"),
            (Some(challenge), Some("S256")) => match Self::from_stored(challenge) {
                Some(challenge) => Ok(Some(challenge)),
                None => refuse("code_challenge is not the base64url form of a SHA-256"),
            },
            (Some(_), _) => refuse("code_challenge_method has to be S256"),
        }
    }

    /// From the form in which it was kept.
    pub fn from_stored(challenge: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(challenge).ok()?;
        (bytes.len() == 32).then(|| Self(challenge.to_owned()))
    }

    /// As it was sent, to be kept.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it was made of this verifier (RFC 7636 §4.6). Constant time.
    pub fn is_met_by(&self, verifier: &PkceVerifier) -> bool {
        let made = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.0.expose().as_bytes()));
        made.as_bytes().ct_eq(self.0.as_bytes()).into()
    }
}

impl PkceVerifier {
    /// None unless it has the syntax of RFC 7636 §4.1.
    pub fn parse(verifier: &str) -> Option<Self> {
        let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        let legal = (43..=128).contains(&verifier.len()) && verifier.bytes().all(unreserved);
        legal.then(|| Self(verifier.into()))
    }
}

/// The challenge of the authorization request against the verifier of the token request. A verifier without
/// challenge is an error as well: somebody took the challenge away (RFC 9700 §2.1.1, §4.8.2).
pub fn check_pkce(
    challenge: Option<&PkceChallenge>,
    verifier: Option<&PkceVerifier>,
) -> Result<(), OAuthError> {
    let refuse = |description| Err(OAuthError::new(ErrorCode::InvalidGrant, description));
    match (challenge, verifier) {
        (None, None) => Ok(()),
        (Some(challenge), Some(verifier)) if challenge.is_met_by(verifier) => Ok(()),
        (Some(_), Some(_)) => refuse("code_verifier does not match code_challenge"),
        (Some(_), None) => refuse("code_verifier is missing"),
        (None, Some(_)) => refuse("code_verifier, but the authorization request had no code_challenge"),
    }
}

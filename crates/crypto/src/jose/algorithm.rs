//! Signature algorithms by their JOSE names.

use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// A signature algorithm (RFC 7518 §3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SigningAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256: understood by every relying party.
    Rs256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// HMAC with SHA-256 under the client secret: for providers without a signing key.
    Hs256,
}

impl SigningAlgorithm {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Rs256, Self::Es256, Self::Hs256];

    /// The value of `alg`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
            Self::Hs256 => "HS256",
        }
    }

    /// By the value of `alg`, which is case-sensitive. `none` is no algorithm.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }

    /// The same in the words of the library that signs and verifies.
    pub(super) const fn jose(self) -> jsonwebtoken::Algorithm {
        match self {
            Self::Rs256 => jsonwebtoken::Algorithm::RS256,
            Self::Es256 => jsonwebtoken::Algorithm::ES256,
            Self::Hs256 => jsonwebtoken::Algorithm::HS256,
        }
    }

    /// The hash underneath.
    fn digest(self) -> &'static digest::Algorithm {
        match self {
            Self::Rs256 | Self::Es256 | Self::Hs256 => &digest::SHA256,
        }
    }
}

/// `at_hash` and `c_hash`: the left half of the hash of the value, base64url (OpenID Connect Core §3.3.2.11).
pub fn half_hash(algorithm: SigningAlgorithm, value: &str) -> String {
    let hash = digest::digest(algorithm.digest(), value.as_bytes());
    let bytes = hash.as_ref();
    let half = bytes.len() / 2;
    URL_SAFE_NO_PAD.encode(bytes.get(..half).unwrap_or(bytes))
}

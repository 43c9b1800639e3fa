//! Public keys as JSON (RFC 7517, RFC 7518 §6) and their thumbprints (RFC 7638).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;

use crate::token::sha256;

/// The public half of a key, as relying parties get it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Jwk {
    #[serde(flatten)]
    pub(super) public: PublicKey,
    #[serde(rename = "use")]
    pub(super) purpose: &'static str,
    pub(super) alg: &'static str,
    pub(super) kid: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) x5c: Vec<String>,
    #[serde(rename = "x5t#S256", skip_serializing_if = "Option::is_none")]
    pub(super) x5t_s256: Option<String>,
}

/// The parameters of a public key.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kty")]
pub(super) enum PublicKey {
    #[serde(rename = "RSA")]
    Rsa { n: String, e: String },
    #[serde(rename = "EC")]
    Ec { crv: &'static str, x: String, y: String },
}

impl PublicKey {
    pub(super) fn rsa(modulus: &[u8], exponent: &[u8]) -> Self {
        Self::Rsa { n: URL_SAFE_NO_PAD.encode(modulus), e: URL_SAFE_NO_PAD.encode(exponent) }
    }

    /// From an uncompressed point of P-256: `04 ‖ x ‖ y`.
    pub(super) fn p256(point: &[u8]) -> Option<Self> {
        let (&form, coordinates) = point.split_first()?;
        if form != 4 || coordinates.len() != 64 {
            return None;
        }
        let (x, y) = coordinates.split_at_checked(32)?;
        Some(Self::Ec { crv: "P-256", x: URL_SAFE_NO_PAD.encode(x), y: URL_SAFE_NO_PAD.encode(y) })
    }

    /// RFC 7638 §3: the required members in the order of their names, without white space.
    pub(super) fn thumbprint(&self) -> String {
        let canonical = match self {
            Self::Rsa { n, e } => format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#),
            Self::Ec { crv, x, y } => format!(r#"{{"crv":"{crv}","kty":"EC","x":"{x}","y":"{y}"}}"#),
        };
        URL_SAFE_NO_PAD.encode(sha256(canonical.as_bytes()))
    }
}

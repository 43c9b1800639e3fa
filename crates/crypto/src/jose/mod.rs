//! Signing keys, key sets and JSON Web Tokens (RFC 7515, 7517, 7518, 7519, 7638).
//!
//! Keys are parsed once and kept; signing and verifying go straight to aws-lc. A key knows its algorithm and a
//! token is never asked which one to use: the header's `alg` has to agree with the key that its `kid` names.

mod algorithm;
mod certificate;
mod facts;
mod generate;
mod import;
mod jwk;
mod keyset;
mod signing;
mod verify;

pub use algorithm::{SigningAlgorithm, half_hash};
pub(crate) use certificate::{parse_pem, pem_sections};
pub use facts::CertificateFacts;
pub use generate::{GenerateError, GeneratedKey, generate, generate_for};
pub use import::{ImportError, ImportedKey, import, private_key_pem};
pub use keyset::{KeySet, VerifyingKey};
pub use signing::{KeyError, SignError, SigningKey};
pub use verify::{Expired, JwtError, VerifyOptions};

/// Longest token that is signed or looked at, in bytes.
pub const MAX_JWT_LEN: usize = 16 * 1024;

#[cfg(test)]
mod tests;

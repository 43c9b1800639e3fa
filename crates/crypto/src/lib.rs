//! Cryptography of the house: floor 0, no database, no HTTP.
//!
//! Owns the system's clock and random source, password hashing on its own threads, digests of bearer
//! tokens, sealing at rest with purpose-separated keys, signing keys with their certificates, and JSON Web
//! Tokens. Does not own where any of it is kept, nor what claims mean.

mod breach;
mod client_authority;
mod client_certificate;
mod clock;
mod jose;
mod master;
mod password;
mod random;
mod seal;
mod token;

pub use breach::breach_digest;
pub use client_authority::{AuthorityError, ClientAuthority, are_revocation_lists_readable};
pub use client_certificate::{CertificateRefusal, CertifiedClient, PresentedCertificate};
pub use clock::SystemClock;
pub use jose::{
    CertificateFacts, Expired, GenerateError, GeneratedKey, ImportError, ImportedKey, JwtError, KeyError,
    KeySet, MAX_JWT_LEN, SignError, SigningAlgorithm, SigningKey, VerifyOptions, VerifyingKey, generate,
    generate_for, half_hash, import, private_key_pem,
};
pub use master::{MasterKey, MasterKeyError};
pub use password::{HashError, HashLoad, HashOptions, HashOptionsError, HashPool, MAX_PASSWORD_LEN, Verdict};
pub use random::SystemRng;
pub use seal::{OpenError, Sealer};
pub use token::{digest, digest_hex, new_token};

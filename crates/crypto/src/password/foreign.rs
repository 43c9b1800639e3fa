//! Hashes of other systems, as they are imported: Django's `pbkdf2_sha256$`, `bcrypt$`, `bcrypt_sha256$` and
//! `argon2$`, plain bcrypt, plain argon2. What a hash may cost is bounded, so that an import cannot hang us.

use std::num::NonZeroU32;

use aws_lc_rs::pbkdf2;
use base64::{Engine, engine::general_purpose::STANDARD};

use super::argon::{Argon2Hash, Memory};
use crate::token::sha256;

/// About two seconds of work each.
const MAX_PBKDF2_ITERATIONS: u32 = 5_000_000;
const MAX_BCRYPT_COST: u32 = 15;

/// A stored hash of any form we know.
#[derive(Debug)]
pub(super) enum Stored {
    Argon2(Argon2Hash),
    Pbkdf2Sha256 { iterations: NonZeroU32, salt: String, hash: Vec<u8> },
    Bcrypt { hash: String, prehash: bool },
}

/// Why a stored hash never matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unverifiable {
    /// Of no form we know; a password marked unusable is one, too.
    Unknown,
    /// It would take too much time or memory.
    TooCostly,
}

impl Stored {
    pub(super) fn parse(text: &str) -> Result<Self, Unverifiable> {
        if text.len() > 512 {
            return Err(Unverifiable::Unknown);
        }
        if let Some(rest) = text.strip_prefix("pbkdf2_sha256$") {
            return pbkdf2_sha256(rest);
        }
        if let Some(rest) = text.strip_prefix("bcrypt_sha256$") {
            return bcrypt(rest, true);
        }
        if let Some(rest) = text.strip_prefix("bcrypt$") {
            return bcrypt(rest, false);
        }
        if let Some(rest) = text.strip_prefix("argon2$") {
            return Argon2Hash::parse(&format!("${rest}")).map(Self::Argon2);
        }
        if text.starts_with("$argon2") {
            return Argon2Hash::parse(text).map(Self::Argon2);
        }
        bcrypt(text, false)
    }

    pub(super) fn matches(&self, password: &[u8], memory: &mut Memory) -> bool {
        match self {
            Self::Argon2(hash) => hash.matches(password, memory),
            Self::Pbkdf2Sha256 { iterations, salt, hash } => {
                let algorithm = pbkdf2::PBKDF2_HMAC_SHA256;
                pbkdf2::verify(algorithm, *iterations, salt.as_bytes(), password, hash).is_ok()
            }
            // Beyond 72 bytes bcrypt hashes nothing, and so do those who made these hashes.
            Self::Bcrypt { hash, prehash: false } => bcrypt::verify(password, hash).unwrap_or(false),
            Self::Bcrypt { hash, prehash: true } => {
                bcrypt::verify(hex::encode(sha256(password)), hash).unwrap_or(false)
            }
        }
    }
}

/// `iterations$salt$hash`; the salt is text, the hash base64.
fn pbkdf2_sha256(rest: &str) -> Result<Stored, Unverifiable> {
    let mut parts = rest.split('$');
    let mut next = || parts.next().ok_or(Unverifiable::Unknown);
    let (iterations, salt, hash) = (next()?, next()?, next()?);
    let iterations: NonZeroU32 = iterations.parse().map_err(|_| Unverifiable::Unknown)?;
    let hash = STANDARD.decode(hash).map_err(|_| Unverifiable::Unknown)?;
    if parts.next().is_some() || hash.len() != 32 {
        return Err(Unverifiable::Unknown);
    }
    if iterations.get() > MAX_PBKDF2_ITERATIONS {
        return Err(Unverifiable::TooCostly);
    }
    Ok(Stored::Pbkdf2Sha256 { iterations, salt: salt.to_owned(), hash })
}

/// `$2b$12$…`, of 60 characters.
fn bcrypt(text: &str, prehash: bool) -> Result<Stored, Unverifiable> {
    if text.len() != 60 || !["$2a$", "$2b$", "$2y$"].iter().any(|prefix| text.starts_with(prefix)) {
        return Err(Unverifiable::Unknown);
    }
    let parts: bcrypt::HashParts = text.parse().map_err(|_| Unverifiable::Unknown)?;
    match parts.get_cost() {
        4..=MAX_BCRYPT_COST => Ok(Stored::Bcrypt { hash: text.to_owned(), prehash }),
        16.. => Err(Unverifiable::TooCostly),
        _ => Err(Unverifiable::Unknown),
    }
}

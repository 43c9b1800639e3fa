//! Refresh tokens: `grant (16) ‖ generation (4) ‖ random (32) ‖ MAC (32)` in base64url.
//!
//! The MAC lets what we never made fail without the database. The generation lets an old token be told from
//! a wrong one: who presents it has a copy, and the family ends (RFC 9700 §4.14.2).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_crypto::{Sealer, digest};
use countersign_model::GrantId;
use countersign_types::{Digest, Rng, Secret};
use uuid::Uuid;

const PURPOSE: &str = "oauth2 refresh token";
const BODY: usize = 16 + 4 + 32;
const WHOLE: usize = BODY + 32;

/// A refresh token of ours.
pub(crate) struct RefreshToken {
    /// The grant that it renews.
    pub(crate) grant: GrantId,
    /// Which of the grant's tokens it is, from 1.
    pub(crate) generation: i32,
    /// What is kept of it.
    pub(crate) key: Digest,
}

impl RefreshToken {
    /// A fresh token of this generation, and what is kept of it.
    pub(crate) fn make(
        grant: GrantId,
        generation: i32,
        sealer: &Sealer,
        rng: &dyn Rng,
    ) -> (Secret<String>, Digest) {
        let mut random = [0_u8; 32];
        rng.fill(&mut random);
        let mut bytes = Vec::with_capacity(WHOLE);
        bytes.extend_from_slice(grant.raw().as_bytes());
        bytes.extend_from_slice(&generation.to_be_bytes());
        bytes.extend_from_slice(&random);
        let mac = sealer.mac(PURPOSE, &bytes);
        bytes.extend_from_slice(&mac);
        let token = URL_SAFE_NO_PAD.encode(bytes);
        let key = digest(&token);
        (Secret::new(token), key)
    }

    /// Reads a token; none for what we never made.
    pub(crate) fn parse(token: &str, sealer: &Sealer) -> Option<Self> {
        let mut bytes = [0_u8; WHOLE];
        if URL_SAFE_NO_PAD.decode_slice(token, &mut bytes) != Ok(WHOLE) {
            return None;
        }
        let (body, mac) = bytes.split_at_checked(BODY)?;
        if !sealer.verify_mac(PURPOSE, body, mac) {
            return None;
        }
        let (grant, rest) = body.split_at_checked(16)?;
        let generation = rest.first_chunk().map(|bytes| i32::from_be_bytes(*bytes))?;
        Some(Self { grant: GrantId(Uuid::from_slice(grant).ok()?), generation, key: digest(token) })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use countersign_crypto::{MasterKey, SystemRng};

    use super::*;

    fn sealer(secret: &str) -> Sealer {
        let key = MasterKey::from_secret(&secret.repeat(50).as_str().into()).unwrap();
        Sealer::new(key, &[], Arc::new(SystemRng))
    }

    #[test]
    fn a_token_reads_back() {
        let (sealer, grant) = (sealer("a"), GrantId(Uuid::from_u128(7)));
        let (token, key) = RefreshToken::make(grant, 3, &sealer, &SystemRng);
        let read = RefreshToken::parse(token.expose(), &sealer).unwrap();
        assert_eq!((read.grant, read.generation, read.key), (grant, 3, key));
    }

    #[test]
    fn a_token_that_is_flipped_truncated_extended_or_foreign_is_none() {
        let (ours, foreign) = (sealer("a"), sealer("b"));
        let (token, _) = RefreshToken::make(GrantId(Uuid::from_u128(7)), 1, &ours, &SystemRng);
        let token = token.expose();
        assert!(RefreshToken::parse(token, &foreign).is_none());
        for length in 0..token.len() {
            assert!(RefreshToken::parse(&token[..length], &ours).is_none(), "{length}");
        }
        for suffix in ["A", "=", "AAAA", "\0", " "] {
            assert!(RefreshToken::parse(&format!("{token}{suffix}"), &ours).is_none(), "{suffix:?}");
        }
        for at in 0..token.len() {
            let mut flipped = token.clone().into_bytes();
            flipped[at] = if flipped[at] == b'A' { b'B' } else { b'A' };
            assert!(RefreshToken::parse(std::str::from_utf8(&flipped).unwrap(), &ours).is_none(), "{at}");
        }
    }
}

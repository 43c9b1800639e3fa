//! Bearer tokens: made from 256 random bits, kept only as their SHA-256.

use aws_lc_rs::digest::{SHA256, digest as sha};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_types::{Digest, Rng, Secret};
use zeroize::Zeroize;

/// A fresh token of 43 base64url characters, and the digest to keep of it.
pub fn new_token(rng: &dyn Rng) -> (Secret<String>, Digest) {
    let mut bytes = [0_u8; 32];
    rng.fill(&mut bytes);
    let token = URL_SAFE_NO_PAD.encode(bytes);
    bytes.zeroize();
    let kept = digest(&token);
    (Secret::new(token), kept)
}

/// SHA-256 of a token as it was sent.
pub fn digest(token: &str) -> Digest {
    Digest(sha256(token.as_bytes()))
}

/// The same in hexadecimal, for what is shown or kept as text.
pub fn digest_hex(text: &str) -> String {
    hex::encode(sha256(text.as_bytes()))
}

/// SHA-256.
pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0_u8; 32];
    out.copy_from_slice(sha(&SHA256, bytes).as_ref());
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemRng;

    #[test]
    fn a_token_is_found_by_its_digest_only_when_whole() {
        let (token, kept) = new_token(&SystemRng);
        assert_eq!(token.expose().len(), 43);
        assert!(kept.ct_eq(&digest(token.expose())));
        assert!(!kept.ct_eq(&digest(&token.expose()[..42])));
        assert!(!kept.ct_eq(&digest(&format!("{}A", token.expose()))));
    }
}

//! Sealing: values that leave our hands, to a disk or a browser, and come back.
//!
//! A sealed value is `version (1) ‖ key id (4) ‖ nonce (12) ‖ ciphertext ‖ tag (16)`, AES-256-GCM-SIV
//! (RFC 8452) under a key of its purpose. SIV, because nonces are random and the number of values sealed
//! under one purpose (one at every anonymous page) may pass what plain GCM allows for random nonces.
//! The key id says which master key to try, so that master keys rotate: seal with the current one, open with
//! any that is still configured.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use aws_lc_rs::{
    aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hmac,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_types::{ErrorKind, Rng};

use crate::MasterKey;

const VERSION: u8 = 1;
const KEY_ID_LEN: usize = 4;
const TAG_LEN: usize = 16;
const HEADER_LEN: usize = 1 + KEY_ID_LEN + NONCE_LEN;

/// Seals and opens, and makes and checks message authentication codes.
#[derive(Clone)]
pub struct Sealer {
    keys: Arc<[IdentifiedKey]>,
    rng: Arc<dyn Rng>,
}

struct IdentifiedKey {
    id: [u8; KEY_ID_LEN],
    key: MasterKey,
    aeads: Derived<LessSafeKey>,
    macs: Derived<hmac::Key>,
}

/// Keys by purpose: purposes are written in the source, so there are few, and each is derived once.
type Derived<K> = RwLock<HashMap<&'static str, Arc<K>>>;

/// The key of a purpose, derived when it is wanted for the first time.
fn derived<K>(
    keys: &Derived<K>,
    purpose: &'static str,
    derive: impl FnOnce() -> Option<K>,
) -> Option<Arc<K>> {
    if let Some(key) = keys.read().unwrap_or_else(PoisonError::into_inner).get(purpose) {
        return Some(Arc::clone(key));
    }
    let key = Arc::new(derive()?);
    keys.write().unwrap_or_else(PoisonError::into_inner).insert(purpose, Arc::clone(&key));
    Some(key)
}

/// The value was not sealed by us, for this purpose and these associated data, or was changed since.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Too short, or of a version that we do not know.
    #[error("not a sealed value")]
    Malformed,
    /// Sealed under a master key that is not configured.
    #[error("sealed under a master key that is not configured")]
    UnknownKey,
    /// Wrong purpose or associated data, or changed.
    #[error("the sealed value is not authentic")]
    NotAuthentic,
}

impl OpenError {
    /// What a surface makes of it: whoever sent such a value sent nonsense.
    pub fn kind(&self) -> ErrorKind {
        ErrorKind::Invalid
    }
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sealer").field("keys", &self.keys.len()).finish_non_exhaustive()
    }
}

impl Sealer {
    /// Seals with `current`; opens what `current` or one of `previous` sealed.
    pub fn new(current: MasterKey, previous: &[MasterKey], rng: Arc<dyn Rng>) -> Self {
        let keys = std::iter::once(current).chain(previous.iter().cloned()).map(IdentifiedKey::new).collect();
        Self { keys, rng }
    }

    /// Seals `plain` for one purpose, bound to `aad`, which must be at hand again to open it.
    pub fn seal(&self, purpose: &'static str, aad: &[u8], plain: &[u8]) -> Vec<u8> {
        let Some(current) = self.keys.first() else {
            // `new` always puts the current key first.
            std::process::abort();
        };
        let mut nonce = [0_u8; NONCE_LEN];
        self.rng.fill(&mut nonce);
        let mut sealed = Vec::with_capacity(HEADER_LEN + plain.len() + TAG_LEN);
        sealed.push(VERSION);
        sealed.extend_from_slice(&current.id);
        sealed.extend_from_slice(&nonce);
        let mut body = Vec::with_capacity(plain.len() + TAG_LEN);
        body.extend_from_slice(plain);
        let done = current.aead(purpose).and_then(|key| {
            key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(aad), &mut body).ok()
        });
        if done.is_none() {
            // Only a value beyond 2^36 bytes does this, and no plain text may leave in its place.
            std::process::abort();
        }
        sealed.append(&mut body);
        sealed
    }

    /// Opens what [`Sealer::seal`] made for the same purpose and associated data.
    pub fn open(&self, purpose: &'static str, aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
        let (&version, rest) = sealed.split_first().ok_or(OpenError::Malformed)?;
        let (id, rest) = rest.split_first_chunk::<KEY_ID_LEN>().ok_or(OpenError::Malformed)?;
        let (nonce, body) = rest.split_first_chunk::<NONCE_LEN>().ok_or(OpenError::Malformed)?;
        if version != VERSION || body.len() < TAG_LEN {
            return Err(OpenError::Malformed);
        }
        let key = self.keys.iter().find(|key| key.id == *id).ok_or(OpenError::UnknownKey)?;
        let mut plain = body.to_vec();
        let opened = key
            .aead(purpose)
            .and_then(|key| {
                let nonce = Nonce::assume_unique_for_key(*nonce);
                key.open_in_place(nonce, Aad::from(aad), &mut plain).ok().map(|opened| opened.len())
            })
            .ok_or(OpenError::NotAuthentic)?;
        plain.truncate(opened);
        Ok(plain)
    }

    /// [`Sealer::seal`] as base64url, for documents, forms and cookies.
    pub fn seal_text(&self, purpose: &'static str, aad: &[u8], plain: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode(self.seal(purpose, aad, plain))
    }

    /// Opens what [`Sealer::seal_text`] made.
    pub fn open_text(&self, purpose: &'static str, aad: &[u8], sealed: &str) -> Result<Vec<u8>, OpenError> {
        let sealed = URL_SAFE_NO_PAD.decode(sealed).map_err(|_| OpenError::Malformed)?;
        self.open(purpose, aad, &sealed)
    }

    /// Message authentication code (HMAC-SHA-256) of one purpose, under the current master key.
    pub fn mac(&self, purpose: &'static str, message: &[u8]) -> [u8; 32] {
        let mut out = [0_u8; 32];
        if let Some(key) = self.keys.first().and_then(|current| current.mac_key(purpose)) {
            out.copy_from_slice(hmac::sign(&key, message).as_ref());
        }
        out
    }

    /// Whether the code was made by [`Sealer::mac`] under the current or a previous master key. Constant time.
    pub fn verify_mac(&self, purpose: &'static str, message: &[u8], code: &[u8]) -> bool {
        let mut keys = self.keys.iter().filter_map(|key| key.mac_key(purpose));
        keys.any(|key| hmac::verify(&key, message, code).is_ok())
    }
}

impl IdentifiedKey {
    fn new(key: MasterKey) -> Self {
        let [a, b, c, d, ..] = *key.derive("key id").expose();
        Self { id: [a, b, c, d], key, aeads: RwLock::default(), macs: RwLock::default() }
    }

    fn aead(&self, purpose: &'static str) -> Option<Arc<LessSafeKey>> {
        derived(&self.aeads, purpose, || {
            let key = self.key.derive(&format!("seal\0{purpose}"));
            UnboundKey::new(&AES_256_GCM_SIV, key.expose()).ok().map(LessSafeKey::new)
        })
    }

    fn mac_key(&self, purpose: &'static str) -> Option<Arc<hmac::Key>> {
        derived(&self.macs, purpose, || {
            let key = self.key.derive(&format!("mac\0{purpose}"));
            Some(hmac::Key::new(hmac::HMAC_SHA256, key.expose()))
        })
    }
}

#[cfg(test)]
mod tests {
    use countersign_types::Secret;

    use super::*;
    use crate::SystemRng;

    fn master(secret: &str) -> MasterKey {
        MasterKey::from_secret(&Secret::from(secret)).unwrap()
    }

    fn sealer(current: &str, previous: &[&str]) -> Sealer {
        let previous: Vec<_> = previous.iter().map(|secret| master(secret)).collect();
        Sealer::new(master(current), &previous, Arc::new(SystemRng))
    }

    #[test]
    fn what_is_sealed_opens() {
        let sealer = sealer("a", &[]);
        for plain in [&b""[..], b"x", &[7; 5000]] {
            let sealed = sealer.seal("test", b"row 1", plain);
            assert_eq!(sealer.open("test", b"row 1", &sealed).as_deref(), Ok(plain));
            let text = sealer.seal_text("test", b"row 1", plain);
            assert_eq!(sealer.open_text("test", b"row 1", &text).as_deref(), Ok(plain));
        }
    }

    #[test]
    fn the_same_value_is_never_sealed_the_same_way_twice() {
        let sealer = sealer("a", &[]);
        assert_ne!(sealer.seal("test", b"", b"value"), sealer.seal("test", b"", b"value"));
    }

    #[test]
    fn a_value_sealed_for_another_purpose_or_row_does_not_open() {
        let sealer = sealer("a", &[]);
        let sealed = sealer.seal("step token", b"row 1", b"value");
        assert_eq!(sealer.open("session", b"row 1", &sealed), Err(OpenError::NotAuthentic));
        assert_eq!(sealer.open("step token", b"row 2", &sealed), Err(OpenError::NotAuthentic));
        assert_eq!(sealer.open("step token", b"", &sealed), Err(OpenError::NotAuthentic));
    }

    #[test]
    fn a_value_truncated_extended_or_flipped_anywhere_does_not_open() {
        let sealer = sealer("a", &[]);
        let sealed = sealer.seal("test", b"aad", b"a value of some length");
        for end in 0..sealed.len() {
            assert!(sealer.open("test", b"aad", &sealed[..end]).is_err(), "truncated to {end}");
        }
        for at in 0..sealed.len() {
            for bit in 0..8 {
                let mut changed = sealed.clone();
                changed[at] ^= 1 << bit;
                assert!(sealer.open("test", b"aad", &changed).is_err(), "bit {bit} of byte {at}");
            }
        }
        let mut longer = sealed;
        longer.push(0);
        assert!(sealer.open("test", b"aad", &longer).is_err());
    }

    #[test]
    fn master_keys_rotate() {
        let old = sealer("old", &[]);
        let new = sealer("new", &["old"]);
        let sealed = old.seal("test", b"", b"value");
        assert_eq!(new.open("test", b"", &sealed).as_deref(), Ok(&b"value"[..]));
        assert_eq!(old.open("test", b"", &new.seal("test", b"", b"value")), Err(OpenError::UnknownKey));
        assert!(new.verify_mac("test", b"message", &old.mac("test", b"message")));
        assert!(!old.verify_mac("test", b"message", &new.mac("test", b"message")));
    }

    #[test]
    fn a_code_of_another_purpose_or_message_or_length_is_refused() {
        let sealer = sealer("a", &[]);
        let code = sealer.mac("refresh token", b"message");
        assert!(sealer.verify_mac("refresh token", b"message", &code));
        assert!(!sealer.verify_mac("step token", b"message", &code));
        assert!(!sealer.verify_mac("refresh token", b"another", &code));
        assert!(!sealer.verify_mac("refresh token", b"message", &code[..31]));
        assert!(!sealer.verify_mac("refresh token", b"message", &[]));
    }

    #[test]
    fn text_that_is_not_ours_is_refused() {
        let sealer = sealer("a", &[]);
        for text in ["", "A", "====", "héllo", &"A".repeat(100)] {
            assert!(sealer.open_text("test", b"", text).is_err());
        }
    }
}

//! What people type, as bytes to hash.

use countersign_types::Secret;
use unicode_normalization::{UnicodeNormalization, is_nfc};
use zeroize::Zeroizing;

/// Longest password in bytes, as typed. Nothing is cut off: what is longer is refused.
pub const MAX_PASSWORD_LEN: usize = 1024;

/// A password within bounds, normalised to NFC (NIST SP 800-63B §3.1.1.2).
pub(super) struct Input {
    normal: Zeroizing<String>,
    /// As typed, where that differs: other systems hashed it so.
    typed: Option<Zeroizing<String>>,
}

impl Input {
    /// None when empty or too long.
    pub(super) fn new(password: &Secret<String>) -> Option<Self> {
        let typed = password.expose();
        if typed.is_empty() || typed.len() > MAX_PASSWORD_LEN {
            return None;
        }
        if is_nfc(typed) {
            return Some(Self { normal: Zeroizing::new(typed.clone()), typed: None });
        }
        let normal = Zeroizing::new(typed.nfc().collect::<String>());
        Some(Self { normal, typed: Some(Zeroizing::new(typed.clone())) })
    }

    /// What we hash.
    pub(super) fn normal(&self) -> &[u8] {
        self.normal.as_bytes()
    }

    /// What a stored hash may be of.
    pub(super) fn candidates(&self) -> impl Iterator<Item = &[u8]> {
        std::iter::once(self.normal()).chain(self.typed.as_ref().map(|typed| typed.as_bytes()))
    }
}

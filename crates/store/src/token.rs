//! The cache of bearer tokens: whose is it, what for, until when?

use std::sync::Arc;

use countersign_model::Token;
use countersign_types::{Digest, Timestamp};

use crate::{Change, remembered::Remembered};

/// Tokens by the digest of their value. Expiry is asked at every look.
pub(crate) type TokenCache = Remembered<Digest, Arc<Token>>;

impl Default for TokenCache {
    fn default() -> Self {
        Self::at_most(10_000)
    }
}

impl TokenCache {
    pub(crate) fn hear(&self, change: &Change) {
        if matches!(change, Change::Tokens | Change::Everything) {
            self.forget_all();
        }
    }
}

/// Whether a token is good at this moment.
pub(crate) fn is_good(token: &Token, now: Timestamp) -> bool {
    token.expires.is_none_or(|expires| expires > now)
}

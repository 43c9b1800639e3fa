//! The cache of bearer tokens: whose is it, what for, until when?

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use countersign_model::Token;
use countersign_types::{Digest, Timestamp};
use moka::sync::Cache;

use crate::Change;

/// Tokens kept at most.
const MOST: u64 = 10_000;
/// How long a token is kept when nobody announces a change.
const KEPT: Duration = Duration::from_secs(60);

/// Tokens by the digest of their value. Expiry is asked at every look.
pub(crate) struct TokenCache {
    tokens: Cache<Digest, Arc<Token>>,
    /// Counts the changes heard of, so that what was loaded before one is not kept after it.
    epoch: AtomicU64,
}

impl Default for TokenCache {
    fn default() -> Self {
        let tokens = Cache::builder().max_capacity(MOST).time_to_live(KEPT).build();
        Self { tokens, epoch: AtomicU64::new(0) }
    }
}

impl TokenCache {
    /// A token that is known; whether it has expired is asked of it.
    pub(crate) fn warm(&self, key: &Digest) -> Option<Arc<Token>> {
        self.tokens.get(key)
    }

    pub(crate) fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }

    /// Keeps what was loaded since `epoch`, unless something changed meanwhile.
    pub(crate) fn keep(&self, epoch: u64, token: Token) -> Arc<Token> {
        let token = Arc::new(token);
        if self.epoch() == epoch {
            self.tokens.insert(token.key, Arc::clone(&token));
            if self.epoch() != epoch {
                self.tokens.invalidate(&token.key);
            }
        }
        token
    }

    pub(crate) fn hear(&self, change: &Change) {
        if matches!(change, Change::Tokens | Change::Everything) {
            self.epoch.fetch_add(1, Ordering::AcqRel);
            self.tokens.invalidate_all();
        }
    }
}

/// Whether a token is good at this moment.
pub(crate) fn is_good(token: &Token, now: Timestamp) -> bool {
    token.expires.is_none_or(|expires| expires > now)
}

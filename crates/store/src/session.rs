//! The cache of sessions: whose cookie is this, and is he still signed in? `last_used` is a minute behind at most.

use std::sync::Arc;

use countersign_model::Session;
use countersign_types::{Digest, Timestamp};

use crate::{Change, remembered::Remembered};

/// Sessions by the digest of their cookie. Expiry is asked at every look.
pub(crate) type SessionCache = Remembered<Digest, Arc<Session>>;

impl Default for SessionCache {
    fn default() -> Self {
        Self::at_most(20_000)
    }
}

impl SessionCache {
    /// A session that is known and lasts.
    pub(crate) fn alive(&self, key: &Digest, now: Timestamp) -> Option<Arc<Session>> {
        self.warm(key).filter(|session| session.expires > now)
    }

    pub(crate) fn hear(&self, change: &Change) {
        match change {
            Change::Session(key) => self.forget(key),
            Change::Everything => self.forget_all(),
            Change::Config
            | Change::User(_)
            | Change::Groups
            | Change::Grant(_)
            | Change::Tokens
            | Change::Jobs => {}
        }
    }
}

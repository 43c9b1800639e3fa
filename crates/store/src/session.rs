//! The cache of sessions: whose cookie is this, and is he still signed in?

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use countersign_model::Session;
use countersign_types::{Digest, Timestamp};
use moka::sync::Cache;

use crate::Change;

/// Sessions kept at most.
const MOST: u64 = 20_000;
/// How long a session is kept, so that its `last_used` is not far behind.
const KEPT: Duration = Duration::from_secs(60);

/// Sessions by the digest of their cookie. Expiry is asked at every look.
pub(crate) struct SessionCache {
    sessions: Cache<Digest, Arc<Session>>,
    /// Counts the changes heard of, so that what was loaded before one is not kept after it.
    epoch: AtomicU64,
}

impl Default for SessionCache {
    fn default() -> Self {
        let sessions = Cache::builder().max_capacity(MOST).time_to_live(KEPT).build();
        Self { sessions, epoch: AtomicU64::new(0) }
    }
}

impl SessionCache {
    pub(crate) fn warm(&self, key: &Digest, now: Timestamp) -> Option<Arc<Session>> {
        self.sessions.get(key).filter(|session| session.expires > now)
    }

    pub(crate) fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }

    /// Keeps what was loaded since `epoch`, unless something changed meanwhile.
    pub(crate) fn keep(&self, epoch: u64, session: Session) -> Arc<Session> {
        let session = Arc::new(session);
        if self.epoch() == epoch {
            self.sessions.insert(session.key, Arc::clone(&session));
            if self.epoch() != epoch {
                self.sessions.invalidate(&session.key);
            }
        }
        session
    }

    pub(crate) fn hear(&self, change: &Change) {
        match change {
            Change::Session(key) => {
                self.epoch.fetch_add(1, Ordering::AcqRel);
                self.sessions.invalidate(key);
            }
            Change::Everything => {
                self.epoch.fetch_add(1, Ordering::AcqRel);
                self.sessions.invalidate_all();
            }
            Change::Config
            | Change::User(_)
            | Change::Groups
            | Change::Grant(_)
            | Change::Tokens
            | Change::Jobs => {}
        }
    }
}

//! The cache of consents: what has this user let which application have?

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use countersign_model::{Consent, UserId};
use moka::sync::Cache;

use crate::Change;

/// Users whose consents are kept at most.
const MOST: u64 = 10_000;
/// How long they are kept when nobody announces a change.
const KEPT: Duration = Duration::from_secs(60);

/// Consents by user. Expiry is asked by whoever looks.
pub(crate) struct ConsentCache {
    consents: Cache<UserId, Arc<[Consent]>>,
    /// Counts the changes heard of, so that what was loaded before one is not kept after it.
    epoch: AtomicU64,
}

impl Default for ConsentCache {
    fn default() -> Self {
        let consents = Cache::builder().max_capacity(MOST).time_to_live(KEPT).build();
        Self { consents, epoch: AtomicU64::new(0) }
    }
}

impl ConsentCache {
    pub(crate) fn warm(&self, user: UserId) -> Option<Arc<[Consent]>> {
        self.consents.get(&user)
    }

    pub(crate) fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }

    /// Keeps what was loaded since `epoch`, unless something changed meanwhile.
    pub(crate) fn keep(&self, user: UserId, epoch: u64, consents: Vec<Consent>) -> Arc<[Consent]> {
        let consents: Arc<[Consent]> = consents.into();
        if self.epoch() == epoch {
            self.consents.insert(user, Arc::clone(&consents));
            if self.epoch() != epoch {
                self.consents.invalidate(&user);
            }
        }
        consents
    }

    pub(crate) fn hear(&self, change: &Change) {
        match change {
            Change::User(id) => {
                self.epoch.fetch_add(1, Ordering::AcqRel);
                self.consents.invalidate(id);
            }
            Change::Everything => {
                self.epoch.fetch_add(1, Ordering::AcqRel);
                self.consents.invalidate_all();
            }
            Change::Config
            | Change::Groups
            | Change::Session(_)
            | Change::Grant(_)
            | Change::Tokens
            | Change::Jobs => {}
        }
    }
}

//! Which grants are revoked, in memory: access tokens verify without the database.
//!
//! ```text
//!   unknown ──load──▶ known ──Change::Grant──▶ known + 1
//!      ▲                │
//!      └─Change::Everything (changes may have been missed)
//! ```
//!
//! Who asks while the set is not known loads it first; when that fails, the token is not accepted.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use countersign_model::GrantId;
use countersign_store::{Change, Store, StoreError, grants};
use countersign_types::{Clock, Timestamp};

use crate::spec::MAX_ACCESS;

/// Revocations between two clearings of what no living token can name any more.
const CLEAR_EVERY: usize = 4096;

/// Revoked grants that access tokens may still name.
pub(crate) struct Revocations(Arc<Inner>);

struct Inner {
    revoked: Mutex<HashMap<GrantId, Timestamp>>,
    clock: Arc<dyn Clock>,
    /// Counts the times at which changes may have been missed.
    missed: AtomicU64,
    /// The count at which the set was last loaded.
    loaded: AtomicU64,
}

impl Revocations {
    /// A set that is not known yet, and hears of every revocation from now on.
    pub(crate) fn listening_to(store: &Store) -> Self {
        let inner = Arc::new(Inner {
            revoked: Mutex::default(),
            clock: Arc::clone(store.clock()),
            missed: AtomicU64::new(1),
            loaded: AtomicU64::new(0),
        });
        let heard = Arc::downgrade(&inner);
        store.subscribe(move |change| {
            let Some(inner) = heard.upgrade() else { return };
            match change {
                Change::Grant(id) => inner.add([*id]),
                Change::Everything => {
                    inner.missed.fetch_add(1, Ordering::AcqRel);
                }
                _ => {}
            }
        });
        Self(inner)
    }

    /// Loads the set unless it is known.
    pub(crate) async fn warm_up(&self, store: &Store) -> Result<(), StoreError> {
        let missed = self.0.missed.load(Ordering::Acquire);
        if self.0.loaded.load(Ordering::Acquire) >= missed {
            return Ok(());
        }
        let ids = store.read(|tx| grants::revoked_after(tx, tx.now().minus(MAX_ACCESS))).await?;
        self.0.add(ids);
        self.0.loaded.fetch_max(missed, Ordering::AcqRel);
        Ok(())
    }

    /// Whether a grant is revoked. No trip once the set is known.
    pub(crate) async fn contains(&self, store: &Store, id: GrantId) -> Result<bool, StoreError> {
        self.warm_up(store).await?;
        Ok(self.0.lock().contains_key(&id))
    }
}

impl Inner {
    fn add(&self, ids: impl IntoIterator<Item = GrantId>) {
        let now = self.clock.now();
        let mut revoked = self.lock();
        for id in ids {
            revoked.insert(id, now);
            if revoked.len().is_multiple_of(CLEAR_EVERY) {
                revoked.retain(|_, since| now.since(*since) <= MAX_ACCESS);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<GrantId, Timestamp>> {
        self.revoked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! The snapshot in force, and who waits for the next one.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use arc_swap::ArcSwapOption;

use super::Snapshot;
use crate::{Change, CostMeter, StoreError, Tx, cost::Mode, shared::Shared, unit::Work};

/// Somebody who waits for a snapshot.
pub(crate) type Waiter = Box<dyn FnOnce(Result<Arc<Snapshot>, StoreError>) + Send>;

/// Loads that a change overtakes are repeated so often; then the last is handed out without being kept.
const ATTEMPTS: u32 = 3;

/// Holds the snapshot in force.
#[derive(Default)]
pub(crate) struct SnapshotCache {
    current: ArcSwapOption<Snapshot>,
    /// Counts the changes heard of; what was loaded before one is not kept after it.
    epoch: AtomicU64,
    /// Some while a load is under way.
    waiting: Mutex<Option<Vec<Waiter>>>,
}

impl SnapshotCache {
    pub(crate) fn warm(&self) -> Option<Arc<Snapshot>> {
        self.current.load_full()
    }

    fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }

    fn waiting(&self) -> MutexGuard<'_, Option<Vec<Waiter>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn hear(&self, change: &Change) {
        if matches!(change, Change::Config | Change::Everything) {
            self.epoch.fetch_add(1, Ordering::AcqRel);
            self.current.store(None);
        }
    }

    /// Keeps a snapshot if nothing changed since its load began.
    fn keep(&self, snapshot: &Arc<Snapshot>) -> bool {
        if self.epoch() != snapshot.version {
            return false;
        }
        self.current.store(Some(Arc::clone(snapshot)));
        if self.epoch() == snapshot.version {
            return true;
        }
        self.current.store(None);
        false
    }

    fn answer_all(&self, result: &Result<Arc<Snapshot>, StoreError>) {
        let waiters = self.waiting().take().unwrap_or_default();
        for waiter in waiters {
            waiter(result.clone());
        }
    }
}

/// Asks for a snapshot; one load serves all who ask while it is under way.
pub(crate) fn request(shared: &Arc<Shared>, meter: Option<Arc<CostMeter>>, waiter: Waiter) {
    {
        let mut waiting = shared.snapshot.waiting();
        if let Some(waiters) = waiting.as_mut() {
            waiters.push(waiter);
            return;
        }
        if let Some(snapshot) = shared.snapshot.warm() {
            drop(waiting);
            waiter(Ok(snapshot));
            return;
        }
        *waiting = Some(vec![waiter]);
    }
    load(shared, meter, 1);
}

fn load(shared: &Arc<Shared>, meter: Option<Arc<CostMeter>>, attempt: u32) {
    let version = shared.snapshot.epoch();
    let unit = move |tx: &mut Tx<'_>| Snapshot::load(tx, version);
    let told = Arc::clone(shared);
    let reply = move |result: Result<Snapshot, StoreError>| {
        let result = result.map(Arc::new);
        let overtaken = match &result {
            Ok(snapshot) => !told.snapshot.keep(snapshot),
            Err(_) => false,
        };
        if overtaken && attempt < ATTEMPTS {
            load(&told, None, attempt + 1);
        } else {
            told.snapshot.answer_all(&result);
        }
    };
    shared.trips.count(Mode::Read);
    shared.submit(Mode::Read, Work::new(unit, reply), meter);
}

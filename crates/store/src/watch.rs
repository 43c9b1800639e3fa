//! The store's watchman: answers what has waited too long, listens for the changes of other processes, and
//! clears away old announcements.

use std::{
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use crate::{
    StoreError, Tx,
    changes::{self, Memory},
    cost::Mode,
    shared::{Shared, enter_store_thread},
    unit::Work,
};

/// Between two clearings of old announcements.
const CLEARING: Duration = Duration::from_secs(60);

/// Ends the watch.
#[derive(Default)]
pub(crate) struct Stop {
    stopped: Mutex<bool>,
    changed: Condvar,
}

impl Stop {
    pub(crate) fn stop(&self) {
        *self.stopped.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_all();
    }

    /// Waits; whether the watch goes on.
    pub(crate) fn pause(&self, length: Duration) -> bool {
        let stopped = self.stopped.lock().unwrap_or_else(PoisonError::into_inner);
        let (stopped, _) = self
            .changed
            .wait_timeout_while(stopped, length, |stopped| !*stopped)
            .unwrap_or_else(PoisonError::into_inner);
        !*stopped
    }
}

/// Watches until stopped.
pub(crate) fn serve(shared: &Arc<Shared>, stop: &Stop) {
    enter_store_thread();
    let memory = Arc::new(Mutex::new(Memory::new()));
    let polling = Arc::new(AtomicBool::new(false));
    let mut cleared = Instant::now();
    while stop.pause(shared.options.poll_interval) {
        shared.expire_waiting();
        if !shared.migrated() {
            continue;
        }
        if !polling.swap(true, Ordering::AcqRel) {
            poll(shared, &memory, &polling);
        }
        if cleared.elapsed() >= CLEARING {
            cleared = Instant::now();
            let prune = |tx: &mut Tx<'_>| changes::prune(tx);
            shared.submit(Mode::Write, Work::new(prune, |_: Result<usize, StoreError>| {}), None);
        }
    }
}

/// Asks once; one question at a time, so that a slow database is not asked ever more.
fn poll(shared: &Arc<Shared>, memory: &Arc<Mutex<Memory>>, polling: &Arc<AtomicBool>) {
    let origin = shared.origin;
    let (memory, polling, told) = (Arc::clone(memory), Arc::clone(polling), Arc::clone(shared));
    let ask = move |tx: &mut Tx<'_>| changes::recent(tx, origin);
    let reply = move |rows: Result<_, StoreError>| {
        match rows {
            Ok(rows) => {
                let now = told.clock.now();
                let news = memory.lock().unwrap_or_else(PoisonError::into_inner).news(rows, now);
                told.announce(&news);
            }
            Err(error) => tracing::debug!(%error, "changes of other processes could not be read"),
        }
        polling.store(false, Ordering::Release);
    };
    shared.submit(Mode::Read, Work::new(ask, reply), None);
}

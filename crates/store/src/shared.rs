//! What the store's threads and its handles share.

use std::sync::{
    Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock,
    atomic::{AtomicBool, AtomicU64, Ordering},
};
use std::{cell::Cell, time::Instant};

use countersign_model::Event;
use countersign_types::{Clock, Rng};
use uuid::Uuid;

use crate::{
    Backend, Change, CostMeter, StoreError, StoreOptions,
    conn::Conn,
    consent::ConsentCache,
    cost::{Mode, TripCounter},
    moments::Moments,
    options::Place,
    queue::{Queue, Refused},
    session::SessionCache,
    snapshot::SnapshotCache,
    subject::SubjectCache,
    token::TokenCache,
    unit::{Queued, Unit},
    writer::Turns,
};

/// Which events somebody wants to hear of. Asked in transactions: it waits for nothing.
pub(crate) type Ear = Box<dyn Fn(&Event) -> bool + Send + Sync>;
type Listener = Arc<dyn Fn(&Change) + Send + Sync>;

/// Everything but the threads themselves.
pub(crate) struct Shared {
    pub(crate) options: StoreOptions,
    pub(crate) place: Place,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rng: Arc<dyn Rng>,
    pub(crate) moments: Moments,
    /// Names this store in the rows of `changes`.
    pub(crate) origin: Uuid,
    /// SQLite reads here; PostgreSQL everything.
    pub(crate) reads: Queue,
    /// SQLite writes here.
    pub(crate) writes: Queue,
    /// Whose turn it is to write there.
    pub(crate) writer: Turns,
    /// SQLite: connections of those who look something up on their own thread. None elsewhere, and once the store is closed.
    spare: Mutex<Option<Vec<Conn>>>,
    pub(crate) trips: TripCounter,
    /// SQLite: groups of writes so far.
    pub(crate) commits: AtomicU64,
    pub(crate) snapshot: SnapshotCache,
    pub(crate) subjects: SubjectCache,
    pub(crate) consents: ConsentCache,
    pub(crate) sessions: SessionCache,
    pub(crate) tokens: TokenCache,
    /// Whether the last contact with the database went well.
    pub(crate) healthy: AtomicBool,
    migrated: AtomicBool,
    listeners: RwLock<Vec<Listener>>,
    ear: OnceLock<Ear>,
}

thread_local! {
    static ON_STORE_THREAD: Cell<bool> = const { Cell::new(false) };
}

/// Marks the present thread as one that works for a store and so must never wait for one.
pub(crate) fn enter_store_thread() {
    ON_STORE_THREAD.set(true);
}

pub(crate) fn on_store_thread() -> bool {
    ON_STORE_THREAD.get()
}

/// Runs something as a thread of a store would.
pub(crate) fn as_store_thread<T>(work: impl FnOnce() -> T) -> T {
    let before = ON_STORE_THREAD.replace(true);
    let result = work();
    ON_STORE_THREAD.set(before);
    result
}

impl Shared {
    pub(crate) fn new(options: StoreOptions, place: Place, clock: Arc<dyn Clock>, rng: Arc<dyn Rng>) -> Self {
        Self {
            origin: countersign_types::random_uuid(&*rng),
            moments: Moments::default(),
            reads: Queue::new(options.queue),
            writes: Queue::new(options.queue),
            writer: Turns::default(),
            spare: Mutex::new(matches!(place, Place::Sqlite(_)).then(Vec::new)),
            trips: TripCounter::default(),
            commits: AtomicU64::new(0),
            snapshot: SnapshotCache::default(),
            subjects: SubjectCache::default(),
            consents: ConsentCache::default(),
            sessions: SessionCache::default(),
            tokens: TokenCache::default(),
            healthy: AtomicBool::new(true),
            migrated: AtomicBool::new(false),
            listeners: RwLock::default(),
            ear: OnceLock::new(),
            options,
            place,
            clock,
            rng,
        }
    }

    pub(crate) const fn backend(&self) -> Backend {
        match self.place {
            Place::Sqlite(_) => Backend::Sqlite,
            Place::Postgres(_) => Backend::Postgres,
        }
    }

    fn spare(&self) -> MutexGuard<'_, Option<Vec<Conn>>> {
        self.spare.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The connection that was used last, whose pages are in the processor's caches.
    pub(crate) fn take_spare(&self) -> Option<Conn> {
        self.spare().as_mut().and_then(Vec::pop)
    }

    /// Keeps a connection for the next one.
    pub(crate) fn keep_spare(&self, conn: Conn) {
        if let Some(spare) = self.spare().as_mut() {
            spare.push(conn);
        }
    }

    /// Closes the spare connections and keeps none any more.
    pub(crate) fn close_spare(&self) {
        *self.spare() = None;
    }

    /// Whether whoever looks something up may do so on a connection of his own.
    pub(crate) fn has_spare(&self) -> bool {
        self.spare().is_some()
    }

    /// Queues a unit of work that no request asked for, or answers it at once.
    pub(crate) fn submit(&self, mode: Mode, unit: Box<dyn Unit>, meter: Option<Arc<CostMeter>>) {
        self.push(Queued { unit, mode, is_lasting: true, since: Instant::now(), meter });
    }

    /// Queues a unit of work, or answers it at once.
    pub(crate) fn push(&self, queued: Queued) {
        let queue = match (self.backend(), queued.mode) {
            (Backend::Sqlite, Mode::Write) => &self.writes,
            _ => &self.reads,
        };
        match queue.push(queued) {
            Ok(()) => {}
            Err(Refused::Full(queued)) => {
                metrics::counter!("countersign_store_busy_total", "reason" => "full").increment(1);
                queued.answer(Err(StoreError::Busy));
            }
            Err(Refused::Closed(queued)) => {
                queued.answer(Err(StoreError::Unavailable("the store is closed".to_owned())));
            }
        }
    }

    /// Answers what has waited too long.
    pub(crate) fn expire_waiting(&self) {
        for queue in [&self.reads, &self.writes] {
            for queued in queue.stale(self.options.max_wait) {
                metrics::counter!("countersign_store_busy_total", "reason" => "wait").increment(1);
                queued.answer(Err(StoreError::Busy));
            }
        }
    }

    pub(crate) fn subscribe(&self, listener: Listener) {
        self.listeners.write().unwrap_or_else(PoisonError::into_inner).push(listener);
    }

    /// Sets the ear, once; whether there was none.
    pub(crate) fn set_ear(&self, ear: Ear) -> bool {
        self.ear.set(ear).is_ok()
    }

    pub(crate) fn ear(&self) -> Option<&Ear> {
        self.ear.get()
    }

    /// Tells everybody in this process. Our own caches forget first, so that whoever is told sees the new.
    pub(crate) fn announce(&self, changes: &[Change]) {
        if changes.is_empty() {
            return;
        }
        for change in changes {
            self.snapshot.hear(change);
            self.subjects.hear(change);
            self.sessions.hear(change);
            self.tokens.hear(change);
            self.consents.hear(change);
        }
        let listeners = self.listeners.read().unwrap_or_else(PoisonError::into_inner).clone();
        for change in changes {
            for listener in &listeners {
                listener(change);
            }
        }
    }

    /// Whether the tables are known to be up to date.
    pub(crate) fn migrated(&self) -> bool {
        self.migrated.load(Ordering::Relaxed)
    }

    pub(crate) fn set_migrated(&self) {
        self.migrated.store(true, Ordering::Relaxed);
    }

    pub(crate) fn note_health(&self, healthy: bool) {
        self.healthy.store(healthy, Ordering::Relaxed);
    }
}

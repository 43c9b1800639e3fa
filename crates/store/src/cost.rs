//! What work cost: totals of the store for tests with budgets, and meters that a request carries along.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

tokio::task_local! {
    static SCOPE: Arc<CostMeter>;
}

/// Units of work that the store was given so far. Tests assert differences.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Trips {
    /// Reading units.
    pub reads: u64,
    /// Writing units.
    pub writes: u64,
}

impl std::ops::Sub for Trips {
    type Output = Self;

    fn sub(self, earlier: Self) -> Self {
        Self {
            reads: self.reads.saturating_sub(earlier.reads),
            writes: self.writes.saturating_sub(earlier.writes),
        }
    }
}

/// What the work of one request cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Reading units of work.
    pub reads: u64,
    /// Writing units of work.
    pub writes: u64,
    /// Statements.
    pub queries: u64,
    /// Rows returned or changed.
    pub rows: u64,
    /// Time on the database's thread in microseconds, waiting in the queue not counted.
    pub db_micros: u64,
}

/// Adds up what the units of one request cost; see [`Store::with_cost`](crate::Store::with_cost).
#[derive(Debug, Default)]
pub struct CostMeter {
    reads: AtomicU64,
    writes: AtomicU64,
    queries: AtomicU64,
    rows: AtomicU64,
    db_micros: AtomicU64,
}

impl CostMeter {
    /// The sum so far.
    pub fn cost(&self) -> Cost {
        Cost {
            reads: self.reads.load(Relaxed),
            writes: self.writes.load(Relaxed),
            queries: self.queries.load(Relaxed),
            rows: self.rows.load(Relaxed),
            db_micros: self.db_micros.load(Relaxed),
        }
    }

    /// Runs a future whose work is added to a meter, whichever handles it uses, unless one of them has a
    /// meter of its own.
    pub fn scope<F: Future>(meter: Arc<Self>, future: F) -> impl Future<Output = F::Output> {
        SCOPE.scope(meter, future)
    }

    pub(crate) fn of_scope() -> Option<Arc<Self>> {
        SCOPE.try_with(Arc::clone).ok()
    }

    pub(crate) fn add(&self, cost: Cost) {
        self.reads.fetch_add(cost.reads, Relaxed);
        self.writes.fetch_add(cost.writes, Relaxed);
        self.queries.fetch_add(cost.queries, Relaxed);
        self.rows.fetch_add(cost.rows, Relaxed);
        self.db_micros.fetch_add(cost.db_micros, Relaxed);
    }
}

/// The store's totals.
#[derive(Debug, Default)]
pub(crate) struct TripCounter {
    reads: AtomicU64,
    writes: AtomicU64,
}

impl TripCounter {
    pub(crate) fn count(&self, mode: Mode) {
        match mode {
            Mode::Read => self.reads.fetch_add(1, Relaxed),
            Mode::Write => self.writes.fetch_add(1, Relaxed),
        };
    }

    pub(crate) fn trips(&self) -> Trips {
        Trips { reads: self.reads.load(Relaxed), writes: self.writes.load(Relaxed) }
    }
}

/// What a unit of work may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Read,
    Write,
}

impl Mode {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }
}

//! A unit of work from inside: its transaction, its present moment, its randomness, its announcements.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use countersign_model::Event;
use countersign_types::{Rng, Timestamp};
use diesel::{
    QueryResult,
    connection::{AnsiTransactionManager, TransactionManager},
};

use crate::{
    Backend, Change, StoreError,
    conn::{Conn, on},
    dialect::{self, Fault},
    moments::Moments,
    shared::{Ear, Shared},
};

/// A transaction. Query functions of the table modules take it; several in one closure are one trip.
pub struct Tx<'c> {
    conn: &'c mut Conn,
    rng: &'c dyn Rng,
    moments: &'c Moments,
    ear: Option<&'c Ear>,
    now: Timestamp,
    pub(crate) work: Work,
}

/// Changes that are told one by one.
const MOST_TOLD: usize = 1_000;

/// What became of a transaction so far.
#[derive(Default)]
pub(crate) struct Work {
    pub(crate) changes: Vec<Change>,
    /// The transaction must be run again, or its connection is gone.
    pub(crate) fault: Option<(Fault, StoreError)>,
    /// A statement failed outside a savepoint: there is nothing left to commit.
    pub(crate) failed: Option<StoreError>,
    pub(crate) queries: u64,
    pub(crate) rows: u64,
}

impl<'c> Tx<'c> {
    pub(crate) fn new(conn: &'c mut Conn, shared: &'c Shared) -> Self {
        let (rng, moments, now) = (&*shared.rng, &shared.moments, shared.clock.now());
        Self { conn, rng, moments, ear: shared.ear(), now, work: Work::default() }
    }

    /// The present moment, the same for the whole unit.
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// A moment of its own for everything that asks, each after those before it in this process: for identifiers of
    /// what is read in the order in which it happened.
    pub fn moment(&self) -> Timestamp {
        self.moments.next(self.now)
    }

    /// The source of randomness.
    pub const fn rng(&self) -> &dyn Rng {
        self.rng
    }

    /// Which database this is.
    pub const fn backend(&self) -> Backend {
        self.conn.backend()
    }

    /// Whether somebody wants to hear of an event: [`Store::listen`](crate::Store::listen).
    pub fn listens_for(&self, event: &Event) -> bool {
        self.ear.is_some_and(|ear| ear(event))
    }

    /// Announces a change: to listeners of this process after the commit, to other processes by a row in the
    /// same transaction. Means nothing in a reading unit. More than 1000 are told as [`Change::Everything`].
    pub fn change(&mut self, change: Change) {
        let told = &mut self.work.changes;
        if told.contains(&change) || matches!(told.as_slice(), [Change::Everything]) {
            return;
        }
        if told.len() >= MOST_TOLD {
            *told = vec![Change::Everything];
        } else {
            told.push(change);
        }
    }

    /// Runs a part that may fail without the whole: what it wrote and announced is undone when it fails.
    ///
    /// Outside of this a failed statement ends the unit, on both databases.
    pub fn savepoint<T, E: From<StoreError>>(
        &mut self,
        part: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        let begun = on!(&mut *self.conn, c => AnsiTransactionManager::begin_transaction(c));
        self.settle(begun)?;
        let announced = self.work.changes.len();
        let outcome = catch_unwind(AssertUnwindSafe(|| part(self)));
        if matches!(outcome, Ok(Ok(_))) && self.work.failed.is_none() {
            let released = on!(&mut *self.conn, c => AnsiTransactionManager::commit_transaction(c));
            self.settle(released)?;
        } else {
            let undone = on!(&mut *self.conn, c => AnsiTransactionManager::rollback_transaction(c));
            self.work.changes.truncate(announced);
            let swallowed = self.work.failed.take();
            self.settle(undone)?;
            if let (Ok(Ok(_)), Some(error)) = (&outcome, swallowed) {
                return Err(error.into());
            }
        }
        outcome.unwrap_or_else(|panic| resume_unwind(panic))
    }

    /// A rule that this crate keeps was broken after something was written: the unit has failed as if the
    /// database had refused it.
    pub(crate) fn refuse(&mut self, error: StoreError) -> StoreError {
        self.work.failed.get_or_insert(error.clone());
        error
    }

    pub(crate) const fn conn(&mut self) -> &mut Conn {
        self.conn
    }

    /// Counts a statement and takes note of what its failure means for the transaction.
    pub(crate) fn settle<T: Rows>(&mut self, result: QueryResult<T>) -> Result<T, StoreError> {
        self.work.queries += 1;
        match result {
            Ok(value) => {
                self.work.rows += value.rows();
                Ok(value)
            }
            Err(error) => {
                let (error, fault) = dialect::judge(&error);
                if let Some(fault) = fault {
                    self.work.fault.get_or_insert((fault, error.clone()));
                }
                self.work.failed.get_or_insert(error.clone());
                Err(error)
            }
        }
    }
}

/// How many rows a result stands for.
pub(crate) trait Rows {
    fn rows(&self) -> u64;
}

impl<T> Rows for Vec<T> {
    fn rows(&self) -> u64 {
        self.len() as u64
    }
}

impl<T> Rows for Option<T> {
    fn rows(&self) -> u64 {
        u64::from(self.is_some())
    }
}

impl Rows for usize {
    fn rows(&self) -> u64 {
        *self as u64
    }
}

impl Rows for () {
    fn rows(&self) -> u64 {
        0
    }
}

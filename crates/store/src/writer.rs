//! SQLite's one writer: takes what waits, runs each unit in a savepoint of its own, and commits them
//! together. A unit that fails is undone alone; all are answered after the commit.
//!
//! What does not wait for the disk is written by whoever asks, when the writer is free: that is done sooner than
//! another thread is awake.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError, atomic::Ordering},
    time::{Duration, Instant},
};

use crate::{
    Change, Durability, StoreError,
    conn::Conn,
    cost::{Cost, Mode},
    dialect,
    lane::{Verdict, attempt},
    shared::{Shared, as_store_thread, enter_store_thread},
    unit::Queued,
};

/// Units in one commit. Bounds how long readers of other processes and the first of the batch wait.
const GROUP: usize = 128;

/// The writer, for whoever has its turn; none before the thread has begun and after it has ended.
#[derive(Default)]
pub(crate) struct Turns(Mutex<Option<Writer>>);

impl Turns {
    /// A connection is taken out to be used and put back after its commit, so that what is found here is whole.
    fn wait(&self) -> MutexGuard<'_, Option<Writer>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn at_once(&self) -> Option<MutexGuard<'_, Option<Writer>>> {
        match self.0.try_lock() {
            Ok(turn) => Some(turn),
            Err(TryLockError::Poisoned(turn)) => Some(turn.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }
}

/// Serves the queue until it is closed.
pub(crate) fn serve(shared: &Shared, conn: Conn) {
    enter_store_thread();
    *shared.writer.wait() = Some(Writer { conn: Some(conn), durability: shared.options.durability });
    while let Some(units) = shared.writes.take(GROUP) {
        if let Some(writer) = shared.writer.wait().as_mut() {
            writer.serve(shared, units);
        }
    }
    *shared.writer.wait() = None;
}

/// Writes what a power cut may undo on the thread that asks, unless somebody else is writing or waits to.
pub(crate) fn write_fleeting(shared: &Arc<Shared>, queued: Queued) {
    let mut turn = if shared.writes.is_empty() { shared.writer.at_once() } else { None };
    let left = match turn.as_deref_mut() {
        Some(Some(writer)) => as_store_thread(|| writer.serve_at_once(shared, queued)),
        Some(None) | None => Some(queued),
    };
    drop(turn);
    if let Some(queued) = left {
        shared.push(queued);
    }
}

/// Whether a unit's work is to stay, and what to answer.
type Attempted = (bool, Result<Vec<Change>, StoreError>);

struct Writer {
    conn: Option<Conn>,
    /// What commits of the connection do.
    durability: Durability,
}

/// A unit that was run, and what to do about it once the commit is through.
struct Ran {
    queued: Queued,
    /// Whether its work is to stay.
    kept: bool,
    end: Result<Vec<Change>, StoreError>,
    cost: Cost,
}

impl Writer {
    fn serve(&mut self, shared: &Shared, units: Vec<Queued>) {
        let max_wait = shared.options.max_wait;
        let (stale, units): (Vec<_>, Vec<_>) =
            units.into_iter().partition(|queued| queued.since.elapsed() > max_wait);
        for queued in stale {
            queued.answer(Err(StoreError::Busy));
        }
        if units.is_empty() {
            return;
        }
        let is_lasting = units.iter().any(|queued| queued.is_lasting);
        match self.begin(shared, is_lasting, shared.options.lock_timeout) {
            Ok(conn) => self.work_off(shared, conn, units),
            Err(error) => {
                shared.note_health(false);
                tracing::warn!(%error, "the database cannot be written");
                for queued in units {
                    queued.answer(Err(error.clone()));
                }
            }
        }
    }

    /// Serves one unit without waiting for anything: when another process is writing, or the database is away, the
    /// unit is given back.
    fn serve_at_once(&mut self, shared: &Shared, queued: Queued) -> Option<Queued> {
        match self.begin(shared, queued.is_lasting, Duration::ZERO) {
            Ok(conn) => {
                self.work_off(shared, conn, vec![queued]);
                None
            }
            Err(_) => Some(queued),
        }
    }

    /// Runs units in the transaction that was begun, and commits it.
    fn work_off(&mut self, shared: &Shared, mut conn: Conn, units: Vec<Queued>) {
        shared.note_health(true);
        metrics::histogram!("countersign_store_group").record(units.len() as f64);
        let is_alone = units.len() == 1;
        let mut ran: Vec<Ran> =
            units.into_iter().map(|queued| run(shared, &mut conn, queued, is_alone)).collect();
        let started = Instant::now();
        // One alone has no savepoint: what it does not want kept is undone with the transaction.
        let undo = is_alone && ran.iter().any(|unit| !unit.kept);
        match if undo { dialect::rollback(&mut conn) } else { dialect::commit(&mut conn) } {
            Ok(()) => {
                self.conn = Some(conn);
                shared.commits.fetch_add(1, Ordering::Relaxed);
            }
            Err(error) => {
                // The connection is dropped, which undoes whatever was left open.
                let (error, _) = dialect::judge(&error);
                tracing::error!(%error, "a group of writes could not be committed");
                for unit in &mut ran {
                    unit.end = Err(StoreError::Unavailable(error.to_string()));
                }
            }
        }
        let commit_micros = micros(started);
        for unit in ran {
            finish(shared, unit, commit_micros);
        }
    }

    /// Begins the group's transaction, on a fresh connection when the last one failed.
    fn begin(&mut self, shared: &Shared, is_lasting: bool, patience: Duration) -> Result<Conn, StoreError> {
        let options = &shared.options;
        let mut conn = match self.conn.take() {
            Some(conn) => conn,
            None => {
                self.durability = options.durability;
                dialect::open(&shared.place, options, Mode::Write)?
            }
        };
        let wanted = if is_lasting { options.durability } else { Durability::Normal };
        if wanted != self.durability {
            dialect::set_durability(&mut conn, wanted).map_err(|error| dialect::judge(&error).0)?;
            self.durability = wanted;
        }
        match dialect::begin(&mut conn, Mode::Write, options.isolation, patience) {
            Ok(()) => Ok(conn),
            Err(error) => {
                let (error, _) = dialect::judge(&error);
                if error == StoreError::Busy {
                    self.conn = Some(conn);
                }
                Err(error)
            }
        }
    }
}

fn run(shared: &Shared, conn: &mut Conn, mut queued: Queued, is_alone: bool) -> Ran {
    let started = Instant::now();
    let mut cost = Cost::default();
    let (kept, end) = if is_alone {
        attempt_unit(shared, conn, &mut queued, &mut cost)
    } else {
        match run_in_savepoint(shared, conn, &mut queued, &mut cost) {
            Ok((kept, end)) => (kept, end),
            Err(error) => (false, Err(error)),
        }
    };
    cost.db_micros = micros(started);
    Ran { queued, kept, end, cost }
}

/// Runs the unit: whether its work is to stay, and what to answer.
fn attempt_unit(shared: &Shared, conn: &mut Conn, queued: &mut Queued, cost: &mut Cost) -> Attempted {
    match attempt(conn, queued, shared, cost) {
        Verdict::Keep(changes) => (true, Ok(changes)),
        Verdict::Undo => (false, Ok(Vec::new())),
        Verdict::Fail(error) | Verdict::Again(_, error) => (false, Err(error)),
    }
}

fn run_in_savepoint(
    shared: &Shared,
    conn: &mut Conn,
    queued: &mut Queued,
    cost: &mut Cost,
) -> Result<Attempted, StoreError> {
    dialect::begin_savepoint(conn).map_err(|error| dialect::judge(&error).0)?;
    let attempted = attempt_unit(shared, conn, queued, cost);
    let closed = if attempted.0 { dialect::commit(conn) } else { dialect::rollback(conn) };
    closed.map_err(|error| dialect::judge(&error).0)?;
    Ok(attempted)
}

fn finish(shared: &Shared, mut ran: Ran, commit_micros: u64) {
    ran.cost.db_micros += commit_micros;
    ran.queued.book(ran.cost);
    match ran.end {
        Ok(changes) => {
            shared.announce(&changes);
            ran.queued.answer(Ok(()));
        }
        Err(error) => ran.queued.answer(Err(error)),
    }
}

fn micros(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX)
}

//! SQLite's one writer: takes what waits, runs each unit in a savepoint of its own, and commits them
//! together. A unit that fails is undone alone; all are answered after the commit.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Instant,
};

use crate::{
    Change, Durability, StoreError,
    conn::Conn,
    cost::{Cost, Mode},
    dialect,
    lane::{Verdict, attempt},
    shared::{Shared, enter_store_thread},
    unit::Queued,
};

/// Units in one commit. Bounds how long readers of other processes and the first of the batch wait.
const GROUP: usize = 128;

/// Serves the queue until it is closed.
pub(crate) fn serve(shared: &Arc<Shared>, conn: Conn) {
    enter_store_thread();
    let mut writer =
        Writer { shared: Arc::clone(shared), conn: Some(conn), durability: shared.options.durability };
    while let Some(units) = shared.writes.take(GROUP) {
        writer.serve(units);
    }
}

/// Whether a unit's work is to stay, and what to answer.
type Attempted = (bool, Result<Vec<Change>, StoreError>);

struct Writer {
    shared: Arc<Shared>,
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
    fn serve(&mut self, units: Vec<Queued>) {
        let max_wait = self.shared.options.max_wait;
        let (stale, units): (Vec<_>, Vec<_>) =
            units.into_iter().partition(|queued| queued.since.elapsed() > max_wait);
        for queued in stale {
            queued.answer(Err(StoreError::Busy));
        }
        if units.is_empty() {
            return;
        }
        let is_lasting = units.iter().any(|queued| queued.is_lasting);
        let begun = self.begin(is_lasting);
        let mut conn = match begun {
            Ok(conn) => conn,
            Err(error) => {
                self.shared.note_health(false);
                tracing::warn!(%error, "the database cannot be written");
                for queued in units {
                    queued.answer(Err(error.clone()));
                }
                return;
            }
        };
        self.shared.note_health(true);
        metrics::histogram!("countersign_store_group").record(units.len() as f64);
        let is_alone = units.len() == 1;
        let mut ran: Vec<Ran> =
            units.into_iter().map(|queued| self.run(&mut conn, queued, is_alone)).collect();
        let started = Instant::now();
        // One alone has no savepoint: what it does not want kept is undone with the transaction.
        let undo = is_alone && ran.iter().any(|unit| !unit.kept);
        match if undo { dialect::rollback(&mut conn) } else { dialect::commit(&mut conn) } {
            Ok(()) => {
                self.conn = Some(conn);
                self.shared.commits.fetch_add(1, Ordering::Relaxed);
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
            self.finish(unit, commit_micros);
        }
    }

    /// Begins the group's transaction, on a fresh connection when the last one failed.
    fn begin(&mut self, is_lasting: bool) -> Result<Conn, StoreError> {
        let options = &self.shared.options;
        let mut conn = match self.conn.take() {
            Some(conn) => conn,
            None => {
                self.durability = options.durability;
                dialect::open(&self.shared.place, options, Mode::Write)?
            }
        };
        let wanted = if is_lasting { options.durability } else { Durability::Normal };
        if wanted != self.durability {
            dialect::set_durability(&mut conn, wanted).map_err(|error| dialect::judge(&error).0)?;
            self.durability = wanted;
        }
        match dialect::begin(&mut conn, Mode::Write, self.shared.options.isolation) {
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

    fn run(&self, conn: &mut Conn, mut queued: Queued, is_alone: bool) -> Ran {
        let started = Instant::now();
        let mut cost = Cost::default();
        let (kept, end) = if is_alone {
            self.attempt(conn, &mut queued, &mut cost)
        } else {
            match self.run_in_savepoint(conn, &mut queued, &mut cost) {
                Ok((kept, end)) => (kept, end),
                Err(error) => (false, Err(error)),
            }
        };
        cost.db_micros = micros(started);
        Ran { queued, kept, end, cost }
    }

    /// Runs the unit: whether its work is to stay, and what to answer.
    fn attempt(&self, conn: &mut Conn, queued: &mut Queued, cost: &mut Cost) -> Attempted {
        match attempt(conn, queued, &self.shared, cost) {
            Verdict::Keep(changes) => (true, Ok(changes)),
            Verdict::Undo => (false, Ok(Vec::new())),
            Verdict::Fail(error) | Verdict::Again(_, error) => (false, Err(error)),
        }
    }

    fn run_in_savepoint(
        &self,
        conn: &mut Conn,
        queued: &mut Queued,
        cost: &mut Cost,
    ) -> Result<Attempted, StoreError> {
        dialect::begin_savepoint(conn).map_err(|error| dialect::judge(&error).0)?;
        let attempted = self.attempt(conn, queued, cost);
        let closed = if attempted.0 { dialect::commit(conn) } else { dialect::rollback(conn) };
        closed.map_err(|error| dialect::judge(&error).0)?;
        Ok(attempted)
    }

    fn finish(&self, mut ran: Ran, commit_micros: u64) {
        ran.cost.db_micros += commit_micros;
        ran.queued.book(ran.cost);
        match ran.end {
            Ok(changes) => {
                self.shared.announce(&changes);
                ran.queued.answer(Ok(()));
            }
            Err(error) => ran.queued.answer(Err(error)),
        }
    }
}

fn micros(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX)
}

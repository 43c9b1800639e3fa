//! SQLite's one writer: takes what waits, runs each unit in a savepoint of its own, and commits them
//! together. A unit that fails is undone alone; all are answered after the commit.

use std::{sync::Arc, time::Instant};

use crate::{
    Change, StoreError,
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
    let mut writer = Writer { shared: Arc::clone(shared), conn: Some(conn) };
    while let Some(units) = shared.writes.take(GROUP) {
        writer.serve(units);
    }
}

struct Writer {
    shared: Arc<Shared>,
    conn: Option<Conn>,
}

/// A unit that was run, and what to do about it once the commit is through.
struct Ran {
    queued: Queued,
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
        let begun = self.begin();
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
        let mut ran: Vec<Ran> = units.into_iter().map(|queued| self.run(&mut conn, queued)).collect();
        let started = Instant::now();
        match dialect::commit(&mut conn) {
            Ok(()) => self.conn = Some(conn),
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
    fn begin(&mut self) -> Result<Conn, StoreError> {
        let mut conn = match self.conn.take() {
            Some(conn) => conn,
            None => dialect::open(&self.shared.place, &self.shared.options, Mode::Write)?,
        };
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

    fn run(&self, conn: &mut Conn, mut queued: Queued) -> Ran {
        let started = Instant::now();
        let mut cost = Cost::default();
        let end = self.run_in_savepoint(conn, &mut queued, &mut cost);
        cost.db_micros = micros(started);
        Ran { queued, end, cost }
    }

    fn run_in_savepoint(
        &self,
        conn: &mut Conn,
        queued: &mut Queued,
        cost: &mut Cost,
    ) -> Result<Vec<Change>, StoreError> {
        dialect::begin_savepoint(conn).map_err(|error| dialect::judge(&error).0)?;
        let (end, close): (_, fn(&mut Conn) -> _) = match attempt(conn, queued, &self.shared, cost) {
            Verdict::Keep(changes) => (Ok(changes), dialect::commit),
            Verdict::Undo => (Ok(Vec::new()), dialect::rollback),
            Verdict::Fail(error) | Verdict::Again(_, error) => (Err(error), dialect::rollback),
        };
        close(conn).map_err(|error| dialect::judge(&error).0)?;
        end
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

//! A thread with a connection that runs one unit of work per transaction: SQLite's readers and all of
//! PostgreSQL; and who looks something up in SQLite on his own thread ([`look_up`]). A unit that lost against
//! another, or whose connection died before the commit was sent, is run again as a whole.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use crate::{
    Change, StoreError, Tx, changes,
    conn::Conn,
    cost::{Cost, Mode},
    dialect::{self, Fault},
    shared::{Shared, as_store_thread, enter_store_thread},
    unit::Queued,
};

/// How often a unit is begun before it is given up as busy.
const ATTEMPTS: u32 = 8;

/// What became of one run of a closure inside its transaction or savepoint.
pub(crate) enum Verdict {
    /// Keep its work, and announce this after the commit.
    Keep(Vec<Change>),
    /// Undo its work; the closure has its own answer.
    Undo,
    /// Undo its work and answer this.
    Fail(StoreError),
    /// Undo its work and run it again.
    Again(Fault, StoreError),
}

/// Runs a closure and writes down what it announced.
pub(crate) fn attempt(conn: &mut Conn, queued: &mut Queued, shared: &Shared, cost: &mut Cost) -> Verdict {
    let mut tx = Tx::new(conn, shared);
    let keep = queued.unit.attempt(&mut tx);
    if keep && queued.mode == Mode::Write && tx.work.failed.is_none() {
        // A failure to write them down is taken note of in `tx.work` like any other.
        let _ = changes::record(&mut tx, shared.origin);
    }
    cost.queries += tx.work.queries;
    cost.rows += tx.work.rows;
    if let Some((fault, error)) = tx.work.fault {
        return Verdict::Again(fault, error);
    }
    match (keep, tx.work.failed) {
        (false, _) => Verdict::Undo,
        (true, Some(error)) => Verdict::Fail(error),
        (true, None) if queued.mode == Mode::Read => Verdict::Keep(Vec::new()),
        (true, None) => Verdict::Keep(tx.work.changes),
    }
}

/// What became of one transaction.
enum Ended {
    Committed(Vec<Change>),
    Failed(StoreError),
    Again(StoreError),
}

/// Serves a queue until it is closed.
pub(crate) fn serve(shared: &Arc<Shared>, mode: Mode) {
    enter_store_thread();
    let mut lane = Lane { shared: Arc::clone(shared), mode, conn: None };
    while let Some(units) = shared.reads.take(1) {
        for queued in units {
            lane.serve(queued);
        }
    }
}

/// Runs a reading unit on the thread that asks, on a spare connection: for a few rows by their keys that is done
/// sooner than another thread is awake. What does not succeed at once is left to the readers, who may wait.
pub(crate) fn look_up(shared: &Arc<Shared>, queued: Queued) {
    if !shared.has_spare() {
        shared.push(queued);
        return;
    }
    let mut lane = Lane { shared: Arc::clone(shared), mode: Mode::Read, conn: shared.take_spare() };
    let left = as_store_thread(|| lane.serve_once(queued));
    if let Some(conn) = lane.conn {
        shared.keep_spare(conn);
    }
    if let Some(queued) = left {
        shared.push(queued);
    }
}

struct Lane {
    shared: Arc<Shared>,
    /// What the connection is opened for.
    mode: Mode,
    conn: Option<Conn>,
}

impl Lane {
    fn serve(&mut self, mut queued: Queued) {
        if queued.since.elapsed() > self.shared.options.max_wait {
            queued.answer(Err(StoreError::Busy));
            return;
        }
        let started = Instant::now();
        let mut cost = Cost::default();
        let end = self.run(&mut queued, &mut cost);
        self.finish(queued, end, cost, started);
    }

    /// The same without a second attempt: what is to be run again is given back.
    fn serve_once(&mut self, mut queued: Queued) -> Option<Queued> {
        let started = Instant::now();
        let mut cost = Cost::default();
        let end = match self.transact(&mut queued, &mut cost) {
            Ended::Committed(changes) => Ok(changes),
            Ended::Failed(error) => Err(error),
            Ended::Again(_) => return Some(queued),
        };
        self.finish(queued, end, cost, started);
        None
    }

    fn finish(&self, queued: Queued, end: Result<Vec<Change>, StoreError>, mut cost: Cost, started: Instant) {
        cost.db_micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        queued.book(cost);
        match end {
            Ok(changes) => {
                self.shared.announce(&changes);
                queued.answer(Ok(()));
            }
            Err(error) => queued.answer(Err(error)),
        }
    }

    fn run(&mut self, queued: &mut Queued, cost: &mut Cost) -> Result<Vec<Change>, StoreError> {
        let mut tried = 1;
        loop {
            match self.transact(queued, cost) {
                Ended::Committed(changes) => return Ok(changes),
                Ended::Failed(error) => return Err(error),
                Ended::Again(error) if tried >= ATTEMPTS => return Err(error),
                Ended::Again(_) => {
                    metrics::counter!("countersign_store_retries_total").increment(1);
                    std::thread::sleep(self.pause(tried));
                    tried += 1;
                }
            }
        }
    }

    /// 2, 4, 8 … ms and up to as much again, so that two losers do not meet again.
    fn pause(&self, tried: u32) -> Duration {
        let base = 1_u64 << tried.min(8);
        let mut byte = [0_u8];
        self.shared.rng.fill(&mut byte);
        let [byte] = byte;
        Duration::from_micros(base * 1000 + base * u64::from(byte) * 4)
    }

    fn transact(&mut self, queued: &mut Queued, cost: &mut Cost) -> Ended {
        let mut conn = match self.conn.take() {
            Some(conn) => conn,
            None => match dialect::open(&self.shared.place, &self.shared.options, self.mode) {
                Ok(conn) => conn,
                Err(error) => {
                    self.shared.note_health(false);
                    tracing::warn!(%error, "no connection to the database");
                    return Ended::Failed(error);
                }
            },
        };
        let options = &self.shared.options;
        if let Err(error) = dialect::begin(&mut conn, queued.mode, options.isolation, options.lock_timeout) {
            // The connection died while it was idle: drop it and begin anew.
            return Ended::Again(dialect::judge(&error).0);
        }
        self.shared.note_health(true);
        match attempt(&mut conn, queued, &self.shared, cost) {
            Verdict::Keep(changes) => self.commit(conn, changes),
            Verdict::Undo => {
                self.undo(conn);
                Ended::Committed(Vec::new())
            }
            Verdict::Fail(error) => {
                self.undo(conn);
                Ended::Failed(error)
            }
            Verdict::Again(Fault::Contended, error) => {
                self.undo(conn);
                Ended::Again(error)
            }
            Verdict::Again(Fault::Broken, error) => Ended::Again(error),
        }
    }

    fn commit(&mut self, mut conn: Conn, changes: Vec<Change>) -> Ended {
        let Err(error) = dialect::commit(&mut conn) else {
            self.conn = Some(conn);
            return Ended::Committed(changes);
        };
        match dialect::judge(&error) {
            (error, Some(Fault::Contended)) => {
                self.conn = Some(conn);
                Ended::Again(error)
            }
            // Whether it happened is not known, so it must not be run again.
            (error, _) => Ended::Failed(StoreError::Unavailable(error.to_string())),
        }
    }

    /// Rolls back and keeps the connection, unless even that fails.
    fn undo(&mut self, mut conn: Conn) {
        if dialect::rollback(&mut conn).is_ok() {
            self.conn = Some(conn);
        }
    }
}

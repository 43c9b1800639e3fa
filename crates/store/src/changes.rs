//! The table `changes`: written in the transaction that causes the change, polled by other processes.
//!
//! Rows carry the writer's time, and a transaction may commit a while after it took its time, so that a
//! poller looks back over a window and remembers which rows of it it has seen.

use std::{collections::HashMap, time::Instant};

use countersign_types::{Span, Timestamp, random_uuid};
use diesel::prelude::*;
use uuid::Uuid;

use crate::{
    Change, StoreError, Tx,
    columns::Id,
    conn::{execute, load},
    schema::changes,
};

/// How far apart the clocks of processes and the length of a transaction may be.
const WINDOW: Span = Span::from_secs(10);
/// Rows are kept a little longer, for people who look.
const KEPT: Span = Span::from_mins(5);
/// More than this in one window is not told one by one.
const MOST: i64 = 2000;

/// Writes down what the unit announced.
pub(crate) fn record(tx: &mut Tx<'_>, origin: Uuid) -> Result<(), StoreError> {
    let now = tx.now().as_micros();
    let told: Vec<_> = tx.work.changes.iter().map(Change::to_row).collect();
    // One by one, each by the same prepared statement: there are few, and a batch would be parsed each time.
    for (kind, subject) in told {
        let row = (
            changes::id.eq(Id(random_uuid(tx.rng()))),
            changes::origin.eq(Id(origin)),
            changes::kind.eq(kind),
            changes::subject.eq(subject),
            changes::created.eq(now),
        );
        execute!(tx, diesel::insert_into(changes::table).values(row))?;
    }
    Ok(())
}

/// A row as the poller reads it.
pub(crate) type Heard = (Id, String, Vec<u8>, i64);

/// What other processes wrote within the window.
pub(crate) fn recent(tx: &mut Tx<'_>, origin: Uuid) -> Result<Vec<Heard>, StoreError> {
    let since = tx.now().minus(WINDOW).as_micros();
    load!(
        tx,
        changes::table
            .filter(changes::created.gt(since))
            .filter(changes::origin.ne(Id(origin)))
            .order(changes::created.asc())
            .limit(MOST)
            .select((changes::id, changes::kind, changes::subject, changes::created))
    )
}

/// Deletes rows that nobody looks for any more, a bounded number at a time.
pub(crate) fn prune(tx: &mut Tx<'_>) -> Result<usize, StoreError> {
    let before = tx.now().minus(KEPT).as_micros();
    let old: Vec<Id> =
        load!(tx, changes::table.filter(changes::created.lt(before)).select(changes::id).limit(500))?;
    if old.is_empty() {
        return Ok(0);
    }
    execute!(tx, diesel::delete(changes::table.filter(changes::id.eq_any(&old))))
}

/// What the poller remembers.
pub(crate) struct Memory {
    seen: HashMap<Uuid, i64>,
    last: Instant,
}

impl Memory {
    pub(crate) fn new() -> Self {
        Self { seen: HashMap::new(), last: Instant::now() }
    }

    /// What of the rows is news.
    pub(crate) fn news(&mut self, rows: Vec<Heard>, now: Timestamp) -> Vec<Change> {
        let missed = self.last.elapsed() > WINDOW.to_std();
        let flood = rows.len() as i64 >= MOST;
        self.last = Instant::now();
        let horizon = now.minus(WINDOW).minus(WINDOW).as_micros();
        self.seen.retain(|_, created| *created > horizon);
        let mut news = Vec::new();
        for (id, kind, subject, created) in rows {
            if self.seen.insert(id.0, created).is_none() {
                news.push(Change::from_row(&kind, &subject));
            }
        }
        if missed || (flood && !news.is_empty()) { vec![Change::Everything] } else { news }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_news_once() {
        let now = Timestamp::from_secs(1000);
        let row = (Id(Uuid::from_u128(1)), "config".to_owned(), Vec::new(), now.as_micros());
        let mut memory = Memory::new();
        assert_eq!(memory.news(vec![row.clone()], now), vec![Change::Config]);
        assert_eq!(memory.news(vec![row], now), Vec::new());
    }
}

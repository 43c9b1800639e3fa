//! Jobs: rows written in the transaction that causes them. Who works on one holds a lease.

use countersign_model::{Job, JobId, JobState};
use countersign_types::{Span, Timestamp};
use diesel::prelude::*;

use crate::{
    Change, StoreError, Tx,
    columns::{Id, Row, entities, row},
    conn::{execute, find, load},
    schema::jobs,
};

row! {
    #[diesel(table_name = jobs)]
    JobRow of Job {
        id: Id,
        kind: String,
        payload: String,
        state: String,
        run_at: i64,
        attempts: i32,
        lease_owner: Option<String>,
        lease_until: Option<i64>,
        last_error: Option<String>,
        created: i64,
    }
}

const QUEUED: &str = "queued";
const DONE: &str = "done";
const DEAD: &str = "dead";

/// Writes a new job and wakes the workers after the commit.
pub fn create(tx: &mut Tx<'_>, job: &Job) -> Result<(), StoreError> {
    let row = JobRow::of(job);
    execute!(tx, diesel::insert_into(jobs::table).values(&row))?;
    tx.change(Change::Jobs);
    Ok(())
}

/// A job.
pub fn by_id(tx: &mut Tx<'_>, id: JobId) -> Result<Option<Job>, StoreError> {
    let row: Option<JobRow> = find!(tx, jobs::table.find(Id::from(id)).select(JobRow::as_select()))?;
    row.map(Row::entity).transpose()
}

/// Takes up to `limit` jobs that are due and that nobody has, and counts the try. One conditional statement
/// per job decides who gets it.
pub fn claim(
    tx: &mut Tx<'_>,
    owner: &str,
    kinds: &[&str],
    lease: Span,
    limit: u32,
) -> Result<Vec<Job>, StoreError> {
    let now = tx.now();
    let free = jobs::lease_until.is_null().or(jobs::lease_until.le(now.as_micros()));
    let due = jobs::table
        .filter(jobs::state.eq(QUEUED))
        .filter(jobs::run_at.le(now.as_micros()))
        .filter(jobs::kind.eq_any(kinds))
        .filter(free)
        .order((jobs::run_at.asc(), jobs::id.asc()))
        .limit(i64::from(limit))
        .select(jobs::id);
    let ids: Vec<Id> = load!(tx, due)?;
    let mut rows: Vec<JobRow> = Vec::new();
    for id in ids {
        let target = jobs::table
            .find(id)
            .filter(jobs::state.eq(QUEUED))
            .filter(jobs::run_at.le(now.as_micros()))
            .filter(jobs::lease_until.is_null().or(jobs::lease_until.le(now.as_micros())));
        let values = (
            jobs::lease_owner.eq(Some(owner)),
            jobs::lease_until.eq(Some(now.plus(lease).as_micros())),
            jobs::attempts.eq(jobs::attempts + 1),
        );
        let row: Option<JobRow> =
            find!(tx, diesel::update(target).set(values).returning(JobRow::as_returning()))?;
        rows.extend(row);
    }
    entities(rows)
}

/// Lengthens a lease; false when it was lost.
pub fn extend(tx: &mut Tx<'_>, id: JobId, owner: &str, until: Timestamp) -> Result<bool, StoreError> {
    let target = jobs::table.find(Id::from(id)).filter(jobs::lease_owner.eq(owner));
    let target = target.filter(jobs::state.eq(QUEUED));
    Ok(execute!(tx, diesel::update(target).set(jobs::lease_until.eq(Some(until.as_micros()))))? > 0)
}

/// How a try ended.
#[derive(Clone, Debug)]
pub enum Settled {
    /// The job is done.
    Done,
    /// It is to be tried again.
    Again {
        /// Not before.
        run_at: Timestamp,
        /// What went wrong.
        error: String,
    },
    /// It is given up.
    Dead {
        /// What went wrong.
        error: String,
    },
}

/// Writes down how a try ended; false when the lease was lost, and then nothing is written.
pub fn settle(tx: &mut Tx<'_>, id: JobId, owner: &str, settled: &Settled) -> Result<bool, StoreError> {
    let (state, run_at, error) = match settled {
        Settled::Done => (DONE, None, None),
        Settled::Again { run_at, error } => (QUEUED, Some(run_at.as_micros()), Some(error.as_str())),
        Settled::Dead { error } => (DEAD, None, Some(error.as_str())),
    };
    let target =
        jobs::table.find(Id::from(id)).filter(jobs::state.eq(QUEUED)).filter(jobs::lease_owner.eq(owner));
    let values = (
        jobs::state.eq(state),
        jobs::run_at.eq(run_at.unwrap_or(tx.now().as_micros())),
        jobs::lease_owner.eq(None::<String>),
        jobs::lease_until.eq(None::<i64>),
        jobs::last_error.eq(error),
    );
    Ok(execute!(tx, diesel::update(target).set(values))? > 0)
}

/// Puts a dead job back into the queue as if it were new; whether it was dead.
pub fn revive(tx: &mut Tx<'_>, id: JobId) -> Result<bool, StoreError> {
    let target = jobs::table.find(Id::from(id)).filter(jobs::state.eq(DEAD));
    let values = (jobs::state.eq(QUEUED), jobs::attempts.eq(0), jobs::run_at.eq(tx.now().as_micros()));
    let found = execute!(tx, diesel::update(target).set(values))? > 0;
    if found {
        tx.change(Change::Jobs);
    }
    Ok(found)
}

/// Takes jobs away for good.
pub fn delete(tx: &mut Tx<'_>, ids: &[JobId]) -> Result<(), StoreError> {
    let ids: Vec<Id> = ids.iter().map(|id| Id::from(*id)).collect();
    execute!(tx, diesel::delete(jobs::table.filter(jobs::id.eq_any(&ids))))?;
    Ok(())
}

/// When the next job of these kinds can be taken: when its time comes, or when the lease on it ends.
pub fn next_due(tx: &mut Tx<'_>, kinds: &[&str]) -> Result<Option<Timestamp>, StoreError> {
    let waiting = jobs::table
        .filter(jobs::state.eq(QUEUED))
        .filter(jobs::kind.eq_any(kinds))
        .filter(jobs::lease_until.is_null())
        .order(jobs::run_at.asc())
        .limit(1)
        .select(jobs::run_at);
    let waiting: Option<i64> = find!(tx, waiting)?;
    let leased = jobs::table
        .filter(jobs::state.eq(QUEUED))
        .filter(jobs::kind.eq_any(kinds))
        .filter(jobs::lease_until.is_not_null())
        .order(jobs::lease_until.asc())
        .limit(1)
        .select(jobs::lease_until.assume_not_null());
    let leased: Option<i64> = find!(tx, leased)?;
    Ok(waiting.into_iter().chain(leased).min().map(Timestamp::from_micros))
}

/// How many jobs are in each state: queued, done, dead.
pub fn counts(tx: &mut Tx<'_>) -> Result<(i64, i64, i64), StoreError> {
    let rows: Vec<(String, i64)> =
        load!(tx, jobs::table.group_by(jobs::state).select((jobs::state, diesel::dsl::count_star())))?;
    let of = |state: &str| rows.iter().find(|row| row.0 == state).map_or(0, |row| row.1);
    Ok((of(QUEUED), of(DONE), of(DEAD)))
}

/// The jobs that were given up, the latest first, at most `limit`.
pub fn dead(tx: &mut Tx<'_>, limit: u32) -> Result<Vec<Job>, StoreError> {
    let query =
        jobs::table.filter(jobs::state.eq(DEAD)).order(jobs::run_at.desc()).limit(i64::from(limit.min(1000)));
    let rows: Vec<JobRow> = load!(tx, query.select(JobRow::as_select()))?;
    entities(rows)
}

/// What a search for jobs asks; everything given must hold.
#[derive(Clone, Debug, Default)]
pub struct JobFilter {
    /// Where they stand.
    pub state: Option<JobState>,
    /// Which handler does them.
    pub kind: Option<String>,
}

/// A boxed query with what a filter asks.
macro_rules! filtered {
    ($filter:expr) => {{
        let mut query = jobs::table.into_boxed();
        if let Some(state) = $filter.state {
            query = query.filter(jobs::state.eq(state.as_str()));
        }
        if let Some(kind) = &$filter.kind {
            query = query.filter(jobs::kind.eq(kind));
        }
        query
    }};
}

/// Jobs, the latest first: at most `limit` after the first `skip`.
pub fn list(tx: &mut Tx<'_>, filter: &JobFilter, skip: u64, limit: u32) -> Result<Vec<Job>, StoreError> {
    let skip = i64::try_from(skip).unwrap_or(i64::MAX);
    let rows: Vec<JobRow> = load!(
        tx,
        filtered!(filter)
            .order(jobs::id.desc())
            .offset(skip)
            .limit(i64::from(limit.min(1000)))
            .select(JobRow::as_select())
    )?;
    entities(rows)
}

/// How many jobs a filter lets through.
pub fn count(tx: &mut Tx<'_>, filter: &JobFilter) -> Result<u64, StoreError> {
    let count: Option<i64> = find!(tx, filtered!(filter).count())?;
    Ok(count.and_then(|count| u64::try_from(count).ok()).unwrap_or(0))
}

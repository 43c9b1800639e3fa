//! Recurring work: one row each, run by whoever holds its lease.

use countersign_types::{Span, Timestamp};
use diesel::prelude::*;

use crate::{
    Change, StoreError, Tx,
    conn::{execute, find, load},
    schema::schedules,
};

/// Recurring work, as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recurring {
    /// Its name.
    pub name: String,
    /// Not before.
    pub next_run: Timestamp,
    /// Who is at it, until the lease ends.
    pub lease_owner: Option<String>,
    /// When the lease ends.
    pub lease_until: Option<Timestamp>,
}

/// All recurring work, by name.
pub fn all(tx: &mut Tx<'_>) -> Result<Vec<Recurring>, StoreError> {
    let query = schedules::table.order(schedules::name.asc()).select((
        schedules::name,
        schedules::next_run,
        schedules::lease_owner,
        schedules::lease_until,
    ));
    let rows: Vec<(String, i64, Option<String>, Option<i64>)> = load!(tx, query)?;
    let recurring =
        |(name, next_run, lease_owner, lease_until): (String, i64, Option<String>, Option<i64>)| {
            let lease_until = lease_until.map(Timestamp::from_micros);
            Recurring { name, next_run: Timestamp::from_micros(next_run), lease_owner, lease_until }
        };
    Ok(rows.into_iter().map(recurring).collect())
}

/// Makes the row of a schedule unless it is there; it is due at once.
pub fn ensure(tx: &mut Tx<'_>, name: &str) -> Result<(), StoreError> {
    let statement = diesel::insert_into(schedules::table)
        .values((schedules::name.eq(name), schedules::next_run.eq(tx.now().as_micros())))
        .on_conflict_do_nothing();
    execute!(tx, statement)?;
    Ok(())
}

/// Takes a schedule that is due and that nobody has; whether it was taken.
pub fn claim(tx: &mut Tx<'_>, name: &str, owner: &str, lease: Span) -> Result<bool, StoreError> {
    let now = tx.now();
    let target = schedules::table
        .find(name)
        .filter(schedules::next_run.le(now.as_micros()))
        .filter(schedules::lease_until.is_null().or(schedules::lease_until.le(now.as_micros())));
    let values = (
        schedules::lease_owner.eq(Some(owner)),
        schedules::lease_until.eq(Some(now.plus(lease).as_micros())),
    );
    Ok(execute!(tx, diesel::update(target).set(values))? > 0)
}

/// Makes a schedule due now; whether there is one that nobody is at.
pub fn hasten(tx: &mut Tx<'_>, name: &str) -> Result<bool, StoreError> {
    let now = tx.now().as_micros();
    let target = schedules::table
        .find(name)
        .filter(schedules::lease_until.is_null().or(schedules::lease_until.le(now)));
    let count = execute!(tx, diesel::update(target).set(schedules::next_run.eq(now)))?;
    tx.change(Change::Jobs);
    Ok(count > 0)
}

/// Gives a schedule back with its next time; false when the lease was lost.
pub fn release(tx: &mut Tx<'_>, name: &str, owner: &str, next_run: Timestamp) -> Result<bool, StoreError> {
    let target = schedules::table.find(name).filter(schedules::lease_owner.eq(owner));
    let values = (
        schedules::next_run.eq(next_run.as_micros()),
        schedules::lease_owner.eq(None::<String>),
        schedules::lease_until.eq(None::<i64>),
    );
    Ok(execute!(tx, diesel::update(target).set(values))? > 0)
}

/// When a schedule can be taken next: when its time comes, or when the lease on it ends.
pub fn next_run(tx: &mut Tx<'_>, name: &str) -> Result<Option<Timestamp>, StoreError> {
    let query = schedules::table.find(name).select((schedules::next_run, schedules::lease_until));
    let row: Option<(i64, Option<i64>)> = find!(tx, query)?;
    Ok(row
        .map(|(next_run, lease_until)| Timestamp::from_micros(lease_until.unwrap_or(next_run).max(next_run))))
}

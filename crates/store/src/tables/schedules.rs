//! Recurring work: one row each, run by whoever holds its lease.

use countersign_types::{Span, Timestamp};
use diesel::prelude::*;

use crate::{
    StoreError, Tx,
    conn::{execute, find},
    schema::schedules,
};

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

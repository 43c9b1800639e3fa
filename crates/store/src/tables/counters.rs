//! Integer keys, handed out inside the transaction that uses them, and numbers of rows that are kept count of.

use diesel::prelude::*;

use crate::{
    StoreError, Tx,
    conn::{execute, find},
    schema::counters,
};

/// The next number of a series, beginning with 1. Two transactions never get the same one; who comes second
/// waits for the first to end.
pub fn next(tx: &mut Tx<'_>, name: &str) -> Result<i64, StoreError> {
    take(tx, name, 1)
}

/// So many next numbers of a series; the first of them.
pub fn take(tx: &mut Tx<'_>, name: &str, number: u32) -> Result<i64, StoreError> {
    let statement = diesel::insert_into(counters::table)
        .values((counters::name.eq(name), counters::value.eq(i64::from(number))))
        .on_conflict(counters::name)
        .do_update()
        .set(counters::value.eq(counters::value + i64::from(number)))
        .returning(counters::value);
    let value: Option<i64> = find!(tx, statement)?;
    let last = value.ok_or_else(|| StoreError::Internal("a counter returned nothing".to_owned()))?;
    Ok(last.saturating_sub(i64::from(number)).saturating_add(1))
}

/// Adds to a number, which begins with 0. Two transactions do so one after the other.
pub(crate) fn add(tx: &mut Tx<'_>, name: &str, number: i64) -> Result<(), StoreError> {
    let statement = diesel::insert_into(counters::table)
        .values((counters::name.eq(name), counters::value.eq(number)))
        .on_conflict(counters::name)
        .do_update()
        .set(counters::value.eq(counters::value + number));
    execute!(tx, statement)?;
    Ok(())
}

/// A number as it is.
pub(crate) fn get(tx: &mut Tx<'_>, name: &str) -> Result<i64, StoreError> {
    let value: Option<i64> = find!(tx, counters::table.find(name).select(counters::value))?;
    Ok(value.unwrap_or(0))
}

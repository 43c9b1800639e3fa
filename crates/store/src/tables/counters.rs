//! Integer keys, handed out inside the transaction that uses them.

use diesel::prelude::*;

use crate::{StoreError, Tx, conn::find, schema::counters};

/// The next number of a series, beginning with 1. Two transactions never get the same one; who comes second
/// waits for the first to end.
pub fn next(tx: &mut Tx<'_>, name: &str) -> Result<i64, StoreError> {
    let statement = diesel::insert_into(counters::table)
        .values((counters::name.eq(name), counters::value.eq(1_i64)))
        .on_conflict(counters::name)
        .do_update()
        .set(counters::value.eq(counters::value + 1_i64))
        .returning(counters::value);
    let value: Option<i64> = find!(tx, statement)?;
    value.ok_or_else(|| StoreError::Internal("a counter returned nothing".to_owned()))
}

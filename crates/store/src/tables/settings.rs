//! Values by name, as JSON; part of the snapshot.

use std::collections::HashMap;

use diesel::prelude::*;
use serde_json::Value;

use crate::{
    Change, StoreError, Tx,
    columns::Column,
    conn::{execute, find, load},
    schema::settings,
};

/// Names this installation; made with its tables.
pub const INSTALL_ID: &str = "install_id";
/// Present once the initial set-up is done, whatever becomes of the account it made.
pub const INITIAL_SETUP: &str = "initial_setup";

/// A setting.
pub fn get(tx: &mut Tx<'_>, key: &str) -> Result<Option<Value>, StoreError> {
    let value: Option<String> = find!(tx, settings::table.find(key).select(settings::value))?;
    value.map(Column::restore).transpose()
}

/// Sets a setting.
pub fn put(tx: &mut Tx<'_>, key: &str, value: &Value) -> Result<(), StoreError> {
    let (value, now): (String, i64) = (Column::keep(value), tx.now().as_micros());
    let statement = diesel::insert_into(settings::table)
        .values((settings::key.eq(key), settings::value.eq(&value), settings::updated.eq(now)))
        .on_conflict(settings::key)
        .do_update()
        .set((settings::value.eq(&value), settings::updated.eq(now)));
    execute!(tx, statement)?;
    tx.change(Change::Config);
    Ok(())
}

/// Sets a setting unless it is set; whether it was this call that set it. Of several at once one wins.
pub fn put_once(tx: &mut Tx<'_>, key: &str, value: &Value) -> Result<bool, StoreError> {
    let (value, now): (String, i64) = (Column::keep(value), tx.now().as_micros());
    let statement = diesel::insert_into(settings::table)
        .values((settings::key.eq(key), settings::value.eq(value), settings::updated.eq(now)))
        .on_conflict(settings::key)
        .do_nothing();
    let won = execute!(tx, statement)? > 0;
    if won {
        tx.change(Change::Config);
    }
    Ok(won)
}

/// Deletes a setting; whether it was there.
pub fn delete(tx: &mut Tx<'_>, key: &str) -> Result<bool, StoreError> {
    let found = execute!(tx, diesel::delete(settings::table.find(key)))? > 0;
    if found {
        tx.change(Change::Config);
    }
    Ok(found)
}

/// All settings.
pub fn all(tx: &mut Tx<'_>) -> Result<HashMap<String, Value>, StoreError> {
    let rows: Vec<(String, String)> = load!(tx, settings::table.select((settings::key, settings::value)))?;
    rows.into_iter().map(|(key, value)| Ok((key, Column::restore(value)?))).collect()
}

/// Closes the initial set-up for good; false when it was closed before, and then nothing may be set up.
pub fn close_initial_setup(tx: &mut Tx<'_>) -> Result<bool, StoreError> {
    let at = Value::from(tx.now().as_micros());
    put_once(tx, INITIAL_SETUP, &at)
}

/// Whether the initial set-up is still open.
pub fn initial_setup_is_open(tx: &mut Tx<'_>) -> Result<bool, StoreError> {
    Ok(get(tx, INITIAL_SETUP)?.is_none())
}

/// Names the installation unless it has a name.
pub(crate) fn name_installation(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let id = countersign_types::random_uuid(tx.rng());
    put_once(tx, INSTALL_ID, &Value::from(id.to_string())).map(drop)
}

/// Asks for as little as can be asked.
pub(crate) fn ping(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let one: Option<i32> = find!(tx, diesel::select(1_i32.into_sql::<diesel::sql_types::Integer>()))?;
    one.map(drop).ok_or_else(|| StoreError::Internal("no answer to SELECT 1".to_owned()))
}

//! Hashes of passwords that were replaced, for policies that refuse to have them back.
//!
//! Every way to set a password goes through [`users`](crate::users), which tells this module. Nothing is kept
//! while no policy asks for it, and of a user only so many hashes as the most demanding policy compares.

use countersign_model::UserId;
use countersign_types::{Secret, random_uuid};
use diesel::prelude::*;

use crate::{
    StoreError, Tx,
    columns::Id,
    conn::{execute, find, load},
    schema::{config_objects, password_history, users},
};

/// The kind of policy that compares with earlier passwords.
pub const UNIQUE_PASSWORD_POLICY: &str = "authentik_policies_unique_password.uniquepasswordpolicy";
/// The attribute of it that says with how many.
pub const DEPTH: &str = "num_historical_passwords";
/// Hashes of one user that are kept at most.
pub const MOST_KEPT: u32 = 24;

/// With how many passwords the most demanding policy compares; 0 without any.
fn depth(tx: &mut Tx<'_>) -> Result<u32, StoreError> {
    let query = config_objects::table.filter(config_objects::kind.eq(UNIQUE_PASSWORD_POLICY));
    let configs: Vec<String> = load!(tx, query.select(config_objects::config))?;
    let asked = configs.iter().map(|config| {
        let config: serde_json::Value = serde_json::from_str(config).unwrap_or_default();
        config.get(DEPTH).and_then(serde_json::Value::as_u64).and_then(|depth| u32::try_from(depth).ok())
    });
    // An attribute that is not there is at its default, which is one.
    Ok(asked.map(|depth| depth.unwrap_or(1)).max().unwrap_or(0).min(MOST_KEPT))
}

/// Keeps the hash that is about to be replaced by another.
pub(crate) fn keep(tx: &mut Tx<'_>, user: UserId, next: Option<&str>) -> Result<(), StoreError> {
    let query = users::table.find(Id::from(user)).select(users::password);
    let before: Option<Option<String>> = find!(tx, query)?;
    let Some(before) = before.flatten().filter(|before| Some(before.as_str()) != next) else { return Ok(()) };
    let depth = depth(tx)?;
    if depth == 0 {
        return Ok(());
    }
    let row = (
        password_history::id.eq(Id(random_uuid(tx.rng()))),
        password_history::user_id.eq(Id::from(user)),
        password_history::hash.eq(before),
        password_history::replaced.eq(tx.now().as_micros()),
    );
    execute!(tx, diesel::insert_into(password_history::table).values(row))?;
    let query = password_history::table
        .filter(password_history::user_id.eq(Id::from(user)))
        .order((password_history::replaced.desc(), password_history::id.desc()))
        .select(password_history::id)
        .offset(i64::from(depth))
        .limit(i64::from(MOST_KEPT));
    let old: Vec<Id> = load!(tx, query)?;
    if !old.is_empty() {
        let statement = diesel::delete(password_history::table.filter(password_history::id.eq_any(&old)));
        execute!(tx, statement)?;
    }
    Ok(())
}

/// Hashes of a user's earlier passwords, the latest first, so many at most.
pub fn of_user(tx: &mut Tx<'_>, user: UserId, most: u32) -> Result<Vec<Secret<String>>, StoreError> {
    let query = password_history::table
        .filter(password_history::user_id.eq(Id::from(user)))
        .order((password_history::replaced.desc(), password_history::id.desc()))
        .select(password_history::hash)
        .limit(i64::from(most.min(MOST_KEPT)));
    let hashes: Vec<String> = load!(tx, query)?;
    Ok(hashes.into_iter().map(Secret::from).collect())
}

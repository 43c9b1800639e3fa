//! Users. Names and addresses are looked up by columns that hold them NFC and lower-cased.

mod browse;
mod indexed;
mod paths;
mod subject;

use std::collections::HashMap;

use countersign_model::{User, UserId};
use diesel::{prelude::*, sql_types::Bool};
use unicode_normalization::UnicodeNormalization;

use super::{counters, grants, object_refs, password_history, policy_bindings, roles, sessions};
use crate::{
    Change, ListRequest, Sort, StoreError, Tx,
    cached::Cached,
    columns::{Id, Row, entities, row},
    conn::{execute, find, load},
    schema::{consents, tokens, users},
};
pub use browse::{Between, UserFilter, UserOrder, browse, by_ids, first_by, list, propose};
use indexed::LookupColumns;
pub(crate) use indexed::fill;
#[cfg(feature = "testing")]
pub(crate) use paths::PATHS;
pub use paths::paths;
#[cfg(feature = "testing")]
pub(crate) use subject::GROUPS_OF_USER;
pub use subject::{subject, subject_of};

row! {
    #[diesel(table_name = users)]
    UserRow of User {
        id: Id,
        pk: i64,
        username: String,
        name: String,
        email: String,
        is_active: bool,
        password: Option<String>,
        password_change_date: Option<i64>,
        last_login: Option<i64>,
        date_joined: i64,
        last_updated: i64,
        path: String,
        user_type: String,
        attributes: String,
    }
}

/// The form in which names and addresses are compared: NFC, lower-cased.
pub fn fold(text: &str) -> String {
    text.nfc().collect::<String>().to_lowercase().nfc().collect()
}

/// The counter of how many there are.
const USERS: &str = "users";

/// The next integer key.
pub fn next_pk(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    counters::next(tx, "user")
}

/// So many next integer keys; the first of them.
pub fn next_pks(tx: &mut Tx<'_>, number: u32) -> Result<i64, StoreError> {
    counters::take(tx, "user", number)
}

/// Writes a new user.
pub fn create(tx: &mut Tx<'_>, user: &User) -> Result<(), StoreError> {
    create_batch(tx, std::slice::from_ref(user))
}

/// Writes several new users.
pub fn create_batch(tx: &mut Tx<'_>, batch: &[User]) -> Result<(), StoreError> {
    for part in batch.chunks(100) {
        let rows: Vec<_> = part.iter().map(|user| (UserRow::of(user), LookupColumns::of(user))).collect();
        execute!(tx, diesel::insert_into(users::table).values(&rows))?;
        part.iter().for_each(|user| tx.change(Change::User(user.id)));
    }
    indexed::add(tx, batch)?;
    counters::add(tx, USERS, batch.len() as i64)
}

/// Overwrites a user as a whole; whether he was there.
pub fn update(tx: &mut Tx<'_>, user: &User) -> Result<bool, StoreError> {
    let before = indexed::lock(tx, user.id)?;
    password_history::keep(tx, user.id, user.password.as_ref().map(|hash| hash.expose().as_str()))?;
    let (row, lookup) = (UserRow::of(user), LookupColumns::of(user));
    let target = users::table.find(Id::from(user.id));
    let count = execute!(tx, diesel::update(target).set((&row, &lookup)))?;
    if let Some(before) = before {
        indexed::change(tx, user, &before)?;
    }
    tx.change(Change::User(user.id));
    Ok(count > 0)
}

/// Sets the password hash and when it was set; whether the user was there.
pub fn set_password(tx: &mut Tx<'_>, id: UserId, hash: Option<&str>) -> Result<bool, StoreError> {
    let now = tx.now().as_micros();
    password_history::keep(tx, id, hash)?;
    let values =
        (users::password.eq(hash), users::password_change_date.eq(Some(now)), users::last_updated.eq(now));
    let count = execute!(tx, diesel::update(users::table.find(Id::from(id))).set(values))?;
    tx.change(Change::User(id));
    Ok(count > 0)
}

/// Replaces a hash by a better one of the same password, unless the password was set anew meanwhile.
pub fn upgrade_password(tx: &mut Tx<'_>, id: UserId, old: &str, new: &str) -> Result<bool, StoreError> {
    let target = users::table.find(Id::from(id)).filter(users::password.eq(old));
    let count = execute!(tx, diesel::update(target).set(users::password.eq(Some(new))))?;
    if count > 0 {
        tx.change(Change::User(id));
    }
    Ok(count > 0)
}

/// Notes that a session began. Not announced: who caches a user may miss it for a minute.
pub fn record_login(tx: &mut Tx<'_>, id: UserId) -> Result<(), StoreError> {
    let noted = users::last_login.eq(Some(tx.now().as_micros()));
    execute!(tx, Cached(diesel::update(users::table.find(Id::from(id))).set(noted)))?;
    Ok(())
}

/// Deletes a user with all that he holds: sessions, grants, tokens, consents. Whether he was there.
pub fn delete(tx: &mut Tx<'_>, id: UserId) -> Result<bool, StoreError> {
    sessions::delete_of_user(tx, id, None)?;
    grants::revoke_of_user(tx, id)?;
    execute!(tx, diesel::delete(tokens::table.filter(tokens::user_id.eq(Id::from(id)))))?;
    execute!(tx, diesel::delete(consents::table.filter(consents::user_id.eq(Id::from(id)))))?;
    policy_bindings::delete_of_target(tx, id.raw())?;
    object_refs::replace(tx, "", id.raw(), &[])?;
    roles::forget_object(tx, id.raw())?;
    let was_there = indexed::delete(tx, id)?;
    if was_there {
        counters::add(tx, USERS, -1)?;
    }
    tx.change(Change::User(id));
    // Policy bindings to the user went with him.
    tx.change(Change::Config);
    Ok(was_there)
}

/// A user.
pub fn by_id(tx: &mut Tx<'_>, id: UserId) -> Result<Option<User>, StoreError> {
    let row: Option<UserRow> = find!(tx, users::table.find(Id::from(id)).select(UserRow::as_select()))?;
    row.map(Row::entity).transpose()
}

/// A user by his integer key.
pub fn by_pk(tx: &mut Tx<'_>, pk: i64) -> Result<Option<User>, StoreError> {
    let query = users::table.filter(users::pk.eq(pk));
    let row: Option<UserRow> = find!(tx, query.select(UserRow::as_select()))?;
    row.map(Row::entity).transpose()
}

/// A user by his name, whatever its case.
pub fn by_username(tx: &mut Tx<'_>, username: &str) -> Result<Option<User>, StoreError> {
    let query = users::table.filter(users::username_lower.eq(fold(username)));
    let row: Option<UserRow> = find!(tx, query.select(UserRow::as_select()))?;
    row.map(Row::entity).transpose()
}

/// The users whose names or addresses have words that begin like those of a text: who is called
/// just so when they are more than `most`.
pub(crate) fn namesakes(tx: &mut Tx<'_>, text: &str, most: usize) -> Result<Vec<User>, StoreError> {
    let filter = UserFilter { search: Some(text.to_owned()), ..UserFilter::default() };
    let request = ListRequest::first(u32::try_from(most).unwrap_or(u32::MAX));
    let found = browse(tx, &filter, Sort::default(), &request)?;
    if found.next.is_none() {
        return Ok(found.items);
    }
    Ok(by_username(tx, text)?.into_iter().collect())
}

/// The folded names of users.
pub(crate) fn sort_keys(tx: &mut Tx<'_>, ids: &[UserId]) -> Result<HashMap<UserId, String>, StoreError> {
    let mut ids: Vec<Id> = ids.iter().copied().map(Id::from).collect();
    ids.sort_unstable();
    ids.dedup();
    let query = users::table.filter(users::id.eq_any(ids)).select((users::id, users::username_lower));
    let rows: Vec<(Id, String)> = load!(tx, query)?;
    Ok(rows.into_iter().map(|(id, name)| (UserId(id.0), name)).collect())
}

/// The identifiers of users of some names, whatever their case.
pub(crate) fn ids_by_names(tx: &mut Tx<'_>, names: &[String]) -> Result<Vec<Id>, StoreError> {
    let names: Vec<String> = names.iter().map(|name| fold(name)).collect();
    load!(tx, users::table.filter(users::username_lower.eq_any(names)).select(users::id))
}

/// What a person may call himself by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdentifierField {
    /// The user name.
    Username,
    /// The e-mail address.
    Email,
    /// `attributes.upn`.
    Upn,
}

/// How letters are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LetterCase {
    /// `Ada` is `ada`.
    Ignored,
    /// `Ada` is not `ada`.
    Matters,
}

/// Who calls himself so: the fields are tried in the order given, in one query. A field that several users
/// share a value of (addresses are not unique) names nobody.
pub fn by_identifier(
    tx: &mut Tx<'_>,
    fields: &[IdentifierField],
    value: &str,
    letters: LetterCase,
) -> Result<Option<User>, StoreError> {
    let folded = fold(value);
    if folded.is_empty() {
        return Ok(None);
    }
    let may = |field: IdentifierField| fields.contains(&field).into_sql::<Bool>();
    let query = users::table
        .filter(
            users::username_lower
                .eq(&folded)
                .and(may(IdentifierField::Username))
                .or(users::email_lower.eq(&folded).and(may(IdentifierField::Email)))
                .or(users::upn_lower.eq(&folded).and(may(IdentifierField::Upn))),
        )
        .order((
            // However many others share an address with the name, who is called so is among the candidates.
            users::username_lower.eq(&folded).desc(),
            users::email_lower.eq(&folded).desc(),
            users::pk.asc(),
        ))
        .limit(64);
    let rows: Vec<UserRow> = load!(tx, query.select(UserRow::as_select()))?;
    let candidates = entities(rows)?;
    for field in fields {
        let mut named = candidates.iter().filter(|user| goes_by(user, *field, value, &folded, letters));
        if let Some(user) = named.next() {
            return Ok(if named.next().is_some() { None } else { Some(user.clone()) });
        }
    }
    Ok(None)
}

fn goes_by(user: &User, field: IdentifierField, value: &str, folded: &str, letters: LetterCase) -> bool {
    let own = match field {
        IdentifierField::Username => user.username.as_str(),
        IdentifierField::Email => user.email.as_str(),
        IdentifierField::Upn => user.attributes.get("upn").and_then(|upn| upn.as_str()).unwrap_or(""),
    };
    match letters {
        LetterCase::Ignored => fold(own) == folded,
        LetterCase::Matters => own == value,
    }
}

/// How many users there are that are people, not our own machines, of which there are few.
pub fn count(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    let machines = users::table.filter(users::user_type.eq("internal_service_account")).count();
    let machines: Option<i64> = find!(tx, machines)?;
    Ok(counters::get(tx, USERS)?.saturating_sub(machines.unwrap_or(0)))
}

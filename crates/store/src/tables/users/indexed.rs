//! What users are found by: columns that hold names folded, and the words of searches.

use std::collections::BTreeSet;

use countersign_model::{User, UserId};
use countersign_types::JsonObject;
use diesel::prelude::*;

use super::{UserRow, fold};
use crate::{
    StoreError, Tx,
    columns::{Column, Id, entities},
    conn::{execute, find, load},
    counters,
    schema::{group_members, users},
    tables::words::{self, Indexed, Kind},
};

/// The columns that only look-ups and lists need.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = users, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(super) struct LookupColumns {
    username_lower: String,
    email_lower: String,
    upn_lower: Option<String>,
    name_lower: String,
    words: String,
}

impl LookupColumns {
    pub(super) fn of(user: &User) -> Self {
        let upn = user.attributes.get("upn").and_then(|value| value.as_str()).filter(|upn| !upn.is_empty());
        Self {
            username_lower: fold(&user.username),
            email_lower: fold(&user.email),
            upn_lower: upn.map(fold),
            name_lower: fold(&user.name),
            words: words::joined(&own_words(user)),
        }
    }
}

/// The words of a user's names and address.
pub(super) fn own_words(user: &User) -> BTreeSet<String> {
    words::words([user.username.as_str(), &user.name, &user.email])
}

/// What a user is found by: his names, and what stands in his attributes.
pub(super) struct FoundBy {
    names: Indexed,
    attributes: Indexed,
}

impl FoundBy {
    fn of(user: &User) -> Self {
        let sort_key = fold(&user.username);
        Self {
            names: Indexed { sort_key: sort_key.clone(), words: own_words(user) },
            attributes: Indexed { sort_key, words: words::attribute_words(&user.attributes) },
        }
    }

    fn of_row((sort_key, joined, attributes): (String, String, String)) -> Result<Self, StoreError> {
        let attributes: JsonObject = attributes.restore()?;
        Ok(Self {
            names: Indexed {
                sort_key: sort_key.clone(),
                words: joined.split_whitespace().map(str::to_owned).collect(),
            },
            attributes: Indexed { sort_key, words: words::attribute_words(&attributes) },
        })
    }
}

/// What is read of a row to know what its user is found by.
type Found = (users::username_lower, users::words, users::attributes);
const FOUND: Found = (users::username_lower, users::words, users::attributes);

/// What a user is found by until now. Nobody else changes it before this transaction ends.
pub(super) fn lock(tx: &mut Tx<'_>, id: UserId) -> Result<Option<FoundBy>, StoreError> {
    let target = users::table.find(Id::from(id));
    // Writing nothing new is the way to lock a row that both databases know.
    let row: Option<(String, String, String)> =
        find!(tx, diesel::update(target).set(users::pk.eq(users::pk)).returning(FOUND))?;
    row.map(FoundBy::of_row).transpose()
}

/// Lets new users be found.
pub(super) fn add(tx: &mut Tx<'_>, batch: &[User]) -> Result<(), StoreError> {
    let found: Vec<(Id, FoundBy)> = batch.iter().map(|user| (Id::from(user.id), FoundBy::of(user))).collect();
    let names: Vec<_> = found.iter().map(|(id, by)| (*id, &by.names)).collect();
    let attributes: Vec<_> = found.iter().map(|(id, by)| (*id, &by.attributes)).collect();
    words::put(tx, Kind::User, &names)?;
    words::put(tx, Kind::UserAttribute, &attributes)
}

/// Lets a changed user be found by what he is now.
pub(super) fn change(tx: &mut Tx<'_>, user: &User, before: &FoundBy) -> Result<(), StoreError> {
    let (id, now) = (Id::from(user.id), FoundBy::of(user));
    if before.names.sort_key != now.names.sort_key {
        let target = group_members::table.filter(group_members::user_id.eq(id));
        execute!(tx, diesel::update(target).set(group_members::sort_key.eq(&now.names.sort_key)))?;
    }
    words::replace(tx, Kind::User, id, &before.names, &now.names)?;
    words::replace(tx, Kind::UserAttribute, id, &before.attributes, &now.attributes)
}

/// Deletes the row of a user and what he is found by; whether he was there.
pub(super) fn delete(tx: &mut Tx<'_>, id: UserId) -> Result<bool, StoreError> {
    let target = users::table.find(Id::from(id));
    let row: Option<(String, String, String)> = find!(tx, diesel::delete(target).returning(FOUND))?;
    let Some(by) = row.map(FoundBy::of_row).transpose()? else { return Ok(false) };
    words::forget(tx, Kind::User, Id::from(id), &by.names)?;
    words::forget(tx, Kind::UserAttribute, Id::from(id), &by.attributes)?;
    Ok(true)
}

/// Lets users be found who were written before there were searches.
pub(crate) fn fill(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let mut after = i64::MIN;
    loop {
        let query = users::table.filter(users::pk.gt(after)).order(users::pk.asc()).limit(500);
        let rows: Vec<UserRow> = load!(tx, query.select(UserRow::as_select()))?;
        let batch: Vec<User> = entities(rows)?;
        let Some(last) = batch.last() else { return Ok(()) };
        after = last.pk;
        for user in &batch {
            let target = users::table.find(Id::from(user.id));
            execute!(tx, diesel::update(target).set(&LookupColumns::of(user)))?;
        }
        add(tx, &batch)?;
    }
}

/// How many users there are.
pub(super) fn number(tx: &mut Tx<'_>) -> Result<u64, StoreError> {
    Ok(u64::try_from(counters::get(tx, super::USERS)?).unwrap_or(0))
}

//! Bearer tokens of users: for the API, for recovery, as passwords of one application.

mod browse;

use countersign_model::{Token, TokenId, TokenIntent, UserId};
use countersign_types::Digest;
use diesel::prelude::*;

pub use browse::{TokenFilter, browse};

use super::whole;
use crate::{
    Change, StoreError, Tx,
    columns::{Id, Row, entities, row},
    conn::{execute, find, load},
    schema::tokens,
};

row! {
    #[diesel(table_name = tokens)]
    TokenRow of Token {
        id: Id,
        identifier: String,
        key: Vec<u8>,
        intent: String,
        #[diesel(column_name = user_id)]
        user: Id,
        description: String,
        expires: Option<i64>,
        managed: Option<String>,
        created: i64,
        last_used: Option<i64>,
        permissions: Option<String>,
    }
}

whole!(tokens, TokenRow, Token, TokenId, announcing Some(Change::Tokens));

/// Deletes a token; whether it was there.
pub fn delete(tx: &mut Tx<'_>, id: TokenId) -> Result<bool, StoreError> {
    delete_row(tx, id)
}

/// Deletes the tokens of a user that are for something; how many that was.
pub fn delete_of_user(tx: &mut Tx<'_>, user: UserId, intent: TokenIntent) -> Result<usize, StoreError> {
    let target =
        tokens::table.filter(tokens::user_id.eq(Id::from(user))).filter(tokens::intent.eq(intent.as_str()));
    let deleted = execute!(tx, diesel::delete(target))?;
    tx.change(Change::Tokens);
    Ok(deleted)
}

/// A token that has not expired, by the digest of its value.
pub fn by_key(tx: &mut Tx<'_>, key: &Digest) -> Result<Option<Token>, StoreError> {
    let query = tokens::table
        .filter(tokens::key.eq(key.as_bytes()))
        .filter(tokens::expires.is_null().or(tokens::expires.gt(tx.now().as_micros())));
    let row: Option<TokenRow> = find!(tx, query.select(TokenRow::as_select()))?;
    row.map(Row::entity).transpose()
}

/// A token by its slug, expired or not.
pub fn by_identifier(tx: &mut Tx<'_>, identifier: &str) -> Result<Option<Token>, StoreError> {
    let query = tokens::table.filter(tokens::identifier.eq(identifier));
    let row: Option<TokenRow> = find!(tx, query.select(TokenRow::as_select()))?;
    row.map(Row::entity).transpose()
}

/// Uses up a one-time token by one conditional statement: of several who present it one gets it.
pub fn consume(tx: &mut Tx<'_>, key: &Digest, intent: TokenIntent) -> Result<Option<Token>, StoreError> {
    let target = tokens::table
        .filter(tokens::key.eq(key.as_bytes()))
        .filter(tokens::intent.eq(intent.as_str()))
        .filter(tokens::expires.is_null().or(tokens::expires.gt(tx.now().as_micros())));
    let row: Option<TokenRow> = find!(tx, diesel::delete(target).returning(TokenRow::as_returning()))?;
    if row.is_some() {
        tx.change(Change::Tokens);
    }
    row.map(Row::entity).transpose()
}

/// Notes that a token was used, at most once a minute; whether it was noted.
pub fn touch(tx: &mut Tx<'_>, id: TokenId) -> Result<bool, StoreError> {
    let now = tx.now();
    let before = now.minus(super::sessions::TOUCH_INTERVAL).as_micros();
    let target =
        tokens::table.find(Id::from(id)).filter(tokens::last_used.is_null().or(tokens::last_used.le(before)));
    Ok(execute!(tx, diesel::update(target).set(tokens::last_used.eq(Some(now.as_micros()))))? > 0)
}

/// The tokens of a user that have not expired, by slug.
pub fn of_user(tx: &mut Tx<'_>, user: UserId) -> Result<Vec<Token>, StoreError> {
    let query = tokens::table
        .filter(tokens::user_id.eq(Id::from(user)))
        .filter(tokens::expires.is_null().or(tokens::expires.gt(tx.now().as_micros())))
        .order(tokens::identifier.asc())
        .limit(1000);
    let rows: Vec<TokenRow> = load!(tx, query.select(TokenRow::as_select()))?;
    entities(rows)
}

//! Authorization codes: used once (RFC 6749 §4.1.2, §10.5).

mod browse;

use countersign_model::AuthorizationCode;
use countersign_types::Digest;
use diesel::prelude::*;

pub use browse::{CodeFilter, browse};

use super::grants;
use crate::{
    StoreError, Tx,
    cached::Cached,
    columns::{Id, Row, row},
    conn::{execute, find},
    schema::authorization_codes,
};

row! {
    #[diesel(table_name = authorization_codes, primary_key(key))]
    CodeRow of AuthorizationCode {
        key: Vec<u8>,
        #[diesel(column_name = grant_id)]
        grant: Id,
        #[diesel(column_name = provider_id)]
        provider: Id,
        redirect_uri: String,
        code_challenge: Option<String>,
        expires: i64,
        consumed: Option<i64>,
    }
}

/// What became of a code. The unit of work must end with `Ok` in every case, or the revocation is undone
/// with it.
#[derive(Clone, Debug)]
pub enum CodeUse {
    /// It was good and is so no longer.
    Fresh(AuthorizationCode),
    /// It had been used before: somebody has a copy. What it brought was revoked.
    Reused(AuthorizationCode),
    /// It is unknown or expired.
    Dead,
}

/// Writes a new code.
pub fn create(tx: &mut Tx<'_>, code: &AuthorizationCode) -> Result<(), StoreError> {
    let row = CodeRow::of(code);
    execute!(tx, diesel::insert_into(authorization_codes::table).values(&row))?;
    Ok(())
}

/// Uses a code, by one conditional statement: of several who present it one wins. A second use revokes the
/// grant.
pub fn consume(tx: &mut Tx<'_>, key: &Digest) -> Result<CodeUse, StoreError> {
    let now = tx.now().as_micros();
    let target = authorization_codes::table
        .find(key.as_bytes())
        .filter(authorization_codes::consumed.is_null())
        .filter(authorization_codes::expires.gt(now));
    let row: Option<CodeRow> = find!(
        tx,
        Cached(
            diesel::update(target)
                .set(authorization_codes::consumed.eq(Some(now)))
                .returning(CodeRow::as_returning())
        )
    )?;
    if let Some(row) = row {
        return Ok(CodeUse::Fresh(row.entity()?));
    }
    match by_key(tx, key)? {
        Some(code) if code.consumed.is_some() => {
            grants::revoke(tx, code.grant)?;
            Ok(CodeUse::Reused(code))
        }
        _ => Ok(CodeUse::Dead),
    }
}

/// A code, whatever became of it.
pub fn by_key(tx: &mut Tx<'_>, key: &Digest) -> Result<Option<AuthorizationCode>, StoreError> {
    let query = authorization_codes::table.find(key.as_bytes());
    let row: Option<CodeRow> = find!(tx, query.select(CodeRow::as_select()))?;
    row.map(Row::entity).transpose()
}

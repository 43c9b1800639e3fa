//! Sessions. Rows are found by the SHA-256 of what the browser holds, and only while they have not expired,
//! whatever clean-up did.

mod browse;

use countersign_model::{Session, SessionId, UserId};
use countersign_types::{Digest, Span};
use diesel::prelude::*;

pub use browse::{SessionFilter, browse};

use super::grants;
use crate::{
    Change, StoreError, Tx,
    cached::Cached,
    columns::{Id, Row, entities, row},
    conn::{execute, find, load},
    schema::sessions,
};

row! {
    #[diesel(table_name = sessions, primary_key(key))]
    SessionRow of Session {
        key: Vec<u8>,
        id: Id,
        #[diesel(column_name = user_id)]
        user: Id,
        created: i64,
        authenticated_at: i64,
        last_used: i64,
        expires: i64,
        auth_method: String,
        auth_method_args: String,
        last_ip: String,
        last_user_agent: String,
        impersonator: Option<String>,
        binding: Option<String>,
    }
}

/// `last_used` is true to this span, so that a busy session is written at most so often.
pub const TOUCH_INTERVAL: Span = Span::from_secs(60);

/// Begins a session.
pub fn create(tx: &mut Tx<'_>, session: &Session) -> Result<(), StoreError> {
    let row = SessionRow::of(session);
    let impersonator = session.impersonator.as_ref().map(|impersonation| Id::from(impersonation.by));
    let values = (&row, sessions::impersonator_id.eq(impersonator));
    execute!(tx, diesel::insert_into(sessions::table).values(values))?;
    Ok(())
}

/// A session that has not expired.
pub fn by_key(tx: &mut Tx<'_>, key: &Digest) -> Result<Option<Session>, StoreError> {
    let query = sessions::table.find(key.as_bytes()).filter(sessions::expires.gt(tx.now().as_micros()));
    let row: Option<SessionRow> = find!(tx, query.select(SessionRow::as_select()))?;
    row.map(Row::entity).transpose()
}

/// A session that has not expired, by its public name.
pub fn by_id(tx: &mut Tx<'_>, id: SessionId) -> Result<Option<Session>, StoreError> {
    let query = sessions::table
        .filter(sessions::id.eq(Id::from(id)))
        .filter(sessions::expires.gt(tx.now().as_micros()));
    let row: Option<SessionRow> = find!(tx, query.select(SessionRow::as_select()))?;
    row.map(Row::entity).transpose()
}

/// Whether a session is due to be touched: then, and only then, a write is worth its trip.
pub fn is_due(session: &Session, now: countersign_types::Timestamp) -> bool {
    session.last_used <= now.minus(TOUCH_INTERVAL)
}

/// Notes that a session was used, at most once in [`TOUCH_INTERVAL`]; whether it was noted.
pub fn touch(tx: &mut Tx<'_>, key: &Digest) -> Result<bool, StoreError> {
    let now = tx.now();
    let target = sessions::table
        .find(key.as_bytes())
        .filter(sessions::expires.gt(now.as_micros()))
        .filter(sessions::last_used.le(now.minus(TOUCH_INTERVAL).as_micros()));
    Ok(execute!(tx, Cached(diesel::update(target).set(sessions::last_used.eq(now.as_micros()))))? > 0)
}

/// Gives a session another key (its user proved again who he is) and overwrites the rest of it; whether the
/// old key was that of a live session.
pub fn rotate(tx: &mut Tx<'_>, old: &Digest, session: &Session) -> Result<bool, StoreError> {
    let row = SessionRow::of(session);
    let target = sessions::table.find(old.as_bytes()).filter(sessions::expires.gt(tx.now().as_micros()));
    let key = sessions::key.eq(session.key.as_bytes());
    let found = execute!(tx, Cached(diesel::update(target).set((key, &row))))? > 0;
    tx.change(Change::Session(*old));
    Ok(found)
}

/// Deletes a session and nothing else (see [`replace`] and [`end`]); the session that it was, expired or not.
pub fn delete(tx: &mut Tx<'_>, key: &Digest) -> Result<Option<Session>, StoreError> {
    let target = sessions::table.find(key.as_bytes());
    let row: Option<SessionRow> = find!(tx, diesel::delete(target).returning(SessionRow::as_returning()))?;
    if row.is_some() {
        tx.change(Change::Session(*key));
    }
    row.map(Row::entity).transpose()
}

/// Begins a session in the place of another. What the same user granted in the old one goes on with the new;
/// of another user's nothing goes on.
pub fn replace(tx: &mut Tx<'_>, old: &Digest, session: &Session) -> Result<(), StoreError> {
    match delete(tx, old)? {
        Some(before) if before.user == session.user => grants::follow_session(tx, before.id, session.id)?,
        Some(before) => drop(end_grants(tx, &before)?),
        None => {}
    }
    create(tx, session)
}

/// Ends a session and what was granted for as long as it lasts, and the sessions in which its user acts in
/// another's place from there; the session that it was.
pub fn end(tx: &mut Tx<'_>, key: &Digest) -> Result<Option<Session>, StoreError> {
    let session = delete(tx, key)?;
    if let Some(session) = &session {
        end_grants(tx, session)?;
        end_acting(tx, session)?;
    }
    Ok(session)
}

/// Nothing that somebody let an application have in another's place outlives his acting.
fn end_grants(tx: &mut Tx<'_>, ended: &Session) -> Result<usize, StoreError> {
    match ended.impersonator {
        Some(_) => grants::revoke_of_session(tx, ended.id),
        None => grants::revoke_with_session(tx, ended.id),
    }
}

fn end_acting(tx: &mut Tx<'_>, own: &Session) -> Result<(), StoreError> {
    let query = sessions::table.filter(sessions::impersonator_id.assume_not_null().eq(Id::from(own.user)));
    let rows: Vec<SessionRow> = load!(tx, query.select(SessionRow::as_select()))?;
    for acting in entities(rows)? {
        if acting.impersonator.as_ref().is_some_and(|impersonation| impersonation.session == own.id) {
            delete(tx, &acting.key)?;
            end_grants(tx, &acting)?;
        }
    }
    Ok(())
}

/// Ends the sessions of a user, and those that he uses in another's place, and what was granted for as long as
/// they last, except one if one is named; how many sessions that was.
pub fn delete_of_user(tx: &mut Tx<'_>, user: UserId, except: Option<&Digest>) -> Result<usize, StoreError> {
    let spared = except.map_or(&[][..], |key| key.as_bytes());
    let user = Id::from(user);
    let target = sessions::table
        .filter(sessions::user_id.eq(user).or(sessions::impersonator_id.assume_not_null().eq(user)))
        .filter(sessions::key.ne(spared));
    let rows: Vec<SessionRow> = load!(tx, diesel::delete(target).returning(SessionRow::as_returning()))?;
    let ended = entities(rows)?;
    for session in &ended {
        tx.change(Change::Session(session.key));
        end_grants(tx, session)?;
    }
    Ok(ended.len())
}

/// The live sessions of a user, the latest first.
pub fn of_user(tx: &mut Tx<'_>, user: UserId) -> Result<Vec<Session>, StoreError> {
    let query = sessions::table
        .filter(sessions::user_id.eq(Id::from(user)))
        .filter(sessions::expires.gt(tx.now().as_micros()))
        .order(sessions::created.desc())
        .limit(500);
    let rows: Vec<SessionRow> = load!(tx, query.select(SessionRow::as_select()))?;
    entities(rows)
}

//! Grants and the rotation of their refresh tokens (RFC 9700 §4.14.2).

mod browse;

use countersign_model::{Grant, GrantId, ProviderId, SessionId, UserId};
use countersign_types::{Digest, Timestamp};
use diesel::prelude::*;

pub use browse::{GrantFilter, browse};

use crate::{
    Change, StoreError, Tx,
    cached::Cached,
    columns::{Id, Row, entities, row},
    conn::{execute, find, load},
    schema::grants,
};

row! {
    #[diesel(table_name = grants)]
    GrantRow of Grant {
        id: Id,
        #[diesel(column_name = provider_id)]
        provider: Id,
        #[diesel(column_name = user_id)]
        user: Id,
        #[diesel(column_name = session_id)]
        session: Option<Id>,
        scope: String,
        auth_time: i64,
        nonce: Option<String>,
        auth_method: String,
        created: i64,
        refresh_generation: i32,
        refresh_key: Option<Vec<u8>>,
        expires: i64,
        revoked: Option<i64>,
    }
}

/// Writes a new grant.
pub fn create(tx: &mut Tx<'_>, grant: &Grant) -> Result<(), StoreError> {
    let row = GrantRow::of(grant);
    execute!(tx, diesel::insert_into(grants::table).values(&row))?;
    Ok(())
}

/// A grant, dead or alive.
pub fn by_id(tx: &mut Tx<'_>, id: GrantId) -> Result<Option<Grant>, StoreError> {
    let row: Option<GrantRow> = find!(tx, grants::table.find(Id::from(id)).select(GrantRow::as_select()))?;
    row.map(Row::entity).transpose()
}

/// Grants, dead or alive, in no order.
pub fn by_ids(tx: &mut Tx<'_>, ids: &[GrantId]) -> Result<Vec<Grant>, StoreError> {
    let query = grants::table.filter(grants::id.eq_any(ids.iter().copied().map(Id::from)));
    let rows: Vec<GrantRow> = load!(tx, query.select(GrantRow::as_select()))?;
    entities(rows)
}

/// A grant that is neither revoked nor expired.
pub fn live(tx: &mut Tx<'_>, id: GrantId) -> Result<Option<Grant>, StoreError> {
    let now = tx.now();
    Ok(by_id(tx, id)?.filter(|grant| grant.revoked.is_none() && grant.expires > now))
}

/// The live grants of a user, the latest first.
pub fn of_user(tx: &mut Tx<'_>, user: UserId) -> Result<Vec<Grant>, StoreError> {
    let query = grants::table
        .filter(grants::user_id.eq(Id::from(user)))
        .filter(grants::revoked.is_null())
        .filter(grants::expires.gt(tx.now().as_micros()))
        .order(grants::created.desc())
        .limit(500);
    let rows: Vec<GrantRow> = load!(tx, query.select(GrantRow::as_select()))?;
    entities(rows)
}

/// The live grants given in a session.
pub fn of_session(tx: &mut Tx<'_>, session: SessionId) -> Result<Vec<Grant>, StoreError> {
    let query = grants::table
        .filter(grants::session_id.eq(Id::from(session)))
        .filter(grants::revoked.is_null())
        .filter(grants::expires.gt(tx.now().as_micros()))
        .order(grants::created.desc())
        .limit(500);
    let rows: Vec<GrantRow> = load!(tx, query.select(GrantRow::as_select()))?;
    entities(rows)
}

/// Gives a grant its first refresh token: generation 1. False when the grant is dead or has one already.
pub fn first_refresh(
    tx: &mut Tx<'_>,
    id: GrantId,
    key: &Digest,
    expires: Timestamp,
) -> Result<bool, StoreError> {
    let target = grants::table
        .find(Id::from(id))
        .filter(grants::refresh_generation.eq(0))
        .filter(grants::revoked.is_null())
        .filter(grants::expires.gt(tx.now().as_micros()));
    let values = (
        grants::refresh_generation.eq(1),
        grants::refresh_key.eq(Some(key.as_bytes())),
        grants::expires.eq(expires.as_micros()),
    );
    Ok(execute!(tx, Cached(diesel::update(target).set(values)))? > 0)
}

/// A refresh token that somebody presents, and what is to come after it.
#[derive(Clone, Debug)]
pub struct Rotation {
    /// The grant that the token names.
    pub grant: GrantId,
    /// The provider that authenticated: a token is of use to its own client only.
    pub provider: ProviderId,
    /// The generation that the token names.
    pub generation: i32,
    /// SHA-256 of the token.
    pub presented: Digest,
    /// SHA-256 of the next token.
    pub next: Digest,
    /// Until when the next token lives.
    pub expires: Timestamp,
}

/// What became of a refresh token. The unit of work must end with `Ok` in every case, or the revocation is
/// undone with it.
#[derive(Clone, Debug)]
pub enum Refreshed {
    /// It was in force and is so no longer; this is the grant as it stands now.
    Rotated(Grant),
    /// It had been rotated before: somebody has a copy. The grant was revoked.
    Reused(Grant),
    /// The grant is revoked, expired, another client's, or unknown.
    Dead,
}

/// Rotates a refresh token by one conditional statement: of several who present the same token one wins, and
/// the others are the proof that it was copied. There is no grace.
pub fn rotate_refresh(tx: &mut Tx<'_>, rotation: &Rotation) -> Result<Refreshed, StoreError> {
    let target = grants::table
        .find(Id::from(rotation.grant))
        .filter(grants::provider_id.eq(Id::from(rotation.provider)))
        .filter(grants::refresh_generation.eq(rotation.generation))
        .filter(grants::refresh_key.eq(rotation.presented.as_bytes()))
        .filter(grants::revoked.is_null())
        .filter(grants::expires.gt(tx.now().as_micros()));
    let values = (
        grants::refresh_generation.eq(rotation.generation.saturating_add(1)),
        grants::refresh_key.eq(Some(rotation.next.as_bytes())),
        grants::expires.eq(rotation.expires.as_micros()),
    );
    let row: Option<GrantRow> =
        find!(tx, Cached(diesel::update(target).set(values).returning(GrantRow::as_returning())))?;
    if let Some(row) = row {
        return Ok(Refreshed::Rotated(row.entity()?));
    }
    let grant = live(tx, rotation.grant)?.filter(|grant| grant.provider == rotation.provider);
    match grant {
        Some(grant) if rotation.generation < grant.refresh_generation => {
            revoke(tx, grant.id)?;
            Ok(Refreshed::Reused(grant))
        }
        _ => Ok(Refreshed::Dead),
    }
}

/// The grants of a range of identifiers that live, both ends included; ten at most.
pub fn between(tx: &mut Tx<'_>, first: GrantId, last: GrantId) -> Result<Vec<Grant>, StoreError> {
    let query = grants::table
        .filter(grants::id.between(Id::from(first), Id::from(last)))
        .filter(grants::revoked.is_null())
        .filter(grants::expires.gt(tx.now().as_micros()))
        .order(grants::id.asc())
        .limit(10);
    let rows: Vec<GrantRow> = load!(tx, query.select(GrantRow::as_select()))?;
    entities(rows)
}

/// Revokes a grant; whether it was in force.
pub fn revoke(tx: &mut Tx<'_>, id: GrantId) -> Result<bool, StoreError> {
    let now = tx.now().as_micros();
    let target = grants::table.find(Id::from(id)).filter(grants::revoked.is_null());
    let changed = execute!(tx, diesel::update(target).set(grants::revoked.eq(Some(now))))? > 0;
    if changed {
        tx.change(Change::Grant(id));
    }
    Ok(changed)
}

/// Revokes the grants that a condition names and announces each.
macro_rules! revoke_where {
    ($tx:expr, $condition:expr) => {{
        let now = $tx.now().as_micros();
        let target = grants::table.filter($condition).filter(grants::revoked.is_null());
        let statement = diesel::update(target).set(grants::revoked.eq(Some(now))).returning(grants::id);
        let ids: Vec<Id> = load!($tx, statement)?;
        let count = ids.len();
        for id in ids {
            $tx.change(Change::Grant(GrantId(id.0)));
        }
        Ok(count)
    }};
}

/// Revokes what was granted in a session; how much that was.
pub fn revoke_of_session(tx: &mut Tx<'_>, session: SessionId) -> Result<usize, StoreError> {
    revoke_where!(tx, grants::session_id.eq(Id::from(session)))
}

/// Ties what was granted in a session to the one that took its place.
pub(crate) fn follow_session(tx: &mut Tx<'_>, old: SessionId, new: SessionId) -> Result<(), StoreError> {
    let target = grants::table.filter(grants::session_id.eq(Id::from(old))).filter(grants::revoked.is_null());
    execute!(tx, diesel::update(target).set(grants::session_id.eq(Some(Id::from(new)))))?;
    Ok(())
}

/// Revokes what was granted in a session that has ended and lives by it; how much that was. A grant with a
/// refresh token was given for times when the user is away (OpenID Connect Core §11), and stays.
pub fn revoke_with_session(tx: &mut Tx<'_>, session: SessionId) -> Result<usize, StoreError> {
    let given_there = grants::session_id.eq(Id::from(session));
    revoke_where!(tx, given_there.and(grants::refresh_generation.eq(0)))
}

/// Revokes what a user granted; how much that was.
pub fn revoke_of_user(tx: &mut Tx<'_>, user: UserId) -> Result<usize, StoreError> {
    revoke_where!(tx, grants::user_id.eq(Id::from(user)))
}

/// Revokes what was granted to a provider; how much that was.
pub fn revoke_of_provider(tx: &mut Tx<'_>, provider: ProviderId) -> Result<usize, StoreError> {
    revoke_where!(tx, grants::provider_id.eq(Id::from(provider)))
}

/// The grants revoked after a moment that access tokens may still name.
pub fn revoked_after(tx: &mut Tx<'_>, since: Timestamp) -> Result<Vec<GrantId>, StoreError> {
    let query = grants::table.filter(grants::revoked.gt(since.as_micros())).select(grants::id);
    let ids: Vec<Id> = load!(tx, query)?;
    Ok(ids.into_iter().map(|id| GrantId(id.0)).collect())
}

//! Clearing away of what has expired: bounded, so that it never holds up anybody. Nothing depends on it: what
//! has expired is dead, whether its row is still there or not.

use countersign_types::Span;
use diesel::prelude::*;

use crate::{
    StoreError, Tx,
    columns::Id,
    conn::{execute, load},
    schema::{
        authorization_codes, consents, events, flow_plans, grants, invitations, jobs, notifications,
        reputations, sessions, throttles, tokens,
    },
};

/// Rows of one table in one unit of work, at most.
pub const BATCH: i64 = 500;

/// Used codes are kept so much longer, to recognise a second use.
const CODES_KEPT: Span = Span::from_hours(1);
/// Dead grants are kept so much longer than access tokens that name them can live.
const GRANTS_KEPT: Span = Span::from_days(1);
/// Jobs that are done are kept for people who look.
const JOBS_KEPT: Span = Span::from_days(1);

/// The tables that are cleared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiring {
    /// Sessions.
    Sessions,
    /// Flow plans.
    Plans,
    /// Authorization codes.
    Codes,
    /// Grants.
    Grants,
    /// Tokens.
    Tokens,
    /// Consents.
    Consents,
    /// Events.
    Events,
    /// Throttles.
    Throttles,
    /// Reputations.
    Reputations,
    /// Invitations.
    Invitations,
    /// Notifications.
    Notifications,
    /// Jobs that are done.
    Jobs,
}

impl Expiring {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Sessions,
        Self::Plans,
        Self::Codes,
        Self::Grants,
        Self::Tokens,
        Self::Consents,
        Self::Events,
        Self::Throttles,
        Self::Reputations,
        Self::Invitations,
        Self::Notifications,
        Self::Jobs,
    ];
}

/// Deletes the rows that a condition names, at most a batch of them.
macro_rules! clear {
    ($tx:expr, $table:ident, $key:ident: $ty:ty, $condition:expr) => {{
        let old: Vec<$ty> = load!($tx, $table::table.filter($condition).select($table::$key).limit(BATCH))?;
        if old.is_empty() {
            return Ok(0);
        }
        execute!($tx, diesel::delete($table::table.filter($table::$key.eq_any(&old))))
    }};
}

/// Clears a batch of one table; how many rows went. There may be more when it is [`BATCH`].
pub fn clear(tx: &mut Tx<'_>, table: Expiring) -> Result<usize, StoreError> {
    let now = tx.now();
    let before = |kept: Span| now.minus(kept).as_micros();
    let now = now.as_micros();
    match table {
        Expiring::Sessions => clear!(tx, sessions, key: Vec<u8>, sessions::expires.le(now)),
        Expiring::Plans => clear!(tx, flow_plans, key: Vec<u8>, flow_plans::expires.le(now)),
        Expiring::Codes => {
            clear!(tx, authorization_codes, key: Vec<u8>, authorization_codes::expires.le(before(CODES_KEPT)))
        }
        Expiring::Grants => clear!(tx, grants, id: Id, grants::expires.le(before(GRANTS_KEPT))),
        Expiring::Tokens => clear!(tx, tokens, id: Id, tokens::expires.le(now)),
        Expiring::Consents => clear!(tx, consents, id: Id, consents::expires.le(now)),
        Expiring::Events => clear!(tx, events, id: Id, events::expires.le(now)),
        Expiring::Throttles => clear!(tx, throttles, key: Vec<u8>, throttles::expires.le(now)),
        Expiring::Reputations => clear!(tx, reputations, id: Id, reputations::expires.le(now)),
        Expiring::Invitations => clear!(tx, invitations, id: Id, invitations::expires.le(now)),
        Expiring::Notifications => clear!(tx, notifications, id: Id, notifications::expires.le(now)),
        Expiring::Jobs => {
            clear!(tx, jobs, id: Id, jobs::state.eq("done").and(jobs::run_at.le(before(JOBS_KEPT))))
        }
    }
}

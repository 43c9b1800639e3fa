//! Failed attempts, counted by the digest of whatever is throttled: an address, an account.

use countersign_types::{Digest, Span, Timestamp};
use diesel::{
    dsl::case_when,
    prelude::*,
    sql_types::{BigInt, Integer, Nullable},
};

use crate::{
    StoreError, Tx,
    conn::{execute, find},
    schema::throttles,
};

/// When failures lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThrottleRule {
    /// Failures count together within this span of the first.
    pub window: Span,
    /// So many failures lock.
    pub limit: i32,
    /// For so long.
    pub lock: Span,
}

/// Where something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Throttle {
    /// Failures in the present window.
    pub failures: i32,
    /// When the window began.
    pub window_start: Timestamp,
    /// Until when it is locked, if it ever was.
    pub locked_until: Option<Timestamp>,
}

impl Throttle {
    /// Whether it is locked.
    pub fn is_locked(&self, now: Timestamp) -> bool {
        self.locked_until.is_some_and(|until| until > now)
    }
}

type Columns = (i32, i64, Option<i64>);

fn throttle((failures, window_start, locked_until): Columns) -> Throttle {
    Throttle {
        failures,
        window_start: Timestamp::from_micros(window_start),
        locked_until: locked_until.map(Timestamp::from_micros),
    }
}

/// Counts a failure, in one statement, and locks when that is the one too many; where it stands now.
pub fn bump(tx: &mut Tx<'_>, key: &Digest, rule: &ThrottleRule) -> Result<Throttle, StoreError> {
    let now = tx.now();
    let stale = now.minus(rule.window).as_micros();
    let locked = Some(now.plus(rule.lock).as_micros());
    let expires = now.plus(rule.window.max(rule.lock)).as_micros();
    let first_locks = if rule.limit <= 1 { locked } else { None };
    let now = now.as_micros();
    let statement = diesel::insert_into(throttles::table)
        .values((
            throttles::key.eq(key.as_bytes()),
            throttles::failures.eq(1),
            throttles::window_start.eq(now),
            throttles::locked_until.eq(first_locks),
            throttles::expires.eq(expires),
        ))
        .on_conflict(throttles::key)
        .do_update()
        .set((
            throttles::failures.eq(case_when(throttles::window_start.le(stale), 1.into_sql::<Integer>())
                .otherwise(throttles::failures + 1)),
            throttles::window_start.eq(case_when(
                throttles::window_start.le(stale),
                now.into_sql::<BigInt>(),
            )
            .otherwise(throttles::window_start)),
            throttles::locked_until.eq(case_when(
                throttles::window_start.le(stale),
                first_locks.into_sql::<Nullable<BigInt>>(),
            )
            .when(throttles::failures.ge(rule.limit.saturating_sub(1)), locked.into_sql::<Nullable<BigInt>>())
            .otherwise(throttles::locked_until)),
            throttles::expires.eq(expires),
        ))
        .returning((throttles::failures, throttles::window_start, throttles::locked_until));
    let row: Option<Columns> = find!(tx, statement)?;
    row.map(throttle).ok_or_else(|| StoreError::Internal("a throttle returned nothing".to_owned()))
}

/// Where something stands, if it ever failed.
pub fn by_key(tx: &mut Tx<'_>, key: &Digest) -> Result<Option<Throttle>, StoreError> {
    let query = throttles::table
        .find(key.as_bytes())
        .filter(throttles::expires.gt(tx.now().as_micros()))
        .select((throttles::failures, throttles::window_start, throttles::locked_until));
    let row: Option<Columns> = find!(tx, query)?;
    Ok(row.map(throttle))
}

/// Forgets all failures; whether there were any.
pub fn reset(tx: &mut Tx<'_>, key: &Digest) -> Result<bool, StoreError> {
    Ok(execute!(tx, diesel::delete(throttles::table.find(key.as_bytes())))? > 0)
}

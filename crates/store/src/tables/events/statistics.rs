//! Numbers of events, for charts. They are read from an index that holds all that is asked, and cost by how
//! many events of the actions lie in the time asked for.

use countersign_model::{ApplicationId, EventAction};
use countersign_types::{Span, Timestamp};
use diesel::{
    dsl::sql,
    prelude::*,
    sql_types::{BigInt, Nullable, Text},
};

use super::browse::{Asked, EventFilter, filtered, first_id};
use crate::{
    StoreError, Tx,
    columns::{Column, Guid, Id},
    conn::load,
    schema::events,
};

/// A query with all that is asked, the actions too: all of them by name, so that their index is read.
macro_rules! of_actions {
    ($asked:expr, $query:expr) => {{
        let all = EventAction::ALL.to_vec();
        let actions = if $asked.actions.is_empty() { all } else { $asked.actions.clone() };
        let actions = actions.into_iter().map(EventAction::as_str);
        filtered!(&$asked, $query).filter(events::action.eq_any(actions))
    }};
}

/// How many events there were, by action and span of time. A span begins at a multiple of its length (since
/// 1970); spans without events are left out.
pub fn volume_by_action(
    tx: &mut Tx<'_>,
    filter: &EventFilter,
    span: Span,
) -> Result<Vec<(EventAction, Timestamp, u64)>, StoreError> {
    let Some(asked) = Asked::of(tx, filter)? else { return Ok(Vec::new()) };
    let length = span.as_micros().max(1_000_000);
    let number = format!("events.created / {length}");
    let rows: Vec<(String, i64, i64)> = load!(tx, {
        let columns = (sql::<Text>("events.action"), sql::<BigInt>(&number), sql::<BigInt>("count(*)"));
        let query = events::table
            .group_by(sql::<Text>(&format!("events.action, {number}")))
            .select(columns)
            .order(sql::<Text>(&format!("events.action, {number}")))
            .into_boxed();
        of_actions!(asked, query)
    })?;
    rows.into_iter()
        .map(|(action, number, count)| {
            let begin = Timestamp::from_micros(number.saturating_mul(length));
            Ok((action.restore()?, begin, count.unsigned_abs()))
        })
        .collect()
}

/// The same of all actions together, by time.
pub fn volume(
    tx: &mut Tx<'_>,
    filter: &EventFilter,
    span: Span,
) -> Result<Vec<(Timestamp, u64)>, StoreError> {
    let mut sums = std::collections::BTreeMap::new();
    for (_, begin, count) in volume_by_action(tx, filter, span)? {
        *sums.entry(begin).or_insert(0) += count;
    }
    Ok(sums.into_iter().collect())
}

/// How many events there were of each action, the most first.
pub fn by_action(tx: &mut Tx<'_>, filter: &EventFilter) -> Result<Vec<(EventAction, u64)>, StoreError> {
    let Some(asked) = Asked::of(tx, filter)? else { return Ok(Vec::new()) };
    let rows: Vec<(String, i64)> = load!(tx, {
        let columns = (sql::<Text>("events.action"), sql::<BigInt>("count(*)"));
        let query = events::table
            .group_by(sql::<Text>("events.action"))
            .select(columns)
            .order(sql::<Text>("2 DESC, 1"))
            .into_boxed();
        of_actions!(asked, query)
    })?;
    rows.into_iter().map(|(action, count)| Ok((action.restore()?, count.unsigned_abs()))).collect()
}

/// Who did something how often, the most first: integer keys and numbers.
pub fn top_users(tx: &mut Tx<'_>, filter: &EventFilter, limit: u32) -> Result<Vec<(i64, u64)>, StoreError> {
    let Some(asked) = Asked::of(tx, filter)? else { return Ok(Vec::new()) };
    let rows: Vec<(Option<i64>, i64)> = load!(tx, {
        let columns = (sql::<Nullable<BigInt>>("events.user_pk"), sql::<BigInt>("count(*)"));
        let query = events::table
            .group_by(sql::<BigInt>("events.user_pk"))
            .select(columns)
            .order(sql::<Text>("2 DESC, 1"))
            .limit(i64::from(limit) + 1)
            .into_boxed();
        of_actions!(asked, query)
    })?;
    let mut top: Vec<_> =
        rows.into_iter().filter_map(|(pk, count)| Some((pk?, count.unsigned_abs()))).collect();
    top.truncate(limit as usize);
    Ok(top)
}

/// An application and how often people were let into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TopApplication {
    /// The application, which may be no more.
    pub application: ApplicationId,
    /// How often.
    pub events: u64,
    /// How many people.
    pub users: u64,
}

/// The applications that people were let into most, the most first. Of the filter user and time count.
pub fn top_applications(
    tx: &mut Tx<'_>,
    filter: &EventFilter,
    limit: u32,
) -> Result<Vec<TopApplication>, StoreError> {
    let filter = EventFilter { action: Some(EventAction::AuthorizeApplication), ..filter.clone() };
    let Some(asked) = Asked::of(tx, &filter)? else { return Ok(Vec::new()) };
    let rows: Vec<(Option<Id>, i64, i64)> = load!(tx, {
        let columns = (
            sql::<Nullable<Guid>>("events.object_id"),
            sql::<BigInt>("count(*)"),
            sql::<BigInt>("count(DISTINCT events.user_pk)"),
        );
        let query = events::table
            .group_by(sql::<Guid>("events.object_id"))
            .select(columns)
            .order(sql::<Text>("2 DESC, 1"))
            .limit(i64::from(limit) + 1)
            .into_boxed();
        of_actions!(asked, query)
    })?;
    let top = |(application, events, users): (Option<Id>, i64, i64)| {
        Some(TopApplication {
            application: ApplicationId(application?.0),
            events: events.unsigned_abs(),
            users: users.unsigned_abs(),
        })
    };
    let mut top: Vec<_> = rows.into_iter().filter_map(top).collect();
    top.truncate(limit as usize);
    Ok(top)
}

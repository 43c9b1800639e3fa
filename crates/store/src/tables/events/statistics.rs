//! Numbers of events, for charts. What is asked of time and actions alone comes from numbers that are kept
//! ([`super::counted`]); all else is read from an index that holds what is asked, and costs by how many events
//! of the actions lie in the time asked for.

use std::collections::BTreeMap;

use countersign_model::{ApplicationId, EventAction};
use countersign_types::{Span, Timestamp};
use diesel::{
    dsl::sql,
    prelude::*,
    sql_types::{BigInt, Nullable, Text},
};

use super::{
    browse::{Asked, EventFilter, filtered, first_id},
    counted::{self, HOUR},
};
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
    let length = span.as_micros().max(1_000_000);
    let numbers = if is_counted(filter) && length % HOUR == 0 {
        with_counted(tx, filter, length)?
    } else {
        in_trail(tx, filter, length)?
    };
    numbers
        .into_iter()
        .map(|((action, number), count)| {
            let begin = Timestamp::from_micros(number.saturating_mul(length));
            Ok((action.restore()?, begin, count))
        })
        .collect()
}

/// Numbers by action and part.
type Numbers = BTreeMap<(String, i64), u64>;

/// Whether numbers that are kept tell what a filter asks for.
fn is_counted(filter: &EventFilter) -> bool {
    let EventFilter {
        action: _,
        actions: _,
        since: _,
        until: _,
        user_pk,
        client_ip,
        model,
        object,
        app,
        search,
    } = filter;
    user_pk.is_none()
        && client_ip.is_none()
        && model.is_none()
        && object.is_none()
        && app.is_none()
        && search.as_deref().is_none_or(|text| text.trim().is_empty())
}

/// Numbers that are kept, with those of what lies between a whole hour and where the filter begins or ends,
/// and of what is not counted yet.
fn with_counted(tx: &mut Tx<'_>, filter: &EventFilter, length: i64) -> Result<Numbers, StoreError> {
    let Some(asked) = Asked::of(tx, filter)? else { return Ok(Numbers::new()) };
    let counted = counted::until(tx)?.as_micros();
    let since = filter.since.map_or(0, Timestamp::as_micros);
    let until = filter.until.map_or(i64::MAX, Timestamp::as_micros);
    let first = since.div_euclid(HOUR) + i64::from(since.rem_euclid(HOUR) > 0);
    // The last hour that is counted holds nothing but what is.
    let (end, rest) = if until >= counted {
        (counted.div_euclid(HOUR) + i64::from(counted.rem_euclid(HOUR) > 0), counted)
    } else {
        (until.div_euclid(HOUR), until.div_euclid(HOUR) * HOUR)
    };
    if first >= end {
        return in_trail(tx, filter, length);
    }
    let mut numbers = Numbers::new();
    for (action, part, number) in counted::of_hours(tx, &asked.actions, (first, end), length / HOUR)? {
        *numbers.entry((action, part)).or_insert(0) += number.unsigned_abs();
    }
    for (from, to) in [(since, first * HOUR), (rest, until)] {
        if from < to {
            let (since, until) = (Timestamp::from_micros(from), Timestamp::from_micros(to));
            let until = Some(until).filter(|_| to < i64::MAX);
            let part = EventFilter { since: Some(since), until, ..filter.clone() };
            for (key, number) in in_trail(tx, &part, length)? {
                *numbers.entry(key).or_insert(0) += number;
            }
        }
    }
    Ok(numbers)
}

/// Numbers of what the trail says.
fn in_trail(tx: &mut Tx<'_>, filter: &EventFilter, length: i64) -> Result<Numbers, StoreError> {
    let Some(asked) = Asked::of(tx, filter)? else { return Ok(Numbers::new()) };
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
    Ok(rows.into_iter().map(|(action, part, count)| ((action, part), count.unsigned_abs())).collect())
}

/// How often people were let into applications, in no order. Read in the order of time: for short times.
pub(super) fn of_applications(
    tx: &mut Tx<'_>,
    filter: &EventFilter,
) -> Result<Vec<(ApplicationId, u64)>, StoreError> {
    let filter = EventFilter { action: Some(EventAction::AuthorizeApplication), ..filter.clone() };
    let Some(asked) = Asked::of(tx, &filter)? else { return Ok(Vec::new()) };
    let rows: Vec<(Option<Id>, i64)> = load!(tx, {
        let columns = (sql::<Nullable<Guid>>("events.object_id"), sql::<BigInt>("count(*)"));
        let query = events::table.group_by(sql::<Guid>("events.object_id")).select(columns).into_boxed();
        of_actions!(asked, query)
    })?;
    Ok(rows
        .into_iter()
        .filter_map(|(id, count)| Some((ApplicationId(id?.0), count.unsigned_abs())))
        .collect())
}

/// The same of all actions together, by time.
pub fn volume(
    tx: &mut Tx<'_>,
    filter: &EventFilter,
    span: Span,
) -> Result<Vec<(Timestamp, u64)>, StoreError> {
    let mut sums = BTreeMap::new();
    for (_, begin, count) in volume_by_action(tx, filter, span)? {
        *sums.entry(begin).or_insert(0) += count;
    }
    Ok(sums.into_iter().collect())
}

/// How many events there were of each action, the most first.
pub fn by_action(tx: &mut Tx<'_>, filter: &EventFilter) -> Result<Vec<(EventAction, u64)>, StoreError> {
    let all_together = i64::MAX / HOUR * HOUR;
    let numbers = if is_counted(filter) {
        with_counted(tx, filter, all_together)?
    } else {
        in_trail(tx, filter, all_together)?
    };
    let numbers = numbers.into_iter().map(|((action, _), number)| Ok((action.restore()?, number)));
    let mut numbers: Vec<(EventAction, u64)> = numbers.collect::<Result<_, StoreError>>()?;
    // Those that happened as often stay in the order of their names.
    numbers.sort_by_key(|(_, number)| std::cmp::Reverse(*number));
    Ok(numbers)
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

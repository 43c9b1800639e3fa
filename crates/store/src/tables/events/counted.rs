//! Numbers of events that are kept, so that a chart costs the same after a thousand events and after a million.
//!
//! Writing an event does not touch them. Recurring work counts what the trail says from where it last stopped
//! up to a little before now; whoever asks adds what was written since, which is little.

use std::{cmp::Ordering, collections::HashMap};

use countersign_model::{ApplicationId, EventAction};
use countersign_types::{Span, Timestamp};
use diesel::{
    dsl::sql,
    prelude::*,
    sql_types::{BigInt, Nullable, Text},
    upsert::excluded,
};

use super::{
    browse::{EventFilter, first_id},
    statistics::of_applications,
};
use crate::{
    StoreError, Tx,
    columns::{Guid, Id},
    conn::{execute, load},
    schema::{application_counts, application_ranks, event_hours, events},
    tables::counters,
};

/// The counter that says up to which moment everything is counted, in microseconds.
const COUNTED: &str = "events_counted";
/// A transaction may commit so much later than its events say.
const SETTLED: Span = Span::from_secs(30);
/// Events that are counted at a time.
const BATCH: i64 = 10_000;
/// Applications that are ranked.
const RANKED: i64 = 100;
/// Numbers are kept as long as the longest statistics ask.
const KEPT: Span = Span::from_days(400);
/// Applications are counted by the hour for charts of a day only.
const HOURS_KEPT: Span = Span::from_days(3);

/// Microseconds of an hour.
pub(super) const HOUR: i64 = 3_600_000_000;
const HOURS_OF_DAY: i64 = 24;

/// How far back a ranking looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ranking {
    /// 24 hours, the present one among them.
    Day,
    /// 30 days, the present one among them.
    Month,
}

impl Ranking {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Day, Self::Month];

    /// Hours of a part, and how many parts there are.
    const fn parts(self) -> (i64, i64) {
        match self {
            Self::Day => (1, 24),
            Self::Month => (HOURS_OF_DAY, 30),
        }
    }

    /// When it begins that ends at a moment.
    fn start(self, end: Timestamp) -> Timestamp {
        let (hours, parts) = self.parts();
        let length = hours * HOUR;
        Timestamp::from_micros((end.as_micros().div_euclid(length) - parts + 1) * length)
    }
}

/// Up to which moment, not included, everything is counted.
pub(super) fn until(tx: &mut Tx<'_>) -> Result<Timestamp, StoreError> {
    Ok(Timestamp::from_micros(counters::get(tx, COUNTED)?))
}

/// What a part of the trail comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    from: i64,
    until: i64,
    /// By hour and action.
    hours: Vec<(i64, String, i64)>,
    /// By hour.
    applications: Vec<(i64, Id, i64)>,
}

impl Tally {
    /// Whether there was nothing to count.
    pub const fn is_empty(&self) -> bool {
        self.hours.is_empty()
    }
}

/// Counts the next part of the trail.
pub fn tally(tx: &mut Tx<'_>) -> Result<Tally, StoreError> {
    let from = until(tx)?;
    let settled = tx.now().minus(SETTLED).as_micros().div_euclid(1000) * 1000;
    let beyond: Vec<Id> = load!(
        tx,
        events::table
            .filter(events::id.ge(first_id(from)))
            .order(events::id.asc())
            .offset(BATCH)
            .limit(1)
            .select(events::id)
    )?;
    let until = beyond.first().map_or(settled, |id| settled.min(moment_of(*id).max(from.as_micros() + 1000)));
    if until <= from.as_micros() {
        return Ok(Tally::default());
    }
    let (first, last) = (first_id(from), first_id(Timestamp::from_micros(until)));
    let hour = format!("events.created / {HOUR}");
    let hours: Vec<(i64, String, i64)> = load!(
        tx,
        events::table
            .filter(events::id.ge(first))
            .filter(events::id.lt(last))
            .group_by(sql::<Text>(&format!("{hour}, events.action")))
            .select((sql::<BigInt>(&hour), sql::<Text>("events.action"), sql::<BigInt>("count(*)")))
    )?;
    let applications: Vec<(i64, Option<Id>, i64)> = load!(
        tx,
        events::table
            .filter(events::id.ge(first))
            .filter(events::id.lt(last))
            .filter(of_action(EventAction::AuthorizeApplication))
            .group_by(sql::<Text>(&format!("{hour}, events.object_id")))
            .select((
                sql::<BigInt>(&hour),
                sql::<Nullable<Guid>>("events.object_id"),
                sql::<BigInt>("count(*)")
            ))
    )?;
    let applications =
        applications.into_iter().filter_map(|(hour, id, number)| Some((hour, id?, number))).collect();
    Ok(Tally { from: from.as_micros(), until, hours, applications })
}

/// Not by the index of actions: the part is small, the trail is not.
fn of_action(action: EventAction) -> diesel::dsl::Eq<diesel::expression::SqlLiteral<Text>, &'static str> {
    sql::<Text>("coalesce(events.action, '')").eq(action.as_str())
}

/// The microseconds that an identifier tells.
fn moment_of(id: Id) -> i64 {
    i64::try_from(id.0.as_u128() >> 80).unwrap_or(i64::MAX / 1000).saturating_mul(1000)
}

/// Keeps what was counted, unless another has counted it meanwhile; whether it was kept.
pub fn keep(tx: &mut Tx<'_>, tally: &Tally) -> Result<bool, StoreError> {
    if tally.is_empty() || until(tx)?.as_micros() != tally.from {
        return Ok(false);
    }
    for (hour, action, number) in &tally.hours {
        let row =
            (event_hours::hour.eq(hour), event_hours::action.eq(action), event_hours::number.eq(number));
        let statement = diesel::insert_into(event_hours::table)
            .values(row)
            .on_conflict((event_hours::hour, event_hours::action))
            .do_update()
            .set(event_hours::number.eq(event_hours::number + excluded(event_hours::number)));
        execute!(tx, statement)?;
    }
    let mut counts: HashMap<(i64, i64, Id), i64> = HashMap::new();
    for (hour, application, number) in &tally.applications {
        for hours in [1, HOURS_OF_DAY] {
            *counts.entry((hours, hour.div_euclid(hours), *application)).or_insert(0) += number;
        }
    }
    for ((hours, part, application), number) in counts {
        let row = (
            application_counts::hours.eq(hours),
            application_counts::part.eq(part),
            application_counts::application_id.eq(application),
            application_counts::number.eq(number),
        );
        let statement = diesel::insert_into(application_counts::table)
            .values(row)
            .on_conflict((
                application_counts::hours,
                application_counts::part,
                application_counts::application_id,
            ))
            .do_update()
            .set(
                application_counts::number
                    .eq(application_counts::number + excluded(application_counts::number)),
            );
        execute!(tx, statement)?;
    }
    counters::add(tx, COUNTED, tally.until - tally.from)?;
    forget(tx)?;
    Ok(true)
}

/// Deletes the numbers of long ago.
fn forget(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let before = |kept: Span, length: i64| tx.now().minus(kept).as_micros().div_euclid(length);
    let (hour, day) = (before(KEPT, HOUR), before(KEPT, HOUR * HOURS_OF_DAY));
    let recent = before(HOURS_KEPT, HOUR);
    execute!(tx, diesel::delete(event_hours::table.filter(event_hours::hour.lt(hour))))?;
    for (hours, first) in [(1, recent), (HOURS_OF_DAY, day)] {
        let target = application_counts::table
            .filter(application_counts::hours.eq(hours))
            .filter(application_counts::part.lt(first));
        execute!(tx, diesel::delete(target))?;
    }
    Ok(())
}

/// An application and how often people were let into it.
pub type Ranked = (ApplicationId, u64);

/// Works out a ranking of what is counted; none when it is the one that is kept.
pub fn rank(tx: &mut Tx<'_>, ranking: Ranking) -> Result<Option<Vec<Ranked>>, StoreError> {
    let (hours, _) = ranking.parts();
    let first = ranking.start(tx.now()).as_micros() / (hours * HOUR);
    let sum = "CAST(sum(application_counts.number) AS BIGINT)";
    let rows: Vec<(Id, i64)> = load!(
        tx,
        application_counts::table
            .filter(application_counts::hours.eq(hours))
            .filter(application_counts::part.ge(first))
            .group_by(sql::<Guid>("application_counts.application_id"))
            .select((sql::<Guid>("application_counts.application_id"), sql::<BigInt>(sum)))
            .order(sql::<Text>("2 DESC, 1"))
            .limit(RANKED)
    )?;
    let ranks: Vec<Ranked> =
        rows.into_iter().map(|(id, number)| (ApplicationId(id.0), number.unsigned_abs())).collect();
    let mut kept = kept_ranks(tx, hours)?;
    kept.sort_unstable_by(by_rank);
    Ok(Some(ranks).filter(|ranks| *ranks != kept))
}

fn kept_ranks(tx: &mut Tx<'_>, hours: i64) -> Result<Vec<Ranked>, StoreError> {
    let rows: Vec<(Id, i64)> = load!(
        tx,
        application_ranks::table
            .filter(application_ranks::hours.eq(hours))
            .select((application_ranks::application_id, application_ranks::number))
    )?;
    Ok(rows.into_iter().map(|(id, number)| (ApplicationId(id.0), number.unsigned_abs())).collect())
}

/// The most first.
fn by_rank((one, few): &Ranked, (other, many): &Ranked) -> Ordering {
    many.cmp(few).then(one.cmp(other))
}

/// Keeps a ranking in the place of the one before.
pub fn keep_ranks(tx: &mut Tx<'_>, ranking: Ranking, ranks: &[Ranked]) -> Result<(), StoreError> {
    let (hours, _) = ranking.parts();
    execute!(tx, diesel::delete(application_ranks::table.filter(application_ranks::hours.eq(hours))))?;
    let row = |(application, number): &Ranked| {
        (
            application_ranks::hours.eq(hours),
            application_ranks::application_id.eq(Id::from(*application)),
            application_ranks::number.eq(i64::try_from(*number).unwrap_or(i64::MAX)),
        )
    };
    let rows: Vec<_> = ranks.iter().map(row).collect();
    if !rows.is_empty() {
        execute!(tx, diesel::insert_into(application_ranks::table).values(&rows))?;
    }
    Ok(())
}

/// The applications that people were let into most, the most first. Of those far down the ranking what happened
/// in the last minute may be all that counts.
pub fn ranked_applications(
    tx: &mut Tx<'_>,
    ranking: Ranking,
    limit: usize,
) -> Result<Vec<Ranked>, StoreError> {
    let (hours, _) = ranking.parts();
    let (counted, start) = (until(tx)?, ranking.start(tx.now()));
    let mut numbers: HashMap<ApplicationId, u64> = HashMap::new();
    if counted > start {
        numbers.extend(kept_ranks(tx, hours)?);
    }
    let since = EventFilter { since: Some(counted.max(start)), ..EventFilter::default() };
    for (application, number) in of_applications(tx, &since)? {
        *numbers.entry(application).or_insert(0) += number;
    }
    let mut ranked: Vec<Ranked> = numbers.into_iter().collect();
    ranked.sort_unstable_by(by_rank);
    ranked.truncate(limit);
    Ok(ranked)
}

/// Kept numbers by action and part of so many hours, of the hours from one up to, not including, another.
pub(super) fn of_hours(
    tx: &mut Tx<'_>,
    actions: &[EventAction],
    (first, end): (i64, i64),
    hours: i64,
) -> Result<Vec<(String, i64, i64)>, StoreError> {
    let part = format!("event_hours.hour / {hours}");
    let sum = "CAST(sum(event_hours.number) AS BIGINT)";
    load!(tx, {
        let mut query = event_hours::table
            .group_by(sql::<Text>(&format!("event_hours.action, {part}")))
            .select((sql::<Text>("event_hours.action"), sql::<BigInt>(&part), sql::<BigInt>(sum)))
            .filter(event_hours::hour.ge(first))
            .filter(event_hours::hour.lt(end))
            .into_boxed();
        if !actions.is_empty() {
            let actions = actions.iter().map(|action| action.as_str());
            query = query.filter(event_hours::action.eq_any(actions));
        }
        query
    })
}

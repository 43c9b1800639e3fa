//! Scores of names at addresses. Nothing announces them: whoever asks reads them.

use countersign_model::{Reputation, ReputationId, ReputationRule};
use diesel::prelude::*;

use super::users::fold;
use crate::{
    Count, ListRequest, Listed, StoreError, Tx,
    columns::{Id, Row, entities, row},
    conn::{execute, find, load},
    list::{self, FEW},
    schema::reputations,
};

row! {
    #[diesel(table_name = reputations)]
    ReputationRow of Reputation {
        id: Id,
        identifier: String,
        ip: String,
        score: i32,
        place: String,
        network: String,
        updated: i64,
        expires: i64,
    }
}

/// Scores that are looked at to judge one request, the latest first: of an address that tries more names than
/// that, enough is known.
const JUDGED: i64 = 500;

/// Whose scores are added up.
#[derive(Clone, Debug, Default)]
pub struct Judged {
    /// Those at this address.
    pub ip: Option<String>,
    /// Those of this name.
    pub identifier: Option<String>,
}

/// The sum of the scores at an address or of a name, as they count now.
pub fn judge(tx: &mut Tx<'_>, of: &Judged, rule: &ReputationRule) -> Result<i64, StoreError> {
    let now = tx.now();
    let columns = (reputations::id, reputations::score, reputations::updated);
    let mut rows: Vec<(Id, i32, i64)> = Vec::new();
    // Each by its own index.
    if let Some(ip) = &of.ip {
        let query = reputations::table
            .filter(reputations::ip.eq(ip))
            .filter(reputations::expires.gt(now.as_micros()))
            .order(reputations::updated.desc())
            .limit(JUDGED);
        rows = load!(tx, query.select(columns))?;
    }
    if let Some(identifier) = &of.identifier {
        let query = reputations::table
            .filter(reputations::identifier.eq(fold(identifier)))
            .filter(reputations::expires.gt(now.as_micros()))
            .order(reputations::updated.desc())
            .limit(JUDGED);
        let found: Vec<(Id, i32, i64)> = load!(tx, query.select(columns))?;
        let known: Vec<Id> = rows.iter().map(|(id, ..)| *id).collect();
        rows.extend(found.into_iter().filter(|(id, ..)| !known.contains(id)));
    }
    let faded = |(_, score, updated): &(Id, i32, i64)| {
        i64::from(rule.faded(*score, countersign_types::Timestamp::from_micros(*updated), now))
    };
    Ok(rows.iter().map(faded).sum())
}

/// What became of sign-ins with a name at an address.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    /// The name.
    pub identifier: String,
    /// The address.
    pub ip: String,
    /// What was right less what was wrong.
    pub by: i32,
    /// Where the address is.
    pub place: countersign_types::JsonObject,
    /// Whose network it belongs to.
    pub network: countersign_types::JsonObject,
}

/// Moves a score. Two nodes that do so at once may count one for both.
pub fn observe(tx: &mut Tx<'_>, observed: &Observed, rule: &ReputationRule) -> Result<(), StoreError> {
    let now = tx.now();
    let identifier = fold(&observed.identifier);
    let query = reputations::table
        .filter(reputations::identifier.eq(&identifier))
        .filter(reputations::ip.eq(&observed.ip));
    let before: Option<ReputationRow> = find!(tx, query.select(ReputationRow::as_select()))?;
    let before = before.map(Row::entity).transpose()?.filter(|before| before.expires > now);
    let score = before.as_ref().map_or(0, |before| rule.faded(before.score, before.updated, now));
    let row = ReputationRow::of(&Reputation {
        id: before.map_or_else(|| ReputationId::random(tx.rng()), |before| before.id),
        identifier,
        ip: observed.ip.clone(),
        score: rule.moved(score, observed.by),
        place: observed.place.clone(),
        network: observed.network.clone(),
        updated: now,
        expires: now.plus(rule.remembered),
    });
    let statement = diesel::insert_into(reputations::table)
        .values(&row)
        .on_conflict((reputations::identifier, reputations::ip))
        .do_update()
        .set((
            reputations::score.eq(row.score),
            reputations::place.eq(&row.place),
            reputations::network.eq(&row.network),
            reputations::updated.eq(row.updated),
            reputations::expires.eq(row.expires),
        ));
    execute!(tx, statement)?;
    Ok(())
}

/// What a list of reputations asks; everything given must hold.
#[derive(Clone, Debug, Default)]
pub struct ReputationFilter {
    /// Of this name.
    pub identifier: Option<String>,
    /// At this address.
    pub ip: Option<String>,
}

macro_rules! filtered {
    ($filter:expr, $now:expr) => {{
        let filter: &ReputationFilter = $filter;
        let mut query = reputations::table.into_boxed();
        if let Some(identifier) = &filter.identifier {
            query = query.filter(reputations::identifier.eq(fold(identifier)));
        }
        if let Some(ip) = &filter.ip {
            query = query.filter(reputations::ip.eq(ip));
        }
        query.filter(reputations::expires.gt($now))
    }};
}

/// Cursors of these lists.
const CURSOR: char = 'r';

/// A part of the scores that are not forgotten. The count is exact when 1000 or fewer fit.
pub fn browse(
    tx: &mut Tx<'_>,
    filter: &ReputationFilter,
    request: &ListRequest,
) -> Result<Listed<Reputation>, StoreError> {
    let now = tx.now().as_micros();
    let after = request.after::<String>(CURSOR).map(|position| position.id);
    let rows: Vec<ReputationRow> = load!(tx, {
        let mut query = filtered!(filter, now);
        if let Some(after) = after {
            query = query.filter(reputations::id.gt(after));
        }
        query
            .order(reputations::id.asc())
            .offset(request.skipped())
            .limit(request.fetched())
            .select(ReputationRow::as_select())
    })?;
    let position = |row: &Reputation| list::cursor(CURSOR, Id::from(row.id), &"");
    let mut listed = request.page(entities(rows)?, position);
    if request.count {
        let found: Vec<Id> = load!(tx, filtered!(filter, now).select(reputations::id).limit(FEW as i64 + 1))?;
        listed.count = Some(Count::found(found.len()));
    }
    Ok(listed)
}

/// A score, forgotten or not.
pub fn by_id(tx: &mut Tx<'_>, id: ReputationId) -> Result<Option<Reputation>, StoreError> {
    let target = reputations::table.find(Id::from(id));
    let row: Option<ReputationRow> = find!(tx, target.select(ReputationRow::as_select()))?;
    row.map(Row::entity).transpose()
}

/// Forgets a score; whether there was one.
pub fn delete(tx: &mut Tx<'_>, id: ReputationId) -> Result<bool, StoreError> {
    Ok(execute!(tx, diesel::delete(reputations::table.find(Id::from(id))))? > 0)
}

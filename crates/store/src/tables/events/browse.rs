//! Lists of events, of which there may be millions, the latest first.

use std::net::IpAddr;

use countersign_model::{Event, EventAction};
use countersign_types::{RawId, Timestamp};
use diesel::{dsl::sql, prelude::*, sql_types::Text};
use uuid::Uuid;

use super::EventRow;
use crate::{
    Count, ListRequest, Listed, StoreError, Tx,
    columns::{Id, entities},
    conn::load,
    list::{self, FEW, LOOKED_AT},
    schema::events,
    tables::users,
};

/// What a list of events asks; everything given must hold.
#[derive(Clone, Debug, Default)]
pub struct EventFilter {
    /// What happened.
    pub action: Option<EventAction>,
    /// One of these happened; any, when there is none.
    pub actions: Vec<EventAction>,
    /// By whom, as an integer key.
    pub user_pk: Option<i64>,
    /// From where.
    pub client_ip: Option<String>,
    /// Label of the model of the object that was made, changed or deleted.
    pub model: Option<String>,
    /// The object that was made, changed or deleted, or the application that received somebody.
    pub object: Option<RawId>,
    /// Which crate says so.
    pub app: Option<String>,
    /// Not earlier.
    pub since: Option<Timestamp>,
    /// Earlier.
    pub until: Option<Timestamp>,
    /// An address, an identifier, the spelling of an action, or the beginning of a name of the user.
    pub search: Option<String>,
}

/// Users that a search by name may mean.
const NAMESAKES: usize = 50;
/// Actions that are each read by themselves.
const FEW_ACTIONS: usize = 4;

/// A filter, looked up.
pub(super) struct Asked<'a> {
    pub(super) filter: &'a EventFilter,
    /// One of these; any, when there is none.
    pub(super) actions: Vec<EventAction>,
    pub(super) user_pks: Option<Vec<i64>>,
    pub(super) client_ip: Option<String>,
    pub(super) identifier: Option<Uuid>,
}

/// The least identifier that a moment gives.
pub(super) fn first_id(moment: Timestamp) -> Id {
    let millis = u128::try_from(moment.as_micros() / 1000).unwrap_or(0);
    Id(Uuid::from_u128(millis << 80))
}

/// A boxed query with what is asked but for the actions.
macro_rules! filtered {
    ($asked:expr, $query:expr) => {{
        let (asked, filter): (&Asked<'_>, _) = ($asked, $asked.filter);
        let mut query = $query;
        if let Some(since) = filter.since {
            // Identifiers sort by time, to the millisecond.
            query = query.filter(events::id.ge(first_id(since)));
            query = query.filter(events::created.ge(since.as_micros()));
        }
        if let Some(until) = filter.until {
            let beyond = until.plus(countersign_types::Span::from_micros(1_000));
            query = query.filter(events::id.lt(first_id(beyond)));
            query = query.filter(events::created.lt(until.as_micros()));
        }
        match asked.user_pks.as_deref() {
            None => {}
            // The index has one person's events in the order of time.
            Some([pk]) => query = query.filter(events::user_pk.eq(*pk)),
            Some(pks) => query = query.filter(events::user_pk.assume_not_null().eq_any(pks)),
        }
        if let Some(ip) = &asked.client_ip {
            query = query.filter(events::client_ip.eq(ip));
        }
        match (filter.object, &filter.model) {
            // Written as the index is that holds only these.
            (Some(object), None) if !asked.is_about_authorization() => {
                query = query.filter(events::model.is_not_null());
                query = query.filter(events::object_id.eq(Id(object)));
            }
            (Some(object), None) => query = query.filter(events::object_id.eq(Id(object))),
            (object, Some(model)) => {
                query = query.filter(events::model.is_not_null()).filter(events::model.eq(model));
                if let Some(object) = object {
                    query = query.filter(events::object_id.eq(Id(object)));
                }
            }
            (None, None) => {}
        }
        if let Some(app) = &filter.app {
            query = query.filter(events::app.eq(app));
        }
        if let Some(id) = asked.identifier {
            let object = events::object_id.assume_not_null().eq(Id(id));
            query = query.filter(events::id.eq(Id(id)).or(object.and(events::model.is_not_null())));
        }
        query
    }};
}
pub(super) use filtered;

impl<'a> Asked<'a> {
    /// Looks a filter up; none when it lets nothing through.
    pub(super) fn of(tx: &mut Tx<'_>, filter: &'a EventFilter) -> Result<Option<Self>, StoreError> {
        let mut asked = Self {
            filter,
            actions: filter.actions.clone(),
            user_pks: filter.user_pk.map(|pk| vec![pk]),
            client_ip: filter.client_ip.clone(),
            identifier: None,
        };
        if let Some(action) = filter.action {
            if !asked.actions.is_empty() && !asked.actions.contains(&action) {
                return Ok(None);
            }
            asked.actions = vec![action];
        }
        match filter.search.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            None => Ok(Some(asked)),
            Some(text) => Ok(asked.search(tx, text)?.then_some(asked)),
        }
    }

    /// Adds what a text asks for; whether that can be.
    fn search(&mut self, tx: &mut Tx<'_>, text: &str) -> Result<bool, StoreError> {
        if let Ok(ip) = text.parse::<IpAddr>() {
            let ip = ip.to_string();
            return Ok(*self.client_ip.get_or_insert(ip.clone()) == ip);
        }
        if let Ok(id) = text.parse() {
            self.identifier = Some(id);
            return Ok(true);
        }
        if let Ok(action) = text.parse::<EventAction>() {
            let fits = self.actions.is_empty() || self.actions.contains(&action);
            self.actions = vec![action];
            return Ok(fits);
        }
        let namesakes = users::namesakes(tx, text, NAMESAKES)?;
        let mut pks: Vec<i64> = namesakes.into_iter().map(|user| user.pk).collect();
        if let Some(own) = &self.user_pks {
            pks.retain(|pk| own.contains(pk));
        }
        let fits = !pks.is_empty();
        self.user_pks = Some(pks);
        Ok(fits)
    }

    /// Whether only events of applications that received somebody are asked for.
    pub(super) fn is_about_authorization(&self) -> bool {
        self.actions == [EventAction::AuthorizeApplication]
    }

    /// Whether an index, in the order of time or for few rows, serves what is asked beside the actions.
    fn is_indexed(&self) -> bool {
        self.user_pks.is_some()
            || self.client_ip.is_some()
            || self.identifier.is_some()
            || (self.filter.object.is_some() && !self.is_about_authorization())
    }

    /// Whether each of the actions is read from its own end.
    fn is_one_by_one(&self) -> bool {
        !self.is_indexed() && (1..=FEW_ACTIONS).contains(&self.actions.len())
    }

    /// Whether an index has what is asked in the order of time: otherwise it is sorted, by identifiers alone.
    fn is_in_order(&self) -> bool {
        self.identifier.is_none() && self.user_pks.as_ref().is_none_or(|pks| pks.len() == 1)
    }

    /// Whether rows are looked at that may not fit, without an index that knows them.
    fn is_walked(&self) -> bool {
        !self.is_indexed()
            && (self.actions.len() > FEW_ACTIONS || self.filter.model.is_some() || self.filter.app.is_some())
    }
}

/// A boxed query for the latest that fit, of one action or of all that are asked.
macro_rules! latest {
    ($asked:expr, $action:expr, $before:expr, $last:expr) => {{
        let mut query = filtered!($asked, events::table.into_boxed());
        match $action {
            Some(action) => query = query.filter(events::action.eq(action.as_str())),
            None if $asked.actions.is_empty() => {}
            None => {
                // No index of actions: it would not be read in the order of time.
                let actions = $asked.actions.iter().map(|action| action.as_str());
                query = query.filter(sql::<Text>("coalesce(events.action, '')").eq_any(actions));
            }
        }
        if let Some(before) = $before {
            query = query.filter(events::id.lt(before));
        }
        if let Some(last) = $last {
            query = query.filter(events::id.ge(last));
        }
        query.order(events::id.desc())
    }};
}

/// Cursors of these lists.
const CURSOR: char = 'e';

/// A part of the events that a filter lets through, the latest first.
///
/// The count is exact when 1000 or fewer fit, else it is [`Count::AtLeast`]. Where no index knows what is asked
/// (a crate or a model by itself, more than four actions) a count, and a page that does not [`Start::Skip`],
/// look at the latest 1000 events after the page before.
pub fn browse(
    tx: &mut Tx<'_>,
    filter: &EventFilter,
    request: &ListRequest,
) -> Result<Listed<Event>, StoreError> {
    let Some(asked) = Asked::of(tx, filter)? else { return Ok(Listed::nothing()) };
    let before = request.after::<String>(CURSOR).map(|position| position.id);
    let mut bounds = if asked.is_walked() { request.bounds() } else { Vec::new() }.into_iter();
    let (found, last) = loop {
        let last = match bounds.next() {
            None => None,
            Some(rows) => last_looked_at(tx, before, rows)?,
        };
        let found = latest(tx, &asked, before, last, request)?;
        if last.is_none() || found.len() > request.shown() || bounds.len() == 0 {
            break (found, last);
        }
    };
    let mut listed = request.page(found, |event| list::cursor(CURSOR, Id::from(event.id), &""));
    listed.is_cut = request.is_cut(listed.next.is_none() && last.is_some());
    listed.next = listed.next.or_else(|| last.map(|last| list::cursor(CURSOR, last, &"")));
    if request.count {
        listed.count = Some(count(tx, &asked)?);
    }
    Ok(listed)
}

fn rows(tx: &mut Tx<'_>, ids: &[Id]) -> Result<Vec<Event>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let query = events::table.filter(events::id.eq_any(ids)).order(events::id.desc());
    let rows: Vec<EventRow> = load!(tx, query.select(EventRow::as_select()))?;
    entities(rows)
}

/// The latest events that fit, one more than a page shows. What is passed over is not read whole.
fn latest(
    tx: &mut Tx<'_>,
    asked: &Asked<'_>,
    before: Option<Id>,
    last: Option<Id>,
    request: &ListRequest,
) -> Result<Vec<Event>, StoreError> {
    let one_by_one = if asked.is_one_by_one() { asked.actions.as_slice() } else { &[] };
    if request.skipped() == 0 && one_by_one.len() <= 1 && asked.is_in_order() {
        let action = one_by_one.first();
        let rows: Vec<EventRow> = load!(tx, {
            let query = latest!(asked, action, before, last).limit(request.fetched());
            query.select(EventRow::as_select())
        })?;
        return entities(rows);
    }
    let wanted = request.skipped().saturating_add(request.fetched());
    let skipped = usize::try_from(request.skipped()).unwrap_or(usize::MAX);
    let ids = latest_ids(tx, asked, before, last, wanted)?;
    rows(tx, ids.get(skipped..).unwrap_or_default())
}

/// The identifiers of the latest events that fit. A few actions are each read from their own end: sorted
/// together they would all have to be read.
fn latest_ids(
    tx: &mut Tx<'_>,
    asked: &Asked<'_>,
    before: Option<Id>,
    last: Option<Id>,
    limit: i64,
) -> Result<Vec<Id>, StoreError> {
    let each = if asked.is_one_by_one() { asked.actions.iter().map(Some).collect() } else { vec![None] };
    let mut ids: Vec<Id> = Vec::new();
    for action in each {
        let found: Vec<Id> = load!(tx, latest!(asked, action, before, last).limit(limit).select(events::id))?;
        ids.extend(found);
    }
    ids.sort_unstable_by(|one, other| other.cmp(one));
    ids.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(ids)
}

/// The last event that a page looks at, when there are more.
fn last_looked_at(tx: &mut Tx<'_>, before: Option<Id>, rows: i64) -> Result<Option<Id>, StoreError> {
    let query = events::table
        .filter(events::id.lt(before.unwrap_or(Id(Uuid::max()))))
        .order(events::id.desc())
        .offset(rows)
        .limit(1)
        .select(events::id);
    let found: Vec<Id> = load!(tx, query)?;
    Ok(found.into_iter().next())
}

fn count(tx: &mut Tx<'_>, asked: &Asked<'_>) -> Result<Count, StoreError> {
    let last = if asked.is_walked() { last_looked_at(tx, None, LOOKED_AT)? } else { None };
    let found = latest_ids(tx, asked, None, last, FEW as i64 + 1)?;
    Ok(match Count::found(found.len()) {
        Count::Exact(number) if last.is_some() => Count::AtLeast(number),
        count => count,
    })
}

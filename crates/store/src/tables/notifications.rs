//! What users are told of events. Identifiers sort by time, so that a list is read from its end by key.

use countersign_model::{EventId, Notification, NotificationId, Severity, UserId};
use countersign_types::Timestamp;
use diesel::{prelude::*, sql_types::Text};

use crate::{
    Count, ListRequest, Listed, StoreError, Tx,
    columns::{Id, Row, entities, row},
    conn::{execute, find, load},
    list::{self, FEW},
    schema::notifications,
    tables::words,
};

diesel::define_sql_function! {
    /// A text in small letters.
    fn lower(text: Text) -> Text;
}

row! {
    #[diesel(table_name = notifications)]
    NotificationRow of Notification {
        id: Id,
        #[diesel(column_name = user_id)]
        user: Id,
        severity: String,
        body: String,
        hyperlink: Option<String>,
        hyperlink_label: Option<String>,
        created: i64,
        #[diesel(column_name = event_id)]
        event: Option<Id>,
        action: Option<String>,
        seen: bool,
        expires: i64,
    }
}

/// Writes notifications, each once: one that is there already stays as it is.
pub fn create(tx: &mut Tx<'_>, batch: &[Notification]) -> Result<(), StoreError> {
    for notification in batch {
        let row = NotificationRow::of(notification);
        execute!(tx, diesel::insert_into(notifications::table).values(&row).on_conflict_do_nothing())?;
    }
    Ok(())
}

/// A user's notification.
pub fn of_user(
    tx: &mut Tx<'_>,
    user: UserId,
    id: NotificationId,
) -> Result<Option<Notification>, StoreError> {
    let target = notifications::table.find(Id::from(id)).filter(notifications::user_id.eq(Id::from(user)));
    let row: Option<NotificationRow> = find!(tx, target.select(NotificationRow::as_select()))?;
    row.map(Row::entity).transpose()
}

/// Says of a user's notification whether it is seen; whether it was there.
pub fn mark(tx: &mut Tx<'_>, user: UserId, id: NotificationId, seen: bool) -> Result<bool, StoreError> {
    let target = notifications::table.find(Id::from(id)).filter(notifications::user_id.eq(Id::from(user)));
    Ok(execute!(tx, diesel::update(target).set(notifications::seen.eq(seen)))? > 0)
}

/// Marks all of a user's notifications as seen; how many were not.
pub fn mark_all_seen(tx: &mut Tx<'_>, user: UserId) -> Result<usize, StoreError> {
    let target = notifications::table
        .filter(notifications::user_id.eq(Id::from(user)))
        .filter(notifications::seen.eq(false));
    execute!(tx, diesel::update(target).set(notifications::seen.eq(true)))
}

/// Deletes a user's notification; whether it was there.
pub fn delete(tx: &mut Tx<'_>, user: UserId, id: NotificationId) -> Result<bool, StoreError> {
    let target = notifications::table.find(Id::from(id)).filter(notifications::user_id.eq(Id::from(user)));
    Ok(execute!(tx, diesel::delete(target))? > 0)
}

/// How many of a user's notifications he has not seen, counted up to a limit.
pub fn unseen(tx: &mut Tx<'_>, user: UserId, limit: u32) -> Result<usize, StoreError> {
    let now = tx.now().as_micros();
    let query = notifications::table
        .filter(notifications::user_id.eq(Id::from(user)))
        .filter(notifications::seen.eq(false))
        .filter(notifications::expires.gt(now))
        .select(notifications::id)
        .limit(i64::from(limit));
    let found: Vec<Id> = load!(tx, query)?;
    Ok(found.len())
}

/// What a list of a user's notifications asks; everything given must hold.
#[derive(Clone, Debug, Default)]
pub struct NotificationFilter {
    /// Seen, or not.
    pub seen: Option<bool>,
    /// Of this weight.
    pub severity: Option<Severity>,
    /// Of this event.
    pub event: Option<EventId>,
    /// Written at this moment.
    pub created: Option<Timestamp>,
    /// Says just this.
    pub body: Option<String>,
    /// Has this in what it says, whatever its case.
    pub search: Option<String>,
    /// The oldest first.
    pub is_oldest_first: bool,
}

macro_rules! filtered {
    ($filter:expr, $user:expr, $now:expr) => {{
        let filter: &NotificationFilter = $filter;
        let mut query = notifications::table
            .filter(notifications::user_id.eq(Id::from($user)))
            .filter(notifications::expires.gt($now))
            .into_boxed();
        if let Some(seen) = filter.seen {
            query = query.filter(notifications::seen.eq(seen));
        }
        if let Some(severity) = filter.severity {
            query = query.filter(notifications::severity.eq(severity.as_str()));
        }
        if let Some(event) = filter.event {
            query = query.filter(notifications::event_id.eq(Id::from(event)));
        }
        if let Some(created) = filter.created {
            query = query.filter(notifications::created.eq(created.as_micros()));
        }
        if let Some(body) = &filter.body {
            query = query.filter(notifications::body.eq(body));
        }
        if let Some(search) = &filter.search {
            let pattern = words::containing(&search.to_lowercase());
            query = query.filter(lower(notifications::body).like(pattern).escape('\\'));
        }
        query
    }};
}

/// Cursors of these lists.
const CURSOR: char = 'n';

/// A part of a user's notifications, the latest first unless it is said. The count is exact when 1000 or fewer fit.
pub fn browse(
    tx: &mut Tx<'_>,
    user: UserId,
    filter: &NotificationFilter,
    request: &ListRequest,
) -> Result<Listed<Notification>, StoreError> {
    let now = tx.now().as_micros();
    let after = request.after::<String>(CURSOR);
    let rows: Vec<NotificationRow> = load!(tx, {
        let mut query = filtered!(filter, user, now);
        if let Some(after) = &after {
            query = match filter.is_oldest_first {
                true => query.filter(notifications::id.gt(after.id)),
                false => query.filter(notifications::id.lt(after.id)),
            };
        }
        let query = match filter.is_oldest_first {
            true => query.order(notifications::id.asc()),
            false => query.order(notifications::id.desc()),
        };
        query.offset(request.skipped()).limit(request.fetched()).select(NotificationRow::as_select())
    })?;
    let position = |row: &Notification| list::cursor(CURSOR, Id::from(row.id), &"");
    let mut listed = request.page(entities(rows)?, position);
    if request.count {
        let found: Vec<Id> =
            load!(tx, filtered!(filter, user, now).select(notifications::id).limit(FEW as i64 + 1))?;
        listed.count = Some(Count::found(found.len()));
    }
    Ok(listed)
}

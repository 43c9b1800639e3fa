//! The audit trail. Identifiers sort by time, so that the trail is read from its end by key.

use countersign_model::{Event, EventAction, EventId};
use countersign_types::{Page, PageRequest};
use diesel::prelude::*;
use uuid::Uuid;

use super::{fetch, page_of};
use crate::{
    StoreError, Tx,
    columns::{Column, Id, Row, entities},
    conn::{execute, find, load},
    schema::events,
};

/// The column `user_pk` beside the document makes this row one of its own.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = events)]
pub(crate) struct EventRow {
    id: Id,
    action: String,
    app: String,
    user_info: Option<String>,
    user_pk: Option<i64>,
    context: String,
    client_ip: Option<String>,
    created: i64,
    expires: i64,
}

impl Row for EventRow {
    type Entity = Event;

    fn of(event: &Event) -> Self {
        Self {
            id: Column::keep(&event.id),
            action: Column::keep(&event.action),
            app: event.app.clone(),
            user_info: Column::keep(&event.user),
            user_pk: event.user.as_ref().map(|user| user.pk),
            context: Column::keep(&event.context),
            client_ip: event.client_ip.clone(),
            created: Column::keep(&event.created),
            expires: Column::keep(&event.expires),
        }
    }

    fn entity(self) -> Result<Event, StoreError> {
        Ok(Event {
            id: self.id.restore()?,
            action: self.action.restore()?,
            app: self.app,
            user: self.user_info.restore()?,
            context: self.context.restore()?,
            client_ip: self.client_ip,
            created: self.created.restore()?,
            expires: self.expires.restore()?,
        })
    }
}

/// Writes an event.
pub fn create(tx: &mut Tx<'_>, event: &Event) -> Result<(), StoreError> {
    let row = EventRow::of(event);
    execute!(tx, diesel::insert_into(events::table).values(&row))?;
    Ok(())
}

/// Writes several events.
pub fn create_batch(tx: &mut Tx<'_>, batch: &[Event]) -> Result<(), StoreError> {
    for part in batch.chunks(100) {
        let rows: Vec<EventRow> = part.iter().map(EventRow::of).collect();
        execute!(tx, diesel::insert_into(events::table).values(&rows))?;
    }
    Ok(())
}

/// An event.
pub fn by_id(tx: &mut Tx<'_>, id: EventId) -> Result<Option<Event>, StoreError> {
    let row: Option<EventRow> = find!(tx, events::table.find(Id::from(id)).select(EventRow::as_select()))?;
    row.map(Row::entity).transpose()
}

/// What a search of the trail asks; everything given must hold.
#[derive(Clone, Debug, Default)]
pub struct EventFilter {
    /// What happened.
    pub action: Option<EventAction>,
    /// By whom, as an integer key.
    pub user_pk: Option<i64>,
    /// From where.
    pub client_ip: Option<String>,
}

/// A part of the trail, the latest first.
pub fn list(tx: &mut Tx<'_>, filter: &EventFilter, page: &PageRequest) -> Result<Page<Event>, StoreError> {
    let before = page.after.as_deref().and_then(|after| after.parse().ok()).unwrap_or(Uuid::max());
    let rows: Vec<EventRow> = load!(tx, {
        let mut query = events::table.filter(events::id.lt(Id(before))).into_boxed();
        if let Some(action) = filter.action {
            query = query.filter(events::action.eq(action.as_str()));
        }
        if let Some(pk) = filter.user_pk {
            query = query.filter(events::user_pk.eq(pk));
        }
        if let Some(ip) = &filter.client_ip {
            query = query.filter(events::client_ip.eq(ip));
        }
        query.order(events::id.desc()).limit(fetch(page)).select(EventRow::as_select())
    })?;
    Ok(page_of(entities(rows)?, page, |event: &Event| event.id.to_string()))
}

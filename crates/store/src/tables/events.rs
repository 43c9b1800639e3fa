//! The audit trail. Identifiers sort by time, so that the trail is read from its end by key.

mod browse;
mod counted;
mod statistics;

use countersign_model::{Event, EventId};
use countersign_types::{JsonObject, Page, PageRequest};
use diesel::prelude::*;
use serde_json::Value;
use uuid::Uuid;

pub use browse::{EventFilter, browse};
pub use counted::{Ranked, Ranking, Tally, keep, keep_ranks, rank, ranked_applications, tally};
pub use statistics::{TopApplication, by_action, top_applications, top_users, volume, volume_by_action};

use crate::{
    Backend, ListRequest, Listed, Start, StoreError, Tx,
    columns::{Column, Id, Row},
    conn::{execute, find},
    schema::events,
};

/// The columns beside the documents make this row one of its own.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = events, treat_none_as_default_value = false)]
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
    model: Option<String>,
    object_id: Option<Id>,
}

impl Row for EventRow {
    type Entity = Event;

    fn of(event: &Event) -> Self {
        let changed = changed(&event.context);
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
            model: changed.as_ref().map(|(model, _)| model.clone()),
            object_id: changed.map(|(_, id)| id).or_else(|| authorized(&event.context)).map(Id),
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

/// The object that an event says was made, changed or deleted: its model label and identifier.
fn changed(context: &JsonObject) -> Option<(String, Uuid)> {
    let model = context.get("model")?;
    let text = |name: &str| model.get(name).and_then(Value::as_str);
    Some((format!("{}.{}", text("app")?, text("model_name")?), text("pk")?.parse().ok()?))
}

/// The application that received a user or a token.
fn authorized(context: &JsonObject) -> Option<Uuid> {
    context.get("authorized_application")?.get("pk")?.as_str()?.parse().ok()
}

/// Writes an event.
pub fn create(tx: &mut Tx<'_>, event: &Event) -> Result<(), StoreError> {
    let row = EventRow::of(event);
    execute!(tx, diesel::insert_into(events::table).values(&row))?;
    Ok(())
}

/// Writes several events. PostgreSQL is across a network, and takes them together; SQLite would have to parse each
/// such statement anew, and takes them one by one.
pub fn create_batch(tx: &mut Tx<'_>, batch: &[Event]) -> Result<(), StoreError> {
    if tx.conn().backend() == Backend::Sqlite {
        return batch.iter().try_for_each(|event| create(tx, event));
    }
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

/// A part of the trail, the latest first.
pub fn list(tx: &mut Tx<'_>, filter: &EventFilter, page: &PageRequest) -> Result<Page<Event>, StoreError> {
    let start = page.after.clone().map_or(Start::First, Start::After);
    let Listed { items, next, .. } =
        browse(tx, filter, &ListRequest { start, limit: page.limit.max(1), count: false })?;
    Ok(Page { items, next })
}

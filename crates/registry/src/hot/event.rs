//! `authentik_events.event`: the trail. It is looked at; what happened is not changed, and goes when its time
//! is over.

use countersign_model::{Event, EventAction, EventId, EventUser};
use countersign_resource::{Describe, Facts, Nothing};
use countersign_store::{
    Tx,
    events::{self, EventFilter},
    users,
};
use countersign_types::{JsonObject, RawId, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::document;
use crate::{
    FilterOp, ListFilter, ListQuery, ResourceError, Verbs, Visible,
    moment::Moment,
    rows::{Rows, Slice},
};

/// Something that happened.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(crate) struct EventSpec {
    /// What happened.
    action: EventAction,
    /// Which part of the house says so.
    app: String,
    /// By whom: integer key, name and address at the time, and in whose place he acted.
    user: JsonObject,
    /// Details.
    context: JsonObject,
    /// From where.
    client_ip: Option<String>,
    /// When.
    created: Moment,
    /// Until when it is kept.
    expires: Option<Moment>,
    /// Kept for authentik's field of this name.
    brand: JsonObject,
}

impl Describe for EventSpec {
    type Common = Nothing;
    const FACTS: Facts =
        Facts::new("authentik_events.event", "ak-event", "Event").at("events/events", "event");
}

/// Events.
pub(crate) struct Events;

impl Rows for Events {
    type Spec = EventSpec;
    type Row = Event;
    const IDENTIFIED_BY: &'static [&'static str] = &[];
    const EXPORTED: bool = false;
    const VERBS: Verbs = Verbs::Read;
    const ANSWERS_FILTERS_ALONE: bool = true;
    const FILTERS: &'static [ListFilter] = &[
        ListFilter::is("action", "Events of this action."),
        ListFilter::new("actions", "action", FilterOp::In, "Events of this action, or of one of several."),
        ListFilter::is("client_ip", "Events from this address."),
        ListFilter::is("app", "Events that this part of the house told."),
        ListFilter::is("username", "Events by the user who has this name now."),
        ListFilter::is("context_model_app", "Events about an object of this app; with `context_model_name`."),
        ListFilter::is(
            "context_model_name",
            "Events about an object of this model; with `context_model_app`.",
        ),
        ListFilter::new("context_model_pk", "context.model.pk", FilterOp::Is, "Events about this object."),
        ListFilter::new(
            "context_authorized_app",
            "context.authorized_application.pk",
            FilterOp::Is,
            "Events about this application.",
        ),
        ListFilter::new("created__gt", "created", FilterOp::AtLeast, "Not before."),
        ListFilter::new("created__lt", "created", FilterOp::AtMost, "Not after."),
    ];

    fn by_id(&self, tx: &mut Tx<'_>, id: RawId) -> Result<Option<Event>, ResourceError> {
        Ok(events::by_id(tx, EventId(id))?)
    }

    /// There may be millions: [`Rows::page`] is asked instead.
    fn all(&self, _: &mut Tx<'_>) -> Result<Vec<Event>, ResourceError> {
        Ok(Vec::new())
    }

    fn id_of(row: &Event) -> RawId {
        row.id.raw()
    }

    fn document(&self, row: &Event) -> Result<JsonObject, ResourceError> {
        Ok(document(&EventSpec {
            action: row.action,
            app: row.app.clone(),
            user: row.user.as_ref().map(shown).unwrap_or_default(),
            context: row.context.clone(),
            client_ip: row.client_ip.clone(),
            created: row.created.into(),
            expires: Some(row.expires.into()),
            brand: JsonObject::new(),
        }))
    }

    fn page(
        &self,
        tx: &mut Tx<'_>,
        query: &ListQuery,
        visible: &Visible,
    ) -> Result<Option<Slice<Event>>, ResourceError> {
        let mut filter = filter(tx, query)?;
        if let Visible::Only(ids) = visible {
            return self.few(tx, ids).map(Some);
        }
        filter.search.clone_from(&query.search);
        let found = events::browse(tx, &filter, &query.request())?;
        Ok(Some(found.into()))
    }
}

fn shown(user: &EventUser) -> JsonObject {
    match serde_json::to_value(user) {
        Ok(Value::Object(user)) => user,
        _ => JsonObject::new(),
    }
}

/// What is asked of the trail.
fn filter(tx: &mut Tx<'_>, query: &ListQuery) -> Result<EventFilter, ResourceError> {
    let mut filter = EventFilter::default();
    let (mut app, mut model) = (None, None);
    for asked in &query.filters {
        let unknown = || asked.unknown();
        match (asked.field.as_str(), asked.op) {
            ("action" | "actions", _) => filter.actions = asked.any_as().ok_or_else(unknown)?,
            ("client_ip", _) => filter.client_ip = Some(asked.one().ok_or_else(unknown)?.to_owned()),
            ("app", _) => filter.app = Some(asked.one().ok_or_else(unknown)?.to_owned()),
            ("user.pk", _) => {
                let pk = asked.one().and_then(|pk| pk.parse().ok());
                filter.user_pk = Some(pk.ok_or_else(unknown)?);
            }
            ("username", _) => {
                let user = users::by_username(tx, asked.one().ok_or_else(unknown)?)?;
                // No user has the key 0.
                filter.user_pk = Some(user.map_or(0, |user| user.pk));
            }
            ("context_model_app", _) => app = Some(asked.one().ok_or_else(unknown)?),
            ("context_model_name", _) => model = Some(asked.one().ok_or_else(unknown)?),
            ("context.model", _) => filter.model = Some(asked.one().ok_or_else(unknown)?.to_owned()),
            ("context.model.pk" | "context.authorized_application.pk", _) => {
                let id = asked.one().and_then(|id| id.parse().ok());
                filter.object = Some(id.ok_or_else(unknown)?);
            }
            ("created", FilterOp::AtLeast) => {
                filter.since = Some(moment(asked.values.first()).ok_or_else(unknown)?);
            }
            ("created", FilterOp::AtMost) => {
                filter.until = Some(moment(asked.values.first()).ok_or_else(unknown)?);
            }
            _ => return Err(unknown()),
        }
    }
    match (app, model) {
        (Some(app), Some(model)) => filter.model = Some(format!("{app}.{model}")),
        (None, None) => {}
        // One half of a label has no index.
        _ => return Err(ResourceError::UnknownAttribute("context_model_name".to_owned())),
    }
    Ok(filter)
}

fn moment(text: Option<&String>) -> Option<Timestamp> {
    Timestamp::parse(text?)
}

//! `events/notifications/…`: what the caller was told of events. `events/transports/…/test/`: whether he can be told.

use std::{collections::HashMap, sync::Arc};

use countersign_authz::Permission;
use countersign_events::TRANSPORT;
use countersign_model::{EventId, Notification, NotificationId, Severity, UserId};
use countersign_policies::event_document;
use countersign_registry::SeamError;
use countersign_store::{
    ListRequest, Start, Tx, events,
    notifications::{self, NotificationFilter},
};
use countersign_types::{RawId, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Access, Answer, ApiError, Call, Endpoint, answer::Page, crud};

const ONE: &str = "events/notifications/{uuid}/";

pub(super) fn rows() -> Vec<Endpoint> {
    vec![
        Endpoint::get("events/notifications/", "events_notifications_list", Access::SignedIn, list)
            .about("What you were told of events, the latest first.")
            .param::<bool>("seen", "Only those that are seen, or that are not.")
            .param::<String>("severity", "Only those of this weight: `notice`, `warning` or `alert`.")
            .param::<String>("body", "Only those that say just this.")
            .param::<String>("created", "Only those of this moment.")
            .param::<RawId>("event", "Only those of this event.")
            .param::<i64>("user", "Only yours, if this is you; nobody sees what others were told.")
            .param::<String>("search", "Text to look for.")
            .param::<String>("ordering", "`created` for the oldest first.")
            .param::<u64>("page", "Number of the page, from 1.")
            .param::<u64>("page_size", "Results on a page.")
            .gives_page::<NotificationView>(),
        Endpoint::post(
            "events/notifications/mark_all_seen/",
            "events_notifications_mark_all_seen_create",
            Access::SignedIn,
            mark_all_seen,
        )
        .about("Marks everything that you were told as seen.")
        .status(204),
        Endpoint::get(ONE, "events_notifications_retrieve", Access::SignedIn, retrieve)
            .about("Something that you were told.")
            .gives::<NotificationView>(),
        Endpoint::put(ONE, "events_notifications_update", Access::SignedIn, update)
            .about("Says whether you have seen it.")
            .takes::<NotificationRequest>()
            .gives::<NotificationView>(),
        Endpoint::patch(ONE, "events_notifications_partial_update", Access::SignedIn, update)
            .about("Says whether you have seen it.")
            .takes::<NotificationRequest>()
            .gives::<NotificationView>(),
        Endpoint::delete(ONE, "events_notifications_destroy", Access::SignedIn, destroy)
            .about("Deletes something that you were told."),
        Endpoint::get(
            "events/notifications/{uuid}/used_by/",
            "events_notifications_used_by_list",
            Access::SignedIn,
            used_by,
        )
        .about("Who refers to it: nobody ever does.")
        .gives_shape(crud::usages()),
        Endpoint::post(
            "events/transports/{uuid}/test/",
            "events_transports_test_create",
            Access::Object(Permission::change(TRANSPORT)),
            test,
        )
        .about("Sends you a notification by a transport now, and says what came of it.")
        .gives::<NotificationTransportTest>(),
    ]
}

/// Something that somebody was told of an event.
#[derive(Serialize, JsonSchema)]
struct NotificationView {
    /// Identifier.
    pk: RawId,
    /// How much it matters.
    severity: Severity,
    /// What it says.
    body: String,
    /// Where it leads.
    hyperlink: Option<String>,
    /// What that place is called.
    hyperlink_label: Option<String>,
    /// When.
    created: String,
    /// The event, for whoever may look at events, while it is kept.
    event: Option<Value>,
    /// Whether you have seen it.
    seen: bool,
}

/// What may be said of a notification.
#[derive(Deserialize, JsonSchema)]
struct NotificationRequest {
    /// Whether you have seen it.
    #[serde(default)]
    seen: Option<bool>,
}

/// What came of a test.
#[derive(Serialize, JsonSchema)]
struct NotificationTransportTest {
    /// What the other side said.
    messages: Vec<String>,
}

fn own(call: &Call) -> Result<UserId, ApiError> {
    Ok(call.identity()?.subject.user.id)
}

/// With their events, where the caller may look at those.
async fn shown(call: &Call, found: Vec<Notification>) -> Result<Vec<Value>, ApiError> {
    let actor = call.actor()?;
    let view = Permission::view("authentik_events.event");
    let ids: Vec<_> = found.iter().filter_map(|one| one.event).collect();
    let ids: Vec<_> = ids.into_iter().filter(|id| actor.may(&view, Some(id.raw()))).collect();
    let known: HashMap<_, _> = match ids.is_empty() {
        true => HashMap::new(),
        false => {
            let read = move |tx: &mut Tx<'_>| {
                let mut known = HashMap::new();
                for id in &ids {
                    known.extend(events::by_id(tx, *id)?.map(|event| (*id, event_document(&event))));
                }
                Ok(known)
            };
            call.read(read).await?
        }
    };
    let view = |one: Notification| NotificationView {
        pk: one.id.raw(),
        severity: one.severity,
        body: one.body,
        hyperlink: one.hyperlink,
        hyperlink_label: one.hyperlink_label,
        created: one.created.to_rfc3339(),
        event: one.event.and_then(|id| known.get(&id).cloned()),
        seen: one.seen,
    };
    found.into_iter().map(|one| serde_json::to_value(view(one)).map_err(ApiError::internal)).collect()
}

/// A parameter as what it stands for; none when it is left out or empty.
fn asked<T>(call: &Call, name: &str, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>, ApiError> {
    let Some(text) = call.query(name)?.filter(|text| !text.is_empty()) else { return Ok(None) };
    read(text).map(Some).ok_or_else(|| ApiError::field(name, "invalid", "field-invalid"))
}

async fn list(call: Call) -> Result<Answer, ApiError> {
    let (user, paging) = (own(&call)?, call.paging().await?);
    let seen = match asked(&call, "seen", |_| Some(()))? {
        None => None,
        Some(()) => Some(call.flag("seen", false)?),
    };
    let filter = NotificationFilter {
        seen,
        severity: asked(&call, "severity", |text| text.parse().ok())?,
        event: asked(&call, "event", |text| text.parse().ok().map(EventId))?,
        created: asked(&call, "created", Timestamp::parse)?,
        body: asked(&call, "body", |text| Some(text.to_owned()))?,
        search: paging.search.clone(),
        is_oldest_first: paging
            .order
            .first()
            .is_some_and(|order| !order.descending && order.field == "created"),
    };
    let of_user = asked(&call, "user", |text| text.parse::<i64>().ok())?;
    if of_user.is_some_and(|pk| call.identity().is_ok_and(|own| own.subject.user.pk != pk)) {
        return Answer::json(&paging.answer(0, Vec::new())?);
    }
    let request = ListRequest { start: Start::Skip(paging.skipped()), limit: paging.size, count: true };
    let found = call.read(move |tx| Ok(notifications::browse(tx, user, &filter, &request)?)).await?;
    let count = found.count.map_or(0, countersign_store::Count::number);
    let least = paging.skipped().saturating_add(found.items.len() as u64);
    let count = count.max(least.saturating_add(u64::from(found.next.is_some())));
    let results = shown(&call, found.items).await?;
    let page: Page = paging.answer(count, results)?;
    Answer::json(&page)
}

async fn one(call: &Call) -> Result<Notification, ApiError> {
    let (user, id) = (own(call)?, NotificationId(call.id_arg("uuid")?));
    let found = call.read(move |tx| Ok(notifications::of_user(tx, user, id)?)).await?;
    found.ok_or_else(ApiError::not_found)
}

async fn retrieve(call: Call) -> Result<Answer, ApiError> {
    let found = one(&call).await?;
    answer(&call, found).await
}

async fn answer(call: &Call, found: Notification) -> Result<Answer, ApiError> {
    let shown = shown(call, vec![found]).await?.pop();
    Answer::json(&shown.ok_or_else(ApiError::not_found)?)
}

async fn update(call: Call) -> Result<Answer, ApiError> {
    let NotificationRequest { seen } = call.json()?;
    let (user, found) = (own(&call)?, one(&call).await?);
    let (id, seen) = (found.id, seen.unwrap_or(found.seen));
    call.write(move |tx, _| Ok(notifications::mark(tx, user, id, seen)?)).await?;
    answer(&call, Notification { seen, ..found }).await
}

async fn destroy(call: Call) -> Result<Answer, ApiError> {
    let (user, id) = (own(&call)?, NotificationId(call.id_arg("uuid")?));
    let was_there = call.write(move |tx, _| Ok(notifications::delete(tx, user, id)?)).await?;
    if was_there { Ok(Answer::empty()) } else { Err(ApiError::not_found()) }
}

async fn used_by(call: Call) -> Result<Answer, ApiError> {
    one(&call).await?;
    Answer::json(&Vec::<Value>::new())
}

async fn mark_all_seen(call: Call) -> Result<Answer, ApiError> {
    let user = own(&call)?;
    call.write(move |tx, _| Ok(notifications::mark_all_seen(tx, user)?)).await?;
    Ok(Answer::empty())
}

async fn test(call: Call) -> Result<Answer, ApiError> {
    let transport = call.found(TRANSPORT, call.arg("uuid")?).await?;
    call.require(&Permission::change(TRANSPORT), Some(transport.id))?;
    let subject = Arc::clone(&call.identity()?.subject);
    let messages = call.api.seams().notifications.test(transport.id, &subject).await;
    match messages {
        Ok(messages) => Answer::json(&NotificationTransportTest { messages }),
        Err(SeamError::Failed(_, problem)) => {
            let message = countersign_types::Text::key("api-error-transport").with("problem", problem);
            Err(ApiError::field("non_field_errors", "invalid", message))
        }
        Err(error) => Err(error.into()),
    }
}

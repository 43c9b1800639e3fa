//! `events/events/…`: what happens how often, for charts.

use countersign_authz::Permission;
use countersign_model::{ApplicationId, EventAction};
use countersign_store::{
    Tx,
    events::{self, EventFilter},
    users,
};
use countersign_types::{Span, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use crate::{Access, Answer, ApiError, Call, Endpoint, Shape};

const EVENT: &str = "authentik_events.event";
/// Days of history when nobody says how many.
const HISTORY: i64 = 7;
/// Most days of history.
const MAX_HISTORY: i64 = 366;
/// Applications when nobody says how many.
const TOP: u32 = 15;
/// Users that are counted one by one.
const MAX_USERS: u32 = 10_000;
/// Spans that one call counts.
const MAX_STEPS: usize = 20;

pub(super) fn rows() -> Vec<Endpoint> {
    let all = || Access::Global(Permission::view(EVENT));
    let filtered = |row: Endpoint| {
        row.param::<String>("action", "Only events of this action.")
            .param::<Vec<String>>("actions", "Only events of these actions.")
            .param::<String>("client_ip", "Only events from this address.")
            .param::<String>("username", "Only events by this user.")
    };
    vec![
        Endpoint::get("events/events/actions/", "events_events_actions_list", Access::SignedIn, actions)
            .about("What can happen.")
            .gives_shape(Shape::of::<TypeCreate>().many()),
        filtered(Endpoint::get("events/events/volume/", "events_events_volume_list", all(), volume))
            .about("How many events there were, by action and hour.")
            .param::<i64>("history_days", "Days of history; 7 unless it is said.")
            .gives_shape(Shape::of::<EventVolume>().many()),
        filtered(Endpoint::get("events/events/top_per_user/", "events_events_top_per_user_list", all(), top))
            .about("The applications that people were let into most.")
            .param::<u32>("top_n", "How many; 15 unless it is said.")
            .gives_shape(Shape::of::<EventTopPerUser>().many()),
        filtered(Endpoint::get("events/events/stats/", "events_events_stats_retrieve", all(), stats))
            .about("How many events there were in spans of time until now, and by how many users.")
            .param::<Vec<String>>("count_steps", "The spans, such as `hours=1`.")
            .gives::<EventStats>(),
    ]
}

/// Something that can happen, or that can be chosen by name.
#[derive(Serialize, JsonSchema)]
pub(super) struct TypeCreate {
    /// In words, or what it is chosen by.
    pub(super) name: String,
    /// More words.
    pub(super) description: &'static str,
    /// As events have it.
    pub(super) component: &'static str,
    /// The model; events are of none.
    pub(super) model_name: &'static str,
    /// Address of a picture; there is none.
    pub(super) icon_url: Option<String>,
    /// Kept for authentik's field of this name.
    pub(super) requires_enterprise: bool,
    /// Whether it is going to be no more.
    pub(super) deprecated: bool,
}

async fn actions(_: Call) -> Result<Answer, ApiError> {
    let shown = EventAction::ALL.iter().map(|action| {
        let words = action.as_str().replace('_', " ");
        let (first, rest) = words.split_at(words.len().min(1));
        TypeCreate {
            name: format!("{}{rest}", first.to_uppercase()),
            description: "",
            component: action.as_str(),
            model_name: "",
            icon_url: None,
            requires_enterprise: false,
            deprecated: false,
        }
    });
    Answer::json(&shown.collect::<Vec<_>>())
}

/// What the query asks for. A user who is not there did nothing: none.
async fn asked(call: &Call) -> Result<Option<EventFilter>, ApiError> {
    let action = |text: &str| {
        text.parse().map_err(|_| ApiError::field("action", "invalid_choice", "api-error-action"))
    };
    let mut filter = EventFilter {
        action: call.query("action")?.filter(|text| !text.is_empty()).map(action).transpose()?,
        actions: call
            .query
            .values("actions")
            .filter(|text| !text.is_empty())
            .map(action)
            .collect::<Result<_, _>>()?,
        client_ip: call.query("client_ip")?.filter(|text| !text.is_empty()).map(str::to_owned),
        ..EventFilter::default()
    };
    if let Some(username) = call.query("username")?.filter(|text| !text.is_empty()).map(str::to_owned) {
        let found = call.read(move |tx| Ok(users::by_username(tx, &username)?)).await?;
        let Some(user) = found else { return Ok(None) };
        filter.user_pk = Some(user.pk);
    }
    Ok(Some(filter))
}

/// Events in an hour.
#[derive(Serialize, JsonSchema)]
struct EventVolume {
    /// What happened.
    action: &'static str,
    /// When the hour began.
    time: String,
    /// How often.
    count: u64,
}

async fn volume(call: Call) -> Result<Answer, ApiError> {
    let days = match call.query("history_days")? {
        None | Some("") => HISTORY,
        Some(days) => number("history_days", days)?.clamp(1, MAX_HISTORY),
    };
    let Some(mut filter) = asked(&call).await? else { return Answer::json(&Vec::<EventVolume>::new()) };
    // From a whole hour on: a part of one says nothing beside the others.
    let hour = Span::from_hours(1);
    let since = call.app.now().minus(Span::from_days(days)).as_micros();
    filter.since = Some(Timestamp::from_micros(since - since.rem_euclid(hour.as_micros())));
    let found = call.read(move |tx| Ok(events::volume_by_action(tx, &filter, hour)?)).await?;
    let shown = found.into_iter().map(|(action, time, count)| EventVolume {
        action: action.as_str(),
        time: time.to_rfc3339(),
        count,
    });
    Answer::json(&shown.collect::<Vec<_>>())
}

fn number(field: &str, text: &str) -> Result<i64, ApiError> {
    text.parse().map_err(|_| ApiError::field(field, "invalid", "api-error-integer"))
}

/// An application and how often people were let into it.
#[derive(Serialize, JsonSchema)]
struct EventTopPerUser {
    /// The application: label, name and identifier.
    application: Value,
    /// How often.
    counted_events: u64,
    /// How many people.
    unique_users: u64,
}

async fn top(call: Call) -> Result<Answer, ApiError> {
    let limit = match call.query("top_n")? {
        None | Some("") => TOP,
        Some(text) => u32::try_from(number("top_n", text)?.clamp(1, 100)).unwrap_or(TOP),
    };
    let Some(filter) = asked(&call).await? else { return Answer::json(&Vec::<EventTopPerUser>::new()) };
    let snapshot = call.snapshot().await?;
    let found = call.read(move |tx| Ok(events::top_applications(tx, &filter, limit)?)).await?;
    let shown = found.into_iter().map(|top| {
        let ApplicationId(pk) = top.application;
        let name = snapshot.application(top.application).map(|application| application.name.clone());
        EventTopPerUser {
            application: json!({
                "app": "authentik_core", "model_name": "application", "pk": pk, "name": name.unwrap_or_default(),
            }),
            counted_events: top.events,
            unique_users: top.users,
        }
    });
    Answer::json(&shown.collect::<Vec<_>>())
}

/// Numbers of events.
#[derive(Serialize, JsonSchema)]
struct EventStats {
    /// By how many users, in the longest of the spans.
    unique_users: usize,
    /// How many events, by span.
    count_step: serde_json::Map<String, Value>,
}

async fn stats(call: Call) -> Result<Answer, ApiError> {
    let mut steps = Vec::new();
    for text in
        call.query.values("count_steps").flat_map(|texts| texts.split('|')).filter(|text| !text.is_empty())
    {
        let span =
            text.parse::<Span>().map_err(|_| ApiError::field("count_steps", "invalid", "api-error-span"))?;
        steps.push((text.to_owned(), span));
    }
    if steps.len() > MAX_STEPS {
        return Err(ApiError::field("count_steps", "max_length", "api-error-too-many"));
    }
    let Some(filter) = asked(&call).await? else {
        return Answer::json(&EventStats { unique_users: 0, count_step: serde_json::Map::new() });
    };
    let now = call.app.now();
    let longest = steps.iter().map(|(_, span)| *span).max().unwrap_or(Span::from_days(HISTORY));
    let counted = call.read(move |tx: &mut Tx<'_>| {
        let within = |span: Span| EventFilter { since: Some(now.minus(span)), ..filter.clone() };
        let unique_users = events::top_users(tx, &within(longest), MAX_USERS)?.len();
        let mut count_step = serde_json::Map::new();
        for (text, span) in &steps {
            let count: u64 = events::by_action(tx, &within(*span))?.into_iter().map(|(_, count)| count).sum();
            count_step.insert(text.clone(), count.into());
        }
        Ok(EventStats { unique_users, count_step })
    });
    Answer::json(&counted.await?)
}

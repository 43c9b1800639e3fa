//! Writing events.

use countersign_model::{Event, EventAction, EventId, EventUser, User};
use countersign_store::{StoreError, Tx, events, settings};
use countersign_types::{ClientAddr, JsonObject, Span};
use serde_json::{Value, json};

use crate::redact;

/// Name of the setting that says how long events are kept: `"days=365"`.
pub const EVENT_RETENTION: &str = "event_retention";
/// Kept so long unless the setting says otherwise.
const DEFAULT_RETENTION: Span = Span::from_days(365);
/// Most bytes of context; what is beyond is left out, and said to be.
const MAX_CONTEXT: usize = 32 * 1024;

/// An event that is about to be written.
#[derive(Clone, Debug)]
pub struct EventDraft {
    /// What happened.
    pub action: EventAction,
    /// Which room says so: `countersign.stages.password`.
    pub app: String,
    /// By whom, if anybody.
    pub user: Option<EventUser>,
    /// Details. Values under names such as `password` or `token` are replaced by stars.
    pub context: JsonObject,
    /// From where.
    pub client_ip: Option<String>,
}

impl EventDraft {
    /// Something that happened, by nobody in particular.
    pub fn new(action: EventAction, app: impl Into<String>) -> Self {
        Self { action, app: app.into(), user: None, context: JsonObject::new(), client_ip: None }
    }

    /// Who did it.
    #[must_use]
    pub fn by(mut self, user: &User) -> Self {
        self.user = Some(EventUser::of(user));
        self
    }

    /// From where.
    #[must_use]
    pub fn from(mut self, client: Option<ClientAddr>) -> Self {
        self.client_ip = client.map(|client| client.to_string());
        self
    }

    /// Adds a detail.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.context.insert(name.to_owned(), value.into());
        self
    }
}

/// Writes an event in the caller's transaction.
pub fn record(tx: &mut Tx<'_>, draft: EventDraft) -> Result<(), StoreError> {
    let retention = retention(tx)?;
    let event = event(tx, draft, retention);
    metrics::counter!("countersign_events_total", "action" => event.action.as_str()).increment(1);
    events::create(tx, &event)
}

/// Writes several events in the caller's transaction.
pub fn record_all(tx: &mut Tx<'_>, drafts: &[EventDraft]) -> Result<(), StoreError> {
    let retention = retention(tx)?;
    let batch: Vec<_> = drafts.iter().map(|draft| event(tx, draft.clone(), retention)).collect();
    events::create_batch(tx, &batch)?;
    for event in &batch {
        metrics::counter!("countersign_events_total", "action" => event.action.as_str()).increment(1);
    }
    Ok(())
}

fn event(tx: &Tx<'_>, draft: EventDraft, retention: Span) -> Event {
    let EventDraft { action, app, user, mut context, client_ip } = draft;
    redact(&mut context);
    Event {
        id: EventId::timed(tx.now(), tx.rng()),
        action,
        app,
        user,
        context: bounded(context),
        client_ip,
        created: tx.now(),
        expires: tx.now().plus(retention),
    }
}

/// An unreadable setting keeps events rather than losing them.
fn retention(tx: &mut Tx<'_>) -> Result<Span, StoreError> {
    let setting = settings::get(tx, EVENT_RETENTION)?;
    let span = setting.as_ref().and_then(Value::as_str).and_then(|text| text.parse::<Span>().ok());
    Ok(span.filter(|span| *span > Span::ZERO).unwrap_or(DEFAULT_RETENTION))
}

/// Leaves out the largest details until the context fits.
fn bounded(mut context: JsonObject) -> JsonObject {
    let size = |value: &Value| value.to_string().len();
    let mut total: usize = context.iter().map(|(name, value)| name.len() + size(value)).sum();
    while total > MAX_CONTEXT {
        let largest = context.iter().max_by_key(|(_, value)| size(value)).map(|(name, _)| name.clone());
        let Some(value) = largest.as_ref().and_then(|name| context.get_mut(name)) else { break };
        let before = size(value);
        let note = json!({ "left_out_bytes": before });
        if size(&note) >= before {
            break;
        }
        total = total - before + size(&note);
        *value = note;
    }
    context
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_context_that_is_too_large_says_what_it_left_out() {
        let context = JsonObject::from_iter([
            ("small".to_owned(), Value::from("kept")),
            ("large".to_owned(), Value::from("x".repeat(MAX_CONTEXT))),
        ]);
        let bounded = bounded(context);
        assert_eq!(bounded["small"], "kept");
        assert_eq!(bounded["large"]["left_out_bytes"], MAX_CONTEXT + 2);
    }
}

//! Writing events.

use std::{collections::HashSet, io};

use countersign_model::{Event, EventAction, EventId, EventUser, Job, JobId, User};
use countersign_store::{StoreError, Tx, events, jobs, settings};
use countersign_types::{ClientAddr, JsonObject, Span};
use serde_json::{Value, json};

use crate::redact;

/// Name of the setting that says how long events are kept: `"days=365"`.
pub const EVENT_RETENTION: &str = "event_retention";
/// Kind of the jobs of events that somebody listens for; `event` in the payload is the identifier.
pub const HEARD: &str = "event";
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
    /// Who acts in the user's place, if anybody.
    pub impersonator: Option<EventUser>,
    /// Whether notification rules do not hear of it.
    pub is_quiet: bool,
}

impl EventDraft {
    /// Something that happened, by nobody in particular.
    pub fn new(action: EventAction, app: impl Into<String>) -> Self {
        Self {
            action,
            app: app.into(),
            user: None,
            context: JsonObject::new(),
            client_ip: None,
            impersonator: None,
            is_quiet: false,
        }
    }

    /// Without a word to notification rules: for what notifying leads to, or it would go on for ever.
    #[must_use]
    pub const fn quietly(mut self) -> Self {
        self.is_quiet = true;
        self
    }

    /// Who did it.
    #[must_use]
    pub fn by(mut self, user: &User) -> Self {
        self.user = Some(EventUser::of(user));
        self
    }

    /// Who acts in the user's place, as the session says.
    #[must_use]
    pub fn through(mut self, impersonator: Option<&EventUser>) -> Self {
        self.impersonator = impersonator.cloned();
        self
    }

    /// From where.
    #[must_use]
    pub fn from(mut self, client: Option<ClientAddr>) -> Self {
        self.client_ip = client.map(|client| client.to_string());
        self
    }

    /// To which object of which kind (`authentik_core.user`).
    #[must_use]
    pub fn about(self, model: &str, name: &str, pk: impl Into<Value>) -> Self {
        self.with("model", object(model, name, pk))
    }

    /// Adds a detail.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.context.insert(name.to_owned(), value.into());
        self
    }
}

/// An object as events name it: what kind it is (`authentik_core.user`), what people call it, its identifier.
pub fn object(model: &str, name: &str, pk: impl Into<Value>) -> Value {
    let (app, model) = model.split_once('.').unwrap_or(("", model));
    json!({ "app": app, "model_name": model, "name": name, "pk": pk.into() })
}

/// Writes an event in the caller's transaction.
pub fn record(tx: &mut Tx<'_>, draft: EventDraft) -> Result<(), StoreError> {
    let retention = retention(tx)?;
    let is_quiet = draft.is_quiet;
    let event = event(tx, draft, retention);
    count(&event);
    events::create(tx, &event)?;
    if is_quiet { Ok(()) } else { hear(tx, &event) }
}

/// Puts an event that is listened for into the queue, in the transaction that writes it.
fn hear(tx: &mut Tx<'_>, event: &Event) -> Result<(), StoreError> {
    if !tx.listens_for(event) {
        return Ok(());
    }
    let id = JobId::timed(tx.moment(), tx.rng());
    let job = Job::queued(id, HEARD, json!({ "event": event.id }), tx.now());
    jobs::create(tx, &job)
}

/// Events of several requests that share a commit.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    /// What is not an event yet.
    drafts: Vec<EventDraft>,
    /// What a first attempt made of them; another attempt writes the same.
    events: Vec<Event>,
    /// Those of them that rules do not hear of.
    quiet: HashSet<EventId>,
}

impl Batch {
    pub(crate) fn of(drafts: Vec<EventDraft>) -> Self {
        Self { drafts, ..Self::default() }
    }

    /// Writes them in the caller's transaction.
    pub(crate) fn write(&mut self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        if !self.drafts.is_empty() {
            let retention = retention(tx)?;
            for draft in self.drafts.drain(..) {
                let is_quiet = draft.is_quiet;
                let event = event(tx, draft, retention);
                if is_quiet {
                    self.quiet.insert(event.id);
                }
                self.events.push(event);
            }
        }
        events::create_batch(tx, &self.events)?;
        for event in self.events.iter().filter(|event| !self.quiet.contains(&event.id)) {
            hear(tx, event)?;
        }
        self.events.iter().for_each(count);
        Ok(())
    }
}

fn count(event: &Event) {
    metrics::counter!("countersign_events_total", "action" => event.action.as_str()).increment(1);
}

fn event(tx: &Tx<'_>, draft: EventDraft, retention: Span) -> Event {
    let EventDraft { action, app, user, mut context, client_ip, impersonator, .. } = draft;
    redact(&mut context);
    let user = match (user, impersonator) {
        (Some(user), Some(impersonator)) => Some(user.through(&impersonator)),
        (user, impersonator) => user.or(impersonator),
    };
    Event {
        id: EventId::timed(tx.moment(), tx.rng()),
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

/// Bytes of a value as JSON.
fn size(value: &Value) -> usize {
    let mut counted = Counted(0);
    // What only counts does not fail.
    drop(serde_json::to_writer(&mut counted, value));
    counted.0
}

/// Counts what is written, and keeps none of it.
struct Counted(usize);

impl io::Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
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

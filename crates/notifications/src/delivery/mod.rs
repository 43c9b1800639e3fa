//! The job "notification": what a rule wants to be told is delivered by one of its transports.

mod chat;
mod letter;
mod local;
mod webhook;

use std::sync::Arc;

use async_trait::async_trait;
use countersign_events::{EventDraft, record};
use countersign_mail::Look;
use countersign_model::{ConfigObjectId, Event, EventAction, EventId, EventUser, Job, Severity, User};
use countersign_store::{Snapshot, StoreError, Tx, users};
use countersign_tasks::{JobError, JobHandler};
use countersign_types::{RawId, Timestamp};
use serde_json::json;

use crate::{
    NotificationRule, NotificationTransport, Notifier, TransportMode, audience,
    rules::{APP, Order, severity_of},
};

/// Does the jobs.
pub struct Delivery(pub Notifier);

/// An event on its way to somebody.
pub(crate) struct Note {
    pub(crate) event: Event,
    pub(crate) severity: Severity,
    pub(crate) look: Look,
}

/// A transport, and what it is called.
struct Way {
    id: ConfigObjectId,
    name: String,
    spec: NotificationTransport,
}

impl Delivery {
    /// The kind of the jobs.
    pub const KIND: &'static str = "notification";
}

#[async_trait]
impl JobHandler for Delivery {
    fn kind(&self) -> &'static str {
        Self::KIND
    }

    async fn run(&self, job: &Job) -> Result<(), JobError> {
        let Self(notifier) = self;
        let order: Order = serde_json::from_value(job.payload.clone())
            .map_err(|error| JobError::Hopeless(format!("the job is none of ours: {error}")))?;
        let snapshot = notifier.store().snapshot().await?;
        // What is gone meanwhile is not delivered.
        let Some(event) = notifier.event(order.event).await? else { return Ok(()) };
        let Some(rule) = notifier.object::<NotificationRule>(&snapshot, order.rule) else { return Ok(()) };
        let look = notifier.look_of(&snapshot);
        let note = Arc::new(Note { event, severity: severity_of(Some(&rule)), look });
        let Some(transport) = order.transport else {
            return self.show(&note, order.rule.raw(), rule, false).await;
        };
        let Some(way) = notifier.way(&snapshot, transport) else { return Ok(()) };
        match (way.spec.mode, order.user) {
            (TransportMode::Local, _) => self.show(&note, order.rule.raw(), rule, way.spec.send_once).await,
            (TransportMode::Email, _) => self.write(&snapshot, &note, rule, way).await,
            (TransportMode::Webhook | TransportMode::WebhookSlack, Some(pk)) => {
                let user = notifier.store().read(move |tx| users::by_pk(tx, pk)).await?;
                let Some(user) = user.filter(|user| user.is_active) else { return Ok(()) };
                notifier.request_webhook(&snapshot, &way, &note, user).await.map(drop)
            }
            // The transport was of another kind when the event was asked about.
            (TransportMode::Webhook | TransportMode::WebhookSlack, None) => Ok(()),
        }
    }

    fn given_up(&self, tx: &mut Tx<'_>, job: &Job, error: &str) -> Result<(), StoreError> {
        let draft = EventDraft::new(EventAction::SystemTaskException, APP).quietly();
        let draft = draft.with("name", Self::KIND).with("message", error).with("job", job.id.to_string());
        record(tx, draft.with("notification", job.payload.clone()))
    }
}

impl Delivery {
    /// Writes rows.
    async fn show(
        &self,
        note: &Arc<Note>,
        by: RawId,
        rule: NotificationRule,
        once: bool,
    ) -> Result<(), JobError> {
        let (notifier, note) = (self.0.clone(), Arc::clone(note));
        let written = self.0.store().write(move |tx| {
            let mut audience = audience::of(tx, &rule, &note.event)?;
            audience.truncate(if once { 1 } else { usize::MAX });
            local::show(tx, &notifier, &note, by, &audience)
        });
        Ok(written.await?)
    }

    /// Writes letters.
    async fn write(
        &self,
        snapshot: &Arc<Snapshot>,
        note: &Arc<Note>,
        rule: NotificationRule,
        way: Way,
    ) -> Result<(), JobError> {
        let event = note.event.clone();
        let once = way.spec.send_once;
        let audience = self.0.store().read(move |tx| audience::of(tx, &rule, &event)).await?;
        let mut letters = Vec::new();
        for user in audience.iter().take(if once { 1 } else { usize::MAX }) {
            letters.push(self.0.letter(snapshot, &way.spec, note, user).await?);
        }
        let outbox = self.0.parts.mail.outbox().clone();
        let posted = self.0.store().write(move |tx| {
            for letter in letters.iter().filter(|letter| letter.to.is_reachable()) {
                outbox.post(tx, letter)?;
            }
            Ok::<_, StoreError>(())
        });
        Ok(posted.await?)
    }
}

impl Notifier {
    fn way(&self, snapshot: &Snapshot, id: ConfigObjectId) -> Option<Way> {
        let spec = self.object::<NotificationTransport>(snapshot, id)?;
        Some(Way { id, name: snapshot.object(id)?.name.clone(), spec })
    }

    /// Tells a user something by a transport now, to see whether it goes at all. What came of it, in words; none when
    /// there is no such transport.
    pub async fn try_out(&self, transport: RawId, user: &User) -> Result<Option<Vec<String>>, JobError> {
        let snapshot = self.store().snapshot().await?;
        let Some(way) = self.way(&snapshot, ConfigObjectId(transport)) else { return Ok(None) };
        let look = self.look_of(&snapshot);
        let words = self.words(Some(user), &look);
        let message = words.t_args("notification-test", &[("name", way.name.as_str().into())]);
        let event = made_up(self, &way.name, &message, user);
        let note = Arc::new(Note { event, severity: Severity::Notice, look });
        match way.spec.mode {
            TransportMode::Local => {
                let (notifier, user) = (self.clone(), user.clone());
                let shown = self.store().write(move |tx| {
                    local::show(tx, &notifier, &note, transport, std::slice::from_ref(&user))
                });
                shown.await?;
                Ok(Some(Vec::new()))
            }
            TransportMode::Email => {
                let letter = self.letter(&snapshot, &way.spec, &note, user).await?;
                let sent = self.parts.mail.send_now(&letter).await;
                sent.map(|()| Some(Vec::new())).map_err(|error| JobError::Again(error.to_string()))
            }
            TransportMode::Webhook | TransportMode::WebhookSlack => {
                let status = self.request_webhook(&snapshot, &way, &note, user.clone()).await?;
                Ok(Some(vec![format!("HTTP {status}")]))
            }
        }
    }
}

/// An event that did not happen, for trying out. It stands in no trail.
fn made_up(notifier: &Notifier, name: &str, message: &str, user: &User) -> Event {
    let now: Timestamp = notifier.store().now();
    let context = json!({ "name": name, "message": message });
    Event {
        id: EventId::timed(now, &**notifier.store().rng()),
        action: EventAction::Custom,
        app: APP.to_owned(),
        user: Some(EventUser::of(user)),
        context: context.as_object().cloned().unwrap_or_default(),
        client_ip: None,
        created: now,
        expires: now,
    }
}

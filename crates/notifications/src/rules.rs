//! The job "event": every rule is asked about an event, and what follows is put into the queue.

use std::sync::Arc;

use async_trait::async_trait;
use countersign_events::{EventDraft, HEARD, RULE, record};
use countersign_model::{
    ConfigObject, ConfigObjectId, Event, EventAction, EventId, Family, Job, JobId, PolicyEngineMode,
    Severity, Subject, User,
};
use countersign_store::{Snapshot, StoreError, Tx, jobs, users};
use countersign_tasks::{JobError, JobHandler};
use countersign_types::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    Delivery, NotificationRule, NotificationTransport, Notifier, TransportMode, audience, once::id_of,
};

/// Who says so in the audit trail.
pub(crate) const APP: &str = "countersign.notifications";
/// Tries until an event counts as it could be asked, where a policy failed that may do better soon.
const TRIES_OF_POLICIES: i32 = 3;

/// What a delivery is about.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Order {
    /// The event.
    pub(crate) event: EventId,
    /// The rule.
    pub(crate) rule: ConfigObjectId,
    /// The transport; none where a rule has none.
    pub(crate) transport: Option<ConfigObjectId>,
    /// The recipient, by integer key, of what is sent to each by himself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) user: Option<i64>,
}

/// A rule that matched.
struct Matched {
    id: ConfigObjectId,
    rule: NotificationRule,
}

/// Does the jobs.
pub struct Matching(pub Notifier);

#[async_trait]
impl JobHandler for Matching {
    fn kind(&self) -> &'static str {
        HEARD
    }

    async fn run(&self, job: &Job) -> Result<(), JobError> {
        let Self(notifier) = self;
        let id = job.payload.get("event").and_then(|id| id.as_str()?.parse().ok());
        let id = id.ok_or_else(|| JobError::Hopeless("the job names no event".to_owned()))?;
        let snapshot = notifier.look().await?;
        let Some(event) = notifier.event(id).await? else { return Ok(()) };
        let (matched, failed) = self.matched(&snapshot, &event).await?;
        if !matched.is_empty() {
            let (notifier, snapshot) = (notifier.clone(), Arc::clone(&snapshot));
            let orders = self.0.store().write(move |tx| follow(tx, &notifier, &snapshot, &event, &matched));
            orders.await?;
        }
        match failed {
            Some(problem) if job.attempts < TRIES_OF_POLICIES => Err(JobError::Again(problem)),
            _ => Ok(()),
        }
    }

    fn given_up(&self, tx: &mut Tx<'_>, job: &Job, error: &str) -> Result<(), StoreError> {
        let draft = EventDraft::new(EventAction::SystemTaskException, APP).quietly();
        record(tx, draft.with("name", HEARD).with("message", error).with("job", job.id.to_string()))
    }
}

impl Matching {
    /// The rules that match an event, and why one could not be asked.
    async fn matched(
        &self,
        snapshot: &Arc<Snapshot>,
        event: &Event,
    ) -> Result<(Vec<Matched>, Option<String>), JobError> {
        let Self(notifier) = self;
        let user = self.user(event).await?;
        let (mut matched, mut failed) = (Vec::new(), None);
        for object in snapshot.objects(Family::NotificationRule).iter().filter(|object| object.kind == RULE) {
            if !is_bound(snapshot, object, notifier.store().now()) {
                continue;
            }
            let request = notifier.request(event, user.clone());
            let changes = request.changes.clone();
            let (target, any) = (object.id.raw(), PolicyEngineMode::Any);
            let result = notifier.parts.policies.evaluate(snapshot, target, any, &request).await;
            if result.passing {
                let rule = notifier.object::<NotificationRule>(snapshot, object.id);
                matched.extend(rule.map(|rule| Matched { id: object.id, rule }));
            } else {
                let verdicts = changes.take_verdicts();
                failed = failed.or_else(|| verdicts.into_iter().find_map(|verdict| verdict.failure));
            }
        }
        Ok((matched, failed))
    }

    /// The user of an event, if he is still there.
    async fn user(&self, event: &Event) -> Result<Option<Arc<Subject>>, StoreError> {
        let Some(pk) = event.user.as_ref().map(|user| user.pk) else { return Ok(None) };
        let store = self.0.store();
        match store.read(move |tx| users::by_pk(tx, pk)).await? {
            Some(user) => store.subject(user.id).await,
            None => Ok(None),
        }
    }
}

/// Whether a rule has a binding that counts: one without any matches nothing.
fn is_bound(snapshot: &Snapshot, rule: &ConfigObject, now: Timestamp) -> bool {
    let mut bindings = snapshot.policy_bindings(rule.id.raw()).iter();
    bindings.any(|binding| binding.enabled && binding.expires.is_none_or(|expires| expires > now))
}

/// Puts deliveries into the queue, each once however often the event is asked about.
fn follow(
    tx: &mut Tx<'_>,
    notifier: &Notifier,
    snapshot: &Snapshot,
    event: &Event,
    matched: &[Matched],
) -> Result<(), StoreError> {
    for Matched { id, rule } in matched {
        let audience = audience::of(tx, rule, event)?;
        if audience.is_empty() {
            tracing::debug!(rule = %id, "a notification rule matched and has nobody to notify");
            continue;
        }
        let order = |transport, user| Order { event: event.id, rule: *id, transport, user };
        if rule.transports.is_empty() {
            enqueue(tx, event, &order(None, None))?;
        }
        for transport in rule.transports.iter().map(|transport| ConfigObjectId(transport.id())) {
            let spec = notifier.object::<NotificationTransport>(snapshot, transport);
            let Some(spec) = spec else { continue };
            match spec.mode {
                TransportMode::Local | TransportMode::Email => {
                    enqueue(tx, event, &order(Some(transport), None))?;
                }
                // Each request may fail by itself.
                TransportMode::Webhook | TransportMode::WebhookSlack => {
                    let most = if spec.send_once { 1 } else { audience.len() };
                    for User { pk, .. } in audience.iter().take(most) {
                        enqueue(tx, event, &order(Some(transport), Some(*pk)))?;
                    }
                }
            }
        }
    }
    Ok(())
}

fn enqueue(tx: &mut Tx<'_>, event: &Event, order: &Order) -> Result<(), StoreError> {
    let text = |part: Option<String>| part.unwrap_or_default();
    let parts = [
        order.event.to_string(),
        order.rule.to_string(),
        text(order.transport.map(|id| id.to_string())),
        text(order.user.map(|pk| pk.to_string())),
    ];
    let id = JobId(id_of(event.created, &parts.each_ref().map(String::as_str)));
    if jobs::by_id(tx, id)?.is_some() {
        return Ok(());
    }
    let job = Job::queued(id, Delivery::KIND, json!(order), tx.now());
    jobs::create(tx, &job)
}

/// How much notifications of a rule matter, for a rule that may be gone.
pub(crate) fn severity_of(rule: Option<&NotificationRule>) -> Severity {
    rule.map_or(Severity::Notice, |rule| rule.severity)
}

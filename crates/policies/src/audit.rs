//! What the audit trail hears of policies: failures always, results where logging is on.
//!
//! A policy of the sign-in page is evaluated at every visit, by anybody. So that a broken one does not let
//! strangers write to the database at will, its failures are recorded at most once a minute.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use countersign_model::{ConfigObjectId, Event, EventAction, EventId, EventUser};
use countersign_store::{Store, events};
use countersign_types::{JsonObject, Span, Timestamp};
use serde_json::{Value as Json, json};

use crate::{PolicyError, PolicyRequest, PolicyResult};

/// Time between two records of the same policy's failure.
const QUIET: Span = Span::from_mins(1);
/// How long the records are kept.
const KEPT: Span = Span::from_days(365);
/// Policies whose last failure is remembered.
const REMEMBERED: usize = 1024;

/// Records what policies did.
pub(crate) struct Audit {
    store: Store,
    reported: Mutex<HashMap<ConfigObjectId, Timestamp>>,
}

impl Audit {
    pub(crate) fn new(store: Store) -> Self {
        Self { store, reported: Mutex::default() }
    }

    /// A policy could not be evaluated.
    pub(crate) async fn exception(
        &self,
        policy: ConfigObjectId,
        name: &str,
        error: &PolicyError,
        request: &PolicyRequest,
    ) {
        let request_id = request.facts.request_id.as_str();
        tracing::warn!(policy = name, %policy, request_id, %error, "a policy could not be evaluated");
        if self.is_due(policy) {
            let message = json!(error.to_string());
            let context = details(policy, name, "message", message);
            self.record(EventAction::PolicyException, context, request).await;
        }
    }

    /// A policy with logging on was evaluated.
    pub(crate) async fn execution(
        &self,
        policy: ConfigObjectId,
        name: &str,
        result: &PolicyResult,
        request: &PolicyRequest,
    ) {
        let result = json!({ "passing": result.passing, "messages": result.messages });
        let context = details(policy, name, "result", result);
        self.record(EventAction::PolicyExecution, context, request).await;
    }

    /// A trail that cannot be written changes no decision.
    async fn record(&self, action: EventAction, context: JsonObject, request: &PolicyRequest) {
        let user = request.user.as_ref().map(|subject| EventUser {
            pk: subject.user.pk,
            username: subject.user.username.clone(),
            email: subject.user.email.clone(),
        });
        let client_ip = request.facts.client.map(|client| client.to_string());
        let written = self.store.write(move |tx| {
            let now = tx.now();
            let event = Event {
                id: EventId::timed(now, tx.rng()),
                action,
                app: "countersign.policies".to_owned(),
                user: user.clone(),
                context: context.clone(),
                client_ip: client_ip.clone(),
                created: now,
                expires: now.plus(KEPT),
            };
            events::create(tx, &event)
        });
        if let Err(error) = written.await {
            tracing::error!(%error, "an event of a policy was not recorded");
        }
    }

    fn is_due(&self, policy: ConfigObjectId) -> bool {
        let now = self.store.now();
        let mut reported = self.reported.lock().unwrap_or_else(PoisonError::into_inner);
        if reported.get(&policy).is_some_and(|last| now.since(*last) < QUIET) {
            return false;
        }
        if reported.len() >= REMEMBERED {
            reported.retain(|_, last| now.since(*last) < QUIET);
        }
        reported.insert(policy, now);
        true
    }
}

fn details(policy: ConfigObjectId, name: &str, key: &str, value: Json) -> JsonObject {
    let policy = json!({ "pk": policy.to_string(), "name": name });
    [("policy".to_owned(), policy), (key.to_owned(), value)].into_iter().collect()
}

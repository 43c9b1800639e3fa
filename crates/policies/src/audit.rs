//! What the audit trail hears of policies: failures always, results where logging is on.
//!
//! A policy of the sign-in page is evaluated at every visit, by anybody. So that a broken one does not let
//! strangers write to the database at will, its failures are recorded at most once a minute.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use countersign_events::{EventDraft, Recorder};
use countersign_model::{ConfigObjectId, EventAction};
use countersign_store::Store;
use countersign_types::{Span, Timestamp};
use serde_json::json;

use crate::{PolicyError, PolicyRequest, PolicyResult};

/// Time between two records of the same policy's failure.
const QUIET: Span = Span::from_mins(1);
/// Policies whose last failure is remembered.
const REMEMBERED: usize = 1024;

/// Records what policies did.
pub(crate) struct Audit {
    store: Store,
    recorder: Recorder,
    reported: Mutex<HashMap<ConfigObjectId, Timestamp>>,
}

impl Audit {
    pub(crate) fn new(store: Store) -> Self {
        Self { recorder: Recorder::new(store.clone()), store, reported: Mutex::default() }
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
        tracing::warn!(policy = name, policy_id = %policy, request_id, %error, "a policy could not be evaluated");
        if self.is_due(policy) {
            let draft = about(EventAction::PolicyException, policy, name);
            self.record(draft.with("message", error.to_string()), request).await;
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
        let draft = about(EventAction::PolicyExecution, policy, name);
        self.record(draft.with("result", result), request).await;
    }

    /// A trail that cannot be written changes no decision.
    async fn record(&self, draft: EventDraft, request: &PolicyRequest) {
        let draft =
            request.draft(draft).from(request.facts.client).through(request.facts.impersonator.as_ref());
        let draft = match &request.user {
            Some(subject) => draft.by(&subject.user),
            None => draft,
        };
        if let Err(error) = self.recorder.record(draft).await {
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

fn about(action: EventAction, policy: ConfigObjectId, name: &str) -> EventDraft {
    let policy = json!({ "pk": policy.to_string(), "name": name });
    EventDraft::new(action, "countersign.policies").with("policy", policy)
}

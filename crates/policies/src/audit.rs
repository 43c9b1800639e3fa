//! What the audit trail hears of policies: failures always, results where logging is on.
//!
//! A policy of the sign-in page is evaluated at every visit, by anybody. So that a broken one does not let
//! strangers write to the database at will, its failures are recorded at most once a minute.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use countersign_model::{ConfigObjectId, EventAction, EventUser};
use countersign_store::Store;
use countersign_types::{JsonObject, Span, Timestamp};
use serde_json::json;

use crate::{PolicyError, PolicyRequest, PolicyResult};

/// Time between two records of the same policy's failure.
const QUIET: Span = Span::from_mins(1);
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
            let context = json!({ "policy": subject(policy, name), "message": error.to_string() });
            self.record(EventAction::PolicyException, &context, request).await;
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
        let context = json!({ "policy": subject(policy, name), "result": result });
        self.record(EventAction::PolicyExecution, &context, request).await;
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

fn subject(policy: ConfigObjectId, name: &str) -> serde_json::Value {
    json!({ "pk": policy.to_string(), "name": name })
}

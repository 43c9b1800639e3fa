//! Trying out: what a policy or an expression would say, with everything that it logs, and nothing that follows.
//!
//! The limits are those of every other evaluation.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use countersign_expr::Value;
use countersign_model::ConfigObjectId;
use countersign_store::Snapshot;
use serde_json::Value as Json;

use crate::{
    ContextChanges, Evaluated, Expressions, LoggedLine, Policies, PolicyError, PolicyRequest, PolicyResult,
    Source,
};

/// What came of trying something out.
#[derive(Clone, Debug)]
pub struct Trial<T> {
    /// What it came to, or why it came to nothing.
    pub outcome: Result<T, PolicyError>,
    /// What it said with `ak_message`, in order.
    pub messages: Vec<String>,
    /// What it wrote to `ak_logger`; only an expression that came to an end has written.
    pub lines: Vec<LoggedLine>,
    /// How long it took.
    pub elapsed: Duration,
}

impl Policies {
    /// What one policy says. Leaves no event, and changes no plan.
    pub async fn try_out(
        &self,
        snapshot: &Arc<Snapshot>,
        policy: ConfigObjectId,
        request: PolicyRequest,
    ) -> Trial<PolicyResult> {
        let request = PolicyRequest { changes: ContextChanges::trying(), ..request };
        let started = Instant::now();
        let outcome = self.asker().ask_alone(snapshot, policy, &request).await;
        let messages = outcome.as_ref().map(|result| result.messages.clone()).unwrap_or_default();
        Trial { outcome, messages, lines: request.changes.take_lines(), elapsed: started.elapsed() }
    }
}

impl Expressions {
    /// What an expression returns, with the context as its variables.
    pub async fn try_out(&self, source: &Source, request: PolicyRequest) -> Trial<Json> {
        self.try_with(source, Vec::new(), request).await
    }

    /// What an expression returns, with these variables before those of the context.
    pub async fn try_with(
        &self,
        source: &Source,
        variables: Vec<(String, Value)>,
        request: PolicyRequest,
    ) -> Trial<Json> {
        let request = PolicyRequest { changes: ContextChanges::trying(), ..request };
        let started = Instant::now();
        let evaluated = self.evaluate(source, variables, &request).await;
        let elapsed = started.elapsed();
        let messages = evaluated.as_ref().map(|evaluated| evaluated.messages.clone()).unwrap_or_default();
        let outcome = evaluated.and_then(|Evaluated { value, .. }| {
            value.to_json().map_err(|error| PolicyError::Expression {
                name: source.name().to_owned(),
                problem: error.to_string(),
            })
        });
        Trial { outcome, messages, lines: request.changes.take_lines(), elapsed }
    }
}

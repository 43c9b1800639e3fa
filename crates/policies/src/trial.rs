//! Trying out: what a policy or an expression would say, with everything that it logs, and nothing that follows.
//!
//! The limits are those of every other evaluation.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use countersign_expr::{Value, ValueError};
use countersign_model::ConfigObjectId;
use countersign_store::Snapshot;
use serde_json::Value as Json;

use crate::{
    ContextChanges, Evaluated, Expressions, LoggedLine, Mapping, Policies, PolicyError, PolicyRequest,
    PolicyResult, Source, Stand,
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
        let request = PolicyRequest { changes: ContextChanges::trying(), ..request };
        let started = Instant::now();
        let evaluated = self.evaluate(source, Vec::new(), &request).await;
        let elapsed = started.elapsed();
        let as_json = |Evaluated { value, messages }| match Value::to_json(&value) {
            Ok(value) => Ok(Evaluated { value, messages }),
            Err(error) => {
                Err(PolicyError::Expression { name: source.name().to_owned(), problem: error.to_string() })
            }
        };
        Trial::of(evaluated.and_then(as_json), &request, elapsed)
    }

    /// What a property mapping returns, as its kind says. What it is given comes from the context, with these objects
    /// of the house in their places.
    pub async fn try_mapping(
        &self,
        mapping: Mapping,
        source: &Source,
        stand: Stand,
        mut request: PolicyRequest,
    ) -> Trial<Json> {
        request.changes = ContextChanges::trying();
        let started = Instant::now();
        let failed = |error: ValueError| PolicyError::Expression {
            name: source.name().to_owned(),
            problem: error.to_string(),
        };
        let evaluated = match mapping.tried_with(&mut request.context, stand).map_err(failed) {
            Ok(variables) => self.map(mapping, source, variables, &request).await,
            Err(error) => Err(error),
        };
        Trial::of(evaluated, &request, started.elapsed())
    }
}

impl Trial<Json> {
    fn of(
        evaluated: Result<Evaluated<Json>, PolicyError>,
        request: &PolicyRequest,
        elapsed: Duration,
    ) -> Self {
        let messages = evaluated.as_ref().map(|evaluated| evaluated.messages.clone()).unwrap_or_default();
        let outcome = evaluated.map(|evaluated| evaluated.value);
        Self { outcome, messages, lines: request.changes.take_lines(), elapsed }
    }
}

//! The engine: whether the bindings of an object let a request pass.
//!
//! Group and user bindings are asked first, since they cost nothing. In mode `all` one of them that fails
//! settles the matter and no policy is asked; then there are no messages. In every other case all policies
//! are asked, one after the other by `order`, so that messages and what expressions leave in the plan's
//! context do not depend on which of them happened to be quick. Results are not cached.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use countersign_crypto::Sealer;
use countersign_model::{BoundTo, ConfigObjectId, PolicyBinding, PolicyEngineMode};
use countersign_store::{Snapshot, Store};
use countersign_types::{ErrorKind, RawId};

use crate::{
    Expressions, LoggedLine, Policy, PolicyCx, PolicyError, PolicyKinds, PolicyRequest, PolicyResult,
    Verdict,
    audit::Audit,
    verdict::{self, Tally},
};

/// Seconds that a policy may take where no binding says otherwise.
const DEFAULT_TIMEOUT: u32 = 30;

/// The policy engine.
pub struct Policies {
    store: Store,
    kinds: PolicyKinds,
    expressions: Arc<Expressions>,
    sealer: Arc<Sealer>,
    audit: Audit,
}

/// What asking a policy came to; without an outcome it failed. Time and lines only for those who look on.
#[derive(Default)]
struct Asked {
    outcome: Option<PolicyResult>,
    failure: Option<String>,
    name: String,
    lines: Vec<LoggedLine>,
    elapsed: Duration,
}

/// For whoever looks on.
fn seen(binding: Option<&PolicyBinding>, bound_to: BoundTo, asked: Asked, result: &PolicyResult) -> Verdict {
    Verdict {
        target: binding.map(|binding| binding.target),
        binding: binding.map(|binding| binding.id),
        asked: bound_to,
        name: asked.name,
        passing: result.passing,
        failure: asked.failure,
        messages: result.messages.clone(),
        lines: asked.lines,
        elapsed: asked.elapsed,
    }
}

/// A policy made of its configuration, kept as long as the configuration.
struct Made {
    policy: Arc<dyn Policy>,
    name: String,
    logged: bool,
}

impl Policies {
    /// An engine with these kinds of policy.
    pub fn new(store: Store, kinds: PolicyKinds, expressions: Arc<Expressions>, sealer: Arc<Sealer>) -> Self {
        let audit = Audit::new(store.clone());
        Self { store, kinds, expressions, sealer, audit }
    }

    /// The expression evaluator.
    pub const fn expressions(&self) -> &Arc<Expressions> {
        &self.expressions
    }

    /// Whether the bindings of `target` let the request pass. An object without enabled bindings is open.
    pub async fn evaluate(
        &self,
        snapshot: &Arc<Snapshot>,
        target: RawId,
        mode: PolicyEngineMode,
        request: &PolicyRequest,
    ) -> PolicyResult {
        let bindings = snapshot.policy_bindings(target);
        let now = self.store.now();
        let counted = || bindings.iter().filter(|binding| verdict::counts(binding, now));
        if counted().next().is_none() {
            return verdict::unguarded(bindings);
        }
        let mut tally = Tally::new(mode);
        for binding in counted() {
            if let Some(passing) = membership(binding, request) {
                let outcome = PolicyResult { passing, messages: Vec::new() };
                let result = verdict::of_binding(binding, Some(outcome));
                request.changes.saw(|| seen(Some(binding), binding.bound_to, Asked::default(), &result));
                tally.add(result);
            }
        }
        if tally.is_lost() {
            return tally.finish();
        }
        for binding in counted() {
            if let BoundTo::Policy(policy) = binding.bound_to {
                let asked = self.ask(snapshot, policy, binding.timeout, request).await;
                let result = verdict::of_binding(binding, asked.outcome.clone());
                request.changes.saw(|| seen(Some(binding), binding.bound_to, asked, &result));
                tally.add(result);
            }
        }
        tally.finish()
    }

    /// Whether these policies let the request pass, without bindings: what cannot be evaluated denies.
    /// An empty list passes.
    pub async fn evaluate_list(
        &self,
        snapshot: &Arc<Snapshot>,
        policies: &[ConfigObjectId],
        mode: PolicyEngineMode,
        request: &PolicyRequest,
    ) -> PolicyResult {
        if policies.is_empty() {
            return PolicyResult::pass();
        }
        let mut tally = Tally::new(mode);
        for policy in policies {
            let asked = self.ask(snapshot, *policy, DEFAULT_TIMEOUT, request).await;
            let result = asked.outcome.clone().unwrap_or_else(PolicyResult::deny);
            request.changes.saw(|| seen(None, BoundTo::Policy(*policy), asked, &result));
            tally.add(result);
        }
        tally.finish()
    }

    /// What the policy says; none, with an event for the administrator, when it could not be evaluated.
    async fn ask(
        &self,
        snapshot: &Arc<Snapshot>,
        id: ConfigObjectId,
        timeout: u32,
        request: &PolicyRequest,
    ) -> Asked {
        let started = request.changes.is_listening().then(Instant::now);
        let mut asked = Asked::default();
        match self.made(snapshot, id) {
            Ok(made) => {
                asked.name.clone_from(&made.name);
                match self.evaluate_one(snapshot, &made, timeout, request).await {
                    Ok(result) => {
                        if made.logged {
                            self.audit.execution(id, &made.name, &result, request).await;
                        }
                        asked.outcome = Some(result);
                    }
                    Err(error) => {
                        asked.failure = Some(error.to_string());
                        self.failed(id, &made.name, &error, request).await;
                    }
                }
            }
            Err(error) => {
                asked.failure = Some(error.to_string());
                self.audit.exception(id, "", &error, request).await;
            }
        }
        asked.elapsed = started.map(|started| started.elapsed()).unwrap_or_default();
        asked.lines = request.changes.take_lines();
        asked
    }

    async fn evaluate_one(
        &self,
        snapshot: &Arc<Snapshot>,
        made: &Made,
        timeout: u32,
        request: &PolicyRequest,
    ) -> Result<PolicyResult, PolicyError> {
        let cx = PolicyCx { request, snapshot, expressions: &self.expressions };
        let limit = Duration::from_secs(u64::from(timeout));
        let outcome = tokio::time::timeout(limit, made.policy.evaluate(&cx)).await;
        outcome.unwrap_or(Err(PolicyError::Timeout(timeout)))
    }

    /// What a single policy says, with the reason when it could not be evaluated. Leaves no event.
    pub(crate) async fn ask_alone(
        &self,
        snapshot: &Arc<Snapshot>,
        id: ConfigObjectId,
        request: &PolicyRequest,
    ) -> Result<PolicyResult, PolicyError> {
        let made = self.made(snapshot, id)?;
        self.evaluate_one(snapshot, &made, DEFAULT_TIMEOUT, request).await
    }

    async fn failed(&self, id: ConfigObjectId, name: &str, error: &PolicyError, request: &PolicyRequest) {
        // When the house is overloaded the audit trail is spared: another write would not help.
        if error.kind() == ErrorKind::Unavailable {
            tracing::warn!(policy = name, %error, "a policy was not evaluated");
        } else {
            self.audit.exception(id, name, error, request).await;
        }
    }

    fn made(&self, snapshot: &Arc<Snapshot>, id: ConfigObjectId) -> Result<Arc<Made>, PolicyError> {
        snapshot.memo(id.raw(), || {
            let object = snapshot.object(id).ok_or(PolicyError::Missing(id))?;
            let policy = self.kinds.build(object, &self.sealer)?;
            let logged = object.config.get("execution_logging").and_then(serde_json::Value::as_bool);
            Ok(Made { policy, name: object.name.clone(), logged: logged.unwrap_or(false) })
        })
    }
}

/// What a group or user binding says; none for a policy's.
fn membership(binding: &PolicyBinding, request: &PolicyRequest) -> Option<bool> {
    let user = request.user.as_ref();
    match binding.bound_to {
        BoundTo::Group(group) => Some(user.is_some_and(|user| user.is_member_of(group))),
        BoundTo::User(id) => Some(user.is_some_and(|user| user.user.id == id)),
        BoundTo::Policy(_) => None,
    }
}

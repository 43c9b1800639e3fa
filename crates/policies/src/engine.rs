//! The engine: whether the bindings of an object let a request pass.
//!
//! Group and user bindings are asked first, since they cost nothing. In mode `all` one of them that fails
//! settles the matter and no policy is asked; then there are no messages. In every other case all policies
//! are asked, one after the other by `order`, so that messages and what expressions leave in the plan's
//! context do not depend on which of them happened to be quick. Results are not cached.

use std::sync::Arc;

use countersign_crypto::Sealer;
use countersign_geo::Atlas;
use countersign_model::{BoundTo, ConfigObjectId, PolicyBinding, PolicyEngineMode};
use countersign_store::{Snapshot, Store};
use countersign_types::RawId;

use crate::{
    Expressions, PolicyKinds, PolicyRequest, PolicyResult, Reputations, Surroundings, Verdict,
    asker::{Asked, Asker, DEFAULT_TIMEOUT},
    verdict::{self, Tally},
};

/// The policy engine.
pub struct Policies {
    store: Store,
    asker: Arc<Asker>,
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

impl Policies {
    /// An engine with these kinds of policy and nothing but the database.
    pub fn new(store: Store, kinds: PolicyKinds, expressions: Arc<Expressions>, sealer: Arc<Sealer>) -> Self {
        let surroundings = Surroundings::bare(&store);
        Self::within(surroundings, store, kinds, expressions, sealer)
    }

    /// An engine with these kinds of policy.
    pub fn within(
        surroundings: Surroundings,
        store: Store,
        kinds: PolicyKinds,
        expressions: Arc<Expressions>,
        sealer: Arc<Sealer>,
    ) -> Self {
        let asker = Asker::new(surroundings, store.clone(), kinds, expressions, sealer);
        Self { store, asker }
    }

    /// The expression evaluator.
    pub fn expressions(&self) -> &Arc<Expressions> {
        self.asker.expressions()
    }

    /// What is known of earlier sign-ins, for stages to add to.
    pub fn reputations(&self) -> &Arc<Reputations> {
        &self.asker.surroundings().reputations
    }

    /// Knows where addresses are.
    pub fn atlas(&self) -> &Atlas {
        &self.asker.surroundings().atlas
    }

    /// One policy by itself.
    pub(crate) const fn asker(&self) -> &Arc<Asker> {
        &self.asker
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
                let asked = self.asker.ask(snapshot, policy, binding.timeout, request).await;
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
            let asked = self.asker.ask(snapshot, *policy, DEFAULT_TIMEOUT, request).await;
            let result = asked.outcome.clone().unwrap_or_else(PolicyResult::deny);
            request.changes.saw(|| seen(None, BoundTo::Policy(*policy), asked, &result));
            tally.add(result);
        }
        tally.finish()
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

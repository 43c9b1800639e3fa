//! From a flow to a plan: who may run it, and which stages are left for this person.

use std::sync::Arc;

use countersign_model::{DeniedAction, Flow, FlowAuthentication, FlowDesignation};
use countersign_policies::{PolicyRequest, RequestFacts};
use countersign_store::Snapshot;
use countersign_types::{JsonObject, RawId, Text, Timestamp};

use crate::{
    Context, FlowServices, Here, LiveSession, PendingUser, Plan, PlannedStep, StepKind,
    inspector::{Recorder, changes_of},
    keys,
    run::{encode, is_guarded, next_of, policy_request},
};

/// Why there is no plan.
#[derive(Debug)]
pub(crate) enum NoPlan {
    /// This person may not run the flow.
    Denied(Vec<Text>),
    /// He goes elsewhere first, or instead.
    Redirect(String),
}

/// What planning goes by.
pub(crate) struct Planning<'a> {
    pub(crate) services: &'a FlowServices,
    pub(crate) snapshot: &'a Arc<Snapshot>,
    pub(crate) flow: &'a Flow,
    pub(crate) session: Option<&'a LiveSession>,
    pub(crate) facts: &'a RequestFacts,
    pub(crate) here: &'a Here,
    pub(crate) now: Timestamp,
    pub(crate) recorder: Option<&'a Recorder>,
}

impl Planning<'_> {
    /// Plans the flow with a context to begin with.
    pub(crate) async fn plan(
        &self,
        id: RawId,
        mut context: Context,
        appended: Vec<(String, serde_json::Value)>,
    ) -> Result<Plan, NoPlan> {
        self.check_authentication(&context)?;
        self.prepare(&mut context);
        self.check_policies(&mut context).await?;
        let mut steps = Vec::new();
        for binding in self.snapshot.stage_bindings(self.flow.id) {
            if binding.evaluate_on_plan && is_guarded(self.snapshot, binding.id.raw()) {
                let request = self.policy_request(&context);
                let policies = &self.services.policies;
                let mode = binding.policy_engine_mode;
                let result = policies.evaluate(self.snapshot, binding.id.raw(), mode, &request).await;
                crate::run::apply_changes(&mut context, &request);
                if !result.passing {
                    continue;
                }
            }
            steps.push(PlannedStep {
                kind: StepKind::Bound(binding.id),
                re_evaluate: binding.re_evaluate_policies,
            });
        }
        let appended = appended
            .into_iter()
            .map(|(name, config)| PlannedStep { kind: StepKind::Appended(name, config), re_evaluate: false });
        steps.extend(appended);
        Ok(Plan::new(id, self.flow.id, steps, context, self.now))
    }

    /// Takes up a plan that waited for a link: the same steps and context, for whoever may run the flow now.
    pub(crate) async fn take_up(&self, id: RawId, waiting: Plan) -> Result<Plan, NoPlan> {
        let mut context = waiting.context;
        self.check_authentication(&context)?;
        self.check_policies(&mut context).await?;
        let mut plan = Plan::new(id, self.flow.id, waiting.steps, context, self.now);
        plan.entered = waiting.entered;
        Ok(plan)
    }

    /// Who may run the flow at all.
    fn check_authentication(&self, context: &Context) -> Result<(), NoPlan> {
        let allowed = match self.flow.authentication {
            FlowAuthentication::None => true,
            FlowAuthentication::RequireAuthenticated => match self.session {
                Some(_) => true,
                None => return Err(self.sign_in_first()),
            },
            FlowAuthentication::RequireUnauthenticated => self.session.is_none(),
            FlowAuthentication::RequireSuperuser => match self.session {
                Some(live) => live.subject.is_superuser(),
                None => return Err(self.sign_in_first()),
            },
            FlowAuthentication::RequireRedirect => context.has(&keys::IS_REDIRECTED),
            FlowAuthentication::RequireToken => context.get(&keys::IS_RESTORED) == Some(true),
            FlowAuthentication::RequireOutpost => false,
        };
        if allowed { Ok(()) } else { Err(self.denial(vec![Text::key("flow-not-applicable")])) }
    }

    /// By way of the sign-in page and back.
    fn sign_in_first(&self) -> NoPlan {
        let next = encode(&self.here.url());
        NoPlan::Redirect(format!("/flows/-/default/authentication/?next={next}"))
    }

    /// Flows that are about who is signed in begin with that user.
    fn prepare(&self, context: &mut Context) {
        let about_me = matches!(
            self.flow.designation,
            FlowDesignation::StageConfiguration
                | FlowDesignation::Authorization
                | FlowDesignation::Unenrollment
                | FlowDesignation::Invalidation
        );
        if let Some(live) = self.session
            && about_me
            && !context.has(&keys::PENDING_USER)
        {
            context.set(&keys::PENDING_USER, &PendingUser::Known { id: live.subject.user.id });
        }
    }

    fn policy_request(&self, context: &Context) -> PolicyRequest {
        let changes = changes_of(self.recorder);
        policy_request(context, None, self.session, self.facts, JsonObject::new(), changes)
    }

    async fn check_policies(&self, context: &mut Context) -> Result<(), NoPlan> {
        if !is_guarded(self.snapshot, self.flow.id.raw()) {
            return Ok(());
        }
        let request = self.policy_request(context);
        let mode = self.flow.policy_engine_mode;
        let result = self.services.policies.evaluate(self.snapshot, self.flow.id.raw(), mode, &request).await;
        crate::run::apply_changes(context, &request);
        if result.passing {
            return Ok(());
        }
        let mut messages: Vec<Text> = result.messages.into_iter().map(Text::literal).collect();
        if messages.is_empty() {
            messages.push(Text::key("flow-not-applicable"));
        }
        Err(self.denial(messages))
    }

    /// What `denied_action` makes of a refusal.
    fn denial(&self, messages: Vec<Text>) -> NoPlan {
        let next = next_of(&self.here.query);
        match (self.flow.denied_action, next) {
            (DeniedAction::MessageContinue | DeniedAction::Continue, Some(next)) => NoPlan::Redirect(next),
            (DeniedAction::Continue, None) => NoPlan::Redirect("/".to_owned()),
            (DeniedAction::MessageContinue, None) | (DeniedAction::Message, _) => NoPlan::Denied(messages),
        }
    }
}

//! One request's walk along a plan: enters stages until one asks, or the flow ends.

use std::sync::Arc;

use countersign_model::{Flow, FlowStageBinding, InvalidResponseAction, Subject};
use countersign_policies::{ContextChanges, PolicyRequest, RequestFacts};
use countersign_store::{Snapshot, Tx};
use countersign_types::{Digest, FieldErrors, JsonObject, RawId, Text, Timestamp};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::Value;

use crate::{
    Challenge, Context, FlowError, FlowServices, Here, LiveSession, LoadCx, Loaded, Outcome, PendingUser,
    Plan, Response, SessionChange, Stage, StageCx, StageError, Step, StepKind,
    effects::Effects,
    inspector::{MaybeRecorder, Passed, changes_of},
    keys, safe_next,
};

/// A plan with more silent steps than this goes in circles.
const MAX_SILENT_STEPS: usize = 200;

/// Where a walk stops.
#[derive(Debug)]
pub(crate) enum Stop {
    /// A stage asks.
    Ask(Box<Challenge>),
    /// A stage asks again.
    AskAgain(Box<Challenge>),
    /// The flow is over; on to this address.
    Finished(String),
    /// The flow ends here for this person.
    Denied(Vec<Text>),
    /// The flow is to be planned anew.
    Restart {
        keep_context: bool,
        /// What was wrong with the answer that led to it.
        complaint: Option<Text>,
    },
    /// Another flow takes over.
    OtherFlow { slug: String, keep_context: bool },
}

/// A request's walk along a plan.
pub(crate) struct Run<'a> {
    pub(crate) services: &'a FlowServices,
    pub(crate) snapshot: Arc<Snapshot>,
    pub(crate) flow: Flow,
    pub(crate) plan: Plan,
    pub(crate) session: Option<LiveSession>,
    pub(crate) pending: Option<Arc<Subject>>,
    pub(crate) facts: &'a RequestFacts,
    pub(crate) here: Here,
    pub(crate) browser: Digest,
    pub(crate) now: Timestamp,
    pub(crate) effects: Effects,
    pub(crate) session_change: SessionChange,
    /// Listens, when the run is inspected.
    pub(crate) recorder: MaybeRecorder,
}

/// The step in hand, resolved.
struct Current {
    stage: Arc<dyn Stage>,
    name: String,
    binding: Option<FlowStageBinding>,
    appended: Value,
}

impl Run<'_> {
    /// Enters stages from the step in hand on.
    pub(crate) async fn advance(&mut self) -> Result<Stop, FlowError> {
        for _ in 0..MAX_SILENT_STEPS {
            let Some(step) = self.plan.steps.first() else {
                return Ok(self.finish());
            };
            if step.re_evaluate && !self.plan.entered && !self.still_wanted().await? {
                self.pass(Passed::Skipped);
                continue;
            }
            let current = self.current()?;
            self.plan.entered = true;
            let loaded = self.load(&current.stage).await?;
            let step = current.stage.clone().enter(&mut self.cx(&current, loaded)).await?;
            match step {
                Step::Ask(challenge) => return Ok(Stop::Ask(challenge)),
                Step::Done(outcome) => {
                    if let Some(stop) = self.apply(outcome, &current, Passed::Silent).await? {
                        return Ok(stop);
                    }
                }
            }
        }
        Err(FlowError::Stage(StageError::Configuration {
            stage: self.flow.slug.to_string(),
            problem: "the flow goes in circles".to_owned(),
        }))
    }

    /// Puts an answer to the step in hand and goes on from there.
    pub(crate) async fn answer(&mut self, response: &Response, loaded: Loaded) -> Result<Stop, FlowError> {
        let current = self.current()?;
        let outcome = current.stage.clone().answer(&mut self.cx(&current, loaded), response).await?;
        if matches!(outcome, Outcome::Next) {
            self.plan.step += 1;
        }
        if let Some(stop) = self.apply(outcome, &current, Passed::Answered).await? {
            return Ok(stop);
        }
        self.advance().await
    }

    /// What an outcome does to the plan; none to go on.
    async fn apply(
        &mut self,
        outcome: Outcome,
        current: &Current,
        how: Passed,
    ) -> Result<Option<Stop>, FlowError> {
        if matches!(outcome, Outcome::Next | Outcome::Done | Outcome::Redirect(_)) {
            self.note_passed(how);
        }
        Ok(Some(match outcome {
            Outcome::Next => {
                self.plan.pass();
                return Ok(None);
            }
            Outcome::Done => self.finish(),
            Outcome::Deny(message) => Stop::Denied(vec![message]),
            Outcome::Redirect(to) => Stop::Finished(to),
            Outcome::Restart { keep_context } => Stop::Restart { keep_context, complaint: None },
            Outcome::OtherFlow { slug, keep_context } => Stop::OtherFlow { slug, keep_context },
            Outcome::Retry(errors) => {
                let action = current.binding.as_ref().map(|binding| binding.invalid_response_action);
                match action {
                    Some(InvalidResponseAction::Restart) => restart(false, errors),
                    Some(InvalidResponseAction::RestartWithContext) => restart(true, errors),
                    Some(InvalidResponseAction::Retry) | None => self.ask_again(errors, current).await?,
                }
            }
        }))
    }

    /// Leaves the step in hand behind.
    fn pass(&mut self, how: Passed) {
        self.note_passed(how);
        self.plan.pass();
    }

    fn note_passed(&mut self, how: Passed) {
        if let (Some(recorder), Some(step)) = (&mut self.recorder, self.plan.steps.first()) {
            recorder.passed(step, &self.snapshot, how);
        }
    }

    /// Puts the question in hand once more, since what followed from the answer could not be kept.
    pub(crate) async fn ask_anew(&mut self, errors: FieldErrors) -> Result<Stop, FlowError> {
        let current = self.current()?;
        self.ask_again(errors, &current).await
    }

    async fn ask_again(&mut self, errors: FieldErrors, current: &Current) -> Result<Stop, FlowError> {
        let loaded = self.load(&current.stage).await?;
        match current.stage.clone().enter(&mut self.cx(current, loaded)).await? {
            Step::Ask(mut challenge) => {
                challenge.errors = errors;
                Ok(Stop::AskAgain(challenge))
            }
            // A stage that complains but has nothing to ask can only begin anew.
            Step::Done(_) => Ok(Stop::Restart { keep_context: false, complaint: None }),
        }
    }

    /// Whether the policies of the step in hand still want it.
    async fn still_wanted(&mut self) -> Result<bool, FlowError> {
        let Some(StepKind::Bound(id)) = self.plan.steps.first().map(|step| step.kind.clone()) else {
            return Ok(true);
        };
        let Some(binding) = self.binding(id) else { return Err(FlowError::Stale) };
        if !is_guarded(&self.snapshot, id.raw()) {
            return Ok(true);
        }
        let request = policy_request(
            &self.plan.context,
            self.pending.as_ref(),
            self.session.as_ref(),
            self.facts,
            JsonObject::new(),
            changes_of(self.recorder.as_deref()),
        );
        let policies = &self.services.policies;
        let result = policies.evaluate(&self.snapshot, id.raw(), binding.policy_engine_mode, &request).await;
        if apply_changes(&mut self.plan.context, &request) {
            self.reload_pending().await?;
        }
        Ok(result.passing)
    }

    fn binding(&self, id: countersign_model::FlowStageBindingId) -> Option<FlowStageBinding> {
        self.snapshot.stage_bindings(self.flow.id).iter().find(|binding| binding.id == id).cloned()
    }

    /// Resolves the step in hand. A stage that was removed meanwhile makes the plan stale.
    fn current(&self) -> Result<Current, FlowError> {
        let step = self.plan.steps.first().ok_or(FlowError::Stale)?;
        match &step.kind {
            StepKind::Bound(id) => {
                let binding = self.binding(*id).ok_or(FlowError::Stale)?;
                let object = self.snapshot.object(binding.stage).ok_or(FlowError::Stale)?;
                let stage = self.services.stage(&self.snapshot, object)?;
                let appended = Value::Null;
                Ok(Current { stage, name: object.name.clone(), binding: Some(binding), appended })
            }
            StepKind::Appended(name, config) => {
                let stage = Arc::clone(self.services.kinds.appended(name)?);
                Ok(Current { stage, name: name.clone(), binding: None, appended: config.clone() })
            }
        }
    }

    /// The stage in hand, for its `load` in the executor's read unit.
    pub(crate) fn current_stage(&self) -> Result<Arc<dyn Stage>, FlowError> {
        self.current().map(|current| current.stage)
    }

    /// Reads what a stage wants to read, in a unit of its own.
    async fn load(&self, stage: &Arc<dyn Stage>) -> Result<Loaded, FlowError> {
        if !stage.loads_to_ask() {
            return Ok(None);
        }
        let reading = Reading {
            stage: Arc::clone(stage),
            context: self.plan.context.clone(),
            pending: self.pending.clone(),
            response: None,
            facts: self.facts.clone(),
            snapshot: Arc::clone(&self.snapshot),
        };
        Ok(self.services.store.look_up(move |tx| reading.load(tx)).await?)
    }

    /// Looks up who is going through the flow, after a policy changed it.
    async fn reload_pending(&mut self) -> Result<(), FlowError> {
        self.pending = match self.plan.context.get(&keys::PENDING_USER) {
            Some(PendingUser::Known { id }) => self.services.store.subject(id).await?,
            Some(PendingUser::Pretended { .. }) | None => None,
        };
        Ok(())
    }

    fn cx<'s>(&'s mut self, current: &'s Current, loaded: Loaded) -> StageCx<'s> {
        StageCx {
            services: self.services,
            snapshot: &self.snapshot,
            flow: &self.flow,
            stage_name: &current.name,
            binding: current.binding.as_ref(),
            appended: &current.appended,
            context: &mut self.plan.context,
            session: self.session.as_ref(),
            pending: &mut self.pending,
            loaded,
            facts: self.facts,
            here: &self.here,
            browser: self.browser,
            now: self.now,
            has_answered: self.plan.step > 0,
            steps: &self.plan.steps,
            effects: &mut self.effects,
            session_change: &mut self.session_change,
            recorder: self.recorder.as_deref(),
        }
    }

    /// The end: a trusted address from the context, else a relative `next`, else the start page.
    fn finish(&self) -> Stop {
        let to = self.plan.context.get(&keys::REDIRECT).or_else(|| next_of(&self.here.query));
        Stop::Finished(to.unwrap_or_else(|| "/".to_owned()))
    }
}

/// A restart that says what was wrong.
fn restart(keep_context: bool, errors: FieldErrors) -> Stop {
    let complaint = errors.0.into_iter().next().map(|error| error.message);
    Stop::Restart { keep_context, complaint }
}

/// A stage's reading, as it is sent to a thread of the store.
pub(crate) struct Reading {
    pub(crate) stage: Arc<dyn Stage>,
    pub(crate) context: Context,
    pub(crate) pending: Option<Arc<Subject>>,
    pub(crate) response: Option<Response>,
    pub(crate) facts: RequestFacts,
    pub(crate) snapshot: Arc<Snapshot>,
}

impl Reading {
    pub(crate) fn load(&self, tx: &mut Tx<'_>) -> Result<Loaded, StageError> {
        let cx = LoadCx {
            context: &self.context,
            pending: self.pending.as_ref(),
            response: self.response.as_ref(),
            facts: &self.facts,
            snapshot: &self.snapshot,
        };
        self.stage.load(&cx, tx)
    }
}

/// Whether the user signed in with this browser before: what policies ask the context for.
const KNOWN_DEVICE: &str = "known_device";

/// Whether there are policies to ask. Most flows and stages have none, and then nobody need describe the request.
pub(crate) fn is_guarded(snapshot: &Snapshot, target: RawId) -> bool {
    !snapshot.policy_bindings(target).is_empty()
}

/// The request as policies see it: the plan's context, and the user who goes through the flow, or else who
/// is signed in.
pub(crate) fn policy_request(
    context: &Context,
    pending: Option<&Arc<Subject>>,
    session: Option<&LiveSession>,
    facts: &RequestFacts,
    more: JsonObject,
    changes: ContextChanges,
) -> PolicyRequest {
    let mut values = context.values().clone();
    values.extend(more);
    let user = pending.or_else(|| session.map(|live| &live.subject)).cloned();
    let is_known = user.as_ref().is_some_and(|subject| facts.devices.knows(&subject.user));
    values.insert(KNOWN_DEVICE.to_owned(), Value::Bool(is_known));
    let is_sso = context.get(&keys::IS_SSO).unwrap_or(false);
    PolicyRequest { user, context: values, facts: facts.clone(), is_sso, changes }
}

/// Takes over what an expression assigned to the plan's context. Returns whether the user changed.
pub(crate) fn apply_changes(context: &mut Context, request: &PolicyRequest) -> bool {
    let changes = request.changes.take();
    let user_changed = changes.contains_key(keys::PENDING_USER.name());
    for (name, value) in changes {
        context.set_value(name, value);
    }
    user_changed
}

/// Everything but the unreserved characters of RFC 3986 and `/`.
const QUERY_VALUE: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'/');

/// Percent-encodes a value for a query string.
pub fn encode(value: &str) -> String {
    utf8_percent_encode(value, QUERY_VALUE).to_string()
}

/// A parameter of a raw query string, decoded. The first of several.
pub fn query_value(query: &str, name: &str) -> Option<String> {
    let value = query.split('&').find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        (key == name).then_some(value)
    })?;
    let value = value.replace('+', " ");
    percent_decode_str(&value).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

/// The `next` of a query string, if it leads to a page of ours.
pub(crate) fn next_of(query: &str) -> Option<String> {
    query_value(query, "next").filter(|next| safe_next(next).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoded_next_is_decoded_once() {
        assert_eq!(next_of("a=b&next=%2Fif%2Fuser%2F%3Fx%3D1"), Some("/if/user/?x=1".to_owned()));
        assert_eq!(next_of("next=%2F%2Fevil.example"), None);
        assert_eq!(next_of("next=%2F%5Cevil.example"), None);
    }
}

//! What a stage is. A stage says what to ask and what the answer means; the executor alone moves.

use std::{any::Any, collections::HashMap, sync::Arc};

use async_trait::async_trait;
use countersign_crypto::Sealer;
use countersign_model::{ConfigObject, Flow, FlowStageBinding, Session, Subject};
use countersign_policies::{PolicyRequest, PolicyResult};
use countersign_resource::ConfigKind;
use countersign_store::{Snapshot, Tx};
use countersign_types::{Digest, FieldErrors, JsonObject, Secret, Span, Text, Timestamp};

use crate::{
    Challenge, Context, DeviceCookie, EffectError, FlowServices, LiveSession, PendingUser, PendingUserView,
    Plan, PlannedStep, RequestFacts, Response, SessionChange, SourceButton, SourceKind, StageError,
    effects::Effects,
    inspector::{Recorder, changes_of},
    keys, source,
    token::{FLOW_TOKEN, WaitingPlan, token_key},
};

/// How a stage begins.
pub enum Step {
    /// Something must be asked.
    Ask(Box<Challenge>),
    /// Nothing must be asked.
    Done(Outcome),
}

impl From<Challenge> for Step {
    fn from(challenge: Challenge) -> Self {
        Self::Ask(Box::new(challenge))
    }
}

/// What an answer, or a silent stage, comes to.
#[derive(Debug)]
pub enum Outcome {
    /// On to the next stage.
    Next,
    /// The same question again, with complaints.
    Retry(FieldErrors),
    /// The flow anew.
    Restart {
        /// Whether what was collected stays.
        keep_context: bool,
    },
    /// The flow ends here for this person.
    Deny(Text),
    /// Elsewhere, and the flow is over. Stages pass only addresses that they vouch for.
    Redirect(String),
    /// To another flow, which is planned with this context (or none).
    OtherFlow {
        /// Its slug.
        slug: String,
        /// Whether what was collected goes along.
        keep_context: bool,
    },
    /// The flow has reached its end, whatever stages are left.
    Done,
}

/// What a stage read in the executor's read unit.
pub type Loaded = Option<Box<dyn Any + Send + Sync>>;

/// What a stage may look at while it reads.
pub struct LoadCx<'a> {
    /// Plan context.
    pub context: &'a Context,
    /// Who is going through the flow, with fresh credentials, when known.
    pub pending: Option<&'a Arc<Subject>>,
    /// The answer, when there is one.
    pub response: Option<&'a Response>,
    /// Facts of the request.
    pub facts: &'a RequestFacts,
    /// Configuration.
    pub snapshot: &'a Snapshot,
}

/// A stage of some kind with its configuration.
#[async_trait]
pub trait Stage: Send + Sync {
    /// Whether [`Stage::load`] has anything to read for an answer.
    fn loads(&self) -> bool {
        false
    }

    /// Whether [`Stage::load`] has anything to read for [`Stage::enter`]. That costs a trip of its own each
    /// time the question is put.
    fn loads_to_ask(&self) -> bool {
        false
    }

    /// Reads what [`Stage::enter`] or [`Stage::answer`] will need, inside the one read unit of the request.
    /// Runs on a thread of the store: no waiting for anything else here.
    fn load(&self, _cx: &LoadCx<'_>, _tx: &mut Tx<'_>) -> Result<Loaded, StageError> {
        Ok(None)
    }

    /// What to ask, or how to go on without asking. May be called again for the same step: on reload, and
    /// after a wrong answer.
    async fn enter(&self, cx: &mut StageCx<'_>) -> Result<Step, StageError>;

    /// What the answer means. A stage that never asks is never called. An empty, partial or unexpected
    /// answer must come to `Retry`, never to `Next`.
    async fn answer(&self, cx: &mut StageCx<'_>, response: &Response) -> Result<Outcome, StageError>;
}

/// A session that a stage begins.
pub struct NewSession {
    /// Value of the cookie.
    pub token: Secret<String>,
    /// The row.
    pub session: Session,
    /// How long the browser keeps the cookie; none for until it is closed.
    pub max_age: Option<Span>,
    /// By what the browser is known from now on, if at all.
    pub device: Option<DeviceCookie>,
}

/// What a stage works with.
pub struct StageCx<'a> {
    /// The house.
    pub services: &'a FlowServices,
    /// Configuration, the same throughout the request.
    pub snapshot: &'a Arc<Snapshot>,
    /// The flow.
    pub flow: &'a Flow,
    /// Name of the stage, for messages to administrators.
    pub stage_name: &'a str,
    /// The binding; none for stages that a provider appended.
    pub binding: Option<&'a FlowStageBinding>,
    /// Configuration of a stage that a provider appended; null otherwise.
    pub appended: &'a serde_json::Value,
    /// Plan context.
    pub context: &'a mut Context,
    /// The session with which the request came.
    pub session: Option<&'a LiveSession>,
    /// Who is going through the flow, when it is an account.
    pub pending: &'a mut Option<Arc<Subject>>,
    /// What [`Stage::load`] read.
    pub loaded: Loaded,
    /// Facts of the request.
    pub facts: &'a RequestFacts,
    /// Address of this page.
    pub here: &'a crate::Here,
    /// Which browser this is: the digest of the secret that binds runs to it.
    pub browser: Digest,
    /// The present moment.
    pub now: Timestamp,
    /// Whether a question of this run was answered: somebody is there, and not only a page that was opened.
    pub has_answered: bool,
    pub(crate) steps: &'a [PlannedStep],
    pub(crate) effects: &'a mut Effects,
    pub(crate) session_change: &'a mut SessionChange,
    pub(crate) recorder: Option<&'a Recorder>,
}

impl StageCx<'_> {
    /// Queues a write, to be committed with the moved plan.
    pub fn effect(
        &mut self,
        effect: impl FnMut(&mut Tx<'_>) -> Result<(), EffectError> + Send + Sync + 'static,
    ) {
        self.effects.push(Box::new(effect));
    }

    /// The same for a write by which nothing is lost when a power cut undoes it together with the step: the person
    /// takes the step again. Nobody waits for the disk then.
    pub fn fleeting_effect(
        &mut self,
        effect: impl FnMut(&mut Tx<'_>) -> Result<(), EffectError> + Send + Sync + 'static,
    ) {
        self.effects.push_fleeting(Box::new(effect));
    }

    /// What [`Stage::load`] read, if it was of this type.
    pub fn take_loaded<T: 'static>(&mut self) -> Option<T> {
        self.loaded.take().and_then(|loaded| loaded.downcast::<T>().ok()).map(|loaded| *loaded)
    }

    /// Makes somebody the one who goes through the flow.
    pub fn set_pending(&mut self, subject: Arc<Subject>) {
        self.context.set(&keys::PENDING_USER, &PendingUser::Known { id: subject.user.id });
        *self.pending = Some(subject);
    }

    /// Begins a session: the row is written with the plan, the cookie set by the face. The session with
    /// which the request came ends (rotation).
    pub fn begin_session(&mut self, new: NewSession) {
        let NewSession { token, session, max_age, device } = new;
        let old = self.session.map(|live| live.session.key);
        self.effect(move |tx| {
            match old {
                Some(old) => countersign_store::sessions::replace(tx, &old, &session)?,
                None => countersign_store::sessions::create(tx, &session)?,
            }
            Ok(())
        });
        *self.session_change = SessionChange::Set { token, max_age, device };
    }

    /// Ends the session with which the request came.
    pub fn end_session(&mut self) {
        if let Some(key) = self.session.map(|live| live.session.key) {
            self.effect(move |tx| {
                countersign_store::sessions::end(tx, &key)?;
                Ok(())
            });
        }
        *self.session_change = SessionChange::Clear;
    }

    /// Makes a link that brings the flow back to this stage, in whatever browser it is opened: the value of
    /// `flow_token` in the query. The plan waits with this context, and expects to be confirmed by
    /// [`StageCx::use_flow_token`], or by [`StageCx::use_waiting`] where what was sent with the link says as much.
    pub fn flow_token(
        &mut self,
        context: Context,
        lifetime: Span,
    ) -> Result<(Secret<String>, WaitingPlan), StageError> {
        let rng = &*self.services.rng;
        let (token, _) = countersign_crypto::new_token(rng);
        let id = countersign_types::random_uuid(rng);
        let plan = Plan::waiting(id, self.flow.id, self.steps.to_vec(), context, self.now.plus(lifetime));
        let sealed = plan.seal(token_key(token.expose()), &self.services.sealer).map_err(|error| {
            StageError::Configuration { stage: self.stage_name.to_owned(), problem: error.to_string() }
        })?;
        let waiting = WaitingPlan { key: sealed.key, plan: id };
        self.effect(move |tx| {
            countersign_store::plans::create(tx, &sealed)?;
            Ok(())
        });
        Ok((token, waiting))
    }

    /// Whether a link led here that is not used up yet.
    pub fn has_flow_token(&self) -> bool {
        self.context.has(&FLOW_TOKEN)
    }

    /// Uses the link up that led here. If somebody else was quicker, the step does not happen and the flow ends
    /// with these words.
    pub fn use_flow_token(&mut self, used_up: Text) {
        let Some(waiting) = self.context.get(&FLOW_TOKEN) else { return };
        self.context.remove(&FLOW_TOKEN);
        self.use_waiting(waiting, used_up);
    }

    /// Uses up a plan that waits, without going on with it: its link is worth nothing from now on. If it was used
    /// already, the step does not happen and the flow ends with these words.
    pub fn use_waiting(&mut self, waiting: WaitingPlan, used_up: Text) {
        self.effect(move |tx| match countersign_store::plans::finish(tx, &waiting.key, waiting.plan, 0)? {
            true => Ok(()),
            false => Err(EffectError::Deny(used_up.clone())),
        });
    }

    /// Lets a plan go that waits, if it still does.
    pub fn drop_waiting(&mut self, waiting: WaitingPlan) {
        self.effect(move |tx| {
            countersign_store::plans::finish(tx, &waiting.key, waiting.plan, 0)?;
            Ok(())
        });
    }

    /// Our own address for links that leave the house; none where only the browser says what it is.
    pub fn own_address(&self) -> Option<&str> {
        self.services.mail.home(self.snapshot, &self.facts.host, &self.facts.base_url)
    }

    /// How the person is shown above a question, with the way to say "not me".
    pub fn pending_view(&self) -> Option<PendingUserView> {
        let switch_url = Some(format!("/flows/-/cancel/?next={}", crate::run::encode(&self.here.url())));
        let is_shown = self.context.get(&keys::SHOWN_AS_MATCHED) == Some(true);
        let name = match self.context.get(&keys::PENDING_USER)? {
            PendingUser::Known { id } => {
                let matched = self.pending.as_ref().map(|subject| &subject.user);
                if let Some(user) = matched.filter(|user| is_shown && user.id == id) {
                    let avatar =
                        user.attributes.get("avatar").and_then(|own| own.as_str()).unwrap_or_default();
                    let (name, avatar) = (user.username.clone(), avatar.to_owned());
                    return Some(PendingUserView { name, avatar, switch_url });
                }
                let typed = self.context.get(&keys::PENDING_USER_IDENTIFIER);
                typed.or_else(|| self.pending.as_ref().map(|subject| subject.user.username.clone()))?
            }
            PendingUser::Pretended { typed } => typed,
        };
        Some(PendingUserView { name, avatar: String::new(), switch_url })
    }

    /// The request as policies and expressions see it, with more context values added.
    pub fn policy_request(&self, more: JsonObject) -> PolicyRequest {
        let changes = changes_of(self.recorder);
        crate::run::policy_request(
            self.context,
            self.pending.as_ref(),
            self.session,
            self.facts,
            more,
            changes,
        )
    }

    /// Evaluates the policy bindings of some object, or of a list of policies.
    pub async fn policies_of(
        &self,
        target: countersign_types::RawId,
        mode: countersign_model::PolicyEngineMode,
        more: JsonObject,
    ) -> Result<PolicyResult, StageError> {
        let request = self.policy_request(more);
        Ok(self.services.policies.evaluate(self.snapshot, target, mode, &request).await)
    }
}

/// A kind of stage: its specification, and how a stage is made of it.
pub trait StageKind: ConfigKind {
    /// Makes the stage. Called once per configuration.
    fn build(self, object: &ConfigObject) -> Result<Arc<dyn Stage>, StageError>;
}

type Build = fn(&ConfigObject, &Sealer) -> Result<Arc<dyn Stage>, StageError>;

/// The kinds of stage that this binary has, by model label; the stages that providers append by name; and the kinds of
/// source that stages lead to.
#[derive(Clone, Default)]
pub struct StageKinds {
    kinds: HashMap<&'static str, Build>,
    sources: HashMap<&'static str, source::Show>,
    appended: HashMap<&'static str, Arc<dyn Stage>>,
}

impl StageKinds {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a kind.
    #[must_use]
    pub fn with<K: StageKind>(mut self) -> Self {
        let build: Build = |object, sealer| {
            let spec = countersign_registry::load::<K>(object, sealer).map_err(|error| {
                StageError::Configuration { stage: object.name.clone(), problem: error.to_string() }
            })?;
            spec.build(object)
        };
        self.kinds.insert(K::MODEL, build);
        self
    }

    /// Adds a kind of source.
    #[must_use]
    pub fn with_source<K: SourceKind>(mut self) -> Self {
        self.sources.insert(K::MODEL, source::show::<K>);
        self
    }

    /// Adds a stage that is no object of the database: providers append it to a plan by name.
    #[must_use]
    pub fn with_appended(mut self, name: &'static str, stage: Arc<dyn Stage>) -> Self {
        self.appended.insert(name, stage);
        self
    }

    pub(crate) fn build(&self, object: &ConfigObject, sealer: &Sealer) -> Result<Arc<dyn Stage>, StageError> {
        let build = self.kinds.get(object.kind.as_str()).ok_or_else(|| StageError::Configuration {
            stage: object.name.clone(),
            problem: format!("the kind {} is not known", object.kind),
        })?;
        build(object, sealer)
    }

    /// The button of a source; none for what is no source that this binary has.
    pub(crate) fn source_button(
        &self,
        object: &ConfigObject,
        sealer: &Sealer,
    ) -> Result<Option<SourceButton>, StageError> {
        self.sources.get(object.kind.as_str()).map_or(Ok(None), |show| show(object, sealer))
    }

    pub(crate) fn all_appended(&self) -> Vec<(&'static str, Arc<dyn Stage>)> {
        self.appended.iter().map(|(name, stage)| (*name, Arc::clone(stage))).collect()
    }

    pub(crate) fn appended(&self, name: &str) -> Result<&Arc<dyn Stage>, StageError> {
        self.appended.get(name).ok_or_else(|| StageError::Configuration {
            stage: name.to_owned(),
            problem: "no such stage can be appended".to_owned(),
        })
    }
}

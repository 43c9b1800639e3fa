//! The executor: opens or makes the plan, lets a [`Run`] walk along it, and commits what came of it in at
//! most one unit of work. The only place that moves plans.
//!
//! | request | plan is | reads | writes |
//! |---|---|---|---|
//! | GET, nothing answered yet | planned anew | 0 (session warm) | 0 |
//! | GET, on the way | row | 1 | 0 |
//! | POST, first answer | planned anew, with the token's identifier | 1 | 1 |
//! | POST, on the way | row | 1 | 1 |
//! | POST, wrong answer | as above | 1 | 0, or 1 if the stage has effects |

use std::sync::Arc;

use countersign_crypto::{HashPool, Sealer};
use countersign_model::{ConfigObject, Flow, LiveSession, StoredPlan, Subject, UserId};
use countersign_policies::Policies;
use countersign_store::{Snapshot, Store, Tx, groups, plans, users};
use countersign_types::{Clock, Digest, JsonObject, Rng, Text, Timestamp, random_uuid};
use serde_json::Value;

use crate::{
    Context, Denied, EffectError, FlowError, FlowInfo, FlowRequest, Here, Key, Loaded, PendingUser, Plan,
    Reply, ReplyKind, Response, SessionChange, ShownChallenge, Stage, StageError, StageKinds, keys,
    plan::plan_key,
    planner::{NoPlan, Planning},
    run::{Reading, Run, Stop, encode, query_value},
    token::{START_LIFETIME, SealedStart, StepToken},
};

/// A flow that leads to another more often than this leads nowhere.
const MAX_FLOWS: usize = 10;

/// What the engine works with.
pub struct FlowServices {
    /// Database.
    pub store: Store,
    /// Seals plans and tokens.
    pub sealer: Arc<Sealer>,
    /// Verifies and makes password hashes.
    pub hashes: HashPool,
    /// Evaluates policies and expressions.
    pub policies: Arc<Policies>,
    /// The kinds of stage.
    pub kinds: StageKinds,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub rng: Arc<dyn Rng>,
}

impl FlowServices {
    /// The stage of a configuration object, made once per configuration.
    pub(crate) fn stage(
        &self,
        snapshot: &Snapshot,
        object: &ConfigObject,
    ) -> Result<Arc<dyn Stage>, StageError> {
        let built = snapshot.memo(object.id.raw(), || self.kinds.build(object, &self.sealer))?;
        Ok(Arc::clone(&built))
    }
}

/// What another part of the house hands to a flow that it begins.
#[derive(Clone, Debug, Default)]
pub struct Start {
    /// Context to begin with.
    pub context: Context,
    /// Stages to append: name and configuration.
    pub appended: Vec<(String, Value)>,
}

impl Start {
    /// Sets a context value.
    #[must_use]
    pub fn with<T: serde::Serialize>(mut self, key: &Key<T>, value: &T) -> Self {
        self.context.set(key, value);
        self
    }

    /// Appends a stage.
    #[must_use]
    pub fn then(mut self, stage: impl Into<String>, config: Value) -> Self {
        self.appended.push((stage.into(), config));
        self
    }
}

/// Runs flows.
pub struct Executor {
    services: FlowServices,
}

/// Whether there may be a row at an address.
#[derive(Clone, Copy)]
enum Lookup {
    Row,
    Skip,
}

/// What the one read unit of a request brings.
#[derive(Default)]
struct Opened {
    row: Option<StoredPlan>,
    plan: Option<Plan>,
    pending: Option<Arc<Subject>>,
    loaded: Loaded,
}

impl Executor {
    /// An executor.
    pub const fn new(services: FlowServices) -> Self {
        Self { services }
    }

    /// What the engine works with.
    pub const fn services(&self) -> &FlowServices {
        &self.services
    }

    /// Address of a flow page that begins with what is handed over. Nothing is run or written yet.
    pub fn address(
        &self,
        flow: &Flow,
        start: &Start,
        next: Option<&str>,
        request: &FlowRequest,
    ) -> Result<String, FlowError> {
        let slug = flow.slug.as_str();
        let mut query = Vec::new();
        if !start.context.values().is_empty() || !start.appended.is_empty() {
            let sealed = SealedStart {
                context: start.context.values().clone(),
                appended: start.appended.clone(),
                expires_micros: self.services.clock.now().plus(START_LIFETIME).as_micros(),
            };
            let browser = browser_digest(request);
            let sealed =
                sealed.seal(slug, &browser, &self.services.sealer).map_err(|_| FlowError::BadStart)?;
            query.push(format!("start={sealed}"));
        }
        if let Some(next) = next {
            query.push(format!("next={}", encode(next)));
        }
        Ok(Here { slug: slug.to_owned(), query: query.join("&") }.url())
    }

    /// Begins a flow on behalf of a provider: runs it as far as nobody must be asked. If somebody must, the
    /// reply redirects to the flow's page.
    pub async fn begin(&self, flow: &Flow, start: Start, request: &FlowRequest) -> Result<Reply, FlowError> {
        let address = self.address(flow, &start, None, request)?;
        let query = address.split_once('?').map(|(_, query)| query.to_owned()).unwrap_or_default();
        let request = FlowRequest { slug: flow.slug.to_string(), query, ..request.clone() };
        // The start is new, so there can be no row at its address.
        let mut reply = Box::pin(self.show_from(&request, Lookup::Skip)).await?;
        if matches!(reply.kind, ReplyKind::Challenge(_) | ReplyKind::NextChallenge(_)) {
            reply.kind = ReplyKind::Redirect { to: address };
        }
        Ok(reply)
    }

    /// The question in hand.
    pub async fn show(&self, request: &FlowRequest) -> Result<Reply, FlowError> {
        Box::pin(self.show_from(request, Lookup::Row)).await
    }

    /// A walk that has no plan yet.
    fn run<'a>(
        &'a self,
        request: &'a FlowRequest,
        snapshot: Arc<Snapshot>,
        flow: Flow,
        session: Option<LiveSession>,
        now: Timestamp,
    ) -> Run<'a> {
        Run {
            services: &self.services,
            snapshot,
            plan: Plan::new(uuid::Uuid::nil(), flow.id, Vec::new(), Context::default(), now),
            flow,
            session,
            pending: None,
            facts: &request.facts,
            here: Here { slug: request.slug.clone(), query: request.query.clone() },
            now,
            effects: Vec::new(),
            session_change: SessionChange::Keep,
        }
    }

    async fn show_from(&self, request: &FlowRequest, lookup: Lookup) -> Result<Reply, FlowError> {
        let here = Here { slug: request.slug.clone(), query: request.query.clone() };
        let key = plan_key(&request.browser, &here);
        let (snapshot, flow) = self.flow(&request.slug).await?;
        let session = self.session(request).await?;
        let now = self.services.clock.now();
        let opened = match lookup {
            Lookup::Row => self.open_row(key, &snapshot, &flow, now).await?,
            Lookup::Skip => Opened::default(),
        };
        let mut run = self.run(request, snapshot, flow, session, now);
        run.pending = opened.pending;
        let kept_step = opened.plan.as_ref().map(|plan| plan.step);
        match opened.plan {
            Some(plan) => run.plan = plan,
            None => {
                let id = random_uuid(&*self.services.rng);
                if let Err(reply) = self.plan_into(&mut run, id, request).await? {
                    return Ok(*reply);
                }
            }
        }
        let planned = run.plan.context.clone();
        let stop = run.advance().await?;
        let is_touched = !run.effects.is_empty() || run.plan.context != planned;
        let ending = Ending { key, kept_step, is_touched, is_noted: false, asked: None };
        Box::pin(self.end(run, stop, ending, request)).await
    }

    /// An answer to the question in hand. The token is the form's; the JSON face has none and relies on the
    /// component, which its caller compares.
    pub async fn answer(
        &self,
        request: &FlowRequest,
        token: Option<&str>,
        component: Option<&str>,
        response: Response,
    ) -> Result<Reply, FlowError> {
        let here = Here { slug: request.slug.clone(), query: request.query.clone() };
        let key = plan_key(&request.browser, &here);
        let (snapshot, flow) = self.flow(&request.slug).await?;
        let session = self.session(request).await?;
        let now = self.services.clock.now();
        let token = match token {
            Some(sealed) => {
                Some(StepToken::open(sealed, &key, &self.services.sealer, now).ok_or(FlowError::Stale)?)
            }
            None => None,
        };
        let mut run = self.run(request, snapshot, flow, session, now);
        // A first answer is to a plan that is not kept: it is made again, under the token's identifier.
        let first = match token {
            Some(token) => !token.is_row,
            None => self.open_row(key, &run.snapshot, &run.flow, now).await?.plan.is_none(),
        };
        if first {
            let id = token.map_or_else(|| random_uuid(&*self.services.rng), |token| token.plan);
            if let Err(reply) = self.plan_into(&mut run, id, request).await? {
                return Ok(*reply);
            }
            let stop = run.advance().await?;
            if !matches!(stop, Stop::Ask(_) | Stop::AskAgain(_)) {
                // Nothing is asked any more; the flow comes to what a visit would come to.
                let is_touched = !run.effects.is_empty();
                let ending = Ending { key, kept_step: None, is_touched, is_noted: false, asked: None };
                return Box::pin(self.end(run, stop, ending, request)).await;
            }
        }
        let opened = self.open_for_answer(key, &run, first, response.clone()).await?;
        if first {
            if let (Some(row), Some(token)) = (&opened.row, token)
                && row.plan_id == token.plan
            {
                return Err(FlowError::Stale);
            }
        } else {
            run.plan = opened.plan.ok_or(FlowError::Stale)?;
            run.pending = opened.pending;
        }
        if let Some(token) = token
            && (token.plan != run.plan.id || token.step != run.plan.step)
        {
            return Err(FlowError::Stale);
        }
        if let Some(component) = component {
            self.check_component(&mut run, component).await?;
        }
        let kept_step = (!first).then_some(run.plan.step);
        let asked = Asked { plan: run.plan.clone(), pending: run.pending.clone() };
        let stop = run.answer(&response, opened.loaded).await?;
        // What a stage notes about a wrong answer is kept, and the form that brought it is used up.
        let is_noted = matches!(stop, Stop::AskAgain(_)) && run.plan.context != asked.plan.context;
        if is_noted {
            run.plan.step += 1;
        }
        let is_touched = is_noted || !run.effects.is_empty();
        let ending = Ending { key, kept_step, is_touched, is_noted, asked: Some(asked) };
        let mut reply = Box::pin(self.end(run, stop, ending, request)).await?;
        if let ReplyKind::Challenge(shown) = &mut reply.kind
            && shown.is_retry
        {
            refill(shown, &response);
        }
        Ok(reply)
    }

    /// Forgets the plan at this address.
    pub async fn cancel(&self, request: &FlowRequest) -> Result<(), FlowError> {
        let here = Here { slug: request.slug.clone(), query: request.query.clone() };
        let key = plan_key(&request.browser, &here);
        self.services.store.write(move |tx| plans::delete(tx, &key).map_err(FlowError::Store)).await?;
        Ok(())
    }

    /// The JSON face names the component that it answers; any other than the one in hand is no answer.
    async fn check_component(&self, run: &mut Run<'_>, component: &str) -> Result<(), FlowError> {
        let effects = run.effects.len();
        let is_same = match run.advance().await? {
            Stop::Ask(challenge) | Stop::AskAgain(challenge) => challenge.component == component,
            _ => false,
        };
        if is_same && run.effects.len() == effects { Ok(()) } else { Err(FlowError::Stale) }
    }

    async fn flow(&self, slug: &str) -> Result<(Arc<Snapshot>, Flow), FlowError> {
        let snapshot = self.services.store.snapshot().await?;
        let flow = snapshot.flow_by_slug(slug).cloned().ok_or(FlowError::NotFound)?;
        Ok((snapshot, flow))
    }

    async fn session(&self, request: &FlowRequest) -> Result<Option<LiveSession>, FlowError> {
        match request.session_key {
            Some(key) => Ok(self.services.store.live_session(&key).await?),
            None => Ok(None),
        }
    }

    /// Plans the flow into the run; the reply is for whoever may not run it.
    async fn plan_into(
        &self,
        run: &mut Run<'_>,
        id: countersign_types::RawId,
        request: &FlowRequest,
    ) -> Result<Result<(), Box<Reply>>, FlowError> {
        let start = self.start_of(request, run.now)?;
        let planning = Planning {
            services: &self.services,
            snapshot: &run.snapshot,
            flow: &run.flow,
            session: run.session.as_ref(),
            facts: run.facts,
            here: &run.here,
            now: run.now,
        };
        match planning.plan(id, Context::from_values(start.context), start.appended).await {
            Ok(plan) => {
                run.pending = self.pending_of(&plan, run.session.as_ref()).await?;
                run.plan = plan;
                Ok(Ok(()))
            }
            Err(NoPlan::Redirect(to)) => {
                Ok(Err(Box::new(Reply { kind: ReplyKind::Redirect { to }, session: SessionChange::Keep })))
            }
            Err(NoPlan::Denied(messages)) => {
                let denied = Denied { info: info(run), messages };
                let kind = ReplyKind::Denied(Box::new(denied));
                Ok(Err(Box::new(Reply { kind, session: SessionChange::Keep })))
            }
        }
    }

    fn start_of(&self, request: &FlowRequest, now: Timestamp) -> Result<SealedStart, FlowError> {
        match query_value(&request.query, "start") {
            None => Ok(SealedStart::default()),
            Some(sealed) => {
                let browser = browser_digest(request);
                SealedStart::open(&sealed, &request.slug, &browser, &self.services.sealer, now)
                    .ok_or(FlowError::BadStart)
            }
        }
    }

    async fn pending_of(
        &self,
        plan: &Plan,
        session: Option<&LiveSession>,
    ) -> Result<Option<Arc<Subject>>, FlowError> {
        match plan.context.get(&keys::PENDING_USER) {
            Some(PendingUser::Known { id }) => match session {
                Some(live) if live.subject.user.id == id => Ok(Some(Arc::clone(&live.subject))),
                _ => Ok(self.services.store.subject(id).await?),
            },
            Some(PendingUser::Pretended { .. }) | None => Ok(None),
        }
    }

    /// Reads the row of a plan, if a browser may have one.
    async fn open_row(
        &self,
        key: Digest,
        snapshot: &Arc<Snapshot>,
        flow: &Flow,
        now: Timestamp,
    ) -> Result<Opened, FlowError> {
        let sealer = Arc::clone(&self.services.sealer);
        let (snapshot, flow) = (Arc::clone(snapshot), flow.id);
        self.services
            .store
            .read(move |tx| {
                let mut opened = Opened { row: plans::by_key(tx, &key)?, ..Opened::default() };
                opened.plan = opened.row.as_ref().and_then(|row| Plan::open(row, &sealer, now));
                opened.plan = opened.plan.filter(|plan| plan.flow == flow && is_whole(plan, &snapshot));
                opened.pending = pending_in(tx, opened.plan.as_ref())?;
                Ok::<_, FlowError>(opened)
            })
            .await
    }

    /// The one read unit of an answer: the row, who is going through, and what the stage wants to read.
    async fn open_for_answer(
        &self,
        key: Digest,
        run: &Run<'_>,
        first: bool,
        response: Response,
    ) -> Result<Opened, FlowError> {
        let sealer = Arc::clone(&self.services.sealer);
        let (snapshot, flow, now) = (Arc::clone(&run.snapshot), run.flow.id, run.now);
        let facts = run.facts.clone();
        let planned = match first {
            true => Some((run.plan.clone(), run.pending.clone(), run.current_stage()?)),
            false => None,
        };
        let stages = self.stages_by_binding(run)?;
        self.services
            .store
            .read(move |tx| {
                let mut opened = Opened { row: plans::by_key(tx, &key)?, ..Opened::default() };
                let stage = match &planned {
                    Some((plan, pending, stage)) => {
                        opened.plan = Some(plan.clone());
                        opened.pending = pending.clone();
                        Some(Arc::clone(stage))
                    }
                    None => {
                        let plan = opened.row.as_ref().and_then(|row| Plan::open(row, &sealer, now));
                        opened.plan = plan.filter(|plan| plan.flow == flow && is_whole(plan, &snapshot));
                        opened.pending = pending_in(tx, opened.plan.as_ref())?;
                        opened.plan.as_ref().and_then(|plan| stages.of(plan))
                    }
                };
                if let (Some(plan), Some(stage)) = (&opened.plan, stage)
                    && stage.loads()
                {
                    let reading = Reading {
                        stage,
                        context: plan.context.clone(),
                        pending: opened.pending.clone(),
                        response: Some(response.clone()),
                        facts: facts.clone(),
                        snapshot: Arc::clone(&snapshot),
                    };
                    opened.loaded = reading.load(tx)?;
                }
                Ok::<_, FlowError>(opened)
            })
            .await
    }

    fn stages_by_binding(&self, run: &Run<'_>) -> Result<StagesOfFlow, FlowError> {
        let mut bound = Vec::new();
        for binding in run.snapshot.stage_bindings(run.flow.id) {
            if let Some(object) = run.snapshot.object(binding.stage) {
                bound.push((binding.id, self.services.stage(&run.snapshot, object)?));
            }
        }
        Ok(StagesOfFlow { bound, appended: self.services.kinds.all_appended() })
    }

    /// Commits what came of a request and says so to the face.
    async fn end(
        &self,
        mut run: Run<'_>,
        stop: Stop,
        ending: Ending,
        request: &FlowRequest,
    ) -> Result<Reply, FlowError> {
        let kept = match &stop {
            Stop::Ask(_) if ending.must_keep() => Kept::Moved,
            Stop::AskAgain(_) if ending.is_noted => Kept::Moved,
            Stop::Ask(_) | Stop::AskAgain(_) => Kept::AsItWas,
            Stop::Finished(_) | Stop::Denied(_) | Stop::Restart { .. } | Stop::OtherFlow { .. } => Kept::Gone,
        };
        if let Some(refusal) = self.commit(&mut run, &ending, kept).await? {
            return self.refused(run, refusal, ending, request).await;
        }
        let is_row = matches!(kept, Kept::Moved) || ending.kept_step.is_some();
        let session = std::mem::replace(&mut run.session_change, SessionChange::Keep);
        let kind = match stop {
            Stop::Ask(challenge) => {
                let shown = Box::new(self.shown(&run, *challenge, &ending.key, is_row, false));
                if ending.asked.is_some() {
                    ReplyKind::NextChallenge(shown)
                } else {
                    ReplyKind::Challenge(shown)
                }
            }
            Stop::AskAgain(challenge) => {
                ReplyKind::Challenge(Box::new(self.shown(&run, *challenge, &ending.key, is_row, true)))
            }
            Stop::Finished(to) => ReplyKind::Redirect { to },
            Stop::Denied(messages) => ReplyKind::Denied(Box::new(Denied { info: info(&run), messages })),
            Stop::Restart { keep_context } => {
                ReplyKind::Redirect { to: self.onward(&run, &run.flow, keep_context, request)? }
            }
            Stop::OtherFlow { slug, keep_context } => {
                let flow = run.snapshot.flow_by_slug(&slug).ok_or_else(|| StageError::Configuration {
                    stage: run.flow.slug.to_string(),
                    problem: format!("there is no flow “{slug}”"),
                })?;
                ReplyKind::Redirect { to: self.onward(&run, flow, keep_context, request)? }
            }
        };
        Ok(Reply { kind, session })
    }

    /// Address of a flow that follows this one, with the context of this one or without.
    fn onward(
        &self,
        run: &Run<'_>,
        flow: &Flow,
        keep_context: bool,
        request: &FlowRequest,
    ) -> Result<String, FlowError> {
        let is_other = flow.id != run.flow.id;
        let mut start = Start::default();
        if keep_context {
            start.context = run.plan.context.clone();
            start.appended = run.plan.appended();
            // What was proved stays proved only within the plan that asked for the proof: the address that
            // carries the context could be opened again later.
            start.context.remove(&keys::PROVEN_USER);
            start.context.remove(&keys::USER_BACKEND);
            start.context.remove(&keys::AUTH_METHOD);
            start.context.remove(&keys::AUTH_METHOD_ARGS);
        }
        if is_other {
            let hops = run.plan.context.get(&FLOW_HOPS).unwrap_or(0) + 1;
            if hops > MAX_FLOWS {
                return Err(FlowError::Stage(StageError::Configuration {
                    stage: run.flow.slug.to_string(),
                    problem: "the flows lead to each other in circles".to_owned(),
                }));
            }
            start = start.with(&FLOW_HOPS, &hops).with(&keys::IS_REDIRECTED, &run.flow.slug.to_string());
        } else if !keep_context {
            // A restart keeps what the flow was begun with: application, trusted redirect, appended stages.
            return Ok(run.here.url());
        }
        let next = query_value(&run.here.query, "next");
        self.address(flow, &start, next.as_deref(), request)
    }

    /// One unit of work: every effect, and the plan. Returns why it was refused, if it was.
    async fn commit(
        &self,
        run: &mut Run<'_>,
        ending: &Ending,
        kept: Kept,
    ) -> Result<Option<EffectError>, FlowError> {
        let mut effects = std::mem::take(&mut run.effects);
        let row = match kept {
            Kept::Moved => {
                let sealed = run.plan.seal(ending.key, &self.services.sealer);
                Some(sealed.map_err(|_| FlowError::Malformed)?)
            }
            Kept::AsItWas | Kept::Gone => None,
        };
        let nothing_to_write = effects.is_empty()
            && match kept {
                Kept::Moved => false,
                Kept::AsItWas => true,
                Kept::Gone => ending.kept_step.is_none(),
            };
        if nothing_to_write {
            return Ok(None);
        }
        let (key, plan, kept_step) = (ending.key, run.plan.id, ending.kept_step);
        let result = self
            .services
            .store
            .write(move |tx| {
                let moved = match (kept, &row, kept_step) {
                    (Kept::Moved, Some(row), None) => plans::create(tx, row)?,
                    (Kept::Moved, Some(row), Some(step)) => plans::advance(tx, row, step)?,
                    (Kept::Gone, _, Some(step)) => plans::finish(tx, &key, plan, step)?,
                    (Kept::Moved, None, _) | (Kept::AsItWas, ..) | (Kept::Gone, _, None) => true,
                };
                if !moved {
                    return Err(EffectError::Stale);
                }
                effects.iter_mut().try_for_each(|effect| effect(tx))
            })
            .await;
        match result {
            Ok(()) => Ok(None),
            Err(EffectError::Store(error)) => Err(FlowError::Store(error)),
            Err(EffectError::Stale) => Err(FlowError::Stale),
            Err(refusal) => Ok(Some(refusal)),
        }
    }

    /// An effect refused: the whole step did not happen, and nothing of it was kept. What can be mended is
    /// asked again, at the question that was answered.
    async fn refused(
        &self,
        mut run: Run<'_>,
        refusal: EffectError,
        ending: Ending,
        request: &FlowRequest,
    ) -> Result<Reply, FlowError> {
        tracing::info!(flow = request.slug, "a step was refused when it was committed");
        let (errors, messages) = match refusal {
            EffectError::Deny(message) => (None, vec![message]),
            EffectError::Retry(errors) => {
                let messages = errors.0.iter().map(|error| error.message.clone()).collect();
                (Some(errors), messages)
            }
            EffectError::Store(error) => return Err(FlowError::Store(error)),
            EffectError::Stale => return Err(FlowError::Stale),
        };
        let is_row = ending.kept_step.is_some();
        if let (Some(errors), Some(asked)) = (errors, ending.asked) {
            run.plan = asked.plan;
            run.pending = asked.pending;
            if let Stop::AskAgain(challenge) = run.ask_anew(errors).await? {
                let shown = self.shown(&run, *challenge, &ending.key, is_row, true);
                let kind = ReplyKind::Challenge(Box::new(shown));
                return Ok(Reply { kind, session: SessionChange::Keep });
            }
        }
        let kind = ReplyKind::Denied(Box::new(Denied { info: info(&run), messages }));
        Ok(Reply { kind, session: SessionChange::Keep })
    }

    fn shown(
        &self,
        run: &Run<'_>,
        challenge: crate::Challenge,
        key: &Digest,
        is_row: bool,
        is_retry: bool,
    ) -> ShownChallenge {
        let token = StepToken { plan: run.plan.id, step: run.plan.step, is_row, expires: run.plan.expires };
        let token = token.seal(key, &self.services.sealer);
        ShownChallenge { challenge, info: info(run), token, is_retry }
    }
}

/// How often one flow led to another.
const FLOW_HOPS: Key<usize> = Key::new("goauthentik.io/flows/hops");

/// What is known about a request when its walk is over.
struct Ending {
    key: Digest,
    /// Step of the row that the plan came from; none when the plan was made in this request.
    kept_step: Option<i32>,
    /// Something is to be written or kept.
    is_touched: bool,
    /// A stage noted something about a wrong answer.
    is_noted: bool,
    /// What the answer was to, if the request was one.
    asked: Option<Asked>,
}

/// The walk before an answer was put to it.
struct Asked {
    plan: Plan,
    pending: Option<Arc<Subject>>,
}

impl Ending {
    /// Whether a plan that asks must be kept as a row. A first question is planned anew at each request
    /// until it is answered, unless it has left something behind.
    const fn must_keep(&self) -> bool {
        self.asked.is_some() || self.is_touched
    }
}

/// What becomes of the row: it is moved by one conditional statement, and whoever comes second is stale.
#[derive(Clone, Copy)]
enum Kept {
    Moved,
    AsItWas,
    Gone,
}

/// The stages of a flow by binding, to find the one in hand on a thread of the store.
struct StagesOfFlow {
    bound: Vec<(countersign_model::FlowStageBindingId, Arc<dyn Stage>)>,
    appended: Vec<(&'static str, Arc<dyn Stage>)>,
}

impl StagesOfFlow {
    fn of(&self, plan: &Plan) -> Option<Arc<dyn Stage>> {
        match &plan.steps.first()?.kind {
            crate::StepKind::Bound(id) => {
                self.bound.iter().find(|(candidate, _)| candidate == id).map(|(_, stage)| Arc::clone(stage))
            }
            crate::StepKind::Appended(name, _) => self
                .appended
                .iter()
                .find(|(candidate, _)| candidate == name)
                .map(|(_, stage)| Arc::clone(stage)),
        }
    }
}

/// Whether every stage left in the plan is still there. If one was removed meanwhile, the plan is no plan.
fn is_whole(plan: &Plan, snapshot: &Snapshot) -> bool {
    let bindings = snapshot.stage_bindings(plan.flow);
    plan.steps.iter().all(|step| match &step.kind {
        crate::StepKind::Bound(id) => {
            bindings.iter().any(|binding| binding.id == *id && snapshot.object(binding.stage).is_some())
        }
        crate::StepKind::Appended(..) => true,
    })
}

fn pending_in(tx: &mut Tx<'_>, plan: Option<&Plan>) -> Result<Option<Arc<Subject>>, FlowError> {
    match plan.and_then(|plan| plan.context.get(&keys::PENDING_USER)) {
        Some(PendingUser::Known { id }) => Ok(users::subject(tx, id)?.map(Arc::new)),
        // As many queries as for an account, so that time does not tell which it is.
        Some(PendingUser::Pretended { .. }) => {
            let nobody = UserId(uuid::Uuid::nil());
            users::by_id(tx, nobody)?;
            groups::direct_of(tx, nobody)?;
            Ok(None)
        }
        None => Ok(None),
    }
}

fn browser_digest(request: &FlowRequest) -> Digest {
    countersign_crypto::digest(request.browser.expose())
}

/// What is common to all challenges of the flow.
fn info(run: &Run<'_>) -> FlowInfo {
    let context = &run.plan.context;
    let application = context.get(&keys::APPLICATION).and_then(|app| run.snapshot.application(app.id));
    let brand = || run.snapshot.brand_for(&run.facts.host).map(|brand| brand.branding_title.as_str());
    let app_name = application.map(|application| application.name.as_str()).or_else(brand);
    FlowInfo {
        id: run.flow.id,
        slug: run.flow.slug.to_string(),
        title: Text::template(run.flow.title.clone()).with("app", app_name.unwrap_or_default()),
        background: run.flow.background.clone(),
        layout: run.flow.layout,
        cancel_url: "/flows/-/cancel/",
        form_origins: context.get(&keys::FORM_ORIGINS).unwrap_or_default(),
        url: run.here.url(),
    }
}

/// What was typed stays in the fields, passwords and files aside.
fn refill(shown: &mut ShownChallenge, response: &Response) {
    for field in shown.challenge.fields_mut() {
        let keeps = !matches!(
            field.kind,
            crate::FieldKind::Password
                | crate::FieldKind::File
                | crate::FieldKind::Code
                | crate::FieldKind::Hidden
                | crate::FieldKind::ReadOnly
                | crate::FieldKind::TextAreaReadOnly
        );
        if !keeps {
            continue;
        }
        if matches!(field.kind, crate::FieldKind::Checkbox) {
            field.value = response.is_ticked(&field.name).to_string();
        } else if let Some(Value::String(text)) = response.value(&field.name) {
            field.value.clone_from(text);
        }
    }
}

/// Context values as an object, for callers that hand over more than one.
impl From<JsonObject> for Context {
    fn from(values: JsonObject) -> Self {
        Self::from_values(values)
    }
}

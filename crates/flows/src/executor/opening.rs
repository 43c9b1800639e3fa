//! The reading half: the plan is opened or made, together with whatever the stage in hand wants to read.

use std::sync::Arc;

use countersign_model::{Flow, LiveSession, StoredPlan, Subject, UserId};
use countersign_store::{Snapshot, Tx, groups, plans, users};
use countersign_types::{Digest, RawId, Text, Timestamp};

use super::{Executor, ending::info};
use crate::{
    Context, Denied, FlowError, FlowRequest, Loaded, PendingUser, Plan, Reply, ReplyKind, Response,
    SessionChange, Stage, Start, StepKind, keys,
    planner::{NoPlan, Planning},
    run::{Reading, Run, query_value},
    token::{FLOW_TOKEN, SealedStart, WaitingPlan, token_key},
};

/// Where a link has its token.
const FLOW_TOKEN_PARAMETER: &str = "flow_token";
/// Tokens are 43 characters; nothing much longer is looked up.
const MAX_TOKEN: usize = 200;

/// Nothing tells apart a link that never was and one that was used.
fn link_is_used(run: &Run<'_>) -> Reply {
    let denied = Denied { info: info(run), messages: vec![Text::key("flow-link-used")] };
    Reply { kind: ReplyKind::Denied(Box::new(denied)), session: SessionChange::Keep }
}

/// What the one read unit of a request brings.
#[derive(Default)]
pub(super) struct Opened {
    pub(super) row: Option<StoredPlan>,
    pub(super) plan: Option<Plan>,
    pub(super) pending: Option<Arc<Subject>>,
    pub(super) loaded: Loaded,
}

impl Executor {
    /// Plans the flow into the run; the reply is for whoever may not run it.
    pub(super) async fn plan_into(
        &self,
        run: &mut Run<'_>,
        id: RawId,
        request: &FlowRequest,
    ) -> Result<Result<(), Box<Reply>>, FlowError> {
        let restored = match query_value(&request.query, FLOW_TOKEN_PARAMETER) {
            Some(token) => match self.waiting_plan(&token, run).await? {
                Some(plan) => Some(plan),
                None => return Ok(Err(Box::new(link_is_used(run)))),
            },
            None => None,
        };
        let start = self.start_of(request, run.now)?;
        let planning = Planning {
            services: &self.services,
            snapshot: &run.snapshot,
            flow: &run.flow,
            session: run.session.as_ref(),
            facts: run.facts,
            here: &run.here,
            now: run.now,
            recorder: run.recorder.as_deref(),
        };
        let planned = match restored {
            Some(waiting) => planning.take_up(id, waiting).await,
            None => planning.plan(id, Context::from_values(start.context), start.appended).await,
        };
        match planned {
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

    /// The plan that waits for a link; none when it is used up, out of date or of another flow.
    async fn waiting_plan(&self, token: &str, run: &Run<'_>) -> Result<Option<Plan>, FlowError> {
        if token.len() > MAX_TOKEN {
            return Ok(None);
        }
        let (key, sealer) = (token_key(token), Arc::clone(&self.services.sealer));
        let (snapshot, flow, now) = (Arc::clone(&run.snapshot), run.flow.id, run.now);
        self.services
            .store
            .look_up(move |tx| {
                let row = plans::by_key(tx, &key)?;
                let plan = row.as_ref().and_then(|row| Plan::open(row, &sealer, now));
                let plan = plan.filter(|plan| plan.flow == flow && is_whole(plan, &snapshot));
                Ok::<_, FlowError>(plan.map(|mut plan| {
                    plan.context.set(&FLOW_TOKEN, &WaitingPlan { key, plan: plan.id });
                    plan.context.set(&keys::IS_RESTORED, &true);
                    plan
                }))
            })
            .await
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

    /// What the flow was begun with: application, trusted redirect, appended stages.
    pub(super) fn begun_with(&self, request: &FlowRequest, run: &Run<'_>) -> Result<Start, FlowError> {
        let start = self.start_of(request, run.now)?;
        Ok(Start { context: Context::from_values(start.context), appended: start.appended })
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
    pub(super) async fn open_row(
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
            .look_up(move |tx| {
                let mut opened = Opened { row: plans::by_key(tx, &key)?, ..Opened::default() };
                opened.plan = opened.row.as_ref().and_then(|row| Plan::open(row, &sealer, now));
                opened.plan = opened.plan.filter(|plan| plan.flow == flow && is_whole(plan, &snapshot));
                opened.pending = pending_in(tx, opened.plan.as_ref())?;
                Ok::<_, FlowError>(opened)
            })
            .await
    }

    /// The one read unit of an answer: the row, who is going through, and what the stage wants to read.
    pub(super) async fn open_for_answer(
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
            .look_up(move |tx| {
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
}

/// The stages of a flow by binding, to find the one in hand on a thread of the store.
struct StagesOfFlow {
    bound: Vec<(countersign_model::FlowStageBindingId, Arc<dyn Stage>)>,
    appended: Vec<(&'static str, Arc<dyn Stage>)>,
}

impl StagesOfFlow {
    fn of(&self, plan: &Plan) -> Option<Arc<dyn Stage>> {
        match &plan.steps.first()?.kind {
            StepKind::Bound(id) => {
                self.bound.iter().find(|(candidate, _)| candidate == id).map(|(_, stage)| Arc::clone(stage))
            }
            StepKind::Appended(name, _) => self
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
        StepKind::Bound(id) => {
            bindings.iter().any(|binding| binding.id == *id && snapshot.object(binding.stage).is_some())
        }
        StepKind::Appended(..) => true,
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

pub(super) fn browser_digest(request: &FlowRequest) -> Digest {
    countersign_crypto::digest(request.browser.expose())
}

//! The writing half: what came of a walk is committed in at most one unit of work, and told to the face.

use std::sync::Arc;

use countersign_model::{StoredPlan, Subject};
use countersign_store::{Tx, plans};
use countersign_types::{Digest, Text, random_uuid};
use serde_json::Value;

use super::Executor;
use crate::{
    Challenge, Denied, EffectError, FieldKind, FlowError, FlowInfo, FlowRequest, Here, Key, Plan, Reply,
    ReplyKind, Response, SessionChange, ShownChallenge, StageError, Start, keys,
    plan::plan_key,
    planner::Planning,
    run::{Run, Stop, encode, query_value},
    token::StepToken,
};

/// A flow that leads to another more often than this leads nowhere.
const MAX_FLOWS: usize = 10;

/// How often one flow led to another.
const FLOW_HOPS: Key<usize> = Key::new("goauthentik.io/flows/hops");

/// Why the flow began anew, for the first question to say.
const RESTARTED: Key<Text> = Key::new("goauthentik.io/flows/restarted");

/// Where a flow goes on that was begun anew or led to another, and the plan that waits there.
struct Onward {
    to: String,
    row: Option<StoredPlan>,
}

/// What is known about a request when its walk is over.
pub(super) struct Ending {
    pub(super) key: Digest,
    /// Step of the row that the plan came from; none when the plan was made in this request.
    pub(super) kept_step: Option<i32>,
    /// Something is to be written or kept.
    pub(super) is_touched: bool,
    /// A stage noted something about a wrong answer.
    pub(super) is_noted: bool,
    /// What the answer was to, if the request was one.
    pub(super) asked: Option<Asked>,
}

/// The walk before an answer was put to it.
pub(super) struct Asked {
    pub(super) plan: Plan,
    pub(super) pending: Option<Arc<Subject>>,
}

impl Ending {
    /// Whether a plan that asks must be kept as a row. A first question is planned anew at each request
    /// until it is answered, unless it has left something behind.
    const fn must_keep(&self) -> bool {
        self.asked.is_some() || self.is_touched
    }
}

/// Rows beside that of the plan.
struct Rows {
    /// A plan that waits elsewhere.
    waiting: Option<StoredPlan>,
    /// The record of an inspected run.
    inspected: Option<StoredPlan>,
}

/// What becomes of the row: it is moved by one conditional statement, and whoever comes second is stale.
#[derive(Clone, Copy)]
enum Kept {
    Moved,
    AsItWas,
    Gone,
}

impl Executor {
    /// Commits what came of a request and says so to the face.
    pub(super) async fn end(
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
        let (onward, waiting) = match self.onward(&run, &stop, request).await? {
            Some(Onward { to, row }) => (to, row),
            None => (String::new(), None),
        };
        let rows = Rows { waiting, inspected: self.inspected(&mut run, &stop)? };
        if let Some(refusal) = self.commit(&mut run, &ending, kept, rows).await? {
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
            Stop::Restart { .. } | Stop::OtherFlow { .. } => ReplyKind::Redirect { to: onward },
        };
        Ok(Reply { kind, session })
    }

    /// Where a restart or another flow leads. What goes along waits there as a plan of its own, which belongs
    /// to this browser; an address could not carry all of it, and could be opened again.
    async fn onward(
        &self,
        run: &Run<'_>,
        stop: &Stop,
        request: &FlowRequest,
    ) -> Result<Option<Onward>, FlowError> {
        let (flow, here, start) = match stop {
            Stop::Restart { keep_context: false, complaint: None } => {
                return Ok(Some(Onward { to: run.here.url(), row: None }));
            }
            Stop::Restart { keep_context, complaint } => {
                let mut start =
                    if *keep_context { carried(&run.plan) } else { self.begun_with(request, run)? };
                if let Some(complaint) = complaint {
                    start.context.set(&RESTARTED, complaint);
                }
                (&run.flow, run.here.clone(), start)
            }
            Stop::OtherFlow { slug, keep_context } => {
                let start = if *keep_context { carried(&run.plan) } else { Start::default() };
                let flow = run.snapshot.flow_by_slug(slug);
                let flow = flow.ok_or_else(|| misled(run, &format!("there is no flow “{slug}”")))?;
                let hops = run.plan.context.get(&FLOW_HOPS).unwrap_or(0) + 1;
                if hops > MAX_FLOWS {
                    return Err(misled(run, "the flows lead to each other in circles"));
                }
                let start =
                    start.with(&FLOW_HOPS, &hops).with(&keys::IS_REDIRECTED, &run.flow.slug.to_string());
                let next = query_value(&run.here.query, "next");
                let next = next.map(|next| format!("&next={}", encode(&next))).unwrap_or_default();
                let query = format!("run={}{next}", random_uuid(&*self.services.rng).simple());
                (flow, Here { slug: slug.clone(), query }, start)
            }
            Stop::Ask(_) | Stop::AskAgain(_) | Stop::Finished(_) | Stop::Denied(_) => return Ok(None),
        };
        let planning = Planning {
            services: &self.services,
            snapshot: &run.snapshot,
            flow,
            session: run.session.as_ref(),
            facts: run.facts,
            here: &here,
            now: run.now,
            recorder: run.recorder.as_deref(),
        };
        let id = random_uuid(&*self.services.rng);
        // Who may not run it learns so from the page itself.
        let row = match planning.plan(id, start.context, start.appended).await {
            Ok(plan) => {
                let sealed = plan.seal(plan_key(&request.browser, &here), &self.services.sealer);
                Some(sealed.map_err(|_| FlowError::Malformed)?)
            }
            Err(_) => None,
        };
        Ok(Some(Onward { to: here.url(), row }))
    }

    /// One unit of work: every effect, and the plan. Returns why it was refused, if it was.
    async fn commit(
        &self,
        run: &mut Run<'_>,
        ending: &Ending,
        kept: Kept,
        rows: Rows,
    ) -> Result<Option<EffectError>, FlowError> {
        let Rows { waiting, inspected } = rows;
        let mut effects = std::mem::take(&mut run.effects);
        let row = match kept {
            Kept::Moved => {
                let sealed = run.plan.seal(ending.key, &self.services.sealer);
                Some(sealed.map_err(|_| FlowError::Malformed)?)
            }
            Kept::AsItWas | Kept::Gone => None,
        };
        let nothing_to_write = effects.is_empty()
            && waiting.is_none()
            && inspected.is_none()
            && match kept {
                Kept::Moved => false,
                Kept::AsItWas => true,
                Kept::Gone => ending.kept_step.is_none(),
            };
        if nothing_to_write {
            return Ok(None);
        }
        let (key, plan, kept_step) = (ending.key, run.plan.id, ending.kept_step);
        // Where somebody is in a flow may be forgotten by a power cut; what a stage did may not.
        let is_fleeting = !effects.is_lasting() && matches!(kept, Kept::Moved);
        let unit = move |tx: &mut Tx<'_>| {
            let moved = match (kept, &row, kept_step) {
                (Kept::Moved, Some(row), None) => plans::create(tx, row)?,
                (Kept::Moved, Some(row), Some(step)) => plans::advance(tx, row, step)?,
                (Kept::Gone, _, Some(step)) => plans::finish(tx, &key, plan, step)?,
                (Kept::Moved, None, _) | (Kept::AsItWas, ..) | (Kept::Gone, _, None) => true,
            };
            if !moved {
                return Err(EffectError::Stale);
            }
            if let Some(waiting) = &waiting {
                plans::create(tx, waiting)?;
            }
            if let Some(inspected) = &inspected {
                plans::create(tx, inspected)?;
            }
            effects.run(tx)
        };
        let store = &self.services.store;
        let result = if is_fleeting { store.write_fleeting(unit).await } else { store.write(unit).await };
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
        if let Some(recorder) = &mut run.recorder {
            recorder.undo();
        }
        if let (Some(errors), Some(asked)) = (errors, ending.asked) {
            run.plan = asked.plan;
            run.pending = asked.pending;
            let again = run.ask_anew(errors).await?;
            if let Stop::AskAgain(challenge) = again {
                self.keep_inspected(&mut run, &Stop::AskAgain(challenge.clone())).await?;
                let shown = self.shown(&run, *challenge, &ending.key, is_row, true);
                let kind = ReplyKind::Challenge(Box::new(shown));
                return Ok(Reply { kind, session: SessionChange::Keep });
            }
        }
        self.keep_inspected(&mut run, &Stop::Denied(messages.clone())).await?;
        let kind = ReplyKind::Denied(Box::new(Denied { info: info(&run), messages }));
        Ok(Reply { kind, session: SessionChange::Keep })
    }

    fn shown(
        &self,
        run: &Run<'_>,
        mut challenge: Challenge,
        key: &Digest,
        is_row: bool,
        is_retry: bool,
    ) -> ShownChallenge {
        let token = StepToken { plan: run.plan.id, step: run.plan.step, is_row, expires: run.plan.expires };
        let token = token.seal(key, &self.services.sealer);
        if run.plan.step == 0
            && challenge.errors.is_empty()
            && let Some(complaint) = run.plan.context.get(&RESTARTED)
        {
            challenge.errors.push("", "restarted", complaint);
        }
        ShownChallenge { challenge, info: info(run), token, is_retry }
    }
}

/// What goes along. What was proved stays proved only within the plan that asked for the proof.
fn carried(plan: &Plan) -> Start {
    let mut context = plan.context.clone();
    context.remove(&keys::PROVEN_USER);
    context.remove(&keys::USER_BACKEND);
    context.remove(&keys::AUTH_METHOD);
    context.remove(&keys::AUTH_METHOD_ARGS);
    context.remove(&RESTARTED);
    Start { context, appended: plan.appended() }
}

/// A flow that leads nowhere.
fn misled(run: &Run<'_>, problem: &str) -> FlowError {
    let (stage, problem) = (run.flow.slug.to_string(), problem.to_owned());
    FlowError::Stage(StageError::Configuration { stage, problem })
}

/// What is common to all challenges of the flow.
pub(super) fn info(run: &Run<'_>) -> FlowInfo {
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
pub(super) fn refill(shown: &mut ShownChallenge, response: &Response) {
    for field in shown.challenge.fields_mut() {
        let keeps = !matches!(
            field.kind,
            FieldKind::Password
                | FieldKind::File
                | FieldKind::Code
                | FieldKind::Hidden
                | FieldKind::ReadOnly
                | FieldKind::TextAreaReadOnly
        );
        if !keeps {
            continue;
        }
        if matches!(field.kind, FieldKind::Checkbox) {
            field.value = response.is_ticked(&field.name).to_string();
        } else if let Some(Value::String(text)) = response.value(&field.name) {
            field.value.clone_from(text);
        }
    }
}

//! The executor: opens or makes the plan, lets a [`Run`] walk along it, and commits what came of it in at
//! most one unit of work. The only place that moves plans.
//!
//! | request | plan is | reads | writes |
//! |---|---|---|---|
//! | GET, browser new | planned anew | 0 (session warm) | 0 |
//! | GET, nothing answered yet | planned anew | 1 | 0 |
//! | GET, on the way | row | 1 | 0 |
//! | POST, first answer | planned anew, with the token's identifier | 1 | 1 |
//! | POST, on the way | row | 1 | 1 |
//! | POST, wrong answer | as above | 1 | 0, or 1 if the stage has effects |

mod ending;
mod inspected;
mod opening;

use std::sync::Arc;

use countersign_model::{Flow, LiveSession};
use countersign_store::{Snapshot, plans};
use countersign_types::{Digest, RawId, Timestamp, random_uuid};

use crate::{
    Context, FlowError, FlowRequest, FlowServices, Here, Plan, Reply, ReplyKind, Response, SessionChange,
    Start,
    effects::Effects,
    plan::plan_key,
    run::{Run, Stop, encode},
    token::{START_LIFETIME, SealedStart, StepToken},
};

use self::{
    ending::{Asked, Ending, refill},
    opening::{Opened, browser_digest},
};

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

    /// The first question to a browser whose binding was just made: it cannot have a row, and none is looked
    /// for.
    pub async fn show_first(&self, request: &FlowRequest) -> Result<Reply, FlowError> {
        Box::pin(self.show_from(request, Lookup::Skip)).await
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
            browser: browser_digest(request),
            now,
            effects: Effects::default(),
            session_change: SessionChange::Keep,
            recorder: None,
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
        run.recorder = self.recorder(&key, request, &run).await?;
        run.pending = opened.pending;
        let kept_step = opened.plan.as_ref().map(|plan| plan.step);
        match opened.plan {
            Some(plan) => run.plan = plan,
            None => {
                let id = random_uuid(&*self.services.rng);
                if let Err(reply) = self.plan_into(&mut run, id, request).await? {
                    self.keep_reply(&mut run, &reply).await?;
                    return Ok(*reply);
                }
            }
        }
        run.follow();
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
        run.recorder = self.recorder(&key, request, &run).await?;
        // A first answer is to a plan that is not kept: it is made again, under the token's identifier.
        let first = match token {
            Some(token) => !token.is_row,
            None => self.open_row(key, &run.snapshot, &run.flow, now).await?.plan.is_none(),
        };
        if first {
            run = match self.plan_again(run, key, token, request).await? {
                Ok(run) => run,
                Err(reply) => return Ok(*reply),
            };
        }
        let opened = self.open_for_answer(key, &run, first, response.clone()).await?;
        if !first {
            run.plan = opened.plan.ok_or(FlowError::Stale)?;
            run.pending = opened.pending;
        }
        let row = opened.row.as_ref().map(|row| row.plan_id);
        check_token(token, &run.plan, row.filter(|_| first))?;
        if let Some(component) = component {
            self.check_component(&mut run, component).await?;
        }
        let kept_step = (!first).then_some(run.plan.step);
        let asked = Asked { plan: run.plan.clone(), pending: run.pending.clone() };
        run.follow();
        if let Some(recorder) = &mut run.recorder {
            recorder.answered(&response);
        }
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

    /// Makes the plan again that a first answer is for. The reply is there when nothing is asked any more, or
    /// when this person may not run the flow: it is what a visit would come to.
    async fn plan_again<'a>(
        &self,
        mut run: Run<'a>,
        key: Digest,
        token: Option<StepToken>,
        request: &FlowRequest,
    ) -> Result<Result<Run<'a>, Box<Reply>>, FlowError> {
        let id = token.map_or_else(|| random_uuid(&*self.services.rng), |token| token.plan);
        if let Err(reply) = self.plan_into(&mut run, id, request).await? {
            self.keep_reply(&mut run, &reply).await?;
            return Ok(Err(reply));
        }
        run.follow();
        let stop = run.advance().await?;
        if matches!(stop, Stop::Ask(_) | Stop::AskAgain(_)) {
            return Ok(Ok(run));
        }
        let is_touched = !run.effects.is_empty();
        let ending = Ending { key, kept_step: None, is_touched, is_noted: false, asked: None };
        let reply = Box::pin(self.end(run, stop, ending, request)).await?;
        Ok(Err(Box::new(reply)))
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
            Some(key) => {
                let facts = &request.facts;
                Ok(self.services.live_session(&key, facts.client, &facts.request_id).await?)
            }
            None => Ok(None),
        }
    }
}

/// A token is for one step of one plan. `row` is the plan that already has a row when the answer claims to be
/// the first to its plan: then the answer came twice.
fn check_token(token: Option<StepToken>, plan: &Plan, row: Option<RawId>) -> Result<(), FlowError> {
    let Some(token) = token else { return Ok(()) };
    if row == Some(token.plan) || token.plan != plan.id || token.step != plan.step {
        return Err(FlowError::Stale);
    }
    Ok(())
}

//! The executor's side of the inspector: whose runs are recorded, and what of a walk goes into the record.

use countersign_authz::{Actor, Permission};
use countersign_model::{LiveSession, StoredPlan};
use countersign_store::{Snapshot, plans};
use countersign_types::{Digest, random_uuid};

use super::Executor;
use crate::{
    FlowError, FlowRequest, Here, Reply, ReplyKind,
    inspector::{
        INSPECT_FLOW, Inspection, MaybeRecorder, Recorder, Seen, StepOutcome, inspection_key, is_inspected,
    },
    plan::plan_key,
    run::{Run, Stop},
};

impl Executor {
    /// The record of the run at this address of this browser, if there is one. Whether whoever asks may see it
    /// is for the caller to say: [`INSPECT_FLOW`].
    pub async fn inspection(&self, request: &FlowRequest) -> Result<Option<Inspection>, FlowError> {
        let here = Here { slug: request.slug.clone(), query: request.query.clone() };
        self.kept_inspection(&plan_key(&request.browser, &here)).await
    }

    async fn kept_inspection(&self, plan: &Digest) -> Result<Option<Inspection>, FlowError> {
        let key = inspection_key(plan);
        let row = self.services.store.read(move |tx| plans::by_key(tx, &key)).await?;
        Ok(row.and_then(|row| Inspection::open(&row, &self.services.sealer)))
    }

    /// Somebody to listen, if the run is to be inspected: it was begun so, or whoever is signed in may.
    pub(super) async fn recorder(
        &self,
        key: &Digest,
        request: &FlowRequest,
        run: &Run<'_>,
    ) -> Result<MaybeRecorder, FlowError> {
        if !is_inspected(&request.query) {
            return Ok(None);
        }
        let kept = self.kept_inspection(key).await?.filter(|kept| kept.flow == run.flow.id);
        let goes_on = kept.as_ref().is_some_and(|kept| !kept.is_completed);
        if !goes_on && !may_inspect(&run.snapshot, run.session.as_ref(), run.flow.id.raw()) {
            return Ok(None);
        }
        Ok(Some(Box::new(Recorder::new(key, run.flow.id, kept))))
    }

    /// The row of the record with what a walk came to.
    pub(super) fn inspected(&self, run: &mut Run<'_>, stop: &Stop) -> Result<Option<StoredPlan>, FlowError> {
        let Some(recorder) = &mut run.recorder else { return Ok(None) };
        let (mut challenge, mut messages) = (None, Vec::new());
        let outcome = match stop {
            Stop::Ask(asked) => {
                challenge = Some(&**asked);
                StepOutcome::Asked
            }
            Stop::AskAgain(asked) => {
                challenge = Some(&**asked);
                messages = asked.errors.0.iter().map(|error| error.message.clone()).collect();
                StepOutcome::AskedAgain
            }
            Stop::Finished(to) => StepOutcome::Finished(to.clone()),
            Stop::Denied(why) => {
                messages.clone_from(why);
                StepOutcome::Denied
            }
            Stop::Restart { complaint, .. } => {
                messages.extend(complaint.clone());
                StepOutcome::Restarted
            }
            Stop::OtherFlow { slug, .. } => StepOutcome::OtherFlow(slug.clone()),
        };
        let (plan, snapshot, now) = (&run.plan, &*run.snapshot, run.now);
        let seen = Seen { plan, snapshot, outcome, challenge, messages, now };
        let row = random_uuid(&*self.services.rng);
        recorder.finish(seen, row, &self.services.sealer).map_err(|_| FlowError::Malformed)
    }

    /// Records a walk that leaves nothing else behind.
    pub(super) async fn keep_inspected(&self, run: &mut Run<'_>, stop: &Stop) -> Result<(), FlowError> {
        if let Some(row) = self.inspected(run, stop)? {
            self.services.store.write(move |tx| plans::create(tx, &row).map(drop)).await?;
        }
        Ok(())
    }

    /// Records that there was no plan.
    pub(super) async fn keep_reply(&self, run: &mut Run<'_>, reply: &Reply) -> Result<(), FlowError> {
        let stop = match &reply.kind {
            ReplyKind::Redirect { to } => Stop::Finished(to.clone()),
            ReplyKind::Denied(denied) => Stop::Denied(denied.messages.clone()),
            ReplyKind::Challenge(_) | ReplyKind::NextChallenge(_) => return Ok(()),
        };
        run.plan.id = random_uuid(&*self.services.rng);
        run.follow();
        self.keep_inspected(run, &stop).await
    }
}

impl Run<'_> {
    /// Lets the record follow the plan.
    pub(super) fn follow(&mut self) {
        if let Some(recorder) = &mut self.recorder {
            recorder.follow(self.plan.id);
        }
    }
}

/// Whether whoever is signed in may look into runs of the flow.
fn may_inspect(snapshot: &Snapshot, session: Option<&LiveSession>, flow: countersign_types::RawId) -> bool {
    session.is_some_and(|live| {
        let actor = Actor::user(live.subject.clone(), snapshot.roles());
        actor.may(&Permission::named(INSPECT_FLOW), Some(flow))
    })
}

//! What listens to one request of an inspected run, and makes a step of what it heard.

use std::{
    sync::{Mutex, PoisonError},
    time::Instant,
};

use countersign_crypto::Sealer;
use countersign_model::{BoundTo, FlowId, StoredPlan};
use countersign_policies::{ContextChanges, Verdict};
use countersign_store::Snapshot;
use countersign_types::{Digest, RawId, Text, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    Asked, InspectedStage, InspectedStep, InspectedVerdict, Inspection, StepOutcome, inspection_key,
    redaction::{Redaction, without_parameters},
};
use crate::{Challenge, FieldKind, Plan, PlannedStep, Response, StepKind};

/// Secret answers that are remembered, and the longest of them.
const MAX_SECRETS: usize = 64;
const MAX_SECRET: usize = 4 * 1024;

/// How a stage was left behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Passed {
    /// Its question was answered.
    Answered,
    /// It had nothing to ask.
    Silent,
    /// Its policies did not want it.
    Skipped,
}

/// What a request came to, for the record.
pub(crate) struct Seen<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) outcome: StepOutcome,
    pub(crate) challenge: Option<&'a Challenge>,
    pub(crate) messages: Vec<Text>,
    pub(crate) now: Timestamp,
}

/// Listens to one request.
pub(crate) struct Recorder {
    key: Digest,
    inspection: Inspection,
    /// As it was before the step that is being committed.
    before: Option<Inspection>,
    heard: Mutex<Vec<ContextChanges>>,
    passed: Vec<InspectedStage>,
    started: Instant,
}

impl Recorder {
    /// Goes on with a record, or begins one.
    pub(crate) fn new(plan_key: &Digest, flow: FlowId, kept: Option<Inspection>) -> Self {
        Self {
            key: inspection_key(plan_key),
            inspection: kept.unwrap_or_else(|| Inspection::new(flow, RawId::nil())),
            before: None,
            heard: Mutex::default(),
            passed: Vec::new(),
            started: Instant::now(),
        }
    }

    /// Goes on with this run: with its record, with that of the run that began anew as this one, or with a
    /// new one.
    pub(crate) fn follow(&mut self, plan: RawId) {
        if self.inspection.plan == plan {
            return;
        }
        let latest = self.inspection.latest().map(|step| &step.outcome);
        if matches!(latest, None | Some(StepOutcome::Restarted)) {
            self.inspection.plan = plan;
        } else {
            self.inspection = Inspection::new(self.inspection.flow, plan);
        }
    }

    /// What was recorded last has not happened.
    pub(crate) fn undo(&mut self) {
        if let Some(before) = self.before.take() {
            self.inspection = before;
        }
    }

    /// For a request to policies: what they say is heard.
    pub(crate) fn listen(&self) -> ContextChanges {
        let changes = ContextChanges::listening();
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).push(changes.clone());
        changes
    }

    /// What was typed into secret fields must not show up.
    pub(crate) fn answered(&mut self, response: &Response) {
        let found = self.redaction().secrets_in(response.values());
        self.keep_secrets(found);
    }

    /// A stage was left behind.
    pub(crate) fn passed(&mut self, step: &PlannedStep, snapshot: &Snapshot, how: Passed) {
        let stage = InspectedStage { passed: Some(how), ..stage(step, self.inspection.flow, snapshot) };
        self.passed.push(stage);
    }

    /// Makes a step of the request and a row of the record.
    pub(crate) fn finish(
        &mut self,
        seen: Seen<'_>,
        row: RawId,
        sealer: &Sealer,
    ) -> Result<Option<StoredPlan>, serde_json::Error> {
        let Seen { plan, snapshot, outcome, challenge, messages, now } = seen;
        self.before = Some(self.inspection.clone());
        if let Some(challenge) = challenge {
            self.keep_secret_fields(challenge);
        }
        let found = self.redaction().secrets_in(plan.context.values());
        self.keep_secrets(found);
        let asks = matches!(outcome, StepOutcome::Asked | StepOutcome::AskedAgain);
        let is_over = !asks && outcome != StepOutcome::Restarted;
        let mut left = plan.steps.iter().map(|step| stage(step, self.inspection.flow, snapshot));
        let current = if asks { left.next() } else { None };
        let heard = std::mem::take(&mut *self.heard.lock().unwrap_or_else(PoisonError::into_inner));
        let verdicts: Vec<Verdict> = heard.iter().flat_map(ContextChanges::take_verdicts).collect();
        let passed = std::mem::take(&mut self.passed);
        let redaction = self.redaction();
        let step = InspectedStep {
            at: now,
            micros: micros(self.started.elapsed()),
            outcome: match outcome {
                StepOutcome::Finished(to) => StepOutcome::Finished(without_parameters(to)),
                outcome => outcome,
            },
            passed,
            current,
            planned: if asks { left.collect() } else { Vec::new() },
            context: redaction.context(plan.context.values()),
            verdicts: verdicts.into_iter().map(|verdict| shown(verdict, &redaction)).collect(),
            messages: messages.into_iter().map(|message| redacted(message, &redaction)).collect(),
        };
        let is_news = self.inspection.latest().is_none_or(|latest| differs(latest, &step));
        if !is_news {
            return Ok(None);
        }
        self.inspection.steps.push(step);
        self.inspection.is_completed = is_over;
        if is_over {
            self.inspection.secrets.clear();
        }
        self.inspection.seal(self.key, row, sealer, now).map(Some)
    }

    fn redaction(&self) -> Redaction<'_> {
        Redaction::new(&self.inspection.secret_fields, &self.inspection.secrets)
    }

    fn keep_secrets(&mut self, found: Vec<String>) {
        for secret in found {
            let is_new = !self.inspection.secrets.contains(&secret);
            if is_new && self.inspection.secrets.len() < MAX_SECRETS && secret.len() <= MAX_SECRET {
                self.inspection.secrets.push(secret);
            }
        }
    }

    fn keep_secret_fields(&mut self, challenge: &Challenge) {
        let is_secret = |kind: &FieldKind| matches!(kind, FieldKind::Password | FieldKind::Code);
        for field in challenge.fields().filter(|field| is_secret(&field.kind)) {
            if !self.inspection.secret_fields.contains(&field.name) {
                self.inspection.secret_fields.push(field.name.clone());
            }
        }
    }
}

/// Looking at the same question again is no step.
fn differs(latest: &InspectedStep, step: &InspectedStep) -> bool {
    latest.outcome != step.outcome
        || latest.current != step.current
        || latest.planned != step.planned
        || latest.context != step.context
        || latest.messages != step.messages
        || !step.passed.is_empty()
        || !step.verdicts.is_empty()
}

/// A step of a plan by name.
fn stage(step: &PlannedStep, flow: FlowId, snapshot: &Snapshot) -> InspectedStage {
    match &step.kind {
        StepKind::Bound(id) => {
            let binding = snapshot.stage_bindings(flow).iter().find(|binding| binding.id == *id);
            let stage = binding.and_then(|binding| snapshot.object(binding.stage));
            InspectedStage {
                binding: Some(*id),
                name: stage.map(|stage| stage.name.clone()).unwrap_or_default(),
                model: stage.map(|stage| stage.kind.clone()).unwrap_or_default(),
                passed: None,
            }
        }
        StepKind::Appended(name, _) => {
            InspectedStage { binding: None, name: name.clone(), model: name.clone(), passed: None }
        }
    }
}

fn shown(verdict: Verdict, redaction: &Redaction<'_>) -> InspectedVerdict {
    let (asked, asked_id) = match verdict.asked {
        BoundTo::Policy(id) => (Asked::Policy, id.raw()),
        BoundTo::Group(id) => (Asked::Group, id.raw()),
        BoundTo::User(id) => (Asked::User, id.raw()),
    };
    let line = |line: &countersign_policies::LoggedLine| {
        let fields = redaction.context(&line.fields);
        let fields: String = fields.iter().map(|(name, value)| format!(" {name}={value}")).collect();
        (line.level.to_owned(), format!("{}{fields}", redaction.words(&line.message)))
    };
    InspectedVerdict {
        target: verdict.target,
        asked,
        asked_id,
        name: verdict.name,
        passing: verdict.passing,
        failure: verdict.failure.map(|failure| redaction.words(&failure)),
        messages: verdict.messages.iter().map(|message| redaction.words(message)).collect(),
        log: verdict.lines.iter().map(line).collect(),
        micros: micros(verdict.elapsed),
    }
}

/// Words of administrators may repeat what somebody typed.
fn redacted(message: Text, redaction: &Redaction<'_>) -> Text {
    match message {
        Text::Literal(words) => Text::literal(redaction.words(&words)),
        message => message,
    }
}

fn micros(elapsed: std::time::Duration) -> u64 {
    u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX)
}

/// For requests to policies of runs that nobody inspects, nobody listens.
pub(crate) fn changes_of(recorder: Option<&Recorder>) -> ContextChanges {
    recorder.map_or_else(ContextChanges::new, Recorder::listen)
}

/// A recorder as a run holds it: most have none.
pub(crate) type MaybeRecorder = Option<Box<Recorder>>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_that_was_typed_is_secret_afterwards() {
        let mut recorder = Recorder::new(&Digest([0; 32]), FlowId(RawId::nil()), None);
        let field = crate::Field::new("answer", FieldKind::Password, Text::key("x"));
        recorder.keep_secret_fields(&Challenge::new("x").node(crate::Node::Field(field)));
        let typed = vec![("answer".to_owned(), "Lantern-canary".to_owned())];
        recorder.answered(&Response::from_form(typed).unwrap());
        assert_eq!(recorder.redaction().words("say Lantern-canary"), "say ***");
    }
}

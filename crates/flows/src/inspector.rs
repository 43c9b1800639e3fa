//! The inspector: what happened in one run of a flow, step by step, for administrators who build flows.
//!
//! A run is recorded when its address has the parameter `inspector` and whoever is signed in when it begins
//! holds `authentik_flows.inspect_flow`. Other runs pay for one look at the query string. The record is a row
//! beside the plan's, sealed, bounded, and gone an hour after its last step; whoever wants to read it must have
//! the same browser, and the permission.
//!
//! What is kept is the plan's context without secrets: see [`redaction`].

mod recorder;
mod redaction;

use countersign_crypto::Sealer;
use countersign_model::{FlowId, FlowStageBindingId, StoredPlan};
use countersign_types::{Digest, JsonObject, RawId, Span, Text, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

pub use recorder::Passed;
pub(crate) use recorder::{MaybeRecorder, Recorder, Seen, changes_of};

/// Version of the stored form.
const VERSION: u8 = 1;
/// Purpose under which records are sealed.
const SEAL: &str = "flow-inspection";
/// How long a record is kept after its last step.
const LIFETIME: Span = Span::from_mins(60);
/// Steps of a record; then the oldest but the first are left out.
const MAX_STEPS: usize = 60;
/// Bytes of a record.
const MAX_BYTES: usize = 192 * 1024;
/// The permission.
pub const INSPECT_FLOW: &str = "authentik_flows.inspect_flow";

/// Whether a flow page is asked for with the inspector.
pub fn is_inspected(query: &str) -> bool {
    query.split('&').any(|pair| pair.split('=').next() == Some("inspector"))
}

/// The record of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Inspection {
    version: u8,
    /// The flow.
    pub flow: FlowId,
    /// The run.
    pub plan: RawId,
    /// The steps, oldest first.
    pub steps: Vec<InspectedStep>,
    /// Whether the run has come to an end.
    pub is_completed: bool,
    /// Fields that were asked for and whose answers are secret, and such answers, as long as the run goes on:
    /// the plan holds them too.
    secret_fields: Vec<String>,
    secrets: Vec<String>,
}

/// One step: what one request did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InspectedStep {
    /// When.
    pub at: Timestamp,
    /// How long it took, in microseconds.
    pub micros: u64,
    /// What it came to.
    pub outcome: StepOutcome,
    /// Stages that were left behind in it, in order.
    pub passed: Vec<InspectedStage>,
    /// The stage that asks now.
    pub current: Option<InspectedStage>,
    /// The stages planned after it.
    pub planned: Vec<InspectedStage>,
    /// The plan's context, redacted.
    pub context: JsonObject,
    /// What policies said.
    pub verdicts: Vec<InspectedVerdict>,
    /// What the person was told.
    pub messages: Vec<Text>,
}

/// What a request came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepOutcome {
    /// A stage asks.
    Asked,
    /// A stage asks again, since the answer was wrong.
    AskedAgain,
    /// The flow is over; on to this address, without its parameters.
    Finished(String),
    /// The flow ended here for this person.
    Denied,
    /// The flow begins anew.
    Restarted,
    /// On to the flow of this slug.
    OtherFlow(String),
}

/// A stage of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InspectedStage {
    /// The binding; none for a stage that a provider appended.
    pub binding: Option<FlowStageBindingId>,
    /// Name of the stage.
    pub name: String,
    /// Model label, or the name under which it was appended.
    pub model: String,
    /// How it was left behind; none while it is still to come.
    pub passed: Option<Passed>,
}

/// What a policy, group or user binding said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InspectedVerdict {
    /// What is guarded; none for validation policies.
    pub target: Option<RawId>,
    /// What was asked.
    pub asked: Asked,
    /// Identifier of that.
    pub asked_id: RawId,
    /// Name of a policy.
    pub name: String,
    /// Whether it passes.
    pub passing: bool,
    /// Why it could not be evaluated.
    pub failure: Option<String>,
    /// What it said.
    pub messages: Vec<String>,
    /// What it logged: level and words.
    pub log: Vec<(String, String)>,
    /// Microseconds.
    pub micros: u64,
}

/// What a binding asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asked {
    /// A policy.
    Policy,
    /// Membership of a group.
    Group,
    /// Being a user.
    User,
}

impl Inspection {
    fn new(flow: FlowId, plan: RawId) -> Self {
        Self {
            version: VERSION,
            flow,
            plan,
            steps: Vec::new(),
            is_completed: false,
            secret_fields: Vec::new(),
            secrets: Vec::new(),
        }
    }

    /// The step that the run is at.
    pub fn latest(&self) -> Option<&InspectedStep> {
        self.steps.last()
    }

    /// The stages that were left behind so far, in order.
    pub fn completed(&self) -> impl Iterator<Item = &InspectedStage> {
        self.steps.iter().flat_map(|step| &step.passed)
    }

    /// The row of this record.
    fn seal(
        &mut self,
        key: Digest,
        row: RawId,
        sealer: &Sealer,
        now: Timestamp,
    ) -> Result<StoredPlan, serde_json::Error> {
        while self.steps.len() > MAX_STEPS {
            self.steps.remove(1);
        }
        let mut plain = serde_json::to_vec(self)?;
        while plain.len() > MAX_BYTES && self.steps.len() > 1 {
            self.steps.remove(usize::from(self.steps.len() > 2));
            plain = serde_json::to_vec(self)?;
        }
        Ok(StoredPlan {
            key,
            plan_id: row,
            step: 0,
            state: sealer.seal(SEAL, key.as_bytes(), &plain),
            expires: now.plus(LIFETIME),
        })
    }

    /// The record in a row; none when it cannot be read.
    pub(crate) fn open(row: &StoredPlan, sealer: &Sealer) -> Option<Self> {
        let plain = sealer.open(SEAL, row.key.as_bytes(), &row.state).ok()?;
        let inspection: Self = serde_json::from_slice(&plain).ok()?;
        (inspection.version == VERSION).then_some(inspection)
    }
}

/// Where the record of a run is kept, by the key of its plan.
pub(crate) fn inspection_key(plan: &Digest) -> Digest {
    let mut hash = Sha256::new();
    hash.update(SEAL.as_bytes());
    hash.update(plan.as_bytes());
    Digest(hash.finalize().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_parameter_of_that_name_asks_for_the_inspector() {
        for asked in ["inspector", "inspector=", "next=%2F&inspector", "inspector=open&next=%2F"] {
            assert!(is_inspected(asked), "{asked}");
        }
        for other in ["", "inspectors", "next=inspector", "next=%2F%3Finspector", "x-inspector"] {
            assert!(!is_inspected(other), "{other}");
        }
    }
}

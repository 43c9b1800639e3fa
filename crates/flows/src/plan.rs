//! The plan: what is left of a flow for one person, and what was collected on the way. A versioned value.

use countersign_crypto::Sealer;
use countersign_model::{FlowId, FlowStageBindingId, StoredPlan};
use countersign_types::{Digest, RawId, Span, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::{BrowserSecret, Context, Here};

/// Version of the stored form. A plan of another version is planned anew.
const VERSION: u8 = 1;

/// How long a person may take over a flow.
pub(crate) const LIFETIME: Span = Span::from_mins(60);

/// Purpose under which plans are sealed.
const SEAL: &str = "flow-plan";

/// What a step is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// A stage bound to the flow.
    Bound(FlowStageBindingId),
    /// A stage that a provider appended, with its configuration.
    Appended(String, Value),
}

/// One step of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlannedStep {
    /// The stage.
    pub kind: StepKind,
    /// Whether the binding's policies are asked just before the stage is entered.
    pub re_evaluate: bool,
}

/// A run of a flow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    version: u8,
    /// Identifier of the run, as step tokens carry it.
    pub id: RawId,
    /// The flow.
    pub flow: FlowId,
    /// What is left, the step in hand first.
    pub steps: Vec<PlannedStep>,
    /// Counts accepted answers; a token is for one count only.
    pub step: i32,
    /// Whether the step in hand was entered, so that its policies are not asked again on reload.
    pub entered: bool,
    /// What was collected.
    pub context: Context,
    /// After this moment the plan is dead.
    pub expires: Timestamp,
}

impl Plan {
    pub(crate) const fn new(
        id: RawId,
        flow: FlowId,
        steps: Vec<PlannedStep>,
        context: Context,
        now: Timestamp,
    ) -> Self {
        Self {
            version: VERSION,
            id,
            flow,
            steps,
            step: 0,
            entered: false,
            context,
            expires: now.plus(LIFETIME),
        }
    }

    /// A plan that waits until somebody comes back to the step in hand.
    pub(crate) const fn waiting(
        id: RawId,
        flow: FlowId,
        steps: Vec<PlannedStep>,
        context: Context,
        expires: Timestamp,
    ) -> Self {
        Self { version: VERSION, id, flow, steps, step: 0, entered: true, context, expires }
    }

    /// Takes the step in hand off the plan.
    pub(crate) fn pass(&mut self) {
        if !self.steps.is_empty() {
            self.steps.remove(0);
        }
        self.entered = false;
    }

    /// The stages left that a provider appended.
    pub(crate) fn appended(&self) -> Vec<(String, Value)> {
        let appended = |step: &PlannedStep| match &step.kind {
            StepKind::Appended(name, config) => Some((name.clone(), config.clone())),
            StepKind::Bound(_) => None,
        };
        self.steps.iter().filter_map(appended).collect()
    }

    /// The form that is kept. The browser's secret is part of the key but not of the row.
    pub(crate) fn seal(&self, key: Digest, sealer: &Sealer) -> Result<StoredPlan, serde_json::Error> {
        let plain = serde_json::to_vec(self)?;
        Ok(StoredPlan {
            key,
            plan_id: self.id,
            step: self.step,
            state: sealer.seal(SEAL, key.as_bytes(), &plain),
            expires: self.expires,
        })
    }

    /// The plan of a row; none when it cannot be read, is of another version or has expired.
    pub(crate) fn open(stored: &StoredPlan, sealer: &Sealer, now: Timestamp) -> Option<Self> {
        let plain = sealer.open(SEAL, stored.key.as_bytes(), &stored.state).ok()?;
        let plan: Self = serde_json::from_slice(&plain).ok()?;
        (plan.version == VERSION
            && plan.id == stored.plan_id
            && plan.step == stored.step
            && plan.expires > now)
            .then_some(plan)
    }
}

/// The key of a plan: one for each browser and address of a flow page, so that two tabs on the way to two
/// places do not disturb each other.
pub(crate) fn plan_key(browser: &BrowserSecret, here: &Here) -> Digest {
    let mut hash = Sha256::new();
    for part in [browser.expose().as_bytes(), here.slug.as_bytes(), here.query.as_bytes()] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    Digest(hash.finalize().into())
}

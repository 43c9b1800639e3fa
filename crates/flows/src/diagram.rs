//! A flow as a graph: its stages in order, what is asked on the way to each, where a refusal leads, and the
//! other flows that its stages lead to. A value, for pictures and for the text that authentik's API gives.
//!
//! Owns no words and no picture. Names no kind of stage: a stage leads to a flow when one of its attributes is
//! that flow's identifier.

#[cfg(any(test, feature = "testing"))]
pub mod samples;
mod text;

use countersign_model::{
    BoundTo, ConfigObject, ConfigObjectId, DeniedAction, Flow, FlowAuthentication, FlowId,
    FlowStageBindingId, InvalidResponseAction, PolicyBinding, PolicyBindingId, PolicyEngineMode,
};
use countersign_store::Snapshot;
use countersign_types::RawId;
use serde_json::Value;

/// A flow as a graph.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagram {
    /// The flow.
    pub flow: FlowId,
    /// Its name in the URL.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Who may run it at all.
    pub authentication: FlowAuthentication,
    /// What is asked before anything else.
    pub guard: Guard,
    /// Where a refusal by that leads.
    pub denied: DeniedAction,
    /// The stages in order.
    pub steps: Vec<DiagramStep>,
}

/// What is asked at one place. Without a check that is enabled everybody passes.
#[derive(Clone, Debug, PartialEq)]
pub struct Guard {
    /// The object guarded: the flow, or the stage binding.
    pub target: RawId,
    /// How the checks combine.
    pub mode: PolicyEngineMode,
    /// The checks in order, disabled ones included.
    pub checks: Vec<Check>,
}

impl Guard {
    /// The checks that count.
    pub fn counted(&self) -> impl Iterator<Item = &Check> {
        self.checks.iter().filter(|check| check.enabled)
    }

    /// Whether anything is asked.
    pub fn is_open(&self) -> bool {
        self.counted().next().is_none()
    }
}

/// One policy binding.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// The binding.
    pub binding: PolicyBindingId,
    /// What is asked.
    pub asked: BoundTo,
    /// Name of the policy, group or user; its identifier when there is none.
    pub name: String,
    /// Whether the result is turned round.
    pub negate: bool,
    /// Whether it counts.
    pub enabled: bool,
    /// Place among the checks.
    pub order: i32,
    /// Seconds that it may take.
    pub timeout: u32,
    /// What counts when it cannot be evaluated.
    pub failure_result: bool,
}

/// A stage in its place.
#[derive(Clone, Debug, PartialEq)]
pub struct DiagramStep {
    /// The binding.
    pub binding: FlowStageBindingId,
    /// Place in the flow.
    pub order: i32,
    /// The stage.
    pub stage: ConfigObjectId,
    /// Its name; empty when it is gone.
    pub name: String,
    /// Its model label.
    pub model: String,
    /// What is asked on the way to it; who does not pass skips the stage.
    pub guard: Guard,
    /// Whether that is asked when the plan is made.
    pub evaluate_on_plan: bool,
    /// Whether that is asked just before the stage.
    pub re_evaluate: bool,
    /// What an invalid answer does.
    pub invalid_response: InvalidResponseAction,
    /// The flows it leads to.
    pub links: Vec<FlowLink>,
}

/// A way from a stage to another flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowLink {
    /// The attribute of the stage: `enrollment_flow`, `recovery_flow`, …
    pub field: String,
    /// The flow's name in the URL.
    pub slug: String,
    /// Its name.
    pub name: String,
}

impl Diagram {
    /// The graph of a flow. `name_of` names groups and users, which are not part of the configuration.
    pub fn of(snapshot: &Snapshot, flow: &Flow, name_of: impl Fn(&BoundTo) -> Option<String>) -> Self {
        let guard = |target: RawId, mode: PolicyEngineMode| Guard {
            target,
            mode,
            checks: snapshot
                .policy_bindings(target)
                .iter()
                .map(|binding| check(snapshot, binding, &name_of))
                .collect(),
        };
        let steps = snapshot.stage_bindings(flow.id).iter().map(|binding| {
            let stage = snapshot.object(binding.stage);
            DiagramStep {
                binding: binding.id,
                order: binding.order,
                stage: binding.stage,
                name: stage.map(|stage| stage.name.clone()).unwrap_or_default(),
                model: stage.map(|stage| stage.kind.clone()).unwrap_or_default(),
                guard: guard(binding.id.raw(), binding.policy_engine_mode),
                evaluate_on_plan: binding.evaluate_on_plan,
                re_evaluate: binding.re_evaluate_policies,
                invalid_response: binding.invalid_response_action,
                links: stage.map(|stage| links(snapshot, stage)).unwrap_or_default(),
            }
        });
        Self {
            flow: flow.id,
            slug: flow.slug.to_string(),
            name: flow.name.clone(),
            authentication: flow.authentication,
            guard: guard(flow.id.raw(), flow.policy_engine_mode),
            denied: flow.denied_action,
            steps: steps.collect(),
        }
    }

    /// What is asked anywhere in the flow, for looking up the names of groups and users beforehand.
    pub fn asked(snapshot: &Snapshot, flow: &Flow) -> Vec<BoundTo> {
        let stages = snapshot.stage_bindings(flow.id).iter().map(|binding| binding.id.raw());
        let targets = std::iter::once(flow.id.raw()).chain(stages);
        targets.flat_map(|target| snapshot.policy_bindings(target)).map(|binding| binding.bound_to).collect()
    }
}

fn check(
    snapshot: &Snapshot,
    binding: &PolicyBinding,
    name_of: &impl Fn(&BoundTo) -> Option<String>,
) -> Check {
    let (known, id) = match binding.bound_to {
        BoundTo::Policy(id) => (snapshot.object(id).map(|policy| policy.name.clone()), id.raw()),
        BoundTo::Group(id) => (name_of(&binding.bound_to), id.raw()),
        BoundTo::User(id) => (name_of(&binding.bound_to), id.raw()),
    };
    Check {
        binding: binding.id,
        asked: binding.bound_to,
        name: known.unwrap_or_else(|| id.to_string()),
        negate: binding.negate,
        enabled: binding.enabled,
        order: binding.order,
        timeout: binding.timeout,
        failure_result: binding.failure_result,
    }
}

/// The attributes of a stage that name a flow.
fn links(snapshot: &Snapshot, stage: &ConfigObject) -> Vec<FlowLink> {
    let Value::Object(attributes) = &stage.config else { return Vec::new() };
    let mut links = Vec::new();
    for (field, value) in attributes {
        let id: Option<RawId> = value.as_str().and_then(|text| text.parse().ok());
        if let Some(flow) = id.and_then(|id| snapshot.flow(FlowId(id))) {
            links.push(FlowLink {
                field: field.clone(),
                slug: flow.slug.to_string(),
                name: flow.name.clone(),
            });
        }
    }
    links
}

//! `authentik_flows.flowstagebinding`.

use countersign_model::{
    ConfigObjectId, FlowId, FlowStageBinding, FlowStageBindingId, InvalidResponseAction, PolicyEngineMode,
};
use countersign_resource::{Describe, Facts, Nothing, Reference, target};
use countersign_store::{Tx, flow_stage_bindings};
use countersign_types::{JsonObject, RawId, Ref};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{document, flow::any, on};
use crate::{
    ResourceError, WriteCx,
    rows::{Draft, Rows},
};

/// A stage's place in a flow.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(crate) struct FlowStageBindingSpec {
    /// The flow.
    target: Ref<target::Flow>,
    /// The stage.
    stage: Ref<target::Stage>,
    /// Place in the flow; lower ones come first.
    order: i32,
    /// Evaluate policies when the plan is made.
    #[serde(default)]
    evaluate_on_plan: bool,
    /// Evaluate policies just before the stage is shown.
    #[serde(default = "on")]
    re_evaluate_policies: bool,
    /// What an invalid answer does.
    #[serde(default = "retry")]
    invalid_response_action: InvalidResponseAction,
    /// How policy bindings combine.
    #[serde(default = "any")]
    policy_engine_mode: PolicyEngineMode,
}

const fn retry() -> InvalidResponseAction {
    InvalidResponseAction::Retry
}

impl Describe for FlowStageBindingSpec {
    type Common = Nothing;
    const FACTS: Facts = Facts {
        model: "authentik_flows.flowstagebinding",
        family: None,
        component: "ak-stage-binding-form",
        verbose_name: "Flow Stage Binding",
    };
}

/// Stages bound to flows.
pub(crate) struct FlowStageBindings;

impl Rows for FlowStageBindings {
    type Spec = FlowStageBindingSpec;
    const IDENTIFIED_BY: &'static [&'static str] = &["target", "stage", "order"];
    const OWNED_BY: &'static [&'static str] = &["target"];

    fn get(&self, tx: &mut Tx<'_>, id: RawId) -> Result<Option<JsonObject>, ResourceError> {
        let binding = flow_stage_bindings::by_id(tx, FlowStageBindingId(id))?;
        Ok(binding.map(|binding| {
            document(&FlowStageBindingSpec {
                target: Ref::new(binding.target.raw()),
                stage: Ref::new(binding.stage.raw()),
                order: binding.order,
                evaluate_on_plan: binding.evaluate_on_plan,
                re_evaluate_policies: binding.re_evaluate_policies,
                invalid_response_action: binding.invalid_response_action,
                policy_engine_mode: binding.policy_engine_mode,
            })
        }))
    }

    fn ids(&self, tx: &mut Tx<'_>) -> Result<Vec<RawId>, ResourceError> {
        Ok(flow_stage_bindings::all(tx)?.into_iter().map(|binding| binding.id.raw()).collect())
    }

    /// A stage stands at one place of a flow once.
    fn check(
        &self,
        tx: &mut Tx<'_>,
        draft: &Draft<FlowStageBindingSpec>,
        _: &[Reference],
    ) -> Result<(), ResourceError> {
        let spec = &draft.spec;
        let (flow, stage) = (FlowId(spec.target.id()), ConfigObjectId(spec.stage.id()));
        let other = flow_stage_bindings::by_place(tx, flow, stage, spec.order)?;
        if other.is_some_and(|other| other.id.raw() != draft.id) {
            return Err(ResourceError::field("order", "unique", "resource-error-unique"));
        }
        Ok(())
    }

    fn write(
        &self,
        tx: &mut Tx<'_>,
        _: WriteCx<'_>,
        draft: Draft<FlowStageBindingSpec>,
    ) -> Result<(), ResourceError> {
        let spec = draft.spec;
        let binding = FlowStageBinding {
            id: FlowStageBindingId(draft.id),
            target: FlowId(spec.target.id()),
            stage: ConfigObjectId(spec.stage.id()),
            order: spec.order,
            evaluate_on_plan: spec.evaluate_on_plan,
            re_evaluate_policies: spec.re_evaluate_policies,
            invalid_response_action: spec.invalid_response_action,
            policy_engine_mode: spec.policy_engine_mode,
        };
        if draft.exists {
            flow_stage_bindings::update(tx, &binding)?;
        } else {
            flow_stage_bindings::create(tx, &binding)?;
        }
        Ok(())
    }

    fn delete(&self, tx: &mut Tx<'_>, id: RawId) -> Result<(), ResourceError> {
        flow_stage_bindings::delete(tx, FlowStageBindingId(id))?;
        Ok(())
    }
}

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
    const FACTS: Facts =
        Facts::new("authentik_flows.flowstagebinding", "ak-stage-binding-form", "Flow Stage Binding")
            .at("flows/bindings", "binding");
}

/// Stages bound to flows.
pub(crate) struct FlowStageBindings;

impl Rows for FlowStageBindings {
    type Spec = FlowStageBindingSpec;
    type Row = FlowStageBinding;
    const IDENTIFIED_BY: &'static [&'static str] = &["target", "stage", "order"];
    const OWNED_BY: &'static [&'static str] = &["target"];

    fn by_id(&self, tx: &mut Tx<'_>, id: RawId) -> Result<Option<FlowStageBinding>, ResourceError> {
        Ok(flow_stage_bindings::by_id(tx, FlowStageBindingId(id))?)
    }

    fn all(&self, tx: &mut Tx<'_>) -> Result<Vec<FlowStageBinding>, ResourceError> {
        Ok(flow_stage_bindings::all(tx)?)
    }

    fn id_of(row: &FlowStageBinding) -> RawId {
        row.id.raw()
    }

    fn document(&self, row: &FlowStageBinding) -> Result<JsonObject, ResourceError> {
        Ok(document(&FlowStageBindingSpec {
            target: Ref::new(row.target.raw()),
            stage: Ref::new(row.stage.raw()),
            order: row.order,
            evaluate_on_plan: row.evaluate_on_plan,
            re_evaluate_policies: row.re_evaluate_policies,
            invalid_response_action: row.invalid_response_action,
            policy_engine_mode: row.policy_engine_mode,
        }))
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

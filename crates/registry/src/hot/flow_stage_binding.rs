//! `authentik_flows.flowstagebinding`.

use countersign_model::{
    ConfigObjectId, FlowId, FlowStageBinding, FlowStageBindingId, InvalidResponseAction, PolicyEngineMode,
};
use countersign_resource::{Describe, Facts, Nothing, Reference, canonical, schema_of, target};
use countersign_store::{Tx, config_objects, flow_stage_bindings};
use countersign_types::{JsonObject, RawId, Ref};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{document, flow::any, on};
use crate::{
    FilterOp, ListFilter, ReadCx, ResourceError, WriteCx,
    extras::{StageBrief, StagePlaces},
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
    #[schemars(extend("x-advanced" = true))]
    evaluate_on_plan: bool,
    /// Evaluate policies just before the stage is shown.
    #[serde(default = "on")]
    #[schemars(extend("x-advanced" = true))]
    re_evaluate_policies: bool,
    /// What an invalid answer does.
    #[serde(default = "retry")]
    #[schemars(extend("x-advanced" = true))]
    invalid_response_action: InvalidResponseAction,
    /// How policy bindings combine.
    #[serde(default = "any")]
    #[schemars(extend("x-advanced" = true))]
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

/// Read-only attributes of stage bindings.
#[derive(Serialize, JsonSchema)]
struct BindingExtras {
    /// By what policy bindings name the stage binding.
    policybindingmodel_ptr_id: RawId,
    /// The stage.
    stage_obj: Option<StageBrief>,
}

/// Stages bound to flows.
pub(crate) struct FlowStageBindings;

impl Rows for FlowStageBindings {
    type Spec = FlowStageBindingSpec;
    type Row = FlowStageBinding;
    const IDENTIFIED_BY: &'static [&'static str] = &["target", "stage", "order"];
    const OWNED_BY: &'static [&'static str] = &["target"];
    const FILTERS: &'static [ListFilter] =
        &[ListFilter::new("fsb_uuid", "pk", FilterOp::Is, "The one of this identifier.")];

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

    fn computed_schema(&self) -> Value {
        schema_of::<BindingExtras>()
    }

    fn computed(
        &self,
        tx: &mut Tx<'_>,
        cx: ReadCx<'_>,
        rows: &[FlowStageBinding],
    ) -> Result<Vec<JsonObject>, ResourceError> {
        let (places, objects) = (StagePlaces::load(tx)?, config_objects::all(tx)?);
        let extras = |binding: &FlowStageBinding| {
            let stage = objects.iter().find(|object| object.id == binding.stage);
            canonical(&BindingExtras {
                policybindingmodel_ptr_id: binding.id.raw(),
                stage_obj: stage.map(|stage| places.brief(cx, stage)),
            })
        };
        Ok(rows.iter().map(extras).collect())
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

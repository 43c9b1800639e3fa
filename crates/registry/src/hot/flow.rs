//! `authentik_flows.flow`.

use countersign_model::{
    DeniedAction, Flow, FlowAuthentication, FlowDesignation, FlowId, FlowLayout, PolicyEngineMode,
};
use countersign_resource::{Describe, Facts, Nothing, canonical, check_name, schema_of};
use countersign_store::{Snapshot, Tx, flow_stage_bindings, flows, policy_bindings};
use countersign_types::{FieldErrors, FilePath, JsonObject, RawId, Slug};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::document;
use crate::{
    Lookup, ReadCx, ResourceError, WriteCx,
    extras::export_url,
    rows::{Draft, Indexed, Rows},
};

/// A journey composed of stages.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(crate) struct FlowSpec {
    /// Administrators' name.
    name: String,
    /// Name in the URL.
    slug: Slug,
    /// Title shown; `%(app)s` stands for the application.
    title: String,
    /// What it is for.
    designation: FlowDesignation,
    /// Who may run it.
    #[serde(default = "nobody_refused")]
    #[schemars(extend("x-group" = "behaviour"))]
    authentication: FlowAuthentication,
    /// What happens to who may not.
    #[serde(default = "message_continue")]
    #[schemars(extend("x-group" = "behaviour"))]
    denied_action: DeniedAction,
    /// How the page is laid out.
    #[serde(default = "stacked")]
    #[schemars(extend("x-group" = "appearance"))]
    layout: FlowLayout,
    /// Background picture; empty for the brand's.
    #[serde(default)]
    #[schemars(extend("x-group" = "appearance"))]
    background: FilePath,
    /// Kept for authentik's field of this name; our pages need no such mode.
    #[serde(default)]
    #[schemars(extend("x-advanced" = true))]
    compatibility_mode: bool,
    /// How policy bindings of the flow combine.
    #[serde(default = "any")]
    #[schemars(extend("x-advanced" = true))]
    policy_engine_mode: PolicyEngineMode,
}

const fn nobody_refused() -> FlowAuthentication {
    FlowAuthentication::None
}

const fn message_continue() -> DeniedAction {
    DeniedAction::MessageContinue
}

const fn stacked() -> FlowLayout {
    FlowLayout::Stacked
}

pub(super) const fn any() -> PolicyEngineMode {
    PolicyEngineMode::Any
}

impl Describe for FlowSpec {
    type Common = Nothing;
    const FACTS: Facts =
        Facts::new("authentik_flows.flow", "ak-flow-form", "Flow").at("flows/instances", "flow");

    fn check(&self) -> Result<(), FieldErrors> {
        check_name("name", &self.name)
    }
}

/// Read-only attributes of flows.
#[derive(Serialize, JsonSchema)]
struct FlowExtras {
    /// By what policy bindings name the flow.
    policybindingmodel_ptr_id: RawId,
    /// Address of the background picture.
    background_url: String,
    /// Kept for authentik's field of this name; there is none.
    background_themed_urls: Option<String>,
    /// The stages, in order.
    stages: Vec<RawId>,
    /// The policy bindings that guard the flow, in order.
    policies: Vec<RawId>,
    /// Kept for authentik's field of this name: plans are not cached.
    cache_count: u32,
    /// Where the flow is exported.
    export_url: String,
}

/// What a filter lets through, as identifiers.
fn of<T>(all: &[T], fits: impl Fn(&T) -> bool, id: impl Fn(&T) -> RawId) -> Vec<RawId> {
    all.iter().filter(|one| fits(one)).map(id).collect()
}

/// Flows.
pub(crate) struct Flows;

impl Rows for Flows {
    type Spec = FlowSpec;
    type Row = Flow;
    const LOOKUP: Lookup = Lookup::Attribute("slug");
    const IDENTIFIED_BY: &'static [&'static str] = &["slug"];
    const UNIQUE: &'static [&'static str] = &["slug"];

    fn by_id(&self, tx: &mut Tx<'_>, id: RawId) -> Result<Option<Flow>, ResourceError> {
        Ok(flows::by_id(tx, FlowId(id))?)
    }

    fn all(&self, tx: &mut Tx<'_>) -> Result<Vec<Flow>, ResourceError> {
        Ok(flows::all(tx)?)
    }

    fn kept<'s>(&self, snapshot: &'s Snapshot) -> Option<Vec<&'s Flow>> {
        Some(snapshot.flows().iter().collect())
    }

    fn id_of(row: &Flow) -> RawId {
        row.id.raw()
    }

    fn document(&self, row: &Flow) -> Result<JsonObject, ResourceError> {
        Ok(document(&FlowSpec {
            name: row.name.clone(),
            slug: row.slug.clone(),
            title: row.title.clone(),
            designation: row.designation,
            authentication: row.authentication,
            denied_action: row.denied_action,
            layout: row.layout,
            background: FilePath(row.background.clone()),
            compatibility_mode: row.compatibility_mode,
            policy_engine_mode: row.policy_engine_mode,
        }))
    }

    fn computed_schema(&self) -> Value {
        schema_of::<FlowExtras>()
    }

    fn computed(
        &self,
        tx: &mut Tx<'_>,
        _: ReadCx<'_>,
        rows: &[Flow],
    ) -> Result<Vec<JsonObject>, ResourceError> {
        let (stages, policies) = (flow_stage_bindings::all(tx)?, policy_bindings::all(tx)?);
        let extras = |flow: &Flow| FlowExtras {
            policybindingmodel_ptr_id: flow.id.raw(),
            background_url: flow.background.clone(),
            background_themed_urls: None,
            stages: of(&stages, |binding| binding.target == flow.id, |binding| binding.stage.raw()),
            policies: of(&policies, |binding| binding.target == flow.id.raw(), |binding| binding.id.raw()),
            cache_count: 0,
            export_url: export_url(flow),
        };
        Ok(rows.iter().map(|flow| canonical(&extras(flow))).collect())
    }

    fn by_key(&self, tx: &mut Tx<'_>, attribute: &str, value: &Value) -> Result<Indexed, ResourceError> {
        match (attribute, value.as_str()) {
            ("slug", Some(slug)) => Ok(flows::by_slug(tx, slug)?.map(|flow| flow.id).into()),
            _ => Ok(Indexed::No),
        }
    }

    fn write(&self, tx: &mut Tx<'_>, _: WriteCx<'_>, draft: Draft<FlowSpec>) -> Result<(), ResourceError> {
        let spec = draft.spec;
        let flow = Flow {
            id: FlowId(draft.id),
            name: spec.name,
            slug: spec.slug,
            title: spec.title,
            designation: spec.designation,
            authentication: spec.authentication,
            denied_action: spec.denied_action,
            layout: spec.layout,
            background: spec.background.0,
            compatibility_mode: spec.compatibility_mode,
            policy_engine_mode: spec.policy_engine_mode,
        };
        if draft.exists {
            flows::update(tx, &flow)?;
        } else {
            flows::create(tx, &flow)?;
        }
        Ok(())
    }

    fn delete(&self, tx: &mut Tx<'_>, id: RawId) -> Result<(), ResourceError> {
        flows::delete(tx, FlowId(id))?;
        Ok(())
    }
}

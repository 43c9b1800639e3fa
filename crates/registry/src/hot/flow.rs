//! `authentik_flows.flow`.

use countersign_model::{
    DeniedAction, Flow, FlowAuthentication, FlowDesignation, FlowId, FlowLayout, PolicyEngineMode,
};
use countersign_resource::{Describe, Facts, Nothing, check_name};
use countersign_store::{Tx, flows};
use countersign_types::{FieldErrors, FilePath, JsonObject, RawId, Slug};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::document;
use crate::{
    ResourceError, WriteCx,
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
    authentication: FlowAuthentication,
    /// What happens to who may not.
    #[serde(default = "message_continue")]
    denied_action: DeniedAction,
    /// How the page is laid out.
    #[serde(default = "stacked")]
    layout: FlowLayout,
    /// Background picture; empty for the brand's.
    #[serde(default)]
    background: FilePath,
    /// Kept for authentik's field of this name; our pages need no such mode.
    #[serde(default)]
    compatibility_mode: bool,
    /// How policy bindings of the flow combine.
    #[serde(default = "any")]
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
    const FACTS: Facts = Facts {
        model: "authentik_flows.flow",
        family: None,
        component: "ak-flow-form",
        verbose_name: "Flow",
    };

    fn check(&self) -> Result<(), FieldErrors> {
        check_name("name", &self.name)
    }
}

/// Flows.
pub(crate) struct Flows;

impl Rows for Flows {
    type Spec = FlowSpec;
    const IDENTIFIED_BY: &'static [&'static str] = &["slug"];
    const UNIQUE: &'static [&'static str] = &["slug"];

    fn get(&self, tx: &mut Tx<'_>, id: RawId) -> Result<Option<JsonObject>, ResourceError> {
        let flow = flows::by_id(tx, FlowId(id))?;
        Ok(flow.map(|flow| {
            document(&FlowSpec {
                name: flow.name,
                slug: flow.slug,
                title: flow.title,
                designation: flow.designation,
                authentication: flow.authentication,
                denied_action: flow.denied_action,
                layout: flow.layout,
                background: FilePath(flow.background),
                compatibility_mode: flow.compatibility_mode,
                policy_engine_mode: flow.policy_engine_mode,
            })
        }))
    }

    fn ids(&self, tx: &mut Tx<'_>) -> Result<Vec<RawId>, ResourceError> {
        Ok(flows::all(tx)?.into_iter().map(|flow| flow.id.raw()).collect())
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

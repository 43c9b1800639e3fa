//! `authentik_stages_redirect.redirectstage`: elsewhere, or to another flow.

use std::sync::Arc;

use async_trait::async_trait;
use countersign_flows::{Outcome, Response, Stage, StageCx, StageError, StageKind, Step, keys};
use countersign_model::{ConfigObject, Family, FlowId};
use countersign_resource::{ConfigKind, target};
use countersign_types::{FieldErrors, Ref};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where a redirect stage leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RedirectMode {
    /// To an address.
    Static,
    /// To another flow.
    Flow,
}

/// Leads elsewhere and ends the flow, or hands over to another flow.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct RedirectStage {
    /// Take along to the other flow what was collected in this one.
    #[serde(default = "yes")]
    pub keep_context: bool,
    /// Whether to lead to an address or to a flow.
    pub mode: RedirectMode,
    /// The address: a path of ours or an absolute URL. `ak-flow://slug` is the flow of that slug.
    #[serde(default)]
    pub target_static: String,
    /// The flow.
    #[serde(default)]
    pub target_flow: Option<Ref<target::Flow>>,
}

const fn yes() -> bool {
    true
}

/// Scheme of flows as targets.
const FLOW_SCHEME: &str = "ak-flow://";

/// A place to go to.
#[derive(Debug, PartialEq, Eq)]
enum Place<'a> {
    Flow(&'a str),
    Address(&'a str),
}

impl<'a> Place<'a> {
    /// None for anything but a flow, a path of ours, or an absolute web address: `javascript:` and addresses
    /// that only look like paths lead nowhere.
    fn of(target: &'a str) -> Option<Self> {
        if let Some(slug) = target.strip_prefix(FLOW_SCHEME) {
            return Some(Self::Flow(slug.trim_end_matches('/')));
        }
        let is_path = target.starts_with('/') && !target.starts_with("//");
        let is_web = ["https://", "http://"]
            .iter()
            .any(|scheme| target.len() > scheme.len() && target.starts_with(scheme));
        let is_clean = !target.contains('\\') && !target.chars().any(|c| c.is_control() || c == ' ');
        ((is_path || is_web) && is_clean).then_some(Self::Address(target))
    }
}

impl ConfigKind for RedirectStage {
    const MODEL: &'static str = "authentik_stages_redirect.redirectstage";
    const FAMILY: Family = Family::Stage;
    const COMPONENT: &'static str = "ak-stage-redirect-form";
    const VERBOSE_NAME: &'static str = "Redirect Stage";

    fn validate(&self) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::default();
        match self.mode {
            RedirectMode::Static if Place::of(&self.target_static).is_none() => {
                errors.push("target_static", "invalid", "stages-redirect-address");
            }
            RedirectMode::Flow if self.target_flow.is_none() => {
                errors.push("target_flow", "required", "stages-redirect-flow");
            }
            RedirectMode::Static | RedirectMode::Flow => {}
        }
        errors.into_result()
    }
}

impl StageKind for RedirectStage {
    fn build(self, _: &ConfigObject) -> Result<Arc<dyn Stage>, StageError> {
        Ok(Arc::new(self))
    }
}

impl RedirectStage {
    fn outcome(&self, cx: &StageCx<'_>) -> Result<Outcome, StageError> {
        let target = match cx.context.get(&keys::REDIRECT_STAGE_TARGET) {
            Some(target) => target,
            None if self.mode == RedirectMode::Static => self.target_static.clone(),
            None => {
                let flow = self.target_flow.and_then(|flow| cx.snapshot.flow(FlowId(flow.id())));
                flow.map(|flow| format!("{FLOW_SCHEME}{}", flow.slug)).unwrap_or_default()
            }
        };
        match Place::of(&target) {
            Some(Place::Flow(slug)) if cx.snapshot.flow_by_slug(slug).is_some() => {
                Ok(Outcome::OtherFlow { slug: slug.to_owned(), keep_context: self.keep_context })
            }
            Some(Place::Address(address)) => Ok(Outcome::Redirect(address.to_owned())),
            Some(Place::Flow(_)) | None => Err(StageError::Configuration {
                stage: cx.stage_name.to_owned(),
                problem: "its target is neither a flow that exists nor an address".to_owned(),
            }),
        }
    }
}

#[async_trait]
impl Stage for RedirectStage {
    async fn enter(&self, cx: &mut StageCx<'_>) -> Result<Step, StageError> {
        self.outcome(cx).map(Step::Done)
    }

    async fn answer(&self, cx: &mut StageCx<'_>, _: &Response) -> Result<Outcome, StageError> {
        self.outcome(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_addresses_paths_and_flows_are_places() {
        assert_eq!(Place::of("ak-flow://enrol"), Some(Place::Flow("enrol")));
        for address in ["/if/user/", "https://example.com/", "http://localhost:8000/x?y=1"] {
            assert_eq!(Place::of(address), Some(Place::Address(address)));
        }
        for nowhere in
            ["", "javascript:alert(1)", "//evil.example", "/\\evil.example", "https://", "data:,x", "a"]
        {
            assert_eq!(Place::of(nowhere), None, "{nowhere}");
        }
    }
}

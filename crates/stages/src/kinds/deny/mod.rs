//! `authentik_stages_deny.denystage`: the flow ends here.

use std::sync::Arc;

use async_trait::async_trait;
use countersign_flows::{Outcome, Response, Stage, StageCx, StageError, StageKind, Step, keys};
use countersign_model::{ConfigObject, Family};
use countersign_resource::ConfigKind;
use countersign_types::Text;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Ends the flow for whoever gets here. Policies on its binding say who that is.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct DenyStage {
    /// Words for the person. Whatever the plan's context holds as `deny_message` comes first.
    #[serde(default)]
    pub deny_message: String,
}

impl ConfigKind for DenyStage {
    const MODEL: &'static str = "authentik_stages_deny.denystage";
    const FAMILY: Family = Family::Stage;
    const COMPONENT: &'static str = "ak-stage-deny-form";
    const VERBOSE_NAME: &'static str = "Deny Stage";
}

impl StageKind for DenyStage {
    fn build(self, _: &ConfigObject) -> Result<Arc<dyn Stage>, StageError> {
        Ok(Arc::new(self))
    }
}

impl DenyStage {
    fn denial(&self, cx: &StageCx<'_>) -> Outcome {
        let words = cx.context.get(&keys::DENY_MESSAGE).unwrap_or_else(|| self.deny_message.clone());
        let words = words.trim();
        Outcome::Deny(if words.is_empty() { Text::key("stages-denied") } else { Text::literal(words) })
    }
}

#[async_trait]
impl Stage for DenyStage {
    async fn enter(&self, cx: &mut StageCx<'_>) -> Result<Step, StageError> {
        Ok(Step::Done(self.denial(cx)))
    }

    async fn answer(&self, cx: &mut StageCx<'_>, _: &Response) -> Result<Outcome, StageError> {
        Ok(self.denial(cx))
    }
}

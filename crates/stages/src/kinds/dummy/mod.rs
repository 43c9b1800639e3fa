//! `authentik_stages_dummy.dummystage`: a page with a button, to try flows out.

use std::sync::Arc;

use async_trait::async_trait;
use countersign_flows::{
    Button, Challenge, Node, Outcome, Response, Stage, StageCx, StageError, StageKind, Step,
};
use countersign_model::{ConfigObject, Family};
use countersign_resource::ConfigKind;
use countersign_types::Text;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Shows its name and a button.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct DummyStage {
    /// Fail instead, to see what people see then.
    #[serde(default)]
    pub throw_error: bool,
}

impl ConfigKind for DummyStage {
    const MODEL: &'static str = "authentik_stages_dummy.dummystage";
    const FAMILY: Family = Family::Stage;
    const COMPONENT: &'static str = "ak-stage-dummy-form";
    const VERBOSE_NAME: &'static str = "Dummy Stage";
}

impl StageKind for DummyStage {
    fn build(self, _: &ConfigObject) -> Result<Arc<dyn Stage>, StageError> {
        Ok(Arc::new(self))
    }
}

#[async_trait]
impl Stage for DummyStage {
    async fn enter(&self, cx: &mut StageCx<'_>) -> Result<Step, StageError> {
        if self.throw_error {
            return Err(StageError::Configuration {
                stage: cx.stage_name.to_owned(),
                problem: "it is configured to fail".to_owned(),
            });
        }
        Ok(Challenge::new("ak-stage-dummy")
            .with("name", cx.stage_name)
            .node(Node::Paragraph(Text::literal(cx.stage_name)))
            .node(Button::primary("action-continue"))
            .into())
    }

    async fn answer(&self, _: &mut StageCx<'_>, _: &Response) -> Result<Outcome, StageError> {
        Ok(Outcome::Next)
    }
}

//! `authentik_stages_captcha.captchastage`: is that a person?

mod spec;

use std::sync::Arc;

use async_trait::async_trait;
use countersign_flows::{
    Button, CaptchaWidget, Challenge, Node, Outcome, Response, Stage, StageCx, StageError, StageKind, Step,
};
use countersign_model::{ConfigObject, ConfigObjectId};
use countersign_types::FieldErrors;

use crate::captcha_check::Captcha;

pub use spec::{CaptchaStage, RequestContentType};

/// Name of the field.
const FIELD: &str = "token";

impl StageKind for CaptchaStage {
    fn build(self, object: &ConfigObject) -> Result<Arc<dyn Stage>, StageError> {
        Ok(Arc::new(Asking { id: object.id }))
    }
}

/// `https://host:port` of an address that a captcha may have.
pub(crate) fn origin(address: &str) -> Option<&str> {
    spec::origin(address)
}

struct Asking {
    id: ConfigObjectId,
}

#[async_trait]
impl Stage for Asking {
    async fn enter(&self, cx: &mut StageCx<'_>) -> Result<Step, StageError> {
        let captcha = Captcha::of(cx, self.id)?;
        let mut challenge =
            Challenge::new("ak-stage-captcha").titled("stages-captcha-title").to(cx.pending_view());
        challenge.data.extend(captcha.data(cx));
        let widget = CaptchaWidget { field: FIELD, sends: !captcha.spec.interactive, ..captcha.widget(cx) };
        Ok(challenge.node(Node::Captcha(widget)).node(Button::primary("action-continue")).into())
    }

    async fn answer(&self, cx: &mut StageCx<'_>, response: &Response) -> Result<Outcome, StageError> {
        let captcha = Captcha::of(cx, self.id)?;
        let Some(token) = response.text(FIELD) else {
            return Ok(Outcome::Retry(FieldErrors::one(FIELD, "required", "stages-captcha-required")));
        };
        Ok(match captcha.verify(cx, token, FIELD).await {
            Ok(()) => Outcome::Next,
            Err(errors) => Outcome::Retry(errors),
        })
    }
}

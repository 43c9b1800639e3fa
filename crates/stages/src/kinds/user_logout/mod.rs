//! `authentik_stages_user_logout.userlogoutstage`: the session ends.
//!
//! Another site must not be able to sign people out by a link or a picture: who comes from there is asked
//! first, unless whoever began the flow has asked already.

use std::sync::Arc;

use async_trait::async_trait;
use countersign_flows::{
    Button, Challenge, Key, Node, Outcome, Response, Stage, StageCx, StageError, StageKind, Step,
};
use countersign_model::{ConfigObject, EventAction, Family};
use countersign_resource::ConfigKind;
use countersign_types::Text;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::trail;

/// Who says so in the audit trail.
const APP: &str = "countersign.stages.user_logout";

/// Set by whoever begins the flow: true when he knows that the person wants to sign out, false when he knows
/// that it has to be asked.
pub const CONFIRMED: Key<bool> = Key::new("goauthentik.io/stages/user_logout/confirmed");

/// Signs out.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct UserLogoutStage {}

impl ConfigKind for UserLogoutStage {
    const MODEL: &'static str = "authentik_stages_user_logout.userlogoutstage";
    const FAMILY: Family = Family::Stage;
    const COMPONENT: &'static str = "ak-stage-user-logout-form";
    const VERBOSE_NAME: &'static str = "User Logout Stage";
}

impl StageKind for UserLogoutStage {
    fn build(self, _: &ConfigObject) -> Result<Arc<dyn Stage>, StageError> {
        Ok(Arc::new(self))
    }
}

#[async_trait]
impl Stage for UserLogoutStage {
    async fn enter(&self, cx: &mut StageCx<'_>) -> Result<Step, StageError> {
        let Some(live) = cx.session else { return Ok(Step::Done(Outcome::Next)) };
        if !cx.context.get(&CONFIRMED).unwrap_or(!cx.facts.is_cross_site) {
            let text = Text::key("stages-user-logout-text").with("name", live.subject.user.username.clone());
            return Ok(Challenge::new("ak-stage-user-logout")
                .titled("stages-user-logout-title")
                .node(Node::Paragraph(text))
                .node(Button::primary("action-sign-out"))
                .into());
        }
        Ok(Step::Done(sign_out(cx)))
    }

    async fn answer(&self, cx: &mut StageCx<'_>, _: &Response) -> Result<Outcome, StageError> {
        Ok(sign_out(cx))
    }
}

fn sign_out(cx: &mut StageCx<'_>) -> Outcome {
    if let Some(live) = cx.session {
        let event = trail::draft(cx, EventAction::Logout, APP)
            .with("session", live.session.id.to_string())
            .by(&live.subject.user);
        cx.effect(move |tx| Ok(countersign_events::record(tx, event.clone())?));
        cx.end_session();
    }
    Outcome::Next
}

//! `authentik_stages_user_delete.userdeletestage`: the account is deleted, and with it its sessions, tokens and
//! consents.
//!
//! Only by whoever is signed in to it, or proved in this plan that it is his; nobody's account goes because
//! somebody said its name, and nobody who acts in another's place deletes him.

use std::sync::Arc;

use async_trait::async_trait;
use countersign_flows::{EffectError, Outcome, Response, Stage, StageCx, StageError, StageKind, Step, keys};
use countersign_model::{ConfigObject, EventAction, Family, Subject};
use countersign_resource::ConfigKind;
use countersign_store::users;
use countersign_types::{FieldErrors, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{confirm::Confirmation, proof, trail};

/// Who says so in the audit trail.
const APP: &str = "countersign.stages.user_delete";

/// Deletes the account of whoever goes through the flow and signs him out. Asks once more, unless an earlier
/// stage of the flow asked something.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct UserDeleteStage {}

impl ConfigKind for UserDeleteStage {
    const MODEL: &'static str = "authentik_stages_user_delete.userdeletestage";
    const FAMILY: Family = Family::Stage;
    const COMPONENT: &'static str = "ak-stage-user-delete-form";
    const VERBOSE_NAME: &'static str = "User Delete Stage";
}

impl StageKind for UserDeleteStage {
    fn build(self, _: &ConfigObject) -> Result<Arc<dyn Stage>, StageError> {
        Ok(Arc::new(self))
    }
}

#[async_trait]
impl Stage for UserDeleteStage {
    async fn enter(&self, cx: &mut StageCx<'_>) -> Result<Step, StageError> {
        Ok(match proof::rightful(cx) {
            None => Step::Done(nobody()),
            Some(subject) if cx.has_answered => Step::Done(delete(cx, &subject)),
            Some(subject) => question(&subject).grave_question(cx).into(),
        })
    }

    async fn answer(&self, cx: &mut StageCx<'_>, response: &Response) -> Result<Outcome, StageError> {
        let Some(subject) = proof::rightful(cx) else { return Ok(nobody()) };
        if !question(&subject).is_yes(cx, response) {
            return Ok(Outcome::Retry(FieldErrors::one("", "invalid", "stages-consent-changed")));
        }
        Ok(delete(cx, &subject))
    }
}

fn nobody() -> Outcome {
    Outcome::Deny(Text::key("stages-user-delete-nobody"))
}

fn question(subject: &Subject) -> Confirmation {
    Confirmation {
        title: "stages-user-delete-title",
        text: "stages-user-delete-text",
        action: "stages-user-delete-action",
        about: subject.user.id.to_string(),
    }
}

fn delete(cx: &mut StageCx<'_>, subject: &Subject) -> Outcome {
    let (id, user) = (subject.user.id, subject.user.clone());
    let event = trail::draft(cx, EventAction::ModelDeleted, APP)
        .about("authentik_core.user", &user.username, user.pk)
        .by(&user);
    cx.effect(move |tx| {
        let is_there = users::by_id(tx, id)?.is_some_and(|user| user.is_active);
        if !is_there || !users::delete(tx, id)? {
            return Err(EffectError::Deny(Text::key("stages-user-delete-nobody")));
        }
        Ok(countersign_events::record(tx, event.clone())?)
    });
    if cx.session.is_some_and(|live| live.subject.user.id == id) {
        cx.end_session();
    }
    proof::forget(cx.context);
    cx.context.remove(&keys::PENDING_USER);
    cx.context.remove(&keys::PENDING_USER_IDENTIFIER);
    *cx.pending = None;
    Outcome::Next
}

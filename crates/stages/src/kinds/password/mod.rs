//! `authentik_stages_password.passwordstage`: the password of whoever goes through the flow.
//!
//! Asks the same of a name that is nobody's, and answers the same.

use std::sync::Arc;

use async_trait::async_trait;
use countersign_crypto::MAX_PASSWORD_LEN;
use countersign_flows::{
    Autocomplete, Button, Challenge, Comfort, Field, FieldKind, Link, LinkRole, LoadCx, Loaded, Outcome,
    PendingUser, Response, Stage, StageCx, StageError, StageKind, Step, keys,
};
use countersign_model::{ConfigObject, Family, FlowDesignation, Subject};
use countersign_resource::{ConfigKind, target};
use countersign_store::Tx;
use countersign_types::{FieldErrors, Ref, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    flow_links,
    password_check::{self, Backend, Checked, Claim, Evidence, FIELD, PasswordSettings},
};

/// Asks for a password.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct PasswordStage {
    /// What the password is compared with.
    pub backends: Vec<Backend>,
    /// Flow in which signed-in users change their password.
    #[serde(default)]
    pub configure_flow: Option<Ref<target::Flow>>,
    /// After so many wrong passwords the flow is cancelled. This is beside the delays that protect the
    /// account and that cannot be turned off.
    #[serde(default = "five")]
    #[schemars(range(min = 1, max = 100))]
    pub failed_attempts_before_cancel: u32,
    /// Offer to show the password while it is typed.
    #[serde(default)]
    #[schemars(extend("x-advanced" = true))]
    pub allow_show_password: bool,
}

const fn five() -> u32 {
    5
}

impl ConfigKind for PasswordStage {
    const MODEL: &'static str = "authentik_stages_password.passwordstage";
    const FAMILY: Family = Family::Stage;
    const COMPONENT: &'static str = "ak-stage-password-form";
    const VERBOSE_NAME: &'static str = "Password Stage";

    fn validate(&self) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::default();
        let can_match = |backend: &Backend| matches!(backend, Backend::Inbuilt | Backend::Token);
        if !self.backends.iter().any(can_match) {
            errors.push("backends", "required", "stages-password-no-backend");
        }
        if !(1..=100).contains(&self.failed_attempts_before_cancel) {
            errors.push("failed_attempts_before_cancel", "invalid", "stages-password-attempts");
        }
        errors.into_result()
    }
}

impl StageKind for PasswordStage {
    fn build(self, _: &ConfigObject) -> Result<Arc<dyn Stage>, StageError> {
        let settings = PasswordSettings {
            backends: self.backends.clone(),
            failed_attempts_before_cancel: self.failed_attempts_before_cancel,
            allow_show_password: self.allow_show_password,
        };
        Ok(Arc::new(Asking { settings }))
    }
}

struct Asking {
    settings: PasswordSettings,
}

#[async_trait]
impl Stage for Asking {
    fn loads(&self) -> bool {
        true
    }

    fn load(&self, cx: &LoadCx<'_>, tx: &mut Tx<'_>) -> Result<Loaded, StageError> {
        let (Some(response), Some(claim)) =
            (cx.response, claimed(cx.context.get(&keys::PENDING_USER), cx.pending))
        else {
            return Ok(None);
        };
        let password = response.secret(FIELD);
        let evidence = Evidence::load(tx, &claim, password.as_ref(), &self.settings.backends)?;
        Ok(Some(Box::new(evidence)))
    }

    async fn enter(&self, cx: &mut StageCx<'_>) -> Result<Step, StageError> {
        if claimed(cx.context.get(&keys::PENDING_USER), cx.pending.as_ref()).is_none() {
            return Ok(Step::Done(Outcome::Deny(Text::key("stages-nobody-pending"))));
        }
        Ok(self.challenge(cx).into())
    }

    async fn answer(&self, cx: &mut StageCx<'_>, response: &Response) -> Result<Outcome, StageError> {
        let Some(claim) = claimed(cx.context.get(&keys::PENDING_USER), cx.pending.as_ref()) else {
            return Ok(Outcome::Deny(Text::key("stages-nobody-pending")));
        };
        let (Some(password), Some(evidence)) = (response.secret(FIELD), cx.take_loaded::<Evidence>()) else {
            return Ok(Outcome::Retry(FieldErrors::one(FIELD, "required", "field-required")));
        };
        Ok(match password_check::check(cx, &claim, evidence, password, &self.settings).await? {
            Checked::Proven => Outcome::Next,
            Checked::Refused(errors) => Outcome::Retry(errors),
            Checked::Cancelled(message) => Outcome::Deny(message),
        })
    }
}

impl Asking {
    fn challenge(&self, cx: &StageCx<'_>) -> Challenge {
        let recovery = recovery_link(cx);
        let field = Field {
            autocomplete: Autocomplete::CurrentPassword,
            autofocus: true,
            max_length: u32::try_from(MAX_PASSWORD_LEN).ok(),
            comfort: self.settings.allow_show_password.then_some(Comfort::Reveal),
            ..Field::new(FIELD, FieldKind::Password, "stages-password-label")
        };
        let is_signing_in = cx.flow.designation == FlowDesignation::Authentication;
        let action = if is_signing_in { "action-sign-in" } else { "action-continue" };
        let challenge = Challenge::new("ak-stage-password")
            .with("recovery_url", recovery.clone())
            .with("allow_show_password", self.settings.allow_show_password)
            .to(cx.pending_view())
            .node(field)
            .node(Button::primary(action));
        match recovery {
            Some(href) => challenge.node(Link {
                label: "stages-identification-recover".into(),
                href,
                role: LinkRole::Secondary,
            }),
            None => challenge,
        }
    }
}

/// Where a forgotten password is replaced: the brand's flow, and no hint whether it would help this person.
fn recovery_link(cx: &StageCx<'_>) -> Option<String> {
    let flow = cx.snapshot.brand_for(&cx.facts.host)?.flow_recovery?;
    flow_links::to_flow(cx, Some(Ref::new(flow.raw())))
}

/// Who is said to go through the flow. An account that was deleted on the way is nobody's name.
fn claimed(pending: Option<PendingUser>, subject: Option<&Arc<Subject>>) -> Option<Claim> {
    match (pending?, subject) {
        (PendingUser::Known { id }, Some(subject)) if subject.user.id == id => {
            Some(Claim::Account(Arc::clone(subject)))
        }
        (PendingUser::Known { id }, _) => Some(Claim::Nobody(id.to_string())),
        (PendingUser::Pretended { typed }, _) => Some(Claim::Nobody(typed)),
    }
}

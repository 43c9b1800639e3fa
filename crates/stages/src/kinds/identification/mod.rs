//! `authentik_stages_identification.identificationstage`: who is there? With a password on the same page if
//! so configured.
//!
//! Whether there is such an account is told by nothing: the question, what it costs and what follows are the
//! same for a name that is somebody's and for one that is nobody's.

mod challenge;
mod sources;
mod spec;

use std::sync::Arc;

use async_trait::async_trait;
use countersign_flows::{
    LoadCx, Loaded, Outcome, PendingUser, Response, Stage, StageCx, StageError, StageKind, Step, keys,
};
use countersign_model::{ConfigObject, ConfigObjectId, EventAction, Subject, UserId};
use countersign_store::{
    Snapshot, StoreError, Tx, groups,
    users::{self, LetterCase},
};
use countersign_types::{FieldErrors, Secret};
use uuid::Uuid;

use crate::{
    captcha_check::Captcha,
    password_check::{self, Checked, Claim, Evidence, PasswordSettings},
    proof, trail,
};

pub use spec::{IdentificationStage, UserField};

/// Who says so in the audit trail.
const APP: &str = "countersign.stages.identification";
/// Name of the field.
const UID: &str = "uid_field";
/// Name of the field that a captcha on the page answers in.
const CAPTCHA: &str = "captcha_token";
/// Longest name in bytes: the longest address (RFC 5321 §4.5.3.1) has 254.
const MAX_UID: usize = 320;

/// What the read unit brings.
struct Found {
    claim: Claim,
    evidence: Option<Evidence>,
}

impl StageKind for IdentificationStage {
    fn build(self, _: &ConfigObject) -> Result<Arc<dyn Stage>, StageError> {
        Ok(Arc::new(self))
    }
}

#[async_trait]
impl Stage for IdentificationStage {
    fn loads(&self) -> bool {
        true
    }

    fn load(&self, cx: &LoadCx<'_>, tx: &mut Tx<'_>) -> Result<Loaded, StageError> {
        if self.user_fields.is_empty() {
            return Ok(None);
        }
        let Some(Ok(typed)) = cx.response.map(typed_name) else { return Ok(None) };
        let password = cx.response.and_then(|response| response.secret(password_check::FIELD));
        let claim = self.find(tx, typed)?;
        let evidence = match self.password_settings(cx.snapshot) {
            Some(settings) => Some(Evidence::load(tx, &claim, password.as_ref(), &settings.backends)?),
            None => None,
        };
        Ok(Some(Box::new(Found { claim, evidence })))
    }

    async fn enter(&self, cx: &mut StageCx<'_>) -> Result<Step, StageError> {
        let password = self.password_settings(cx.snapshot);
        if self.password_stage.is_some() && password.is_none() {
            return Err(StageError::Configuration {
                stage: cx.stage_name.to_owned(),
                problem: "its password stage is not there or cannot be read".to_owned(),
            });
        }
        let sources = self.offered(cx).await?;
        if self.user_fields.is_empty() && self.passwordless_flow.is_none() {
            match sources.as_slice() {
                [] => return Ok(Step::Done(Outcome::Deny("stages-identification-no-way".into()))),
                [only] => return Ok(Step::Done(Outcome::Redirect(only.href.clone()))),
                _ => {}
            }
        }
        Ok(self.challenge(cx, password.as_ref(), sources)?.into())
    }

    async fn answer(&self, cx: &mut StageCx<'_>, response: &Response) -> Result<Outcome, StageError> {
        if self.user_fields.is_empty() {
            return Ok(Outcome::Retry(FieldErrors::one("", "invalid", "stages-identification-choose-way")));
        }
        let typed = match typed_name(response) {
            Ok(typed) => typed.to_owned(),
            Err(errors) => return Ok(Outcome::Retry(errors)),
        };
        let Some(Found { claim, evidence }) = cx.take_loaded::<Found>() else {
            return Ok(Outcome::Retry(FieldErrors::one(UID, "required", "field-required")));
        };
        if let Some(errors) = self.refused_by_captcha(cx, response).await? {
            return Ok(Outcome::Retry(errors));
        }
        match (self.password_settings(cx.snapshot), evidence) {
            (Some(settings), Some(evidence)) => {
                let Some(password) = response.secret(password_check::FIELD) else {
                    let errors = FieldErrors::one(password_check::FIELD, "required", "field-required");
                    return Ok(Outcome::Retry(errors));
                };
                self.answer_with_password(cx, typed, claim, evidence, password, &settings).await
            }
            _ => Ok(self.answer_with_name(cx, typed, claim)),
        }
    }
}

impl IdentificationStage {
    /// Who calls himself so. Costs the same number of queries whether there is such an account or not.
    fn find(&self, tx: &mut Tx<'_>, typed: &str) -> Result<Claim, StoreError> {
        let letters = if self.case_insensitive_matching { LetterCase::Ignored } else { LetterCase::Matters };
        let fields: Vec<_> = self.user_fields.iter().map(|field| field.looked_up()).collect();
        let found = users::by_identifier(tx, &fields, typed, letters)?;
        let subject = match found {
            Some(user) => Some(users::subject_of(tx, user)?),
            None => {
                groups::direct_of(tx, UserId(Uuid::nil()))?;
                None
            }
        };
        Ok(subject
            .map_or_else(|| Claim::Nobody(typed.to_owned()), |subject| Claim::Account(Arc::new(subject))))
    }

    /// Settings of the password stage whose field stands on this page; none without one.
    fn password_settings(&self, snapshot: &Snapshot) -> Option<PasswordSettings> {
        let object = snapshot.object(ConfigObjectId(self.password_stage?.id()))?;
        serde_json::from_value(object.config.clone()).ok()
    }

    /// The captcha that stands on this page; none without one.
    fn captcha(&self, cx: &StageCx<'_>) -> Result<Option<Arc<Captcha>>, StageError> {
        self.captcha_stage.map(|stage| Captcha::of(cx, ConfigObjectId(stage.id()))).transpose()
    }

    /// What is wrong with the answer of the captcha. Nothing else is looked at before.
    async fn refused_by_captcha(
        &self,
        cx: &mut StageCx<'_>,
        response: &Response,
    ) -> Result<Option<FieldErrors>, StageError> {
        let Some(captcha) = self.captcha(cx)? else { return Ok(None) };
        let Some(token) = response.text(CAPTCHA) else {
            return Ok(Some(FieldErrors::one(CAPTCHA, "required", "stages-captcha-required")));
        };
        Ok(captcha.verify(cx, token, CAPTCHA).await.err())
    }

    async fn answer_with_password(
        &self,
        cx: &mut StageCx<'_>,
        typed: String,
        claim: Claim,
        evidence: Evidence,
        password: Secret<String>,
        settings: &PasswordSettings,
    ) -> Result<Outcome, StageError> {
        proof::forget(cx.context);
        match password_check::check(cx, &claim, evidence, password, settings).await? {
            Checked::Proven => {
                if let Claim::Account(subject) = claim {
                    go_on_as(cx, &typed, subject, self.show_matched_user);
                }
                Ok(Outcome::Next)
            }
            Checked::Refused(errors) => Ok(Outcome::Retry(errors)),
            Checked::Cancelled(message) => Ok(Outcome::Deny(message)),
        }
    }

    fn answer_with_name(&self, cx: &mut StageCx<'_>, typed: String, claim: Claim) -> Outcome {
        proof::forget(cx.context);
        match claim {
            // Where nobody is pretended, a name that is somebody's is no secret.
            Claim::Account(subject) => {
                let is_shown = self.show_matched_user && !self.pretend_user_exists;
                go_on_as(cx, &typed, subject, is_shown);
            }
            Claim::Nobody(_) if self.pretend_user_exists => {
                cx.context.remove(&keys::SHOWN_AS_MATCHED);
                cx.context.set(&keys::PENDING_USER_IDENTIFIER, &typed);
                cx.context.set(&keys::PENDING_USER, &PendingUser::Pretended { typed });
                *cx.pending = None;
            }
            Claim::Nobody(_) => {
                cx.services.policies.reputations().failed(&typed, cx.facts.client);
                let event = trail::draft(cx, EventAction::LoginFailed, APP).with("username", typed);
                cx.effect(move |tx| Ok(countersign_events::record(tx, event.clone())?));
                return Outcome::Retry(FieldErrors::one(UID, "invalid", "stages-identification-unknown"));
            }
        }
        Outcome::Next
    }
}

fn go_on_as(cx: &mut StageCx<'_>, typed: &String, subject: Arc<Subject>, is_shown: bool) {
    cx.context.set(&keys::PENDING_USER_IDENTIFIER, typed);
    match is_shown {
        true => cx.context.set(&keys::SHOWN_AS_MATCHED, &true),
        false => cx.context.remove(&keys::SHOWN_AS_MATCHED),
    }
    cx.set_pending(subject);
}

/// The name that was typed, within bounds.
fn typed_name(response: &Response) -> Result<&str, FieldErrors> {
    let name = response.text(UID).map(str::trim).filter(|name| !name.is_empty());
    let Some(name) = name else {
        let is_absent = response.value(UID).is_none_or(|value| value.as_str().is_some());
        let (code, key) =
            if is_absent { ("required", "field-required") } else { ("invalid", "field-invalid") };
        return Err(FieldErrors::one(UID, code, key));
    };
    if name.len() > MAX_UID || name.chars().any(char::is_control) {
        return Err(FieldErrors::one(UID, "invalid", "field-invalid"));
    }
    Ok(name)
}

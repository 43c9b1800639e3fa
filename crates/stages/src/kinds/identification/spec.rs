//! What administrators set.

use countersign_model::Family;
use countersign_resource::{ConfigKind, target};
use countersign_store::users::IdentifierField;
use countersign_types::{FieldErrors, Ref};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a person may call himself by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum UserField {
    /// The e-mail address.
    #[serde(rename = "email")]
    Email,
    /// The user name.
    #[serde(rename = "username")]
    Username,
    /// The user principal name, kept in the attribute `upn`.
    #[serde(rename = "upn")]
    Upn,
}

impl UserField {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Username => "username",
            Self::Upn => "upn",
        }
    }

    pub(super) const fn looked_up(self) -> IdentifierField {
        match self {
            Self::Email => IdentifierField::Email,
            Self::Username => IdentifierField::Username,
            Self::Upn => IdentifierField::Upn,
        }
    }
}

/// Asks who somebody is.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct IdentificationStage {
    /// What people may identify themselves by.
    #[serde(default)]
    pub user_fields: Vec<UserField>,
    /// Ask for the password on the same page, as this password stage would.
    #[serde(default)]
    pub password_stage: Option<Ref<target::PasswordStage>>,
    /// Show this captcha on the same page.
    #[serde(default)]
    #[schemars(extend("x-advanced" = true))]
    pub captcha_stage: Option<Ref<target::Stage>>,
    /// Compare what was typed without regard to upper and lower case.
    #[serde(default = "yes")]
    pub case_insensitive_matching: bool,
    /// Show the name and picture of the account above the next question. Before it is proved whose it is that
    /// would tell that there is such an account, so until then it needs `pretend_user_exists` to be off; what
    /// was typed is shown instead.
    #[serde(default = "yes")]
    #[schemars(extend("x-advanced" = true))]
    pub show_matched_user: bool,
    /// Flow in which a new account is made; linked below the form.
    #[serde(default)]
    #[schemars(extend("x-group" = "flows"))]
    pub enrollment_flow: Option<Ref<target::Flow>>,
    /// Flow in which a forgotten password is replaced; linked below the form.
    #[serde(default)]
    #[schemars(extend("x-group" = "flows"))]
    pub recovery_flow: Option<Ref<target::Flow>>,
    /// Flow that signs in without a password; linked below the form.
    #[serde(default)]
    #[schemars(extend("x-group" = "flows", "x-advanced" = true))]
    pub passwordless_flow: Option<Ref<target::Flow>>,
    /// Sources offered as buttons.
    #[serde(default)]
    #[schemars(extend("x-advanced" = true))]
    pub sources: Vec<Ref<target::Source>>,
    /// Show the names of sources beside their icons.
    #[serde(default)]
    #[schemars(extend("x-advanced" = true))]
    pub show_source_labels: bool,
    /// Go on as if there were an account when there is none, so that nobody learns which accounts there are.
    /// With a password on the same page this is always so.
    #[serde(default = "yes")]
    pub pretend_user_exists: bool,
    /// Offer to remember the name on this device. It stays in the browser and signs nobody in.
    #[serde(default)]
    #[schemars(extend("x-advanced" = true))]
    pub enable_remember_me: bool,
    /// Offer passkeys in the name field, as this stage would.
    #[serde(default)]
    #[schemars(extend("x-advanced" = true))]
    pub webauthn_stage: Option<Ref<target::Stage>>,
}

const fn yes() -> bool {
    true
}

impl ConfigKind for IdentificationStage {
    const MODEL: &'static str = "authentik_stages_identification.identificationstage";
    const FAMILY: Family = Family::Stage;
    const COMPONENT: &'static str = "ak-stage-identification-form";
    const VERBOSE_NAME: &'static str = "Identification Stage";

    fn validate(&self) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::default();
        if self.user_fields.is_empty() && self.sources.is_empty() && self.passwordless_flow.is_none() {
            errors.push("user_fields", "required", "stages-identification-no-fields");
        }
        if self.webauthn_stage.is_some() {
            errors.push("webauthn_stage", "invalid", "stages-identification-passkeys-missing");
        }
        errors.into_result()
    }
}

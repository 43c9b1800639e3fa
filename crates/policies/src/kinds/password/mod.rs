//! `authentik_policies_password.passwordpolicy`: rules that a new password must keep.
//!
//! The static rules only; the checks against lists of breached passwords and for guessability are refused
//! when they are switched on, so that nobody believes in a check that is not made.

mod rules;

use std::sync::Arc;

use async_trait::async_trait;
use countersign_model::{ConfigObject, Family};
use countersign_resource::ConfigKind;
use countersign_types::FieldErrors;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Policy, PolicyCx, PolicyError, PolicyKind, PolicyRequest, PolicyResult};

/// Rules for a password that is being chosen.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct PasswordPolicy {
    /// Record every evaluation as an event.
    #[serde(default)]
    #[schemars(extend("x-advanced" = true))]
    pub execution_logging: bool,
    /// Field key to check; the field keys of prompt stages are available.
    #[serde(default = "default_field")]
    pub password_field: String,
    /// Apply the rules on length and kinds of characters below.
    #[serde(default = "default_true")]
    pub check_static_rules: bool,
    /// Ask the list of breached passwords. Not built yet.
    #[serde(default)]
    #[schemars(extend("x-advanced" = true))]
    pub check_have_i_been_pwned: bool,
    /// Judge how easily the password is guessed. Not built yet.
    #[serde(default)]
    #[schemars(extend("x-advanced" = true))]
    pub check_zxcvbn: bool,
    /// Least number of digits.
    #[serde(default)]
    #[schemars(extend("x-group" = "rules"))]
    pub amount_digits: u32,
    /// Least number of upper-case letters.
    #[serde(default)]
    #[schemars(extend("x-group" = "rules"))]
    pub amount_uppercase: u32,
    /// Least number of lower-case letters.
    #[serde(default)]
    #[schemars(extend("x-group" = "rules"))]
    pub amount_lowercase: u32,
    /// Least number of symbols.
    #[serde(default)]
    #[schemars(extend("x-group" = "rules"))]
    pub amount_symbols: u32,
    /// Least number of characters.
    #[serde(default)]
    #[schemars(extend("x-group" = "rules"))]
    pub length_min: u32,
    /// What counts as a symbol.
    #[serde(default = "default_symbols")]
    #[schemars(extend("x-group" = "rules", "x-advanced" = true))]
    pub symbol_charset: String,
    /// What the person is told when a rule is broken.
    #[serde(default)]
    pub error_message: String,
    /// How often a password may be on the list of breached passwords.
    #[serde(default)]
    #[schemars(extend("x-advanced" = true))]
    pub hibp_allowed_count: u32,
    /// Guessability at or below which a password is refused, 0 to 4.
    #[serde(default = "default_score")]
    #[schemars(extend("x-advanced" = true))]
    pub zxcvbn_score_threshold: u32,
}

fn default_field() -> String {
    "password".to_owned()
}

const fn default_true() -> bool {
    true
}

fn default_symbols() -> String {
    "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ ".to_owned()
}

const fn default_score() -> u32 {
    2
}

/// A least length beyond which nobody could choose a password (the hasher's own bound is near).
const MOST: u32 = 512;

impl ConfigKind for PasswordPolicy {
    const MODEL: &'static str = "authentik_policies_password.passwordpolicy";
    const FAMILY: Family = Family::Policy;
    const COMPONENT: &'static str = "ak-policy-password-form";
    const VERBOSE_NAME: &'static str = "Password Policy";

    fn validate(&self) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::default();
        if self.check_have_i_been_pwned {
            errors.push("check_have_i_been_pwned", "not_supported", "policies-password-breach-list-missing");
        }
        if self.check_zxcvbn {
            errors.push("check_zxcvbn", "not_supported", "policies-password-guessing-missing");
        }
        for (path, amount) in [
            ("length_min", self.length_min),
            ("amount_digits", self.amount_digits),
            ("amount_uppercase", self.amount_uppercase),
            ("amount_lowercase", self.amount_lowercase),
            ("amount_symbols", self.amount_symbols),
        ] {
            if amount > MOST {
                errors.push(path, "max_value", "policies-password-amount-too-large");
            }
        }
        errors.into_result()
    }
}

impl PolicyKind for PasswordPolicy {
    fn build(self, _: &ConfigObject) -> Result<Arc<dyn Policy>, PolicyError> {
        Ok(Arc::new(self))
    }
}

#[async_trait]
impl Policy for PasswordPolicy {
    async fn evaluate(&self, cx: &PolicyCx<'_>) -> Result<PolicyResult, PolicyError> {
        // A request without the field is a mistake of configuration; what cannot be checked does not pass,
        // and the person can do nothing about it.
        let Some(password) = self.password_of(cx.request) else {
            tracing::warn!(field = self.password_field, "a password policy found no password to check");
            return Ok(PolicyResult::deny());
        };
        if self.check_static_rules && !rules::keeps(self, password) {
            let said = Some(self.error_message.clone()).filter(|message| !message.is_empty());
            return Ok(PolicyResult { passing: false, messages: said.into_iter().collect() });
        }
        Ok(PolicyResult::pass())
    }
}

impl PasswordPolicy {
    /// Prompt stages leave what was typed in `prompt_data`; other callers name the field directly.
    fn password_of<'r>(&self, request: &'r PolicyRequest) -> Option<&'r str> {
        let typed = request.context.get("prompt_data").and_then(|data| data.get(&self.password_field));
        typed.or_else(|| request.context.get(&self.password_field)).and_then(Value::as_str)
    }
}

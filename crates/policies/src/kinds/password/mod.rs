//! `authentik_policies_password.passwordpolicy`: rules that a new password must keep.
//!
//! What costs nothing is asked first: the static rules, then how easily it is guessed, then the list of breached
//! passwords.

mod guess;
mod rules;

use std::sync::Arc;

use async_trait::async_trait;
use countersign_model::{ConfigObject, Family};
use countersign_resource::ConfigKind;
use countersign_types::{FieldErrors, Secret};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::typed;
use crate::{Policy, PolicyCx, PolicyError, PolicyKind, PolicyResult};

/// What the person is told; the catalogues have it in every language.
const BREACHED: &str = "This password is known from data breaches. Choose another one.";
const NOT_CHECKED: &str = "The password cannot be checked just now. Try again in a moment.";

/// Rules for a password that is being chosen.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct PasswordPolicy {
    /// Record every evaluation as an event.
    #[serde(default)]
    #[schemars(extend("x-advanced" = true))]
    pub execution_logging: bool,
    /// Field key to check; the field keys of prompt stages are available.
    #[serde(default = "typed::default_field")]
    pub password_field: String,
    /// Apply the rules on length and kinds of characters below.
    #[serde(default = "default_true")]
    pub check_static_rules: bool,
    /// Ask a list of breached passwords. Of the password only the first five of forty characters of a digest go out.
    #[serde(default)]
    pub check_have_i_been_pwned: bool,
    /// Judge how easily the password is guessed, by somebody who knows the person as well.
    #[serde(default)]
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
    #[schemars(extend("x-group" = "breaches", "x-label" = "Allowed breaches"))]
    pub hibp_allowed_count: u32,
    /// Accept the password when the list does not answer. Otherwise nobody can set one until it does.
    #[serde(default)]
    #[schemars(extend("x-group" = "breaches", "x-label" = "Accept without an answer"))]
    pub hibp_fail_open: bool,
    /// The score at or below which a password is refused: 0 (guessed at once) to 4 (hard to guess).
    #[serde(default = "default_score")]
    #[schemars(extend("x-group" = "guessing"), range(min = 0, max = 4))]
    pub zxcvbn_score_threshold: u32,
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

/// The best score of guessability.
const BEST_SCORE: u32 = 4;

impl ConfigKind for PasswordPolicy {
    const MODEL: &'static str = "authentik_policies_password.passwordpolicy";
    const FAMILY: Family = Family::Policy;
    const COMPONENT: &'static str = "ak-policy-password-form";
    const VERBOSE_NAME: &'static str = "Password Policy";

    fn validate(&self) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::default();
        if self.zxcvbn_score_threshold > BEST_SCORE {
            errors.push("zxcvbn_score_threshold", "max_value", "policies-password-score");
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
        let Some(password) = typed::password(cx.request, &self.password_field) else {
            return Ok(PolicyResult::deny());
        };
        if self.check_static_rules && !rules::keeps(self, password) {
            let said = Some(self.error_message.clone()).filter(|message| !message.is_empty());
            return Ok(PolicyResult { passing: false, messages: said.into_iter().collect() });
        }
        if self.check_zxcvbn
            && let Some(weakness) = self.weakness(cx, password).await?
        {
            return Ok(PolicyResult { passing: false, messages: weakness });
        }
        if self.check_have_i_been_pwned {
            return self.ask_list(cx, password).await;
        }
        Ok(PolicyResult::pass())
    }
}

impl PasswordPolicy {
    /// What makes the password too weak, found out where it holds up nobody.
    async fn weakness(&self, cx: &PolicyCx<'_>, password: &str) -> Result<Option<Vec<String>>, PolicyError> {
        let words = guess::words_about(cx.request.user.as_deref(), &cx.request.context);
        let (password, threshold) = (Secret::from(password), self.zxcvbn_score_threshold);
        let judged =
            tokio::task::spawn_blocking(move || guess::weakness(password.expose(), &words, threshold)).await;
        let judged = judged.map_err(|error| PolicyError::Unavailable(error.to_string()))?;
        Ok(judged.map(|said| said.into_iter().map(str::to_owned).collect()))
    }

    async fn ask_list(&self, cx: &PolicyCx<'_>, password: &str) -> Result<PolicyResult, PolicyError> {
        let list = cx.surroundings.breaches.as_ref();
        let list = list
            .ok_or_else(|| PolicyError::Unavailable("there is no list of breached passwords".to_owned()))?;
        match list.count(password).await {
            Ok(count) if count > u64::from(self.hibp_allowed_count) => Ok(PolicyResult::deny_with(BREACHED)),
            Ok(_) => Ok(PolicyResult::pass()),
            Err(error) => {
                tracing::warn!(%error, open = self.hibp_fail_open, "the list of breached passwords gave no answer");
                let closed = || PolicyResult::deny_with(NOT_CHECKED);
                Ok(if self.hibp_fail_open { PolicyResult::pass() } else { closed() })
            }
        }
    }
}

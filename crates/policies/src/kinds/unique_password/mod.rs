//! `authentik_policies_unique_password.uniquepasswordpolicy`: passwords that were used before.
//!
//! Replaced hashes are kept by the store as long as there is a policy of this kind. Each comparison costs a hash, in the
//! pool that signing in uses; their number is bounded.

use std::sync::Arc;

use async_trait::async_trait;
use countersign_crypto::HashError;
use countersign_model::{ConfigObject, Family};
use countersign_resource::ConfigKind;
use countersign_store::password_history::{self, MOST_KEPT, UNIQUE_PASSWORD_POLICY};
use countersign_types::{FieldErrors, Secret};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::typed;
use crate::{Policy, PolicyCx, PolicyError, PolicyKind, PolicyResult};

/// What the person is told; the catalogues have it in every language.
const USED_BEFORE: &str = "You have used this password before. Choose another one.";

/// Refuses a new password that is one of the user's last ones.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct UniquePasswordPolicy {
    /// Record every evaluation as an event.
    #[serde(default)]
    #[schemars(extend("x-advanced" = true))]
    pub execution_logging: bool,
    /// Field key to check; the field keys of prompt stages are available.
    #[serde(default = "typed::default_field")]
    pub password_field: String,
    /// With how many passwords the new one is compared; the first of them is the present one. Earlier passwords are known
    /// from the day on which the first policy of this kind was made.
    #[serde(default = "default_depth")]
    #[schemars(range(min = 0, max = 24))]
    pub num_historical_passwords: u32,
}

const fn default_depth() -> u32 {
    1
}

impl ConfigKind for UniquePasswordPolicy {
    const MODEL: &'static str = UNIQUE_PASSWORD_POLICY;
    const FAMILY: Family = Family::Policy;
    const COMPONENT: &'static str = "ak-policy-password-uniqueness-form";
    const VERBOSE_NAME: &'static str = "Password Uniqueness Policy";
    const VERBOSE_NAME_PLURAL: &'static str = "Password Uniqueness Policies";

    fn validate(&self) -> Result<(), FieldErrors> {
        if self.num_historical_passwords <= MOST_KEPT {
            return Ok(());
        }
        Err(FieldErrors::one("num_historical_passwords", "max_value", "policies-unique-too-many"))
    }
}

impl PolicyKind for UniquePasswordPolicy {
    fn build(self, _: &ConfigObject) -> Result<Arc<dyn Policy>, PolicyError> {
        Ok(Arc::new(self))
    }
}

#[async_trait]
impl Policy for UniquePasswordPolicy {
    async fn evaluate(&self, cx: &PolicyCx<'_>) -> Result<PolicyResult, PolicyError> {
        let Some(password) = typed::password(cx.request, &self.password_field) else {
            return Ok(PolicyResult::deny());
        };
        // Who has no account yet has no earlier passwords.
        let Some(subject) = &cx.request.user else { return Ok(PolicyResult::pass()) };
        let Some(earlier) = self.num_historical_passwords.checked_sub(1) else {
            return Ok(PolicyResult::pass());
        };
        let pool = cx.surroundings.hashes.as_ref();
        let pool =
            pool.ok_or_else(|| PolicyError::Unavailable("no passwords can be compared here".to_owned()))?;
        let id = subject.user.id;
        let mut hashes = cx.store.read(move |tx| password_history::of_user(tx, id, earlier)).await?;
        hashes.extend(subject.user.password.clone());
        for hash in hashes {
            let verdict =
                pool.verify(Secret::from(password), Some(hash)).await.map_err(|error| match error {
                    HashError::Busy { .. } => PolicyError::Busy,
                    error => PolicyError::Unavailable(error.to_string()),
                })?;
            if verdict.matches {
                return Ok(PolicyResult::deny_with(USED_BEFORE));
            }
        }
        Ok(PolicyResult::pass())
    }
}

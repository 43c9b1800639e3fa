//! `authentik_policies_reputation.reputationpolicy`: passes for those who failed too often.

use std::sync::Arc;

use async_trait::async_trait;
use countersign_model::{ConfigObject, Family};
use countersign_resource::ConfigKind;
use countersign_store::reputations::Judged;
use countersign_types::FieldErrors;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Policy, PolicyCx, PolicyError, PolicyKind, PolicyResult};

/// Passes when address or account have failed to sign in so often that their score is at or below the threshold. Bind
/// it to what is to stand in their way: a captcha, a denial.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ReputationPolicy {
    /// Record every evaluation as an event.
    #[serde(default)]
    #[schemars(extend("x-advanced" = true))]
    pub execution_logging: bool,
    /// Count the scores of the address.
    #[serde(default = "on")]
    pub check_ip: bool,
    /// Count the scores of the account.
    #[serde(default = "on")]
    pub check_username: bool,
    /// The score at or below which the policy passes. Each failure counts -1, each success 1.
    #[serde(default = "default_threshold")]
    pub threshold: i32,
}

const fn on() -> bool {
    true
}

const fn default_threshold() -> i32 {
    -5
}

impl ConfigKind for ReputationPolicy {
    const MODEL: &'static str = "authentik_policies_reputation.reputationpolicy";
    const FAMILY: Family = Family::Policy;
    const COMPONENT: &'static str = "ak-policy-reputation-form";
    const VERBOSE_NAME: &'static str = "Reputation Policy";
    const VERBOSE_NAME_PLURAL: &'static str = "Reputation Policies";

    fn validate(&self) -> Result<(), FieldErrors> {
        if self.check_ip || self.check_username {
            return Ok(());
        }
        Err(FieldErrors::one("check_ip", "invalid", "policies-reputation-of-nothing"))
    }
}

impl PolicyKind for ReputationPolicy {
    fn build(self, _: &ConfigObject) -> Result<Arc<dyn Policy>, PolicyError> {
        Ok(Arc::new(self))
    }
}

#[async_trait]
impl Policy for ReputationPolicy {
    async fn evaluate(&self, cx: &PolicyCx<'_>) -> Result<PolicyResult, PolicyError> {
        let ip = match self.check_ip {
            true => Some(cx.client()?.to_string()),
            false => None,
        };
        let identifier = self.check_username.then(|| cx.request.username().to_owned());
        let of = Judged { ip, identifier: identifier.filter(|name| !name.is_empty()) };
        let score = cx.surroundings.reputations.judge(cx.snapshot, of).await?;
        Ok(PolicyResult { passing: score <= i64::from(self.threshold), messages: Vec::new() })
    }
}

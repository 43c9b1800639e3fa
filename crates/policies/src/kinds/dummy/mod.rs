//! `authentik_policies_dummy.dummypolicy`: a fixed result after some waiting, to try bindings out.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use countersign_model::{ConfigObject, Family};
use countersign_resource::ConfigKind;
use countersign_types::FieldErrors;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Policy, PolicyCx, PolicyError, PolicyKind, PolicyResult};

/// Passes or not, as it is told, after some waiting.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct DummyPolicy {
    /// Record every evaluation as an event.
    #[serde(default)]
    #[schemars(extend("x-advanced" = true))]
    pub execution_logging: bool,
    /// The result.
    #[serde(default)]
    pub result: bool,
    /// Least time to wait, in seconds.
    #[serde(default = "default_min")]
    pub wait_min: u32,
    /// Most time to wait, in seconds.
    #[serde(default = "default_max")]
    pub wait_max: u32,
}

const fn default_min() -> u32 {
    5
}

const fn default_max() -> u32 {
    30
}

/// Longest wait that may be configured, in seconds.
const LONGEST_WAIT: u32 = 120;

impl ConfigKind for DummyPolicy {
    const MODEL: &'static str = "authentik_policies_dummy.dummypolicy";
    const FAMILY: Family = Family::Policy;
    const COMPONENT: &'static str = "ak-policy-dummy-form";
    const VERBOSE_NAME: &'static str = "Dummy Policy";

    fn validate(&self) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::default();
        if self.wait_max > LONGEST_WAIT {
            errors.push("wait_max", "max_value", "policies-dummy-wait-too-long");
        }
        if self.wait_min > self.wait_max {
            errors.push("wait_min", "invalid", "policies-dummy-wait-order");
        }
        errors.into_result()
    }
}

impl PolicyKind for DummyPolicy {
    fn build(self, _: &ConfigObject) -> Result<Arc<dyn Policy>, PolicyError> {
        Ok(Arc::new(self))
    }
}

impl DummyPolicy {
    /// Between the two bounds; which, the request decides, so that no source of randomness is needed.
    fn wait(&self, request_id: &str) -> Duration {
        let mut hasher = DefaultHasher::new();
        request_id.hash(&mut hasher);
        let range = u64::from(self.wait_max.saturating_sub(self.wait_min)) * 1000;
        Duration::from_millis(u64::from(self.wait_min) * 1000 + hasher.finish() % (range + 1))
    }
}

#[async_trait]
impl Policy for DummyPolicy {
    async fn evaluate(&self, cx: &PolicyCx<'_>) -> Result<PolicyResult, PolicyError> {
        tokio::time::sleep(self.wait(&cx.request.facts.request_id)).await;
        Ok(PolicyResult { passing: self.result, messages: vec!["dummy".to_owned()] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_stays_within_its_bounds() {
        let policy = DummyPolicy { execution_logging: false, result: true, wait_min: 1, wait_max: 2 };
        for request in 0..100 {
            let wait = policy.wait(&request.to_string());
            assert!((1000..=2000).contains(&wait.as_millis()), "{wait:?}");
        }
    }

    #[test]
    fn nobody_waits_for_ever() {
        let policy = DummyPolicy { execution_logging: false, result: true, wait_min: 9, wait_max: 10_000 };
        assert!(policy.validate().is_err());
        assert!(DummyPolicy { wait_max: 8, ..policy }.validate().is_err());
    }
}

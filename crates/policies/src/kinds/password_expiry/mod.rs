//! `authentik_policies_expiry.passwordexpirypolicy`: passwords that are too old.

use std::sync::Arc;

use async_trait::async_trait;
use countersign_events::EventDraft;
use countersign_model::{ConfigObject, EventAction, Family, User};
use countersign_resource::ConfigKind;
use countersign_store::users;
use countersign_types::{FieldErrors, Span};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Policy, PolicyCx, PolicyError, PolicyKind, PolicyResult};

/// What the person is told; the catalogues have it in every language.
const EXPIRED: &str = "Your password has expired. Set a new one.";

/// Refuses those whose password is older than some days.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct PasswordExpiryPolicy {
    /// Record every evaluation as an event.
    #[serde(default)]
    #[schemars(extend("x-advanced" = true))]
    pub execution_logging: bool,
    /// Days after which a password is too old.
    #[schemars(range(min = 1, max = 36500))]
    pub days: u32,
    /// Only refuse. Otherwise the password is taken away as well, so that a new one must be set by recovery.
    #[serde(default)]
    pub deny_only: bool,
}

impl ConfigKind for PasswordExpiryPolicy {
    const MODEL: &'static str = "authentik_policies_expiry.passwordexpirypolicy";
    const FAMILY: Family = Family::Policy;
    const COMPONENT: &'static str = "ak-policy-password-expiry-form";
    const VERBOSE_NAME: &'static str = "Password Expiry Policy";
    const VERBOSE_NAME_PLURAL: &'static str = "Password Expiry Policies";
    const API_PATH: &'static str = "policies/password_expiry";

    fn validate(&self) -> Result<(), FieldErrors> {
        if (1..=36_500).contains(&self.days) {
            return Ok(());
        }
        Err(FieldErrors::one("days", "invalid", "policies-expiry-days"))
    }
}

impl PolicyKind for PasswordExpiryPolicy {
    fn build(self, _: &ConfigObject) -> Result<Arc<dyn Policy>, PolicyError> {
        Ok(Arc::new(self))
    }
}

#[async_trait]
impl Policy for PasswordExpiryPolicy {
    async fn evaluate(&self, cx: &PolicyCx<'_>) -> Result<PolicyResult, PolicyError> {
        let Some(subject) = &cx.request.user else { return Ok(PolicyResult::pass()) };
        let user = &subject.user;
        let has_expired = user.password.is_some() && self.age_limit() <= cx.store.now().since(set_at(user));
        if !has_expired {
            return Ok(PolicyResult::pass());
        }
        if !self.deny_only && !cx.request.changes.is_trial() {
            take_away(cx, user).await?;
        }
        Ok(PolicyResult::deny_with(EXPIRED))
    }
}

impl PasswordExpiryPolicy {
    fn age_limit(&self) -> Span {
        Span::from_days(i64::from(self.days))
    }
}

fn set_at(user: &User) -> countersign_types::Timestamp {
    user.password_change_date.unwrap_or(user.date_joined)
}

/// Takes the expired password away, unless another was set in the meantime.
async fn take_away(cx: &PolicyCx<'_>, user: &User) -> Result<(), PolicyError> {
    let (id, expired) = (user.id, user.password.clone());
    let event = EventDraft::new(EventAction::UserWrite, "countersign.policies")
        .from(cx.request.facts.client)
        .with("created", false)
        .with("changed", vec!["password"])
        .with("reason", "the password has expired");
    let written = cx.store.write(move |tx| {
        let Some(mut user) = users::by_id(tx, id)? else { return Ok(()) };
        let is_same = match (&user.password, &expired) {
            (Some(now), Some(expired)) => now.ct_eq(expired.expose()),
            _ => false,
        };
        if !is_same {
            return Ok(());
        }
        user.password = None;
        user.last_updated = tx.now();
        users::update(tx, &user)?;
        countersign_events::record(tx, event.clone().by(&user))
    });
    written.await.map_err(PolicyError::Store)
}

//! `authentik_policies.policybinding`.

use countersign_model::{BoundTo, ConfigObjectId, GroupId, PolicyBinding, PolicyBindingId, UserId};
use countersign_resource::{Describe, Facts, Nothing, target};
use countersign_store::{Tx, policy_bindings};
use countersign_types::{FieldErrors, JsonObject, RawId, Ref};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{document, on};
use crate::{
    ResourceError, WriteCx,
    rows::{Draft, Rows},
};

/// Longest time that a policy may be given, in seconds.
const MAX_TIMEOUT: u32 = 600;

/// Binds a policy, a group or a user to something that it guards.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(crate) struct PolicyBindingSpec {
    /// What is guarded: a flow, a flow's stage binding, an application or a source.
    target: Ref<target::PolicyTarget>,
    /// The policy that must pass.
    #[serde(default)]
    policy: Option<Ref<target::Policy>>,
    /// The group that the user must belong to.
    #[serde(default)]
    group: Option<Ref<target::Group>>,
    /// The user that it must be.
    #[serde(default)]
    user: Option<Ref<target::User>>,
    /// Whether the binding counts at all.
    #[serde(default = "on")]
    enabled: bool,
    /// Whether the result is turned round.
    #[serde(default)]
    negate: bool,
    /// Place among the bindings of the target.
    order: i32,
    /// Seconds after which evaluation has failed.
    #[serde(default = "thirty")]
    timeout: u32,
    /// The result when evaluation fails.
    #[serde(default)]
    failure_result: bool,
}

const fn thirty() -> u32 {
    30
}

impl PolicyBindingSpec {
    /// The one thing bound; none when there are none or several.
    fn bound_to(&self) -> Option<BoundTo> {
        match (self.policy, self.group, self.user) {
            (Some(policy), None, None) => Some(BoundTo::Policy(ConfigObjectId(policy.id()))),
            (None, Some(group), None) => Some(BoundTo::Group(GroupId(group.id()))),
            (None, None, Some(user)) => Some(BoundTo::User(UserId(user.id()))),
            _ => None,
        }
    }
}

impl Describe for PolicyBindingSpec {
    type Common = Nothing;
    const FACTS: Facts = Facts {
        model: "authentik_policies.policybinding",
        family: None,
        component: "ak-policy-binding-form",
        verbose_name: "Policy Binding",
    };

    fn check(&self) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::default();
        if self.bound_to().is_none() {
            errors.push("policy", "invalid", "resource-error-one-of-policy-group-user");
        }
        if self.timeout == 0 || self.timeout > MAX_TIMEOUT {
            errors.push("timeout", "invalid", "resource-error-timeout");
        }
        errors.into_result()
    }
}

/// Policy bindings.
pub(crate) struct PolicyBindings;

impl Rows for PolicyBindings {
    type Spec = PolicyBindingSpec;
    const IDENTIFIED_BY: &'static [&'static str] = &["target", "policy", "group", "user", "order"];
    const OWNED_BY: &'static [&'static str] = &["target", "policy", "group", "user"];

    fn get(&self, tx: &mut Tx<'_>, id: RawId) -> Result<Option<JsonObject>, ResourceError> {
        let Some(binding) = policy_bindings::by_id(tx, PolicyBindingId(id))? else { return Ok(None) };
        let mut spec = PolicyBindingSpec {
            target: Ref::new(binding.target),
            policy: None,
            group: None,
            user: None,
            enabled: binding.enabled,
            negate: binding.negate,
            order: binding.order,
            timeout: binding.timeout,
            failure_result: binding.failure_result,
        };
        match binding.bound_to {
            BoundTo::Policy(policy) => spec.policy = Some(Ref::new(policy.raw())),
            BoundTo::Group(group) => spec.group = Some(Ref::new(group.raw())),
            BoundTo::User(user) => spec.user = Some(Ref::new(user.raw())),
        }
        Ok(Some(document(&spec)))
    }

    fn ids(&self, tx: &mut Tx<'_>) -> Result<Vec<RawId>, ResourceError> {
        Ok(policy_bindings::all(tx)?.into_iter().map(|binding| binding.id.raw()).collect())
    }

    fn write(
        &self,
        tx: &mut Tx<'_>,
        _: WriteCx<'_>,
        draft: Draft<PolicyBindingSpec>,
    ) -> Result<(), ResourceError> {
        let id = PolicyBindingId(draft.id);
        // The document has no say in when a binding expires: what is there stays.
        let expires = policy_bindings::by_id(tx, id)?.and_then(|binding| binding.expires);
        let spec = draft.spec;
        let Some(bound_to) = spec.bound_to() else {
            return Err(ResourceError::field("policy", "invalid", "resource-error-one-of-policy-group-user"));
        };
        let binding = PolicyBinding {
            id,
            target: spec.target.id(),
            bound_to,
            enabled: spec.enabled,
            negate: spec.negate,
            order: spec.order,
            timeout: spec.timeout,
            failure_result: spec.failure_result,
            expires,
        };
        if draft.exists {
            policy_bindings::update(tx, &binding)?;
        } else {
            policy_bindings::create(tx, &binding)?;
        }
        Ok(())
    }

    fn delete(&self, tx: &mut Tx<'_>, id: RawId) -> Result<(), ResourceError> {
        policy_bindings::delete(tx, PolicyBindingId(id))?;
        Ok(())
    }
}

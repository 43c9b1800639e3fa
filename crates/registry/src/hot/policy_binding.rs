//! `authentik_policies.policybinding`.

use countersign_model::{BoundTo, ConfigObjectId, GroupId, PolicyBinding, PolicyBindingId, UserId};
use countersign_resource::{Describe, Facts, Nothing, canonical, schema_of, target};
use countersign_store::{Tx, config_objects, groups, policy_bindings, users};
use countersign_types::{FieldErrors, JsonObject, RawId, Ref};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{document, on};
use crate::{
    FilterOp, ListFilter, ReadCx, ResourceError, WriteCx,
    extras::{GroupBrief, Install, PolicyBrief, PolicyUses, UserBrief},
    moment::Moment,
    rows::{Draft, Rows},
};

/// Longest time that a policy may be given, in seconds.
const MAX_TIMEOUT: u32 = 600;

/// Binds a policy, a group or a user to something that it guards.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(crate) struct PolicyBindingSpec {
    /// What is guarded: a flow, a flow's stage binding, an application, a source or a notification rule.
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
    #[schemars(extend("x-advanced" = true))]
    negate: bool,
    /// Place among the bindings of the target.
    order: i32,
    /// Seconds after which evaluation has failed.
    #[serde(default = "thirty")]
    #[schemars(extend("x-advanced" = true))]
    timeout: u32,
    /// The result when evaluation fails.
    #[serde(default)]
    #[schemars(extend("x-advanced" = true))]
    failure_result: bool,
    /// Whether it expires.
    #[serde(default)]
    #[schemars(extend("x-advanced" = true))]
    expiring: bool,
    /// When it stops to count. What only expired bindings guard stays shut.
    #[serde(default)]
    #[schemars(extend("x-advanced" = true))]
    expires: Option<Moment>,
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
    const FACTS: Facts =
        Facts::new("authentik_policies.policybinding", "ak-policy-binding-form", "Policy Binding")
            .at("policies/bindings", "binding");

    fn check(&self) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::default();
        if self.bound_to().is_none() {
            errors.push("policy", "invalid", "resource-error-one-of-policy-group-user");
        }
        if self.expiring && self.expires.is_none() {
            errors.push("expires", "required", "resource-error-required");
        }
        if self.timeout == 0 || self.timeout > MAX_TIMEOUT {
            errors.push("timeout", "invalid", "resource-error-timeout");
        }
        errors.into_result()
    }
}

/// Read-only attributes of policy bindings: what is bound, as far as the actor may see it.
#[derive(Serialize, JsonSchema)]
struct BindingExtras {
    /// The policy, if one is bound.
    policy_obj: Option<PolicyBrief>,
    /// The group, if one is bound.
    group_obj: Option<GroupBrief>,
    /// The user, if one is bound.
    user_obj: Option<UserBrief>,
}

/// Policy bindings.
pub(crate) struct PolicyBindings;

impl Rows for PolicyBindings {
    type Spec = PolicyBindingSpec;
    type Row = PolicyBinding;
    const IDENTIFIED_BY: &'static [&'static str] = &["target", "policy", "group", "user", "order"];
    const FILTERS: &'static [ListFilter] = &[ListFilter::new(
        "target_in",
        "target",
        FilterOp::In,
        "Those of one of these targets, with commas between.",
    )];
    const OWNED_BY: &'static [&'static str] = &["target", "policy", "group", "user"];

    fn by_id(&self, tx: &mut Tx<'_>, id: RawId) -> Result<Option<PolicyBinding>, ResourceError> {
        Ok(policy_bindings::by_id(tx, PolicyBindingId(id))?)
    }

    fn all(&self, tx: &mut Tx<'_>) -> Result<Vec<PolicyBinding>, ResourceError> {
        Ok(policy_bindings::all(tx)?)
    }

    fn id_of(row: &PolicyBinding) -> RawId {
        row.id.raw()
    }

    fn document(&self, row: &PolicyBinding) -> Result<JsonObject, ResourceError> {
        let mut spec = PolicyBindingSpec {
            target: Ref::new(row.target),
            policy: None,
            group: None,
            user: None,
            enabled: row.enabled,
            negate: row.negate,
            order: row.order,
            timeout: row.timeout,
            failure_result: row.failure_result,
            expiring: row.expires.is_some(),
            expires: row.expires.map(Moment::from),
        };
        match row.bound_to {
            BoundTo::Policy(policy) => spec.policy = Some(Ref::new(policy.raw())),
            BoundTo::Group(group) => spec.group = Some(Ref::new(group.raw())),
            BoundTo::User(user) => spec.user = Some(Ref::new(user.raw())),
        }
        Ok(document(&spec))
    }

    fn computed_schema(&self) -> Value {
        schema_of::<BindingExtras>()
    }

    fn computed(
        &self,
        tx: &mut Tx<'_>,
        cx: ReadCx<'_>,
        rows: &[PolicyBinding],
    ) -> Result<Vec<JsonObject>, ResourceError> {
        let (uses, objects, install) = (PolicyUses::load(tx)?, config_objects::all(tx)?, Install::load(tx)?);
        let mut all = Vec::with_capacity(rows.len());
        for binding in rows {
            let mut extras = BindingExtras { policy_obj: None, group_obj: None, user_obj: None };
            match binding.bound_to {
                BoundTo::Policy(id) => {
                    let policy = objects.iter().find(|object| object.id == id);
                    extras.policy_obj = policy.map(|policy| uses.brief(cx, policy));
                }
                BoundTo::Group(id) => {
                    let group = groups::by_id(tx, id)?;
                    extras.group_obj = group.and_then(|group| GroupBrief::visible(cx, &group));
                }
                BoundTo::User(id) => {
                    let user = users::by_id(tx, id)?;
                    extras.user_obj = user.and_then(|user| UserBrief::visible(cx, &user, &install));
                }
            }
            all.push(canonical(&extras));
        }
        Ok(all)
    }

    fn write(
        &self,
        tx: &mut Tx<'_>,
        _: WriteCx<'_>,
        draft: Draft<PolicyBindingSpec>,
    ) -> Result<(), ResourceError> {
        let id = PolicyBindingId(draft.id);
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
            expires: spec.expires.filter(|_| spec.expiring).map(|expires| expires.0),
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

/// What no enabled binding guards any longer once these bindings are gone, and did before.
pub(crate) fn left_open(tx: &mut Tx<'_>, going: &[RawId]) -> Result<Vec<RawId>, ResourceError> {
    let mut targets = Vec::new();
    for id in going {
        let Some(binding) = policy_bindings::by_id(tx, PolicyBindingId(*id))? else { continue };
        if !binding.enabled || targets.contains(&binding.target) {
            continue;
        }
        let others = policy_bindings::of_target(tx, binding.target)?;
        if !others.iter().any(|other| other.enabled && !going.contains(&other.id.raw())) {
            targets.push(binding.target);
        }
    }
    Ok(targets)
}

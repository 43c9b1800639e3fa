//! Policy bindings.

use countersign_types::{RawId, Timestamp};

use crate::{ConfigObjectId, GroupId, UserId, text_enum};

countersign_types::ids! {
    /// A policy binding.
    PolicyBindingId,
}

text_enum! {
    /// How the results of several bindings make one.
    PolicyEngineMode {
        /// One that passes is enough.
        Any = "any",
        /// All must pass.
        All = "all",
    }
}

/// What a binding asks: a policy, membership of a group, or being a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BoundTo {
    /// The policy passes.
    Policy(ConfigObjectId),
    /// The user belongs to the group or a descendant of it.
    Group(GroupId),
    /// The user is this one.
    User(UserId),
}

/// Binds a policy, group or user to a flow, flow stage binding, application or source.
#[derive(Clone, Debug)]
pub struct PolicyBinding {
    /// Identifier.
    pub id: PolicyBindingId,
    /// The object guarded. Flows, bindings, applications and sources are targets by their own identifier.
    pub target: RawId,
    /// What is asked.
    pub bound_to: BoundTo,
    /// Whether the binding counts at all.
    pub enabled: bool,
    /// Whether the result is turned round.
    pub negate: bool,
    /// Place among the bindings of the target.
    pub order: i32,
    /// Seconds after which evaluation has failed.
    pub timeout: u32,
    /// The result when evaluation fails.
    pub failure_result: bool,
    /// When the binding stops to count.
    pub expires: Option<Timestamp>,
}

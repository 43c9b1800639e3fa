//! Invitations: who has the link may run a flow that asks for one.

use countersign_types::{JsonObject, Timestamp};

use crate::{FlowId, UserId};

countersign_types::ids! {
    /// An invitation. Whoever knows it is invited.
    InvitationId,
}

/// An invitation to a flow.
#[derive(Clone, Debug, PartialEq)]
pub struct Invitation {
    /// Identifier, and what the link names.
    pub id: InvitationId,
    /// Administrators' name.
    pub name: String,
    /// The only flow that it is for; none for any flow that asks for invitations.
    pub flow: Option<FlowId>,
    /// Who invites. The invitation goes with him.
    pub created_by: Option<UserId>,
    /// When it was made.
    pub created: Timestamp,
    /// After this moment it is worth nothing.
    pub expires: Option<Timestamp>,
    /// Whether one account is made with it and no more.
    pub single_use: bool,
    /// Answers that are given already.
    pub fixed_data: JsonObject,
    /// When it went out by mail last.
    pub mailed: Option<Timestamp>,
}

//! Roles: permissions that are given together.

use countersign_types::RawId;
use serde::{Deserialize, Serialize};

countersign_types::ids! {
    /// A role.
    RoleId,
}

/// Permissions that groups and users are given together (`authentik_rbac.role`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Identifier.
    pub id: RoleId,
    /// Unique name.
    pub name: String,
    /// Marks a role that Countersign itself keeps.
    pub managed: Option<String>,
    /// What its holders may do, by permission and object, none twice.
    pub permissions: Vec<RolePermission>,
}

/// One thing that the holders of a role may do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RolePermission {
    /// `<app>.<action>_<model>`, such as `authentik_core.view_user`.
    pub permission: String,
    /// The only object that it is about; none for all of them.
    pub object: Option<RawId>,
}

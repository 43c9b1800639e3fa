//! Giving roles to users, and taking them.

use countersign_authz::Permission;
use countersign_model::{RoleId, UserId};
use countersign_store::{Tx, roles};

use super::{account, record_users};
use crate::{ResourceError, WriteCx, reach};

/// Model label of roles.
const ROLE: &str = "authentik_rbac.role";

/// Gives a role to a user. The actor must hold what the role brings, and what the user may do already.
/// Whether the user did not have it by himself.
pub fn give_role(
    tx: &mut Tx<'_>,
    cx: WriteCx<'_>,
    role: RoleId,
    user: UserId,
) -> Result<bool, ResourceError> {
    let (username, name) = permitted(tx, cx, role, user)?;
    reach::roles(tx, cx.actor, &[role])?;
    let given = roles::add_to_user(tx, role, user)?;
    if given {
        record_users(tx, cx, (ROLE, &name, role.raw()), (None, Some(&username)))?;
    }
    Ok(given)
}

/// Takes a role from a user; whether he had it by himself.
pub fn take_role(
    tx: &mut Tx<'_>,
    cx: WriteCx<'_>,
    role: RoleId,
    user: UserId,
) -> Result<bool, ResourceError> {
    let (username, name) = permitted(tx, cx, role, user)?;
    let taken = roles::remove_from_user(tx, role, user)?;
    if taken {
        record_users(tx, cx, (ROLE, &name, role.raw()), (Some(&username), None))?;
    }
    Ok(taken)
}

/// The names of user and role, if the actor may change the one and see the other.
fn permitted(
    tx: &mut Tx<'_>,
    cx: WriteCx<'_>,
    role: RoleId,
    user: UserId,
) -> Result<(String, String), ResourceError> {
    if !cx.actor.may(&Permission::view(ROLE), Some(role.raw())) {
        return Err(ResourceError::NotFound);
    }
    let username = account(tx, cx, user, &Permission::change(super::USER))?.username;
    let name = roles::by_id(tx, role)?.ok_or(ResourceError::NotFound)?.name;
    Ok((username, name))
}

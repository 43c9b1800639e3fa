//! Giving permissions to a role, and taking them: nobody gives or takes what he lacks, nor touches a role that
//! has more than himself. The registry writes the role, so that there is a revision.

use countersign_authz::{Permission, Rights};
use countersign_model::{RoleId, RolePermission};
use countersign_store::{Tx, roles};
use countersign_types::JsonObject;
use serde_json::{Value, json};

use crate::{ResourceError, WriteCx, reach};

/// Model label of roles.
const ROLE: &str = "authentik_rbac.role";
/// Leave to give permissions to a role.
pub const ASSIGN: Permission = Permission::named("authentik_rbac.assign_role_permissions");
/// Leave to take permissions from a role.
pub const UNASSIGN: Permission = Permission::named("authentik_rbac.unassign_role_permissions");

/// Adds permissions to a role. Whoever may change the role, or was given leave to do just this, may.
pub fn assign_permissions(
    tx: &mut Tx<'_>,
    cx: WriteCx<'_>,
    role: RoleId,
    given: &[RolePermission],
) -> Result<(), ResourceError> {
    let mut held = permitted(tx, cx, role, &ASSIGN)?;
    reach::demand(cx.actor, &given.iter().cloned().collect())?;
    held.extend(given.iter().filter(|permission| !held.contains(permission)).cloned().collect::<Vec<_>>());
    write(tx, cx, role, &held)
}

/// Takes permissions from a role; those that it does not have are no harm.
pub fn unassign_permissions(
    tx: &mut Tx<'_>,
    cx: WriteCx<'_>,
    role: RoleId,
    taken: &[RolePermission],
) -> Result<(), ResourceError> {
    let mut held = permitted(tx, cx, role, &UNASSIGN)?;
    reach::demand(cx.actor, &taken.iter().cloned().collect())?;
    held.retain(|permission| !taken.contains(permission));
    write(tx, cx, role, &held)
}

fn permitted(
    tx: &mut Tx<'_>,
    cx: WriteCx<'_>,
    role: RoleId,
    permission: &Permission,
) -> Result<Vec<RolePermission>, ResourceError> {
    let object = Some(role.raw());
    if !cx.actor.may(&Permission::view(ROLE), object) {
        return Err(ResourceError::NotFound);
    }
    let found = roles::by_id(tx, role)?.ok_or(ResourceError::NotFound)?;
    // Whoever holds the role would have it from the actor.
    reach::demand(cx.actor, &Rights::of_roles(false, [&found]))?;
    let may = cx.actor.may(permission, object) || cx.actor.may(&Permission::change(ROLE), object);
    if may { Ok(found.permissions) } else { Err(ResourceError::Denied) }
}

fn write(
    tx: &mut Tx<'_>,
    cx: WriteCx<'_>,
    role: RoleId,
    held: &[RolePermission],
) -> Result<(), ResourceError> {
    let granted = |held: &RolePermission| json!({ "permission": held.permission, "object": held.object });
    let permissions: Vec<Value> = held.iter().map(granted).collect();
    let patch = JsonObject::from_iter([("permissions".to_owned(), Value::from(permissions))]);
    cx.registry.get(ROLE)?.update(tx, cx.following(), role.raw(), &patch)?;
    Ok(())
}

//! Joining groups and leaving them.

use countersign_authz::Permission;
use countersign_model::{GroupId, UserId};
use countersign_store::{Tx, groups, users};

use super::record_users;
use crate::{ResourceError, WriteCx, reach};

/// Model label of groups.
const GROUP: &str = "authentik_core.group";

const ADD: Permission = Permission::named("authentik_core.add_user_to_group");
const REMOVE: Permission = Permission::named("authentik_core.remove_user_from_group");
/// Leave to let somebody into a group, to show him out, and to change the group altogether.
pub const MEMBERSHIP: [&str; 3] = [
    "authentik_core.add_user_to_group",
    "authentik_core.remove_user_from_group",
    "authentik_core.change_group",
];

/// Makes a user a member of a group. What the group brings, by itself and through the groups it belongs to,
/// the actor must hold himself. Whether he was not a member before.
pub fn add_member(
    tx: &mut Tx<'_>,
    cx: WriteCx<'_>,
    group: GroupId,
    user: UserId,
) -> Result<bool, ResourceError> {
    let name = permitted(tx, cx, group, &ADD)?;
    reach::groups(tx, cx.actor, &[group])?;
    let username = username(tx, cx, user)?;
    let added = groups::add_member(tx, group, user)?;
    if added {
        record_users(tx, cx, (GROUP, &name, group.raw()), (None, Some(&username)))?;
    }
    Ok(added)
}

/// Ends a membership; whether there was one. Nobody takes a user out of a group who may do more than himself.
pub fn remove_member(
    tx: &mut Tx<'_>,
    cx: WriteCx<'_>,
    group: GroupId,
    user: UserId,
) -> Result<bool, ResourceError> {
    let name = permitted(tx, cx, group, &REMOVE)?;
    let username = username(tx, cx, user)?;
    reach::user(tx, cx.actor, user)?;
    let removed = groups::remove_member(tx, group, user)?;
    if removed {
        record_users(tx, cx, (GROUP, &name, group.raw()), (Some(&username), None))?;
    }
    Ok(removed)
}

/// The name of a group that the actor may change the members of.
fn permitted(
    tx: &mut Tx<'_>,
    cx: WriteCx<'_>,
    group: GroupId,
    permission: &Permission,
) -> Result<String, ResourceError> {
    let object = Some(group.raw());
    let may = cx.actor.may(permission, object) || cx.actor.may(&Permission::change(GROUP), object);
    if !may && !cx.actor.may(&Permission::view(GROUP), object) {
        return Err(ResourceError::NotFound);
    }
    let group = groups::by_id(tx, group)?.ok_or(ResourceError::NotFound)?;
    if may { Ok(group.name) } else { Err(ResourceError::Denied) }
}

fn username(tx: &mut Tx<'_>, cx: WriteCx<'_>, user: UserId) -> Result<String, ResourceError> {
    if !cx.actor.may(&Permission::view(super::USER), Some(user.raw())) {
        return Err(ResourceError::NotFound);
    }
    Ok(users::by_id(tx, user)?.ok_or(ResourceError::NotFound)?.username)
}

//! How far an actor reaches: nobody grants, creates, changes or becomes what exceeds his own rights.
//!
//! Rights are worked out in the transaction that makes use of them, ancestors of groups included, so that
//! nobody is raised in between.

use std::{collections::BTreeSet, sync::Arc};

use countersign_authz::{Actor, Rights};
use countersign_model::{GroupId, Role, RoleId, UserId};
use countersign_store::{Tx, groups as group_rows, roles as role_rows, users};

use crate::{ResourceError, hot::initial_of};

/// Refuses to act on a user who has rights that the actor lacks.
pub(crate) fn user(tx: &mut Tx<'_>, actor: &Actor, id: UserId) -> Result<(), ResourceError> {
    if is_free(actor) {
        return Ok(());
    }
    let Some(subject) = users::subject(tx, id)? else { return Ok(()) };
    let roles: Vec<Arc<Role>> = role_rows::all(tx)?.into_iter().map(Arc::new).collect();
    demand(actor, &Rights::of(&subject, &roles))?;
    coming(tx, actor, &subject.roles)
}

/// Refuses to give membership of groups that bring rights that the actor lacks, by themselves or through
/// groups that they belong to.
pub(crate) fn groups(tx: &mut Tx<'_>, actor: &Actor, ids: &[GroupId]) -> Result<(), ResourceError> {
    if is_free(actor) || ids.is_empty() {
        return Ok(());
    }
    let (rights, given) = rights_of_groups(tx, ids)?;
    demand(actor, &rights)?;
    coming(tx, actor, &given)
}

/// Refuses to give roles that bring rights that the actor lacks.
pub(crate) fn roles(tx: &mut Tx<'_>, actor: &Actor, ids: &[RoleId]) -> Result<(), ResourceError> {
    if is_free(actor) || ids.is_empty() {
        return Ok(());
    }
    let roles = role_rows::all(tx)?;
    demand(actor, &Rights::of_roles(false, roles.iter().filter(|role| ids.contains(&role.id))))?;
    coming(tx, actor, ids)
}

/// Refuses what roles bring on objects that their holders will make, unless the actor holds the role himself.
fn coming(tx: &mut Tx<'_>, actor: &Actor, roles: &[RoleId]) -> Result<(), ResourceError> {
    let own = actor.subject().map(|subject| subject.roles.as_slice()).unwrap_or_default();
    let others: Vec<RoleId> = roles.iter().filter(|role| !own.contains(role)).copied().collect();
    if others.is_empty() {
        return Ok(());
    }
    demand(actor, &initial_of(tx, &others)?)
}

/// Refuses what the actor does not hold himself.
pub(crate) fn demand(actor: &Actor, rights: &Rights) -> Result<(), ResourceError> {
    if actor.holds_at_least(rights) { Ok(()) } else { Err(ResourceError::Denied) }
}

/// Nothing exceeds the rights of an administrator without limits: nothing has to be looked up.
fn is_free(actor: &Actor) -> bool {
    actor.is_superuser()
}

/// What membership of groups brings, and the roles among that.
fn rights_of_groups(tx: &mut Tx<'_>, ids: &[GroupId]) -> Result<(Rights, Vec<RoleId>), ResourceError> {
    let mut seen = BTreeSet::new();
    let mut waiting = ids.to_vec();
    let mut is_superuser = false;
    while let Some(id) = waiting.pop() {
        if !seen.insert(id) {
            continue;
        }
        if let Some(group) = group_rows::by_id(tx, id)? {
            is_superuser |= group.is_superuser;
            waiting.extend(group.parents);
        }
    }
    let groups: Vec<GroupId> = seen.into_iter().collect();
    let given: BTreeSet<RoleId> = role_rows::of_groups(tx, &groups)?.into_values().flatten().collect();
    let roles = role_rows::all(tx)?;
    let rights = Rights::of_roles(is_superuser, roles.iter().filter(|role| given.contains(&role.id)));
    Ok((rights, given.into_iter().collect()))
}

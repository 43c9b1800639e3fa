//! Roles: their permissions, and the groups and users that they are given to.

use std::collections::HashMap;

use countersign_model::{GroupId, Role, RoleId, RolePermission, UserId};
use countersign_types::RawId;
use diesel::prelude::*;
use uuid::Uuid;

use super::{object_refs, policy_bindings};
use crate::{
    Change, StoreError, Tx,
    columns::{Id, grouped},
    conn::{execute, find, load},
    schema::{role_groups, role_permissions, role_users, roles},
};

/// A role without its permissions.
type RoleColumns = (Id, String, Option<String>);

/// Rows in one statement.
const CHUNK: usize = 500;

/// Writes a new role with its permissions.
pub fn create(tx: &mut Tx<'_>, role: &Role) -> Result<(), StoreError> {
    let row = (roles::id.eq(Id::from(role.id)), roles::name.eq(&role.name), roles::managed.eq(&role.managed));
    execute!(tx, diesel::insert_into(roles::table).values(row))?;
    set_permissions(tx, role.id, &role.permissions)
}

/// Overwrites a role with its permissions as a whole; whether it was there.
pub fn update(tx: &mut Tx<'_>, role: &Role) -> Result<bool, StoreError> {
    let values = (roles::name.eq(&role.name), roles::managed.eq(&role.managed));
    let count = execute!(tx, diesel::update(roles::table.find(Id::from(role.id))).set(values))?;
    if count > 0 {
        set_permissions(tx, role.id, &role.permissions)?;
    }
    Ok(count > 0)
}

fn set_permissions(tx: &mut Tx<'_>, role: RoleId, permissions: &[RolePermission]) -> Result<(), StoreError> {
    let own = role_permissions::role_id.eq(Id::from(role));
    execute!(tx, diesel::delete(role_permissions::table.filter(own)))?;
    let mut permissions: Vec<_> = permissions.iter().collect();
    permissions.sort_unstable();
    permissions.dedup();
    for part in permissions.chunks(CHUNK) {
        let rows: Vec<_> = part.iter().map(|permission| permission_row(role, permission)).collect();
        execute!(tx, diesel::insert_into(role_permissions::table).values(&rows))?;
    }
    tx.change(Change::Config);
    Ok(())
}

type PermissionValues<'a> = (
    diesel::dsl::Eq<role_permissions::role_id, Id>,
    diesel::dsl::Eq<role_permissions::permission, &'a str>,
    diesel::dsl::Eq<role_permissions::object_id, Id>,
);

fn permission_row(role: RoleId, permission: &RolePermission) -> PermissionValues<'_> {
    (
        role_permissions::role_id.eq(Id::from(role)),
        role_permissions::permission.eq(permission.permission.as_str()),
        role_permissions::object_id.eq(Id(permission.object.unwrap_or(Uuid::nil()))),
    )
}

/// Adds permissions to a role; those that it has are no harm.
pub fn assign(tx: &mut Tx<'_>, role: RoleId, permissions: &[RolePermission]) -> Result<(), StoreError> {
    for permission in permissions {
        let row = permission_row(role, permission);
        execute!(tx, diesel::insert_into(role_permissions::table).values(row).on_conflict_do_nothing())?;
    }
    tx.change(Change::Config);
    Ok(())
}

/// Takes permissions from a role; how many it had of them.
pub fn unassign(tx: &mut Tx<'_>, role: RoleId, permissions: &[RolePermission]) -> Result<usize, StoreError> {
    let mut count = 0;
    for RolePermission { permission, object } in permissions {
        let object = Id(object.unwrap_or(Uuid::nil()));
        let target = role_permissions::table.find((Id::from(role), permission.as_str(), object));
        count += execute!(tx, diesel::delete(target))?;
    }
    tx.change(Change::Config);
    Ok(count)
}

/// Takes every permission about an object that is no more from every role.
pub(crate) fn forget_object(tx: &mut Tx<'_>, object: RawId) -> Result<(), StoreError> {
    let target = role_permissions::table.filter(role_permissions::object_id.eq(Id(object)));
    if execute!(tx, diesel::delete(target))? > 0 {
        tx.change(Change::Config);
    }
    Ok(())
}

/// Deletes a role; who had it has it no more. Whether it was there.
pub fn delete(tx: &mut Tx<'_>, id: RoleId) -> Result<bool, StoreError> {
    policy_bindings::delete_of_target(tx, id.raw())?;
    object_refs::replace(tx, "", id.raw(), &[])?;
    forget_object(tx, id.raw())?;
    let count = execute!(tx, diesel::delete(roles::table.find(Id::from(id))))?;
    tx.change(Change::Config);
    tx.change(Change::Groups);
    Ok(count > 0)
}

/// A role.
pub fn by_id(tx: &mut Tx<'_>, id: RoleId) -> Result<Option<Role>, StoreError> {
    let row: Option<RoleColumns> = find!(tx, roles::table.find(Id::from(id)))?;
    row.map(|row| with_permissions(tx, row)).transpose()
}

/// A role by its name.
pub fn by_name(tx: &mut Tx<'_>, name: &str) -> Result<Option<Role>, StoreError> {
    let row: Option<RoleColumns> = find!(tx, roles::table.filter(roles::name.eq(name)))?;
    row.map(|row| with_permissions(tx, row)).transpose()
}

/// A role by the mark that Countersign keeps it under.
pub fn by_managed(tx: &mut Tx<'_>, managed: &str) -> Result<Option<Role>, StoreError> {
    let row: Option<RoleColumns> = find!(tx, roles::table.filter(roles::managed.eq(managed)))?;
    row.map(|row| with_permissions(tx, row)).transpose()
}

/// All roles, by name.
pub fn all(tx: &mut Tx<'_>) -> Result<Vec<Role>, StoreError> {
    let rows: Vec<RoleColumns> = load!(tx, roles::table.order(roles::name.asc()))?;
    let query = role_permissions::table.order((
        role_permissions::role_id.asc(),
        role_permissions::permission.asc(),
        role_permissions::object_id.asc(),
    ));
    let held: Vec<(Id, String, Id)> = load!(tx, query)?;
    let mut by_role: HashMap<Id, Vec<RolePermission>> = HashMap::new();
    for (role, permission, object) in held {
        by_role.entry(role).or_default().push(permission_of(permission, object));
    }
    let roles = rows.into_iter();
    Ok(roles.map(|row| assemble(by_role.remove(&row.0).unwrap_or_default(), row)).collect())
}

fn with_permissions(tx: &mut Tx<'_>, row: RoleColumns) -> Result<Role, StoreError> {
    let query = role_permissions::table
        .filter(role_permissions::role_id.eq(row.0))
        .order((role_permissions::permission.asc(), role_permissions::object_id.asc()))
        .select((role_permissions::permission, role_permissions::object_id));
    let held: Vec<(String, Id)> = load!(tx, query)?;
    Ok(assemble(
        held.into_iter().map(|(permission, object)| permission_of(permission, object)).collect(),
        row,
    ))
}

fn permission_of(permission: String, object: Id) -> RolePermission {
    RolePermission { permission, object: Some(object.0).filter(|object| !object.is_nil()) }
}

fn assemble(permissions: Vec<RolePermission>, (id, name, managed): RoleColumns) -> Role {
    Role { id: RoleId(id.0), name, managed, permissions }
}

/// Makes these the roles of a group, and no others.
pub fn set_of_group(tx: &mut Tx<'_>, group: GroupId, given: &[RoleId]) -> Result<(), StoreError> {
    let own = role_groups::group_id.eq(Id::from(group));
    execute!(tx, diesel::delete(role_groups::table.filter(own)))?;
    for role in given {
        let row = (role_groups::role_id.eq(Id::from(*role)), role_groups::group_id.eq(Id::from(group)));
        execute!(tx, diesel::insert_into(role_groups::table).values(row).on_conflict_do_nothing())?;
    }
    tx.change(Change::Groups);
    Ok(())
}

/// Makes these the roles that a user has by himself, and no others.
pub fn set_of_user(tx: &mut Tx<'_>, user: UserId, given: &[RoleId]) -> Result<(), StoreError> {
    let own = role_users::user_id.eq(Id::from(user));
    execute!(tx, diesel::delete(role_users::table.filter(own)))?;
    for role in given {
        add_to_user(tx, *role, user)?;
    }
    tx.change(Change::User(user));
    Ok(())
}

/// Gives a role to a user; whether he did not have it.
pub fn add_to_user(tx: &mut Tx<'_>, role: RoleId, user: UserId) -> Result<bool, StoreError> {
    let row = (role_users::role_id.eq(Id::from(role)), role_users::user_id.eq(Id::from(user)));
    let count = execute!(tx, diesel::insert_into(role_users::table).values(row).on_conflict_do_nothing())?;
    tx.change(Change::User(user));
    Ok(count > 0)
}

/// Takes a role from a user; whether he had it by himself.
pub fn remove_from_user(tx: &mut Tx<'_>, role: RoleId, user: UserId) -> Result<bool, StoreError> {
    let target = role_users::table.find((Id::from(role), Id::from(user)));
    let count = execute!(tx, diesel::delete(target))?;
    tx.change(Change::User(user));
    Ok(count > 0)
}

/// The roles that a group has by itself.
pub fn of_group(tx: &mut Tx<'_>, group: GroupId) -> Result<Vec<RoleId>, StoreError> {
    Ok(of_groups(tx, &[group])?.remove(&group).unwrap_or_default())
}

/// The roles that groups have by themselves; groups without any are left out.
pub fn of_groups(tx: &mut Tx<'_>, groups: &[GroupId]) -> Result<HashMap<GroupId, Vec<RoleId>>, StoreError> {
    let groups: Vec<Id> = groups.iter().copied().map(Id::from).collect();
    let query = role_groups::table
        .filter(role_groups::group_id.eq_any(&groups))
        .order((role_groups::group_id.asc(), role_groups::role_id.asc()))
        .select((role_groups::group_id, role_groups::role_id));
    Ok(grouped(load!(tx, query)?, GroupId, RoleId))
}

/// The roles that users have by themselves; users without any are left out.
pub fn of_users(tx: &mut Tx<'_>, users: &[UserId]) -> Result<HashMap<UserId, Vec<RoleId>>, StoreError> {
    let users: Vec<Id> = users.iter().copied().map(Id::from).collect();
    let query = role_users::table
        .filter(role_users::user_id.eq_any(&users))
        .order((role_users::user_id.asc(), role_users::role_id.asc()))
        .select((role_users::user_id, role_users::role_id));
    Ok(grouped(load!(tx, query)?, UserId, RoleId))
}

/// The groups that have a role by themselves, at most `limit`.
pub fn groups_of(tx: &mut Tx<'_>, role: RoleId, limit: u32) -> Result<Vec<GroupId>, StoreError> {
    let query = role_groups::table
        .filter(role_groups::role_id.eq(Id::from(role)))
        .order(role_groups::group_id.asc())
        .limit(i64::from(limit))
        .select(role_groups::group_id);
    let ids: Vec<Id> = load!(tx, query)?;
    Ok(ids.into_iter().map(|id| GroupId(id.0)).collect())
}

/// The users that have a role by themselves, at most `limit`.
pub fn users_of(tx: &mut Tx<'_>, role: RoleId, limit: u32) -> Result<Vec<UserId>, StoreError> {
    let query = role_users::table
        .filter(role_users::role_id.eq(Id::from(role)))
        .order(role_users::user_id.asc())
        .limit(i64::from(limit))
        .select(role_users::user_id);
    let ids: Vec<Id> = load!(tx, query)?;
    Ok(ids.into_iter().map(|id| UserId(id.0)).collect())
}

//! Who belongs to what, asked for many at once.

use std::collections::{BTreeSet, HashMap};

use countersign_model::{GroupId, UserId};
use diesel::prelude::*;

use crate::{
    StoreError, Tx,
    columns::{Id, grouped},
    conn::load,
    schema::{group_members, group_parents},
};

/// The groups that users joined directly; who joined none is left out.
pub fn direct_of_users(
    tx: &mut Tx<'_>,
    users: &[UserId],
) -> Result<HashMap<UserId, Vec<GroupId>>, StoreError> {
    let users: Vec<Id> = users.iter().copied().map(Id::from).collect();
    let query = group_members::table
        .filter(group_members::user_id.eq_any(&users))
        .order((group_members::user_id.asc(), group_members::group_id.asc()))
        .select((group_members::user_id, group_members::group_id));
    Ok(grouped(load!(tx, query)?, UserId, GroupId))
}

/// The groups that belong to groups directly; groups without any are left out.
pub fn children_of(
    tx: &mut Tx<'_>,
    groups: &[GroupId],
) -> Result<HashMap<GroupId, Vec<GroupId>>, StoreError> {
    let groups: Vec<Id> = groups.iter().copied().map(Id::from).collect();
    let query = group_parents::table
        .filter(group_parents::parent_id.eq_any(&groups))
        .order((group_parents::parent_id.asc(), group_parents::group_id.asc()))
        .select((group_parents::parent_id, group_parents::group_id));
    Ok(grouped(load!(tx, query)?, GroupId, GroupId))
}

/// The groups whose members are administrators without limits: superuser groups and all that lies below them.
pub fn of_superusers(tx: &mut Tx<'_>) -> Result<BTreeSet<GroupId>, StoreError> {
    Ok(super::superuser_groups(tx)?.into_iter().map(|id| GroupId(id.0)).collect())
}

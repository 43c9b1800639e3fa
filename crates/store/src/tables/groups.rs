//! Groups: a directed graph without circles, and who belongs to what.

use std::collections::HashMap;

use countersign_model::{Group, GroupId, UserId};
use countersign_types::{Page, PageRequest};
use diesel::{QueryableByName, prelude::*};

use super::{counters, fetch, object_refs, page_of, policy_bindings, roles};
use crate::{
    Change, Conflict, ConflictRule, StoreError, Tx,
    columns::{Column, Guid, Id},
    conn::{execute, find, load},
    schema::{group_members, group_parents, groups},
};

/// A group without its parents.
type GroupColumns = (Id, String, bool, String);

/// Writes a new group with its parents.
pub fn create(tx: &mut Tx<'_>, group: &Group) -> Result<(), StoreError> {
    let attributes: String = Column::keep(&group.attributes);
    let row = (
        groups::id.eq(Id::from(group.id)),
        groups::name.eq(&group.name),
        groups::is_superuser.eq(group.is_superuser),
        groups::attributes.eq(attributes),
    );
    execute!(tx, diesel::insert_into(groups::table).values(row))?;
    set_parents(tx, group)
}

/// Overwrites a group with its parents as a whole; whether it was there.
pub fn update(tx: &mut Tx<'_>, group: &Group) -> Result<bool, StoreError> {
    let attributes: String = Column::keep(&group.attributes);
    let values = (
        groups::name.eq(&group.name),
        groups::is_superuser.eq(group.is_superuser),
        groups::attributes.eq(attributes),
    );
    let count = execute!(tx, diesel::update(groups::table.find(Id::from(group.id))).set(values))?;
    if count > 0 {
        set_parents(tx, group)?;
    }
    Ok(count > 0)
}

/// Every ancestor of the groups that begin the walk.
pub(crate) const ANCESTORS: &str = "\
WITH RECURSIVE reached (id) AS (
    SELECT parent_id FROM group_parents WHERE group_id = $1
    UNION
    SELECT p.parent_id FROM reached r JOIN group_parents p ON p.group_id = r.id
)
SELECT id FROM reached";

#[derive(QueryableByName)]
struct Ancestor {
    #[diesel(sql_type = Guid)]
    id: Id,
}

fn set_parents(tx: &mut Tx<'_>, group: &Group) -> Result<(), StoreError> {
    tx.change(Change::Groups);
    let own = Id::from(group.id);
    execute!(tx, diesel::delete(group_parents::table.filter(group_parents::group_id.eq(own))))?;
    if group.parents.is_empty() {
        return Ok(());
    }
    // Two who draw an edge each could close a circle together: this row lets one at a time do so.
    counters::next(tx, "group_graph")?;
    let mut parents = group.parents.clone();
    parents.sort_unstable();
    parents.dedup();
    let rows: Vec<_> = parents
        .iter()
        .map(|parent| (group_parents::group_id.eq(own), group_parents::parent_id.eq(Id::from(*parent))))
        .collect();
    execute!(tx, diesel::insert_into(group_parents::table).values(&rows))?;
    let ancestors: Vec<Ancestor> = load!(tx, diesel::sql_query(ANCESTORS).bind::<Guid, _>(own))?;
    if ancestors.iter().any(|ancestor| ancestor.id == own) {
        let error = StoreError::Conflict(Conflict {
            table: "group_parents".to_owned(),
            column: "parent_id".to_owned(),
            rule: ConflictRule::Cycle,
        });
        return Err(tx.refuse(error));
    }
    Ok(())
}

/// Deletes a group; its children and members lose it. Whether it was there.
pub fn delete(tx: &mut Tx<'_>, id: GroupId) -> Result<bool, StoreError> {
    policy_bindings::delete_of_target(tx, id.raw())?;
    object_refs::replace(tx, "", id.raw(), &[])?;
    roles::forget_object(tx, id.raw())?;
    let count = execute!(tx, diesel::delete(groups::table.find(Id::from(id))))?;
    tx.change(Change::Groups);
    // Policy bindings to the group went with it.
    tx.change(Change::Config);
    Ok(count > 0)
}

/// A group.
pub fn by_id(tx: &mut Tx<'_>, id: GroupId) -> Result<Option<Group>, StoreError> {
    let row: Option<GroupColumns> = find!(tx, groups::table.find(Id::from(id)))?;
    one_with_parents(tx, row)
}

/// A group by its name.
pub fn by_name(tx: &mut Tx<'_>, name: &str) -> Result<Option<Group>, StoreError> {
    let row: Option<GroupColumns> = find!(tx, groups::table.filter(groups::name.eq(name)))?;
    one_with_parents(tx, row)
}

/// A part of the groups, by name; only those with the text in their name, if one is given.
pub fn list(tx: &mut Tx<'_>, search: Option<&str>, page: &PageRequest) -> Result<Page<Group>, StoreError> {
    let after = page.after.as_deref().unwrap_or("");
    let pattern = super::containing(search.unwrap_or(""));
    let query = groups::table
        .filter(groups::name.gt(after))
        .filter(groups::name.like(pattern.as_str()).escape('\\'))
        .order(groups::name.asc())
        .limit(fetch(page));
    let rows: Vec<GroupColumns> = load!(tx, query)?;
    let groups = with_parents(tx, rows)?;
    Ok(page_of(groups, page, |group: &Group| group.name.clone()))
}

/// Makes a user a member; whether he was not before.
pub fn add_member(tx: &mut Tx<'_>, group: GroupId, user: UserId) -> Result<bool, StoreError> {
    let statement = diesel::insert_into(group_members::table)
        .values((group_members::group_id.eq(Id::from(group)), group_members::user_id.eq(Id::from(user))))
        .on_conflict_do_nothing();
    let count = execute!(tx, statement)?;
    tx.change(Change::User(user));
    Ok(count > 0)
}

/// Ends a membership; whether there was one.
pub fn remove_member(tx: &mut Tx<'_>, group: GroupId, user: UserId) -> Result<bool, StoreError> {
    let target = group_members::table.find((Id::from(group), Id::from(user)));
    let count = execute!(tx, diesel::delete(target))?;
    tx.change(Change::User(user));
    Ok(count > 0)
}

/// Makes these the groups of a user, and no others.
pub fn set_groups_of(tx: &mut Tx<'_>, user: UserId, groups: &[GroupId]) -> Result<(), StoreError> {
    execute!(tx, diesel::delete(group_members::table.filter(group_members::user_id.eq(Id::from(user)))))?;
    let mut groups = groups.to_vec();
    groups.sort_unstable();
    groups.dedup();
    let rows: Vec<_> = groups
        .iter()
        .map(|group| {
            (group_members::group_id.eq(Id::from(*group)), group_members::user_id.eq(Id::from(user)))
        })
        .collect();
    if !rows.is_empty() {
        execute!(tx, diesel::insert_into(group_members::table).values(&rows))?;
    }
    tx.change(Change::User(user));
    Ok(())
}

/// Makes these the direct members of a group, and nobody else.
pub fn set_members(tx: &mut Tx<'_>, group: GroupId, users: &[UserId]) -> Result<(), StoreError> {
    execute!(tx, diesel::delete(group_members::table.filter(group_members::group_id.eq(Id::from(group)))))?;
    let mut users = users.to_vec();
    users.sort_unstable();
    users.dedup();
    // Bounded statements: a database takes so many values in one.
    for part in users.chunks(500) {
        let rows: Vec<_> = part
            .iter()
            .map(|user| {
                (group_members::group_id.eq(Id::from(group)), group_members::user_id.eq(Id::from(*user)))
            })
            .collect();
        execute!(tx, diesel::insert_into(group_members::table).values(&rows))?;
    }
    tx.change(Change::Groups);
    Ok(())
}

/// The groups that a user joined directly.
pub fn direct_of(tx: &mut Tx<'_>, user: UserId) -> Result<Vec<GroupId>, StoreError> {
    let query = group_members::table
        .filter(group_members::user_id.eq(Id::from(user)))
        .order(group_members::group_id.asc())
        .select(group_members::group_id);
    let ids: Vec<Id> = load!(tx, query)?;
    Ok(ids.into_iter().map(|id| GroupId(id.0)).collect())
}

/// The direct members of a group, at most `limit`, by identifier after `after`.
pub fn members(
    tx: &mut Tx<'_>,
    group: GroupId,
    after: Option<UserId>,
    limit: u32,
) -> Result<Vec<UserId>, StoreError> {
    let after = Id(after.map_or(uuid::Uuid::nil(), UserId::raw));
    let query = group_members::table
        .filter(group_members::group_id.eq(Id::from(group)))
        .filter(group_members::user_id.gt(after))
        .order(group_members::user_id.asc())
        .limit(i64::from(limit))
        .select(group_members::user_id);
    let ids: Vec<Id> = load!(tx, query)?;
    Ok(ids.into_iter().map(|id| UserId(id.0)).collect())
}

fn one_with_parents(tx: &mut Tx<'_>, row: Option<GroupColumns>) -> Result<Option<Group>, StoreError> {
    Ok(with_parents(tx, row.into_iter().collect())?.pop())
}

fn with_parents(tx: &mut Tx<'_>, rows: Vec<GroupColumns>) -> Result<Vec<Group>, StoreError> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Id> = rows.iter().map(|row| row.0).collect();
    let query = group_parents::table
        .filter(group_parents::group_id.eq_any(&ids))
        .order((group_parents::group_id.asc(), group_parents::parent_id.asc()));
    let edges: Vec<(Id, Id)> = load!(tx, query)?;
    let mut parents: HashMap<Id, Vec<GroupId>> = HashMap::new();
    for (group, parent) in edges {
        parents.entry(group).or_default().push(GroupId(parent.0));
    }
    rows.into_iter()
        .map(|(id, name, is_superuser, attributes)| {
            Ok(Group {
                id: GroupId(id.0),
                name,
                is_superuser,
                attributes: attributes.restore()?,
                parents: parents.remove(&id).unwrap_or_default(),
            })
        })
        .collect()
}

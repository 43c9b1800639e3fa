//! Groups: a directed graph without circles, and who belongs to what.

mod browse;
mod related;

use std::collections::HashMap;

use countersign_model::{Group, GroupId, UserId};
use countersign_types::{Page, PageRequest};
use diesel::{QueryableByName, prelude::*};

use super::{
    counters, object_refs, policy_bindings, roles,
    users::{self, fold},
    words::{self, Indexed, Kind},
};
use crate::{
    Change, Conflict, ConflictRule, ListRequest, Listed, Sort, Start, StoreError, Tx,
    columns::{Column, Guid, Id},
    conn::{execute, find, load},
    schema::{group_members, group_parents, groups},
};
pub use browse::{GroupFilter, GroupOrder, browse, propose};
pub use related::{children_of, direct_of_users, of_superusers};

/// A group without its parents.
type GroupColumns = (Id, String, bool, String);
/// The columns of it.
const COLUMNS: (groups::id, groups::name, groups::is_superuser, groups::attributes) =
    (groups::id, groups::name, groups::is_superuser, groups::attributes);

/// Writes a new group with its parents.
pub fn create(tx: &mut Tx<'_>, group: &Group) -> Result<(), StoreError> {
    let attributes: String = Column::keep(&group.attributes);
    let row = (
        groups::id.eq(Id::from(group.id)),
        groups::name.eq(&group.name),
        groups::is_superuser.eq(group.is_superuser),
        groups::attributes.eq(attributes),
        groups::words.eq(words::joined(&found_by(&group.name).words)),
    );
    execute!(tx, diesel::insert_into(groups::table).values(row))?;
    words::put(tx, Kind::Group, &[(Id::from(group.id), &found_by(&group.name))])?;
    set_parents(tx, group)
}

/// What a group is found by: its name.
fn found_by(name: &str) -> Indexed {
    Indexed { sort_key: fold(name), words: words::words([name]) }
}

/// The name of a group until now. Nobody else changes it before this transaction ends.
fn lock(tx: &mut Tx<'_>, id: GroupId) -> Result<Option<String>, StoreError> {
    let target = groups::table.find(Id::from(id));
    // Writing nothing new is the way to lock a row that both databases know.
    find!(tx, diesel::update(target).set(groups::name.eq(groups::name)).returning(groups::name))
}

/// Lets groups be found that were written before there were searches.
pub(crate) fn fill(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let rows: Vec<(Id, String)> = load!(tx, groups::table.select((groups::id, groups::name)))?;
    for (id, name) in rows {
        let by = found_by(&name);
        let target = groups::table.find(id);
        execute!(tx, diesel::update(target).set(groups::words.eq(words::joined(&by.words))))?;
        words::put(tx, Kind::Group, &[(id, &by)])?;
    }
    Ok(())
}

/// Overwrites a group with its parents as a whole; whether it was there.
pub fn update(tx: &mut Tx<'_>, group: &Group) -> Result<bool, StoreError> {
    let attributes: String = Column::keep(&group.attributes);
    let values = (
        groups::name.eq(&group.name),
        groups::is_superuser.eq(group.is_superuser),
        groups::attributes.eq(attributes),
        groups::words.eq(words::joined(&found_by(&group.name).words)),
    );
    let Some(before) = lock(tx, group.id)? else { return Ok(false) };
    execute!(tx, diesel::update(groups::table.find(Id::from(group.id))).set(values))?;
    let (before, now) = (found_by(&before), found_by(&group.name));
    words::replace(tx, Kind::Group, Id::from(group.id), &before, &now)?;
    set_parents(tx, group)?;
    Ok(true)
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
    let target = groups::table.find(Id::from(id));
    let name: Option<String> = find!(tx, diesel::delete(target).returning(groups::name))?;
    if let Some(name) = &name {
        words::forget(tx, Kind::Group, Id::from(id), &found_by(name))?;
    }
    tx.change(Change::Groups);
    // Policy bindings to the group went with it.
    tx.change(Change::Config);
    Ok(name.is_some())
}

/// A group.
pub fn by_id(tx: &mut Tx<'_>, id: GroupId) -> Result<Option<Group>, StoreError> {
    let row: Option<GroupColumns> = find!(tx, groups::table.find(Id::from(id)).select(COLUMNS))?;
    one_with_parents(tx, row)
}

/// A group by its name.
pub fn by_name(tx: &mut Tx<'_>, name: &str) -> Result<Option<Group>, StoreError> {
    let row: Option<GroupColumns> = find!(tx, groups::table.filter(groups::name.eq(name)).select(COLUMNS))?;
    one_with_parents(tx, row)
}

/// A part of the groups, by name; only those in whose name words begin like those of a text, if one is given.
pub fn list(tx: &mut Tx<'_>, search: Option<&str>, page: &PageRequest) -> Result<Page<Group>, StoreError> {
    let start = page.after.clone().map_or(Start::First, Start::After);
    let request = ListRequest { start, limit: page.limit.max(1), count: false };
    let filter = GroupFilter { search: search.map(str::to_owned), ..GroupFilter::default() };
    let Listed { items, next, .. } = browse(tx, &filter, Sort::default(), &request)?;
    Ok(Page { items, next })
}

/// Groups by their identifiers, by name; those that are no more are left out.
pub fn by_ids(tx: &mut Tx<'_>, ids: &[GroupId]) -> Result<Vec<Group>, StoreError> {
    let ids: Vec<Id> = ids.iter().copied().map(Id::from).collect();
    let query = groups::table.filter(groups::id.eq_any(&ids)).order(groups::name.asc());
    let rows: Vec<GroupColumns> = load!(tx, query.select(COLUMNS))?;
    with_parents(tx, rows)
}

/// The identifiers of groups of some names.
pub(crate) fn ids_by_names(tx: &mut Tx<'_>, names: &[String]) -> Result<Vec<Id>, StoreError> {
    load!(tx, groups::table.filter(groups::name.eq_any(names)).select(groups::id))
}

/// Every superuser group and all that lies below one.
pub(crate) const SUPERUSER_GROUPS: &str = "\
WITH RECURSIVE reached (id) AS (
    SELECT id FROM groups WHERE is_superuser
    UNION
    SELECT p.group_id FROM reached r JOIN group_parents p ON p.parent_id = r.id
)
SELECT id FROM reached";

/// The groups whose members are administrators without limits.
pub(crate) fn superuser_groups(tx: &mut Tx<'_>) -> Result<Vec<Id>, StoreError> {
    let rows: Vec<Ancestor> = load!(tx, diesel::sql_query(SUPERUSER_GROUPS))?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// A group's ancestors, in no order: whose rights its members have beside its own.
pub fn ancestors(tx: &mut Tx<'_>, group: GroupId) -> Result<Vec<GroupId>, StoreError> {
    let rows: Vec<Ancestor> = load!(tx, diesel::sql_query(ANCESTORS).bind::<Guid, _>(Id::from(group)))?;
    Ok(rows.into_iter().map(|row| GroupId(row.id.0)).collect())
}

/// A membership, with the folded name of the member.
type Membership = (
    diesel::dsl::Eq<group_members::group_id, Id>,
    diesel::dsl::Eq<group_members::user_id, Id>,
    diesel::dsl::Eq<group_members::sort_key, String>,
);

fn memberships(tx: &mut Tx<'_>, joined: &[(GroupId, UserId)]) -> Result<Vec<Membership>, StoreError> {
    let users: Vec<UserId> = joined.iter().map(|(_, user)| *user).collect();
    let names = users::sort_keys(tx, &users)?;
    let membership = |(group, user): &(GroupId, UserId)| {
        (
            group_members::group_id.eq(Id::from(*group)),
            group_members::user_id.eq(Id::from(*user)),
            group_members::sort_key.eq(names.get(user).cloned().unwrap_or_default()),
        )
    };
    Ok(joined.iter().map(membership).collect())
}

/// Makes a user a member; whether he was not before.
pub fn add_member(tx: &mut Tx<'_>, group: GroupId, user: UserId) -> Result<bool, StoreError> {
    let rows = memberships(tx, &[(group, user)])?;
    let statement = diesel::insert_into(group_members::table).values(&rows).on_conflict_do_nothing();
    let count = execute!(tx, statement)?;
    tx.change(Change::User(user));
    Ok(count > 0)
}

/// Makes users members of groups; who is one already is no harm.
pub fn add_members(tx: &mut Tx<'_>, joined: &[(GroupId, UserId)]) -> Result<(), StoreError> {
    // Bounded statements: a database takes so many values in one.
    for part in joined.chunks(500) {
        let rows = memberships(tx, part)?;
        execute!(tx, diesel::insert_into(group_members::table).values(&rows).on_conflict_do_nothing())?;
    }
    joined.iter().for_each(|(_, user)| tx.change(Change::User(*user)));
    Ok(())
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
    let joined: Vec<_> = groups.iter().map(|group| (*group, user)).collect();
    let rows = memberships(tx, &joined)?;
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
        let joined: Vec<_> = part.iter().map(|user| (group, *user)).collect();
        let rows = memberships(tx, &joined)?;
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

//! Who is this? A user, his groups and all their ancestors, and the roles of all of these, in two queries.

use std::{collections::HashSet, sync::Arc};

use countersign_model::{Group, GroupId, RoleId, Subject, User, UserId};
use diesel::{
    Queryable, RunQueryDsl,
    backend::Backend,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    result::QueryResult,
    serialize::ToSql,
    sql_types::{Bool, HasSqlType, Nullable, Text},
};

use crate::{
    StoreError, Tx,
    columns::{Column, Guid, Id},
    conn::load,
};

/// Every group that the user belongs to, once for each of its parents, and after them the roles of the user and
/// of those groups. `$1` reads the same on both databases. `UNION` ends the recursion even if a circle ever got
/// in.
pub(crate) const GROUPS_OF_USER: &str = "\
WITH RECURSIVE reached (id) AS (
    SELECT group_id FROM group_members WHERE user_id = $1
    UNION
    SELECT p.parent_id FROM reached r JOIN group_parents p ON p.group_id = r.id
)
SELECT g.id, g.name, g.is_superuser, g.attributes, p.parent_id,
    (m.user_id IS NOT NULL) AS direct, FALSE AS is_role
FROM reached r
JOIN groups g ON g.id = r.id
LEFT JOIN group_parents p ON p.group_id = g.id
LEFT JOIN group_members m ON m.group_id = g.id AND m.user_id = $1
UNION ALL
SELECT given.role_id, '', FALSE, '', NULL, FALSE, TRUE FROM (
    SELECT role_id FROM role_users WHERE user_id = $1
    UNION
    SELECT rg.role_id FROM reached r JOIN role_groups rg ON rg.group_id = r.id
) given
ORDER BY 7, 2, 1, 5";

/// That query for one user. As a type of its own it is prepared once for each connection; `sql_query` would
/// have it parsed and planned again every time.
struct GroupsOfUser(Id);

impl QueryId for GroupsOfUser {
    type QueryId = Self;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl Query for GroupsOfUser {
    type SqlType = (Guid, Text, Bool, Text, Nullable<Guid>, Bool, Bool);
}

impl<C> RunQueryDsl<C> for GroupsOfUser {}

impl<DB: Backend + HasSqlType<Guid>> QueryFragment<DB> for GroupsOfUser
where
    Id: ToSql<Guid, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let mut parts = GROUPS_OF_USER.split("$1");
        out.push_sql(parts.next().unwrap_or_default());
        for part in parts {
            out.push_bind_param::<Guid, _>(&self.0)?;
            out.push_sql(part);
        }
        Ok(())
    }
}

#[derive(Queryable)]
struct Reached {
    id: Id,
    name: String,
    is_superuser: bool,
    attributes: String,
    parent_id: Option<Id>,
    direct: bool,
    is_role: bool,
}

/// A user with everything that decides what he may do.
pub fn subject(tx: &mut Tx<'_>, id: UserId) -> Result<Option<Subject>, StoreError> {
    super::by_id(tx, id)?.map(|user| subject_of(tx, user)).transpose()
}

/// A user who is at hand, with his groups and their ancestors.
pub fn subject_of(tx: &mut Tx<'_>, user: User) -> Result<Subject, StoreError> {
    let rows: Vec<Reached> = load!(tx, GroupsOfUser(Id::from(user.id)))?;
    let mut direct = HashSet::new();
    let mut groups: Vec<Group> = Vec::new();
    let mut roles = Vec::new();
    for row in rows {
        if row.is_role {
            roles.push(RoleId(row.id.0));
            continue;
        }
        let group = GroupId(row.id.0);
        if row.direct {
            direct.insert(group);
        }
        let parent = row.parent_id.map(|parent| GroupId(parent.0));
        match groups.last_mut().filter(|last| last.id == group) {
            Some(last) => last.parents.extend(parent),
            None => groups.push(Group {
                id: group,
                name: row.name,
                is_superuser: row.is_superuser,
                attributes: row.attributes.restore()?,
                parents: parent.into_iter().collect(),
            }),
        }
    }
    let direct_groups = groups.iter().map(|group| group.id).filter(|id| direct.contains(id)).collect();
    let groups = groups.into_iter().map(Arc::new).collect();
    Ok(Subject { user, direct_groups, groups, roles })
}

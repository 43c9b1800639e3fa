//! `authentik_core.group`.
//!
//! Who changes a group, its members, parents or roles gives or takes what it brings: he must hold all of that
//! himself, before and after.

use std::collections::{BTreeSet, HashMap};

use countersign_authz::{Permission, Rights};
use countersign_model::{Group, GroupId, RoleId, UserId};
use countersign_resource::{Describe, Facts, Nothing, canonical, check_name, schema_of, target};
use countersign_store::{
    Sort, Tx,
    groups::{self, GroupFilter, GroupOrder},
    roles, users,
};
use countersign_types::{FieldErrors, JsonObject, PageRequest, RawId, Ref};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{document, in_order};
use crate::{
    FilterOp, ListFilter, ListQuery, ReadCx, ResourceError, Usage, UsageAction, Visible, WriteCx,
    asked::narrowed,
    extras::{Install, RelatedGroup, RoleBrief, UserBrief, num_pk},
    reach,
    rows::{Draft, Indexed, Rows, Slice},
    search::Named,
};

/// How many members are shown with a group.
const MAX_MEMBERS: u32 = 1_000;
/// How many members are shown in a list of groups altogether, but for the last group's.
const MAX_SHOWN: usize = 5_000;
/// How many members are named when somebody asks what deletion would do.
const MAX_HOLDERS: u32 = 100;

/// A set of users with attributes of its own.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(crate) struct GroupSpec {
    /// Unique name.
    name: String,
    /// Whether members (of descendants too) are administrators without limits.
    #[serde(default)]
    is_superuser: bool,
    /// Attributes that members inherit.
    #[serde(default)]
    #[schemars(extend("x-advanced" = true))]
    attributes: JsonObject,
    /// The groups that this group belongs to.
    #[serde(default, deserialize_with = "in_order")]
    parents: Vec<Ref<target::Group>>,
    /// Roles that members have.
    #[serde(default, deserialize_with = "in_order")]
    roles: Vec<Ref<target::Role>>,
    /// The members. Left out, they stay as they are; they are never read back here.
    #[serde(default, skip_serializing)]
    users: Option<Vec<Ref<target::User>>>,
}

impl Describe for GroupSpec {
    type Common = Nothing;
    const FACTS: Facts =
        Facts::new("authentik_core.group", "ak-group-form", "Group").at("core/groups", "group");

    fn check(&self) -> Result<(), FieldErrors> {
        check_name("name", &self.name)
    }
}

/// A group with the roles that it has by itself.
#[derive(Clone)]
pub(crate) struct Circle {
    pub(crate) group: Group,
    pub(crate) roles: Vec<RoleId>,
}

impl Circle {
    /// Groups with their roles, in one query.
    pub(crate) fn all_of(tx: &mut Tx<'_>, groups: Vec<Group>) -> Result<Vec<Self>, ResourceError> {
        let ids: Vec<GroupId> = groups.iter().map(|group| group.id).collect();
        let mut given = roles::of_groups(tx, &ids)?;
        let with_roles = |group: Group| {
            let mut roles = given.remove(&group.id).unwrap_or_default();
            roles.sort_unstable();
            Self { group, roles }
        };
        Ok(groups.into_iter().map(with_roles).collect())
    }
}

/// Read-only attributes of groups.
#[derive(Serialize, JsonSchema)]
struct GroupExtras {
    /// A number for systems that know groups by one.
    num_pk: u32,
    /// The groups that this group belongs to.
    parents_obj: Vec<RelatedGroup>,
    /// The groups that belong to this group.
    children: Vec<RawId>,
    /// The same.
    children_obj: Vec<RelatedGroup>,
    /// Roles that members have, as far as the actor may see them.
    roles_obj: Vec<RoleBrief>,
    /// Roles that members have by groups that this group belongs to, as far as the actor may see them.
    inherited_roles_obj: Vec<RoleBrief>,
    /// Integer keys of the direct members, a thousand at most; in lists only when they are asked for.
    users: Option<Vec<i64>>,
    /// Those of them that the actor may see; in lists only when they are asked for.
    users_obj: Option<Vec<UserBrief>>,
}

/// Groups.
pub(crate) struct Groups;

impl Rows for Groups {
    type Spec = GroupSpec;
    type Row = Circle;
    const UNIQUE: &'static [&'static str] = &["name"];
    const RECORDS_REFERENCES: bool = false;
    const WRITE_ONLY: &'static [&'static str] = &["users"];
    const FILTERS: &'static [ListFilter] = &[
        ListFilter::new(
            "members_by_pk",
            "users",
            FilterOp::In,
            "Groups that this user joined directly, by his integer key.",
        ),
        ListFilter::new(
            "members_by_username",
            "members_by_username",
            FilterOp::In,
            "The same, by his user name.",
        ),
    ];
    const MORE: Option<(&'static str, &'static str)> = Some((
        "include_users",
        "Whether to show the direct members too; without, they are shown of one group alone.",
    ));

    fn by_id(&self, tx: &mut Tx<'_>, id: RawId) -> Result<Option<Circle>, ResourceError> {
        let group = groups::by_id(tx, GroupId(id))?;
        Ok(Circle::all_of(tx, group.into_iter().collect())?.pop())
    }

    fn all(&self, tx: &mut Tx<'_>) -> Result<Vec<Circle>, ResourceError> {
        let mut all = Vec::new();
        let mut request = PageRequest::first(1_000);
        loop {
            let page = groups::list(tx, None, &request)?;
            all.extend(Circle::all_of(tx, page.items)?);
            match page.next {
                Some(next) => request.after = Some(next),
                None => return Ok(all),
            }
        }
    }

    fn id_of(row: &Circle) -> RawId {
        row.group.id.raw()
    }

    fn document(&self, row: &Circle) -> Result<JsonObject, ResourceError> {
        let group = &row.group;
        let mut parents = group.parents.clone();
        parents.sort_unstable();
        Ok(document(&GroupSpec {
            name: group.name.clone(),
            is_superuser: group.is_superuser,
            attributes: group.attributes.clone(),
            parents: parents.into_iter().map(|parent| Ref::new(parent.raw())).collect(),
            roles: row.roles.iter().map(|role| Ref::new(role.raw())).collect(),
            users: None,
        }))
    }

    fn computed_schema(&self) -> Value {
        schema_of::<GroupExtras>()
    }

    fn computed(
        &self,
        tx: &mut Tx<'_>,
        cx: ReadCx<'_>,
        rows: &[Circle],
    ) -> Result<Vec<JsonObject>, ResourceError> {
        let own: Vec<GroupId> = rows.iter().map(|row| row.group.id).collect();
        let children = groups::children_of(tx, &own)?;
        let mut related: Vec<GroupId> = rows.iter().flat_map(|row| row.group.parents.clone()).collect();
        related.extend(children.values().flatten());
        related.sort_unstable();
        related.dedup();
        let related = groups::by_ids(tx, &related)?;
        let all_roles = roles::all(tx)?;
        let above = ancestors_of(tx, rows)?;
        let all: Vec<GroupId> = above.values().flatten().copied().collect();
        let inherited = roles::of_groups(tx, &all)?;
        let extras = |row: &Circle| {
            let below = children.get(&row.group.id).cloned().unwrap_or_default();
            let named = |ids: &[GroupId]| {
                related.iter().filter(|group| ids.contains(&group.id)).map(RelatedGroup::of).collect()
            };
            let of_ancestors = above.get(&row.group.id).into_iter().flatten();
            let mut from_above: Vec<RoleId> =
                of_ancestors.filter_map(|group| inherited.get(group)).flatten().copied().collect();
            from_above.retain(|role| !row.roles.contains(role));
            GroupExtras {
                num_pk: num_pk(row.group.id.raw()),
                parents_obj: named(&row.group.parents),
                children_obj: named(&below),
                children: below.into_iter().map(GroupId::raw).collect(),
                roles_obj: RoleBrief::visible(cx, &all_roles, &row.roles),
                inherited_roles_obj: RoleBrief::visible(cx, &all_roles, &from_above),
                users: None,
                users_obj: None,
            }
        };
        Ok(rows.iter().map(|row| canonical(&extras(row))).collect())
    }

    fn more(
        &self,
        tx: &mut Tx<'_>,
        cx: ReadCx<'_>,
        rows: &[Circle],
        shown: &mut [JsonObject],
    ) -> Result<(), ResourceError> {
        let install = Install::load(tx)?;
        let mut left = MAX_SHOWN;
        for (row, shown) in rows.iter().zip(shown) {
            // Of groups behind those that fill the answer nothing is said, rather than a part.
            if left == 0 {
                break;
            }
            let members = groups::members(tx, row.group.id, None, MAX_MEMBERS)?;
            left = left.saturating_sub(members.len());
            let members = users::by_ids(tx, &members)?;
            let seen = members.iter().filter_map(|user| UserBrief::visible(cx, user, &install));
            let briefs: Vec<Value> = seen.map(|brief| canonical(&brief).into()).collect();
            shown.insert("users".to_owned(), members.iter().map(|user| user.pk).collect());
            shown.insert("users_obj".to_owned(), briefs.into());
        }
        Ok(())
    }

    fn named(
        &self,
        tx: &mut Tx<'_>,
        text: &str,
        visible: &Visible,
        limit: u32,
    ) -> Result<Option<Vec<Named>>, ResourceError> {
        let found = match visible {
            Visible::All => groups::propose(tx, text, limit)?,
            Visible::Only(_) | Visible::None => {
                let query = ListQuery { search: Some(text.to_owned()), ..ListQuery::first(limit) };
                let Some(filter) = filter(&query, visible) else { return Ok(None) };
                let found = groups::browse(tx, &filter, Sort::default(), &query.request())?.items;
                found.into_iter().map(|group| (group.id, group.name)).collect()
            }
        };
        let named = |(id, name): (GroupId, String)| Named { id: id.raw(), key: id.to_string(), name };
        Ok(Some(found.into_iter().map(named).collect()))
    }

    /// By the database, unless something is asked that no index serves.
    fn page(
        &self,
        tx: &mut Tx<'_>,
        query: &ListQuery,
        visible: &Visible,
    ) -> Result<Option<Slice<Circle>>, ResourceError> {
        let Some(filter) = filter(query, visible) else { return Ok(None) };
        let by = |field: &str| (field == "name").then_some(GroupOrder::Name);
        let Ok(sort) = query.sort(Sort::default(), by) else { return Ok(None) };
        let found = groups::browse(tx, &filter, sort, &query.request())?;
        let rows = Circle::all_of(tx, found.items)?;
        Ok(Some(Slice { rows, count: found.count, next: found.next, is_cut: found.is_cut }))
    }

    fn by_key(&self, tx: &mut Tx<'_>, attribute: &str, value: &Value) -> Result<Indexed, ResourceError> {
        match (attribute, value.as_str()) {
            ("name", Some(name)) => Ok(groups::by_name(tx, name)?.map(|group| group.id).into()),
            _ => Ok(Indexed::No),
        }
    }

    fn guard(
        &self,
        tx: &mut Tx<'_>,
        cx: WriteCx<'_>,
        before: Option<&Circle>,
        draft: Option<&Draft<GroupSpec>>,
    ) -> Result<(), ResourceError> {
        if let Some(Circle { group, .. }) = before {
            reach::groups(tx, cx.actor, &[group.id])?;
        }
        let Some(Draft { id, spec, .. }) = draft else { return Ok(()) };
        let parents: Vec<_> = spec.parents.iter().map(|parent| GroupId(parent.id())).collect();
        reach::groups(tx, cx.actor, &parents)?;
        let roles: Vec<_> = spec.roles.iter().map(|role| RoleId(role.id())).collect();
        reach::roles(tx, cx.actor, &roles)?;
        let switch = match (before.is_some_and(|before| before.group.is_superuser), spec.is_superuser) {
            (false, true) => "authentik_core.enable_group_superuser",
            (true, false) => "authentik_core.disable_group_superuser",
            _ => return Ok(()),
        };
        if !cx.actor.may(&Permission::named(switch), Some(*id)) {
            return Err(ResourceError::Denied);
        }
        reach::demand(cx.actor, &Rights::unlimited())
    }

    fn holders(&self, tx: &mut Tx<'_>, id: RawId) -> Result<Vec<Usage>, ResourceError> {
        let mut found = Vec::new();
        for user in groups::members(tx, GroupId(id), None, MAX_HOLDERS)? {
            let Some(user) = users::by_id(tx, user)? else { continue };
            let (model, field) = ("authentik_core.user".to_owned(), "groups".to_owned());
            let (id, name, action) = (user.id.raw(), user.username, UsageAction::CascadeMany);
            found.push(Usage { model, id, name, field, action });
        }
        Ok(found)
    }

    fn write(&self, tx: &mut Tx<'_>, _: WriteCx<'_>, draft: Draft<GroupSpec>) -> Result<(), ResourceError> {
        let spec = draft.spec;
        let mut parents: Vec<_> = spec.parents.iter().map(|parent| GroupId(parent.id())).collect();
        parents.sort_unstable();
        parents.dedup();
        let group = Group {
            id: GroupId(draft.id),
            name: spec.name,
            is_superuser: spec.is_superuser,
            attributes: spec.attributes,
            parents,
        };
        if draft.exists {
            groups::update(tx, &group)?;
        } else {
            groups::create(tx, &group)?;
        }
        let roles: Vec<_> = spec.roles.iter().map(|role| RoleId(role.id())).collect();
        roles::set_of_group(tx, group.id, &roles)?;
        if let Some(users) = spec.users {
            let users: Vec<_> = users.iter().map(|user| UserId(user.id())).collect();
            groups::set_members(tx, group.id, &users)?;
        }
        Ok(())
    }

    fn delete(&self, tx: &mut Tx<'_>, id: RawId) -> Result<(), ResourceError> {
        groups::delete(tx, GroupId(id))?;
        Ok(())
    }
}

/// The groups that groups belong to, at any distance: a query for each level, not for each group.
fn ancestors_of(
    tx: &mut Tx<'_>,
    rows: &[Circle],
) -> Result<HashMap<GroupId, BTreeSet<GroupId>>, ResourceError> {
    let mut parents: HashMap<GroupId, Vec<GroupId>> =
        rows.iter().map(|row| (row.group.id, row.group.parents.clone())).collect();
    loop {
        let mut unknown: Vec<GroupId> =
            parents.values().flatten().filter(|id| !parents.contains_key(id)).copied().collect();
        unknown.sort_unstable();
        unknown.dedup();
        if unknown.is_empty() {
            break;
        }
        let found = groups::by_ids(tx, &unknown)?;
        parents.extend(unknown.into_iter().map(|id| (id, Vec::new())));
        parents.extend(found.into_iter().map(|group| (group.id, group.parents)));
    }
    let above = |row: &Circle| {
        let (mut met, mut waiting) = (BTreeSet::new(), row.group.parents.clone());
        while let Some(id) = waiting.pop() {
            if met.insert(id) {
                waiting.extend(parents.get(&id).into_iter().flatten());
            }
        }
        (row.group.id, met)
    };
    Ok(rows.iter().map(above).collect())
}

/// What is asked of groups, as far as the database can answer it.
fn filter(query: &ListQuery, visible: &Visible) -> Option<GroupFilter> {
    let mut filter = GroupFilter { search: query.search.clone(), ..GroupFilter::default() };
    let mut ids = None;
    for asked in &query.filters {
        match asked.field.as_str() {
            "pk" => ids = Some(asked.any_as()?),
            "name" => filter.name = Some(asked.one()?.to_owned()),
            "is_superuser" => filter.is_superuser = Some(asked.switch()?),
            "users" => {
                filter.members = Some(asked.any_as::<RawId>()?.into_iter().map(UserId).collect());
            }
            "members_by_username" => filter.member_names = Some(asked.any()?.to_vec()),
            _ => return None,
        }
    }
    filter.ids = narrowed(visible, ids).map(|ids| ids.into_iter().map(GroupId).collect());
    Some(filter)
}

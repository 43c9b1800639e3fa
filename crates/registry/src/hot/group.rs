//! `authentik_core.group`.

use countersign_model::{Group, GroupId, UserId};
use countersign_resource::{Describe, Facts, Nothing, check_name, target};
use countersign_store::{Tx, groups};
use countersign_types::{FieldErrors, JsonObject, PageRequest, RawId, Ref};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::document;
use crate::{
    ResourceError, WriteCx,
    rows::{Draft, Indexed, Rows},
};

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
    attributes: JsonObject,
    /// The groups that this group belongs to.
    #[serde(default)]
    parents: Vec<Ref<target::Group>>,
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

/// Groups.
pub(crate) struct Groups;

impl Rows for Groups {
    type Spec = GroupSpec;
    type Row = Group;
    const UNIQUE: &'static [&'static str] = &["name"];
    const RECORDS_REFERENCES: bool = false;
    const WRITE_ONLY: &'static [&'static str] = &["users"];

    fn by_id(&self, tx: &mut Tx<'_>, id: RawId) -> Result<Option<Group>, ResourceError> {
        Ok(groups::by_id(tx, GroupId(id))?)
    }

    fn all(&self, tx: &mut Tx<'_>) -> Result<Vec<Group>, ResourceError> {
        let mut all = Vec::new();
        let mut request = PageRequest::first(1_000);
        loop {
            let page = groups::list(tx, None, &request)?;
            all.extend(page.items);
            match page.next {
                Some(next) => request.after = Some(next),
                None => return Ok(all),
            }
        }
    }

    fn id_of(row: &Group) -> RawId {
        row.id.raw()
    }

    fn document(&self, row: &Group) -> Result<JsonObject, ResourceError> {
        let mut parents = row.parents.clone();
        parents.sort_unstable();
        Ok(document(&GroupSpec {
            name: row.name.clone(),
            is_superuser: row.is_superuser,
            attributes: row.attributes.clone(),
            parents: parents.into_iter().map(|parent| Ref::new(parent.raw())).collect(),
            users: None,
        }))
    }

    fn by_key(&self, tx: &mut Tx<'_>, attribute: &str, value: &Value) -> Result<Indexed, ResourceError> {
        match (attribute, value.as_str()) {
            ("name", Some(name)) => Ok(groups::by_name(tx, name)?.map(|group| group.id).into()),
            _ => Ok(Indexed::No),
        }
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

//! `authentik_rbac.role`.
//!
//! Nobody gives a role a permission that he lacks, nor touches a role that has one: whoever holds the role
//! would have it from him.

use std::fmt;

use countersign_authz::{Permission, Rights};
use countersign_model::{Role, RoleId, RolePermission};
use countersign_resource::{Describe, Facts, Nothing, check_name};
use countersign_store::{Snapshot, Tx, groups, roles, users};
use countersign_types::{FieldErrors, JsonObject, RawId};
use schemars::JsonSchema;
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{MapAccess, Visitor, value::MapAccessDeserializer},
};
use serde_json::Value;

use super::document;
use crate::{
    ResourceError, Usage, UsageAction, WriteCx,
    permissions::model_of,
    reach,
    rows::{Draft, Indexed, Rows},
};

/// More permissions than this are a mistake.
const MAX_PERMISSIONS: usize = 5_000;
/// How many holders are looked at when somebody asks what deletion would do.
const MAX_HOLDERS: u32 = 1_000;

/// Permissions that groups and users are given together.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(crate) struct RoleSpec {
    /// Unique name.
    #[schemars(length(min = 1, max = 255))]
    name: String,
    /// Marks a role that Countersign itself keeps.
    #[serde(default)]
    #[schemars(extend("x-widget" = "hidden"))]
    managed: Option<String>,
    /// What its holders may do.
    #[serde(default, deserialize_with = "once_each")]
    #[schemars(extend("x-widget" = "permissions"))]
    permissions: Vec<Granted>,
}

/// One thing that the holders of a role may do.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
struct Granted {
    /// Name of the permission: `authentik_core.view_user`.
    permission: String,
    /// The only object that it is about; none for all of them.
    #[serde(default)]
    object: Option<RawId>,
}

/// A permission may be said with its object, or, as in authentik's blueprints, by its name alone.
impl<'de> Deserialize<'de> for Granted {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(GrantedVisitor)
    }
}

struct GrantedVisitor;

impl<'de> Visitor<'de> for GrantedVisitor {
    type Value = Granted;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a permission, or a map with it and its object")
    }

    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Granted, E> {
        Ok(Granted { permission: name.to_owned(), object: None })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Granted, A::Error> {
        #[derive(Deserialize)]
        struct Whole {
            permission: String,
            #[serde(default)]
            object: Option<RawId>,
        }
        let Whole { permission, object } = Whole::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Granted { permission, object })
    }
}

/// Reads permissions in the order in which they are kept, none twice: what says the same is the same.
fn once_each<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Granted>, D::Error> {
    // Null is no permission: blueprints say so where the object of one is not there.
    let mut granted: Vec<_> =
        Vec::<Option<Granted>>::deserialize(deserializer)?.into_iter().flatten().collect();
    granted.sort_unstable();
    granted.dedup();
    Ok(granted)
}

impl Describe for RoleSpec {
    type Common = Nothing;
    const FACTS: Facts = Facts::new("authentik_rbac.role", "ak-role-form", "Role").at("rbac/roles", "role");

    fn check(&self) -> Result<(), FieldErrors> {
        let mut errors = check_name("name", &self.name).err().unwrap_or_default();
        if self.permissions.len() > MAX_PERMISSIONS {
            errors.push("permissions", "max_length", "resource-error-too-many");
        }
        for (place, granted) in self.permissions.iter().enumerate() {
            if granted.permission.parse::<Permission>().is_err() {
                errors.push(
                    format!("permissions.{place}.permission"),
                    "invalid",
                    "resource-error-permission",
                );
            }
        }
        errors.into_result()
    }
}

/// Roles.
pub(crate) struct Roles;

impl Rows for Roles {
    type Spec = RoleSpec;
    type Row = Role;
    const UNIQUE: &'static [&'static str] = &["name", "managed"];
    const RECORDS_REFERENCES: bool = false;

    fn by_id(&self, tx: &mut Tx<'_>, id: RawId) -> Result<Option<Role>, ResourceError> {
        Ok(roles::by_id(tx, RoleId(id))?)
    }

    fn all(&self, tx: &mut Tx<'_>) -> Result<Vec<Role>, ResourceError> {
        Ok(roles::all(tx)?)
    }

    fn kept<'s>(&self, snapshot: &'s Snapshot) -> Option<Vec<&'s Role>> {
        Some(snapshot.roles().iter().map(AsRef::as_ref).collect())
    }

    fn id_of(row: &Role) -> RawId {
        row.id.raw()
    }

    fn document(&self, row: &Role) -> Result<JsonObject, ResourceError> {
        let granted =
            |held: &RolePermission| Granted { permission: held.permission.clone(), object: held.object };
        Ok(document(&RoleSpec {
            name: row.name.clone(),
            managed: row.managed.clone(),
            permissions: row.permissions.iter().map(granted).collect(),
        }))
    }

    fn by_key(&self, tx: &mut Tx<'_>, attribute: &str, value: &Value) -> Result<Indexed, ResourceError> {
        match (attribute, value.as_str()) {
            ("name", Some(name)) => Ok(roles::by_name(tx, name)?.map(|role| role.id).into()),
            ("managed", Some(managed)) => Ok(roles::by_managed(tx, managed)?.map(|role| role.id).into()),
            _ => Ok(Indexed::No),
        }
    }

    fn guard(
        &self,
        _: &mut Tx<'_>,
        cx: WriteCx<'_>,
        before: Option<&Role>,
        draft: Option<&Draft<RoleSpec>>,
    ) -> Result<(), ResourceError> {
        if let Some(role) = before {
            reach::demand(cx.actor, &Rights::of_roles(false, [role]))?;
        }
        if let Some(draft) = draft {
            reach::demand(cx.actor, &held(&draft.spec).into_iter().collect())?;
        }
        Ok(())
    }

    fn holders(&self, tx: &mut Tx<'_>, id: RawId) -> Result<Vec<Usage>, ResourceError> {
        let mut found = Vec::new();
        let (field, action) = ("roles".to_owned(), UsageAction::CascadeMany);
        for group in roles::groups_of(tx, RoleId(id), MAX_HOLDERS)? {
            let Some(group) = groups::by_id(tx, group)? else { continue };
            let model = "authentik_core.group".to_owned();
            found.push(Usage { model, id: group.id.raw(), name: group.name, field: field.clone(), action });
        }
        for user in roles::users_of(tx, RoleId(id), MAX_HOLDERS)? {
            let Some(user) = users::by_id(tx, user)? else { continue };
            let model = "authentik_core.user".to_owned();
            found.push(Usage { model, id: user.id.raw(), name: user.username, field: field.clone(), action });
        }
        Ok(found)
    }

    fn write(&self, tx: &mut Tx<'_>, cx: WriteCx<'_>, draft: Draft<RoleSpec>) -> Result<(), ResourceError> {
        let spec = draft.spec;
        check_known(cx, &spec)?;
        let permissions = held(&spec);
        let role = Role { id: RoleId(draft.id), name: spec.name, managed: spec.managed, permissions };
        if draft.exists {
            roles::update(tx, &role)?;
        } else {
            roles::create(tx, &role)?;
        }
        Ok(())
    }

    fn delete(&self, tx: &mut Tx<'_>, id: RawId) -> Result<(), ResourceError> {
        roles::delete(tx, RoleId(id))?;
        Ok(())
    }
}

/// The permissions of a document.
fn held(spec: &RoleSpec) -> Vec<RolePermission> {
    let granted = spec.permissions.iter().cloned();
    granted.map(|Granted { permission, object }| RolePermission { permission, object }).collect()
}

/// A permission is about a model that is known, or one of those with a name of their own: a typing error that
/// grants nothing would not be noticed otherwise.
fn check_known(cx: WriteCx<'_>, spec: &RoleSpec) -> Result<(), ResourceError> {
    let mut errors = FieldErrors::default();
    for (place, granted) in spec.permissions.iter().enumerate() {
        if model_of(cx.registry, &granted.permission).is_none() {
            errors.push(
                format!("permissions.{place}.permission"),
                "does_not_exist",
                "resource-error-permission",
            );
        }
    }
    Ok(errors.into_result()?)
}

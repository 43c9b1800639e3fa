//! `authentik_rbac.initialpermissions`: what a role is given on each object that one of its holders makes.
//!
//! Who sets this up gives the role something on objects that do not exist yet: he must hold it for all objects,
//! and all that the role has. Who gives the role away gives this along ([`reach`]).

use countersign_authz::Rights;
use countersign_events::record;
use countersign_model::{ConfigObject, ConfigObjectId, EventAction, Family, Role, RoleId, RolePermission};
use countersign_resource::{Describe, Facts, Nothing, canonical, check_name, schema_of, target};
use countersign_store::{Snapshot, Tx, config_objects, roles};
use countersign_types::{FieldErrors, JsonObject, PageRequest, RawId, Ref};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};

use super::document;
use crate::{
    Lookup, PermissionView, ReadCx, ResourceError, WriteCx,
    audit::ROOM,
    numbers::{number_of, only},
    permissions::model_of,
    reach,
    rows::{Draft, Indexed, Rows},
};

/// Permissions in one of them.
const MAX_PERMISSIONS: usize = 1_000;
/// What a role may be given altogether; objects beyond are not made by its holders.
const MAX_HELD: usize = 5_000;
/// How many are looked at; more are a mistake.
const MOST: u32 = 1_000;

/// What a role is given on each object that one of its holders makes.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub(crate) struct InitialPermissionsSpec {
    /// Unique name.
    #[schemars(length(min = 1, max = 150))]
    name: String,
    /// The role. Whoever makes an object holds it, and the role is given the permissions.
    role: Ref<target::Role>,
    /// Names of permissions: `authentik_core.change_user`. Each is given on objects that it is about.
    #[serde(default, deserialize_with = "once_each")]
    #[schemars(extend("x-names" = "permission"))]
    permissions: Vec<String>,
}

/// Reads names in the order in which they are kept, none twice.
fn once_each<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let mut names = Vec::<String>::deserialize(deserializer)?;
    names.sort_unstable();
    names.dedup();
    Ok(names)
}

impl Describe for InitialPermissionsSpec {
    type Common = Nothing;
    const FACTS: Facts =
        Facts::new("authentik_rbac.initialpermissions", "ak-initial-permissions-form", "Initial Permissions")
            .at("rbac/initial_permissions", "role");

    fn check(&self) -> Result<(), FieldErrors> {
        let mut errors = check_name("name", &self.name).err().unwrap_or_default();
        if self.permissions.len() > MAX_PERMISSIONS {
            errors.push("permissions", "max_length", "resource-error-too-many");
        }
        errors.into_result()
    }
}

impl InitialPermissionsSpec {
    fn of(row: &ConfigObject) -> Result<Self, ResourceError> {
        let damaged =
            |error: serde_json::Error| ResourceError::Damaged(format!("initial permissions: {error}"));
        serde_json::from_value(row.config.clone()).map_err(damaged)
    }

    fn role(&self) -> RoleId {
        RoleId(self.role.id())
    }

    /// What it gives, as if on every object.
    fn rights(&self) -> Rights {
        let on_all = |name: &String| RolePermission { permission: name.clone(), object: None };
        self.permissions.iter().map(on_all).collect()
    }
}

/// Read-only attributes.
#[derive(Serialize, JsonSchema)]
struct InitialPermissionsExtras {
    /// Integer key.
    pk: i64,
    /// The permissions.
    permissions_obj: Vec<PermissionView>,
}

/// Initial permissions.
pub(crate) struct InitialPermissions;

impl Rows for InitialPermissions {
    type Spec = InitialPermissionsSpec;
    type Row = ConfigObject;
    const UNIQUE: &'static [&'static str] = &["name"];
    const OWNED_BY: &'static [&'static str] = &["role"];
    const LOOKUP: Lookup = Lookup::Integer("pk");

    fn by_id(&self, tx: &mut Tx<'_>, id: RawId) -> Result<Option<ConfigObject>, ResourceError> {
        let found = config_objects::by_id(tx, ConfigObjectId(id))?;
        Ok(found.filter(|object| object.family == Family::InitialPermissions))
    }

    fn all(&self, tx: &mut Tx<'_>) -> Result<Vec<ConfigObject>, ResourceError> {
        Ok(config_objects::list(tx, Family::InitialPermissions, None, &PageRequest::first(MOST))?.items)
    }

    fn kept<'s>(&self, snapshot: &'s Snapshot) -> Option<Vec<&'s ConfigObject>> {
        Some(snapshot.objects(Family::InitialPermissions).iter().collect())
    }

    fn id_of(row: &ConfigObject) -> RawId {
        row.id.raw()
    }

    fn key_of(row: &ConfigObject, _: &JsonObject) -> String {
        number_of(row.id.raw()).to_string()
    }

    fn document(&self, row: &ConfigObject) -> Result<JsonObject, ResourceError> {
        Ok(document(&InitialPermissionsSpec::of(row)?))
    }

    fn computed_schema(&self) -> Value {
        schema_of::<InitialPermissionsExtras>()
    }

    fn computed(
        &self,
        _: &mut Tx<'_>,
        cx: ReadCx<'_>,
        rows: &[ConfigObject],
    ) -> Result<Vec<JsonObject>, ResourceError> {
        let known = cx.registry.permissions();
        let extras = |row: &ConfigObject| {
            let spec = InitialPermissionsSpec::of(row)?;
            let given = known.iter().filter(|view| spec.permissions.contains(&view.full_name()));
            let (pk, permissions_obj) = (number_of(row.id.raw()), given.cloned().collect());
            Ok(canonical(&InitialPermissionsExtras { pk, permissions_obj }))
        };
        rows.iter().map(extras).collect()
    }

    fn by_key(&self, tx: &mut Tx<'_>, attribute: &str, value: &Value) -> Result<Indexed, ResourceError> {
        match (attribute, value.as_str(), value.as_i64()) {
            ("name", Some(name), _) => {
                let found = config_objects::by_name(tx, Family::InitialPermissions, name)?;
                Ok(found.map(|object| object.id).into())
            }
            ("pk", None, Some(pk)) => {
                let named = self.all(tx)?.into_iter().filter(|row| number_of(row.id.raw()) == pk);
                Ok(only(named.map(|row| row.id).collect()).into())
            }
            _ => Ok(Indexed::No),
        }
    }

    fn guard(
        &self,
        tx: &mut Tx<'_>,
        cx: WriteCx<'_>,
        before: Option<&ConfigObject>,
        draft: Option<&Draft<InitialPermissionsSpec>>,
    ) -> Result<(), ResourceError> {
        let before = before.map(InitialPermissionsSpec::of).transpose()?;
        for spec in before.iter().chain(draft.map(|draft| &draft.spec)) {
            reach::demand(cx.actor, &spec.rights())?;
            reach::roles(tx, cx.actor, &[spec.role()])?;
        }
        Ok(())
    }

    fn write(
        &self,
        tx: &mut Tx<'_>,
        cx: WriteCx<'_>,
        draft: Draft<InitialPermissionsSpec>,
    ) -> Result<(), ResourceError> {
        let mut errors = FieldErrors::default();
        for (place, name) in draft.spec.permissions.iter().enumerate() {
            if model_of(cx.registry, name).is_none() {
                errors.push(format!("permissions.{place}"), "does_not_exist", "resource-error-permission");
            }
        }
        errors.into_result()?;
        let object = ConfigObject {
            id: ConfigObjectId(draft.id),
            family: Family::InitialPermissions,
            kind: InitialPermissionsSpec::FACTS.model.to_owned(),
            name: draft.spec.name,
            managed: None,
            config: Value::Object(draft.config),
        };
        crate::config::keep(tx, &object, draft.exists)
    }

    fn delete(&self, tx: &mut Tx<'_>, id: RawId) -> Result<(), ResourceError> {
        config_objects::delete(tx, ConfigObjectId(id))?;
        Ok(())
    }
}

/// What comes with roles beside what they hold: rights on objects that their holders will make.
pub(crate) fn of_roles(tx: &mut Tx<'_>, given: &[RoleId]) -> Result<Rights, ResourceError> {
    let mut all = Vec::new();
    for row in InitialPermissions.all(tx)? {
        let spec = InitialPermissionsSpec::of(&row)?;
        if given.contains(&spec.role()) {
            all.extend(spec.permissions);
        }
    }
    Ok(all.into_iter().map(|permission| RolePermission { permission, object: None }).collect())
}

/// Gives the maker's roles what they are given on a new object; what was given.
pub(crate) fn give(
    tx: &mut Tx<'_>,
    cx: WriteCx<'_>,
    model: &str,
    id: RawId,
) -> Result<Vec<RolePermission>, ResourceError> {
    let held = cx.actor.subject().map(|subject| subject.roles.clone()).unwrap_or_default();
    let mut all = Vec::new();
    if held.is_empty() {
        return Ok(all);
    }
    for row in InitialPermissions.all(tx)? {
        let spec = InitialPermissionsSpec::of(&row)?;
        let Some(role) = held.iter().find(|role| **role == spec.role()) else { continue };
        let about = |name: &&String| model_of(cx.registry, name).as_deref() == Some(model);
        let given = spec.permissions.iter().filter(about);
        let given: Vec<_> =
            given.map(|name| RolePermission { permission: name.clone(), object: Some(id) }).collect();
        if let (false, Some(role)) = (given.is_empty(), roles::by_id(tx, *role)?) {
            hand_over(tx, cx, &role, &given)?;
            all.extend(given);
        }
    }
    Ok(all)
}

/// Gives a role permissions on one object. The trail says so; a revision of the whole role for each object that
/// somebody makes would say nothing more.
fn hand_over(
    tx: &mut Tx<'_>,
    cx: WriteCx<'_>,
    role: &Role,
    given: &[RolePermission],
) -> Result<(), ResourceError> {
    if role.permissions.len() + given.len() > MAX_HELD {
        return Err(ResourceError::field("", "max_length", "resource-error-role-full"));
    }
    roles::assign(tx, role.id, given)?;
    let shown = |given: &RolePermission| json!({ "permission": given.permission, "object": given.object });
    let shown: Vec<Value> = given.iter().map(shown).collect();
    let draft = cx
        .event(EventAction::ModelUpdated, ROOM)
        .about("authentik_rbac.role", &role.name, role.id.to_string())
        .with("diff", json!({ "permissions": { "previous_value": null, "new_value": shown } }));
    Ok(record(tx, draft)?)
}

//! `rbac/…`: the permissions that there are, and giving them to roles.

use std::sync::Arc;

use countersign_authz::{EXTRAS, Permission};
use countersign_model::{Role, RoleId, RolePermission};
use countersign_registry::{ReadCx, Registry, accounts};
use countersign_types::RawId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    admin::label,
    groups::{UserAccountRequest, by_pk},
};
use crate::{Access, Answer, ApiError, Call, Endpoint, Shape};

const ROLE: &str = "authentik_rbac.role";
/// Permissions in one call.
const MAX_PERMISSIONS: usize = 1_000;

pub(super) fn rows() -> Vec<Endpoint> {
    let view = || Access::Object(Permission::view(ROLE));
    let change = |name| Access::Object(Permission::named(name));
    vec![
        Endpoint::get("rbac/permissions/", "rbac_permissions_list", view(), list)
            .about("The permissions that there are.")
            .param::<String>("codename", "Only the one of this name, without its app.")
            .param::<String>("content_type__app_label", "Only those of this app.")
            .param::<String>("content_type__model", "Only those about this model.")
            .param::<String>("role", "Only those that this role holds for all objects.")
            .param::<String>("search", "Only those with this in them.")
            .param::<u64>("page", "Number of the page, from 1.")
            .param::<u64>("page_size", "Results on a page.")
            .gives_page::<PermissionShown>(),
        Endpoint::get("rbac/permissions/{id}/", "rbac_permissions_retrieve", view(), retrieve)
            .about("A permission.")
            .gives::<PermissionShown>(),
        Endpoint::get("rbac/permissions/roles/", "rbac_permissions_roles_list", view(), of_role)
            .about("What a role may do to single objects.")
            .required_param::<String>("uuid", "The role.")
            .param::<u64>("page", "Number of the page, from 1.")
            .param::<u64>("page_size", "Results on a page.")
            .gives_page::<ExtraRoleObjectPermission>(),
        Endpoint::get(
            "rbac/permissions/assigned_by_roles/",
            "rbac_permissions_assigned_by_roles_list",
            view(),
            assigned,
        )
        .about("Which roles may do something to the objects of a model, or to one of them.")
        .required_param::<String>("model", "Label of the model.")
        .param::<String>("object_pk", "The object.")
        .param::<u64>("page", "Number of the page, from 1.")
        .param::<u64>("page_size", "Results on a page.")
        .gives_page::<RoleAssignedObjectPermission>(),
        Endpoint::post(
            "rbac/permissions/assigned_by_roles/{uuid}/assign/",
            "rbac_permissions_assigned_by_roles_assign",
            change("authentik_rbac.assign_role_permissions"),
            assign,
        )
        .about("Gives permissions to a role: for all objects, or for one. Nobody gives what he lacks.")
        .takes::<PermissionAssignRequest>()
        .gives_shape(Shape::of::<PermissionAssignResult>().many()),
        Endpoint::patch(
            "rbac/permissions/assigned_by_roles/{uuid}/unassign/",
            "rbac_permissions_assigned_by_roles_unassign_partial_update",
            change("authentik_rbac.unassign_role_permissions"),
            unassign,
        )
        .about("Takes permissions from a role.")
        .takes::<PermissionAssignRequest>()
        .status(204),
        Endpoint::post(
            "rbac/roles/{uuid}/add_user/",
            "rbac_roles_add_user_create",
            Access::Object(Permission::change("authentik_core.user")),
            add_user,
        )
        .about("Gives a role to a user.")
        .takes::<UserAccountRequest>()
        .status(204),
        Endpoint::post(
            "rbac/roles/{uuid}/remove_user/",
            "rbac_roles_remove_user_create",
            Access::Object(Permission::change("authentik_core.user")),
            remove_user,
        )
        .about("Takes a role from a user.")
        .takes::<UserAccountRequest>()
        .status(204),
    ]
}

/// A permission.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Permission")]
struct PermissionShown {
    /// An integer that follows from the name.
    id: u32,
    /// What it allows, in words.
    name: String,
    /// Its name, without the app.
    codename: String,
    /// The model that it is about.
    model: String,
    /// The app.
    app_label: String,
    /// The app, in words.
    app_label_verbose: String,
    /// The model, in words.
    model_verbose: String,
}

/// Every permission: four for each kind, and those with names of their own.
fn all(registry: &Registry) -> Vec<PermissionShown> {
    let mut found = Vec::new();
    for resource in registry.resources() {
        let kind = resource.descriptor();
        for permission in countersign_authz::permissions(kind.model) {
            found.push(shown(&permission, kind.model, kind.verbose_name));
        }
    }
    for extra in EXTRAS.iter().filter(|extra| registry.get(extra.model).is_err()) {
        found.push(shown(
            &extra.permission,
            extra.model,
            &label(extra.model.split('.').nth(1).unwrap_or_default()),
        ));
    }
    found.sort_by(|one, other| {
        (&one.app_label, &one.model, &one.codename).cmp(&(&other.app_label, &other.model, &other.codename))
    });
    found
}

fn shown(permission: &Permission, model: &str, model_verbose: &str) -> PermissionShown {
    let (app, model) = model.split_once('.').unwrap_or(("", model));
    let name = match permission.action() {
        Some((action, about)) if about == format!("{app}.{model}") => {
            format!("Can {} {model_verbose}", action.as_str())
        }
        _ => format!("Can {}", permission.codename().replace('_', " ")),
    };
    PermissionShown {
        id: number(permission.as_str()),
        name,
        codename: permission.codename().to_owned(),
        model: model.to_owned(),
        app_label: app.to_owned(),
        app_label_verbose: label(app),
        model_verbose: model_verbose.to_owned(),
    }
}

/// FNV-1a, without the highest bit: the same for a name on every installation.
fn number(name: &str) -> u32 {
    let hash =
        name.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    hash & 0x7fff_ffff
}

async fn list(call: Call) -> Result<Answer, ApiError> {
    let paging = call.paging()?;
    let mut found = all(call.registry());
    let is = |wanted: Option<&str>, actual: &str| {
        wanted.is_none_or(|wanted| wanted.is_empty() || wanted == actual)
    };
    let (codename, app, model) =
        (call.query("codename")?, call.query("content_type__app_label")?, call.query("content_type__model")?);
    found.retain(|one| is(codename, &one.codename) && is(app, &one.app_label) && is(model, &one.model));
    if let Some(role) = call.query("role")? {
        let role = visible_role(&call, role).await?;
        let holds = |one: &PermissionShown| {
            let name = format!("{}.{}", one.app_label, one.codename);
            role.permissions.iter().any(|held| held.object.is_none() && held.permission == name)
        };
        found.retain(holds);
    }
    if let Some(search) = call.query("search")?.map(str::to_lowercase) {
        found.retain(|one| {
            [&one.name, &one.codename, &one.app_label, &one.model]
                .iter()
                .any(|text| text.to_lowercase().contains(&search))
        });
    }
    answer(&paging, found)
}

fn answer<T: Serialize>(paging: &crate::Paging, found: Vec<T>) -> Result<Answer, ApiError> {
    let values = found.iter().map(|one| serde_json::to_value(one).map_err(ApiError::internal));
    Answer::json(&paging.cut(values.collect::<Result<Vec<Value>, _>>()?)?)
}

async fn retrieve(call: Call) -> Result<Answer, ApiError> {
    let id: u32 = call.arg("id")?.parse().map_err(|_| ApiError::not_found())?;
    let found = all(call.registry()).into_iter().find(|one| one.id == id);
    Answer::json(&found.ok_or_else(ApiError::not_found)?)
}

async fn visible_role(call: &Call, id: &str) -> Result<Arc<Role>, ApiError> {
    let id: RawId = id.parse().map_err(|_| ApiError::not_found())?;
    if !call.actor()?.may(&Permission::view(ROLE), Some(id)) {
        return Err(ApiError::not_found());
    }
    call.snapshot().await?.role(RoleId(id)).cloned().ok_or_else(ApiError::not_found)
}

/// What a role may do to a single object.
#[derive(Serialize, JsonSchema)]
struct ExtraRoleObjectPermission {
    /// The permission's integer.
    id: u32,
    /// Its name, without the app.
    codename: String,
    /// The model.
    model: String,
    /// The app.
    app_label: String,
    /// The object.
    object_pk: String,
    /// What it allows, in words.
    name: String,
    /// The app, in words.
    app_label_verbose: String,
    /// The model, in words.
    model_verbose: String,
    /// The object's name, for who may see it.
    object_description: Option<String>,
}

async fn of_role(call: Call) -> Result<Answer, ApiError> {
    let paging = call.paging()?;
    let role = visible_role(&call, call.query("uuid")?.unwrap_or_default()).await?;
    let known = all(call.registry());
    let (registry, actor) = (Arc::clone(call.registry()), call.actor()?);
    let found = call.read(move |tx| {
        let cx = ReadCx { registry: &registry, actor: &actor };
        let mut found = Vec::new();
        for held in role.permissions.iter().take(MAX_PERMISSIONS) {
            let Some(object) = held.object else { continue };
            let Some(about) =
                known.iter().find(|one| held.permission == format!("{}.{}", one.app_label, one.codename))
            else {
                continue;
            };
            let model = format!("{}.{}", about.app_label, about.model);
            let viewed = match registry.get(&model) {
                Ok(resource) => resource.view(tx, cx, object)?,
                Err(_) => None,
            };
            found.push(ExtraRoleObjectPermission {
                id: about.id,
                codename: about.codename.clone(),
                model: about.model.clone(),
                app_label: about.app_label.clone(),
                object_pk: viewed.as_ref().map_or_else(|| object.to_string(), |viewed| viewed.key.clone()),
                name: about.name.clone(),
                app_label_verbose: about.app_label_verbose.clone(),
                model_verbose: about.model_verbose.clone(),
                object_description: viewed.map(|viewed| viewed.name),
            });
        }
        Ok(found)
    });
    answer(&paging, found.await?)
}

/// What a role may do to the objects of a model.
#[derive(Serialize, JsonSchema)]
struct RoleAssignedObjectPermission {
    /// The role.
    role_pk: String,
    /// Its name.
    name: String,
    /// To the object asked for.
    object_permissions: Vec<RoleObjectPermission>,
    /// To all of them.
    model_permissions: Vec<RoleModelPermission>,
}

/// Something that may be done to an object.
#[derive(Serialize, JsonSchema)]
struct RoleObjectPermission {
    /// The permission's integer.
    id: u32,
    /// Its name, without the app.
    codename: String,
    /// The model.
    model: String,
    /// The app.
    app_label: String,
    /// The object.
    object_pk: String,
    /// What it allows, in words.
    name: String,
}

/// Something that may be done to all objects of a model.
#[derive(Serialize, JsonSchema)]
struct RoleModelPermission {
    /// The permission's integer.
    id: u32,
    /// Its name, without the app.
    codename: String,
    /// The model.
    model: String,
    /// The app.
    app_label: String,
    /// What it allows, in words.
    name: String,
}

async fn assigned(call: Call) -> Result<Answer, ApiError> {
    let paging = call.paging()?;
    let model = call.query("model")?.unwrap_or_default().to_owned();
    let about: Vec<PermissionShown> = all(call.registry())
        .into_iter()
        .filter(|one| format!("{}.{}", one.app_label, one.model) == model)
        .collect();
    if about.is_empty() {
        return Err(ApiError::field("model", "invalid_choice", "api-error-model"));
    }
    let key = call.query("object_pk")?.filter(|key| !key.is_empty()).map(str::to_owned);
    let object = match &key {
        Some(key) => Some(object(&call, &model, key).await?),
        None => None,
    };
    let (actor, snapshot) = (call.actor()?, call.snapshot().await?);
    let visible = actor.visible(&Permission::view(ROLE));
    let mut found = Vec::new();
    for role in snapshot.roles().iter().filter(|role| visible.contains(role.id.raw())) {
        let holds = |one: &PermissionShown, object: Option<RawId>| {
            let name = format!("{}.{}", one.app_label, one.codename);
            role.permissions.iter().any(|held| held.object == object && held.permission == name)
        };
        let model_permissions: Vec<_> = about
            .iter()
            .filter(|one| holds(one, None))
            .map(|one| RoleModelPermission {
                id: one.id,
                codename: one.codename.clone(),
                model: one.model.clone(),
                app_label: one.app_label.clone(),
                name: one.name.clone(),
            })
            .collect();
        let object_permissions: Vec<_> = about
            .iter()
            .filter(|one| object.is_some() && holds(one, object))
            .map(|one| RoleObjectPermission {
                id: one.id,
                codename: one.codename.clone(),
                model: one.model.clone(),
                app_label: one.app_label.clone(),
                object_pk: key.clone().unwrap_or_default(),
                name: one.name.clone(),
            })
            .collect();
        if !model_permissions.is_empty() || !object_permissions.is_empty() {
            found.push(RoleAssignedObjectPermission {
                role_pk: role.id.to_string(),
                name: role.name.clone(),
                object_permissions,
                model_permissions,
            });
        }
    }
    answer(&paging, found)
}

/// The object of a model that a key means, if the caller sees it.
async fn object(call: &Call, model: &str, key: &str) -> Result<RawId, ApiError> {
    let (registry, actor) = (Arc::clone(call.registry()), call.actor()?);
    let (model, key) = (model.to_owned(), key.to_owned());
    let found = call
        .read(move |tx| Ok(crate::find(tx, ReadCx { registry: &registry, actor: &actor }, &model, &key)?.id));
    found.await.map_err(|_| ApiError::field("object_pk", "does_not_exist", "api-error-object"))
}

/// Permissions for a role.
#[derive(Deserialize, JsonSchema)]
struct PermissionAssignRequest {
    /// Their names: `authentik_core.view_user`.
    #[serde(default)]
    permissions: Vec<String>,
    /// Label of the model of the only object that they are about.
    #[serde(default)]
    model: Option<String>,
    /// The only object that they are about; all of them unless it is said.
    #[serde(default)]
    object_pk: Option<String>,
}

/// A permission given.
#[derive(Serialize, JsonSchema)]
struct PermissionAssignResult {
    /// The permission's integer, as text.
    id: String,
}

async fn asked(call: &Call) -> Result<(RoleId, Vec<RolePermission>), ApiError> {
    let asked: PermissionAssignRequest = call.json()?;
    if asked.permissions.len() > MAX_PERMISSIONS {
        return Err(ApiError::field("permissions", "max_length", "api-error-too-many"));
    }
    let object = match (asked.model.as_deref(), asked.object_pk.as_deref().filter(|key| !key.is_empty())) {
        (_, None) => None,
        (None, Some(_)) => return Err(ApiError::field("model", "required", "resource-error-required")),
        (Some(model), Some(key)) => Some(object(call, model, key).await?),
    };
    let known = all(call.registry());
    let mut permissions = Vec::new();
    for (index, name) in asked.permissions.into_iter().enumerate() {
        // A name without its app is of the model asked for.
        let app = asked.model.as_deref().and_then(|model| model.split('.').next());
        let name = match (name.contains('.'), app) {
            (false, Some(app)) => format!("{app}.{name}"),
            _ => name,
        };
        if !known.iter().any(|one| format!("{}.{}", one.app_label, one.codename) == name) {
            return Err(ApiError::field(
                format!("permissions.{index}"),
                "does_not_exist",
                "resource-error-permission",
            ));
        }
        permissions.push(RolePermission { permission: name, object });
    }
    Ok((RoleId(call.id_arg("uuid")?), permissions))
}

async fn assign(call: Call) -> Result<Answer, ApiError> {
    let (role, given) = asked(&call).await?;
    let results: Vec<_> = given
        .iter()
        .map(|given| PermissionAssignResult { id: number(&given.permission).to_string() })
        .collect();
    call.write(move |tx, cx| Ok(accounts::assign_permissions(tx, cx, role, &given)?)).await?;
    Answer::json(&results)
}

async fn unassign(call: Call) -> Result<Answer, ApiError> {
    let (role, taken) = asked(&call).await?;
    call.write(move |tx, cx| Ok(accounts::unassign_permissions(tx, cx, role, &taken)?)).await?;
    Ok(Answer::empty())
}

async fn add_user(call: Call) -> Result<Answer, ApiError> {
    let (role, UserAccountRequest { pk }) = (RoleId(call.id_arg("uuid")?), call.json()?);
    call.write(move |tx, cx| {
        let user = by_pk(tx, pk)?;
        Ok(accounts::give_role(tx, cx, role, user)?)
    })
    .await?;
    Ok(Answer::empty())
}

async fn remove_user(call: Call) -> Result<Answer, ApiError> {
    let (role, UserAccountRequest { pk }) = (RoleId(call.id_arg("uuid")?), call.json()?);
    call.write(move |tx, cx| {
        let user = by_pk(tx, pk)?;
        Ok(accounts::take_role(tx, cx, role, user)?)
    })
    .await?;
    Ok(Answer::empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_of_permissions_are_different() {
        let mut names: Vec<String> =
            EXTRAS.iter().map(|extra| extra.permission.as_str().to_owned()).collect();
        for model in
            ["authentik_core.user", "authentik_core.group", "authentik_flows.flow", "authentik_rbac.role"]
        {
            names.extend(
                countersign_authz::permissions(model).iter().map(|permission| permission.as_str().to_owned()),
            );
        }
        names.sort();
        names.dedup();
        let mut numbers: Vec<u32> = names.iter().map(|name| number(name)).collect();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), names.len());
    }
}

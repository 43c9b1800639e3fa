//! What roles may do to single objects, and who may do something to one.

use std::sync::Arc;

use countersign_authz::Permission;
use countersign_registry::ReadCx;
use countersign_types::RawId;
use schemars::JsonSchema;
use serde::Serialize;

use super::{MAX_PERMISSIONS, ROLE, all, answer, object, visible_role};
use crate::{Answer, ApiError, Call};

/// What a role may do to a single object.
#[derive(Serialize, JsonSchema)]
pub(super) struct ExtraRoleObjectPermission {
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

pub(super) async fn of_role(call: Call) -> Result<Answer, ApiError> {
    let paging = call.paging().await?;
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
    answer(&paging, &found.await?)
}

/// What a role may do to the objects of a model.
#[derive(Serialize, JsonSchema)]
pub(super) struct RoleAssignedObjectPermission {
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

pub(super) async fn assigned(call: Call) -> Result<Answer, ApiError> {
    let paging = call.paging().await?;
    let model = call.query("model")?.unwrap_or_default().to_owned();
    let about: Vec<super::PermissionShown> = all(call.registry())
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
        let holds = |one: &super::PermissionShown, object: Option<RawId>| {
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
    answer(&paging, &found)
}

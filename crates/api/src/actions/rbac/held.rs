//! What roles may do to single objects, and who may do something to one.

use std::sync::Arc;

use countersign_authz::Permission;
use countersign_registry::{PermissionView, ReadCx};
use countersign_types::RawId;
use schemars::JsonSchema;
use serde::Serialize;

use super::{MAX_PERMISSIONS, ROLE, answer, object, visible_role};
use crate::{Answer, ApiError, Call};

/// What a role may do to a single object.
#[derive(Serialize, JsonSchema)]
pub(super) struct ExtraRoleObjectPermission {
    /// What it may do.
    #[serde(flatten)]
    permission: PermissionView,
    /// The object.
    object_pk: String,
    /// The object's name, for who may see it.
    object_description: Option<String>,
}

pub(super) async fn of_role(call: Call) -> Result<Answer, ApiError> {
    let paging = call.paging().await?;
    let role = visible_role(&call, call.query("uuid")?.unwrap_or_default()).await?;
    let known = call.registry().permissions();
    let (registry, actor) = (Arc::clone(call.registry()), call.actor()?);
    let found = call.read(move |tx| {
        let cx = ReadCx { registry: &registry, actor: &actor };
        let mut found = Vec::new();
        for held in role.permissions.iter().take(MAX_PERMISSIONS) {
            let Some(object) = held.object else { continue };
            let Some(about) = known.iter().find(|one| held.permission == one.full_name()) else { continue };
            let viewed = match registry.get(&about.about()) {
                Ok(resource) => resource.brief(tx, cx, object)?,
                Err(_) => None,
            };
            found.push(ExtraRoleObjectPermission {
                permission: about.clone(),
                object_pk: viewed.as_ref().map_or_else(|| object.to_string(), |viewed| viewed.key.clone()),
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
    /// What may be done.
    #[serde(flatten)]
    permission: RoleModelPermission,
    /// The object.
    object_pk: String,
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

impl RoleModelPermission {
    fn of(permission: &PermissionView) -> Self {
        let PermissionView { id, codename, model, app_label, name, .. } = permission.clone();
        Self { id, codename, model, app_label, name }
    }
}

pub(super) async fn assigned(call: Call) -> Result<Answer, ApiError> {
    let paging = call.paging().await?;
    let model = call.query("model")?.unwrap_or_default().to_owned();
    let about: Vec<PermissionView> =
        call.registry().permissions().into_iter().filter(|one| one.about() == model).collect();
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
        let holds = |one: &PermissionView, object: Option<RawId>| {
            let name = one.full_name();
            role.permissions.iter().any(|held| held.object == object && held.permission == name)
        };
        let model_permissions: Vec<_> =
            about.iter().filter(|one| holds(one, None)).map(RoleModelPermission::of).collect();
        let object_permissions: Vec<_> = about
            .iter()
            .filter(|one| object.is_some() && holds(one, object))
            .map(|one| RoleObjectPermission {
                permission: RoleModelPermission::of(one),
                object_pk: key.clone().unwrap_or_default(),
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

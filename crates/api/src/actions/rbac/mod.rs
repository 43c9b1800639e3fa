//! `rbac/…`: the permissions that there are, and giving them to roles.

mod give;
mod held;

use std::sync::Arc;

use countersign_authz::Permission;
use countersign_model::{Role, RoleId};
use countersign_registry::{PermissionView, ReadCx};
use countersign_types::RawId;
use serde::Serialize;
use serde_json::Value;

use self::{
    give::{PermissionAssignRequest, PermissionAssignResult, add_user, assign, remove_user, unassign},
    held::{ExtraRoleObjectPermission, RoleAssignedObjectPermission, assigned, of_role},
};
use super::groups::UserAccountRequest;
use crate::{Access, Answer, ApiError, Call, Endpoint, Paging, Shape};

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
            .gives_page::<PermissionView>(),
        Endpoint::get("rbac/permissions/{id}/", "rbac_permissions_retrieve", view(), retrieve)
            .about("A permission.")
            .gives::<PermissionView>(),
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

async fn list(call: Call) -> Result<Answer, ApiError> {
    let paging = call.paging().await?;
    let mut found = call.registry().permissions();
    let is = |wanted: Option<&str>, actual: &str| {
        wanted.is_none_or(|wanted| wanted.is_empty() || wanted == actual)
    };
    let (codename, app, model) =
        (call.query("codename")?, call.query("content_type__app_label")?, call.query("content_type__model")?);
    found.retain(|one| is(codename, &one.codename) && is(app, &one.app_label) && is(model, &one.model));
    if let Some(role) = call.query("role")? {
        let role = visible_role(&call, role).await?;
        let holds = |one: &PermissionView| {
            let name = one.full_name();
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
    answer(&paging, &found)
}

fn answer<T: Serialize>(paging: &Paging, found: &[T]) -> Result<Answer, ApiError> {
    let values = found.iter().map(|one| serde_json::to_value(one).map_err(ApiError::internal));
    Answer::json(&paging.cut(values.collect::<Result<Vec<Value>, _>>()?)?)
}

async fn retrieve(call: Call) -> Result<Answer, ApiError> {
    if !call.actor()?.may_somewhere(&Permission::view(ROLE)) {
        return Err(ApiError::not_found());
    }
    let id: u32 = call.arg("id")?.parse().map_err(|_| ApiError::not_found())?;
    let found = call.registry().permissions().into_iter().find(|one| one.id == id);
    Answer::json(&found.ok_or_else(ApiError::not_found)?)
}

async fn visible_role(call: &Call, id: &str) -> Result<Arc<Role>, ApiError> {
    let id: RawId = id.parse().map_err(|_| ApiError::not_found())?;
    if !call.actor()?.may(&Permission::view(ROLE), Some(id)) {
        return Err(ApiError::not_found());
    }
    call.snapshot().await?.role(RoleId(id)).cloned().ok_or_else(ApiError::not_found)
}

/// The object of a model that a key means, if the caller sees it.
async fn object(call: &Call, model: &str, key: &str) -> Result<RawId, ApiError> {
    let (registry, actor) = (Arc::clone(call.registry()), call.actor()?);
    let (model, key) = (model.to_owned(), key.to_owned());
    let found = call
        .read(move |tx| Ok(crate::find(tx, ReadCx { registry: &registry, actor: &actor }, &model, &key)?.id));
    found.await.map_err(|_| ApiError::field("object_pk", "does_not_exist", "api-error-object"))
}

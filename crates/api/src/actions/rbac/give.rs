//! Giving permissions to roles and roles to users, and taking them.

use countersign_authz::Permission;
use countersign_model::{RoleId, RolePermission};
use countersign_registry::{accounts, permission_number};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{MAX_PERMISSIONS, ROLE, object};
use crate::{
    Answer, ApiError, Call,
    actions::groups::{UserAccountRequest, by_pk},
};

/// Permissions for a role.
#[derive(Deserialize, JsonSchema)]
pub(super) struct PermissionAssignRequest {
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
pub(super) struct PermissionAssignResult {
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
    let known = call.registry().permissions();
    let mut permissions = Vec::new();
    for (index, name) in asked.permissions.into_iter().enumerate() {
        // A name without its app is of the model asked for.
        let app = asked.model.as_deref().and_then(|model| model.split('.').next());
        let name = match (name.contains('.'), app) {
            (false, Some(app)) => format!("{app}.{name}"),
            _ => name,
        };
        if !known.iter().any(|one| one.full_name() == name) {
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

pub(super) async fn assign(call: Call) -> Result<Answer, ApiError> {
    let (role, given) = asked(&call).await?;
    let results: Vec<_> = given
        .iter()
        .map(|given| PermissionAssignResult { id: permission_number(&given.permission).to_string() })
        .collect();
    call.write(move |tx, cx| Ok(accounts::assign_permissions(tx, cx, role, &given)?)).await?;
    Answer::json(&results)
}

pub(super) async fn unassign(call: Call) -> Result<Answer, ApiError> {
    let (role, taken) = asked(&call).await?;
    call.write(move |tx, cx| Ok(accounts::unassign_permissions(tx, cx, role, &taken)?)).await?;
    Ok(Answer::empty())
}

/// The role of the path, for whoever may change users at all.
async fn of_somebody(call: &Call) -> Result<RoleId, ApiError> {
    let found = call.found(ROLE, call.arg("uuid")?).await?;
    if !call.actor()?.may_somewhere(&Permission::change("authentik_core.user")) {
        return Err(ApiError::denied());
    }
    Ok(RoleId(found.id))
}

pub(super) async fn add_user(call: Call) -> Result<Answer, ApiError> {
    let role = of_somebody(&call).await?;
    let UserAccountRequest { pk } = call.json()?;
    call.write(move |tx, cx| {
        let user = by_pk(tx, pk)?;
        Ok(accounts::give_role(tx, cx, role, user)?)
    })
    .await?;
    Ok(Answer::empty())
}

pub(super) async fn remove_user(call: Call) -> Result<Answer, ApiError> {
    let role = of_somebody(&call).await?;
    let UserAccountRequest { pk } = call.json()?;
    call.write(move |tx, cx| {
        let user = by_pk(tx, pk)?;
        Ok(accounts::take_role(tx, cx, role, user)?)
    })
    .await?;
    Ok(Answer::empty())
}

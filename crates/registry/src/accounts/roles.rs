//! Giving roles to users, and taking them.

use countersign_authz::Permission;
use countersign_events::EventDraft;
use countersign_model::{EventAction, RoleId, UserId};
use countersign_store::{Tx, roles};
use serde_json::{Value, json};

use super::account;
use crate::{ResourceError, WriteCx, reach};

/// Model label of roles.
const ROLE: &str = "authentik_rbac.role";

/// Gives a role to a user. The actor must hold what the role brings, and what the user may do already.
/// Whether the user did not have it by himself.
pub fn give_role(
    tx: &mut Tx<'_>,
    cx: WriteCx<'_>,
    role: RoleId,
    user: UserId,
) -> Result<bool, ResourceError> {
    let (username, name) = permitted(tx, cx, role, user)?;
    reach::roles(tx, cx.actor, &[role])?;
    let given = roles::add_to_user(tx, role, user)?;
    if given {
        record(tx, cx, role, &name, &json!({ "previous_value": null, "new_value": username }))?;
    }
    Ok(given)
}

/// Takes a role from a user; whether he had it by himself.
pub fn take_role(
    tx: &mut Tx<'_>,
    cx: WriteCx<'_>,
    role: RoleId,
    user: UserId,
) -> Result<bool, ResourceError> {
    let (username, name) = permitted(tx, cx, role, user)?;
    let taken = roles::remove_from_user(tx, role, user)?;
    if taken {
        record(tx, cx, role, &name, &json!({ "previous_value": username, "new_value": null }))?;
    }
    Ok(taken)
}

/// The names of user and role, if the actor may change the one and see the other.
fn permitted(
    tx: &mut Tx<'_>,
    cx: WriteCx<'_>,
    role: RoleId,
    user: UserId,
) -> Result<(String, String), ResourceError> {
    if !cx.actor.may(&Permission::view(ROLE), Some(role.raw())) {
        return Err(ResourceError::NotFound);
    }
    let username = account(tx, cx, user, &Permission::change(super::USER))?.username;
    let name = roles::by_id(tx, role)?.ok_or(ResourceError::NotFound)?.name;
    Ok((username, name))
}

fn record(
    tx: &mut Tx<'_>,
    cx: WriteCx<'_>,
    role: RoleId,
    name: &str,
    change: &Value,
) -> Result<(), ResourceError> {
    let model =
        json!({ "app": "authentik_rbac", "model_name": "role", "name": name, "pk": role.to_string() });
    let mut draft = EventDraft::new(EventAction::ModelUpdated, "countersign.registry")
        .with("model", model)
        .with("diff", json!({ "users": change }));
    draft.user = cx.actor.event_user();
    draft.client_ip = cx.client_ip.map(str::to_owned);
    Ok(countersign_events::record(tx, draft)?)
}

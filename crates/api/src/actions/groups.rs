//! `core/groups/…`: one user in, one user out.

use countersign_authz::Permission;
use countersign_model::{GroupId, UserId};
use countersign_registry::accounts;
use countersign_store::{Tx, users};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Access, Answer, ApiError, Call, Endpoint};

const GROUP: &str = "authentik_core.group";
const ADD: Permission = Permission::named("authentik_core.add_user_to_group");
const REMOVE: Permission = Permission::named("authentik_core.remove_user_from_group");

pub(super) fn rows() -> Vec<Endpoint> {
    let add = Access::Object(ADD);
    let remove = Access::Object(REMOVE);
    vec![
        Endpoint::post("core/groups/{group_uuid}/add_user/", "core_groups_add_user_create", add, add_user)
            .about("Makes a user a member.")
            .takes::<UserAccountRequest>()
            .status(204),
        Endpoint::post(
            "core/groups/{group_uuid}/remove_user/",
            "core_groups_remove_user_create",
            remove,
            remove_user,
        )
        .about("Ends a membership.")
        .takes::<UserAccountRequest>()
        .status(204),
    ]
}

/// A user.
#[derive(Deserialize, JsonSchema)]
pub(super) struct UserAccountRequest {
    /// His integer key.
    pub(super) pk: i64,
}

/// The group of the path, if the caller may do this to it, or change it altogether.
async fn permitted(call: &Call, permission: &Permission) -> Result<GroupId, ApiError> {
    let found = call.found(GROUP, call.arg("group_uuid")?).await?;
    if !call.actor()?.may(&Permission::change(GROUP), Some(found.id)) {
        call.require(permission, Some(found.id))?;
    }
    Ok(GroupId(found.id))
}

async fn add_user(call: Call) -> Result<Answer, ApiError> {
    let group = permitted(&call, &ADD).await?;
    let UserAccountRequest { pk } = call.json()?;
    call.write(move |tx, cx| {
        let user = by_pk(tx, pk)?;
        Ok(accounts::add_member(tx, cx, group, user)?)
    })
    .await?;
    Ok(Answer::empty())
}

async fn remove_user(call: Call) -> Result<Answer, ApiError> {
    let group = permitted(&call, &REMOVE).await?;
    let UserAccountRequest { pk } = call.json()?;
    call.write(move |tx, cx| {
        let user = by_pk(tx, pk)?;
        Ok(accounts::remove_member(tx, cx, group, user)?)
    })
    .await?;
    Ok(Answer::empty())
}

/// The user of an integer key. Whether he may be seen is asked with what is done to him.
pub(super) fn by_pk(tx: &mut Tx<'_>, pk: i64) -> Result<UserId, ApiError> {
    let user = users::by_pk(tx, pk)?.ok_or_else(ApiError::not_found)?;
    Ok(user.id)
}

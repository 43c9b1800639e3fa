//! `core/authenticated_sessions/bulk_delete/`: signing users out everywhere.

use countersign_authz::Permission;
use countersign_registry::accounts;
use countersign_store::{sessions, users};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{Access, Answer, ApiError, Call, Endpoint};

const SESSION: &str = "authentik_core.authenticatedsession";
/// Users whose sessions one call ends.
const MAX_USERS: usize = 1_000;

pub(super) fn rows() -> Vec<Endpoint> {
    vec![
        Endpoint::delete(
            "core/authenticated_sessions/bulk_delete/",
            "core_authenticated_sessions_bulk_delete_destroy",
            Access::Global(Permission::delete(SESSION)),
            bulk_delete,
        )
        .about("Ends all sessions of users.")
        .param::<Vec<i64>>("user_pks", "Integer keys of the users.")
        .gives::<BulkDeleteSessionResponse>()
        .status(200),
    ]
}

/// How many sessions were ended.
#[derive(Serialize, JsonSchema)]
struct BulkDeleteSessionResponse {
    /// How many.
    deleted: usize,
}

async fn bulk_delete(call: Call) -> Result<Answer, ApiError> {
    let texts =
        call.query.values("user_pks").flat_map(|texts| texts.split(',')).filter(|text| !text.is_empty());
    let pks: Vec<i64> = texts
        .map(|text| text.parse().map_err(|_| ApiError::field("user_pks", "invalid", "api-error-integer")))
        .collect::<Result<_, _>>()?;
    if pks.len() > MAX_USERS {
        return Err(ApiError::field("user_pks", "max_length", "api-error-too-many"));
    }
    let deleted = call.write(move |tx, cx| {
        let mut deleted = 0;
        for pk in &pks {
            let user = users::by_pk(tx, *pk)?
                .filter(|user| cx.actor.may(&Permission::view("authentik_core.user"), Some(user.id.raw())));
            let Some(user) = user else { continue };
            for session in sessions::of_user(tx, user.id)? {
                accounts::end_session(tx, cx, user.id, session.id)?;
                deleted += 1;
            }
        }
        Ok(deleted)
    });
    Answer::json(&BulkDeleteSessionResponse { deleted: deleted.await? })
}

//! What is done to accounts beyond their documents: passwords, recovery links, memberships, service accounts,
//! acting as somebody else. The console and the REST API both call these, in a transaction of theirs.
//!
//! Each asks for its own permission and for what security demands beyond it: nobody does to an account that
//! may do more than himself what would let him in there. What the actor may not see is not there.

mod access;
mod impersonation;
mod membership;
mod password;
mod permissions;
mod recovery;
mod roles;
mod service;
mod token_key;

pub use access::{REVOKE_GRANTS, VIEW_GRANTS, end_session, revoke_consent, revoke_grant};
pub use impersonation::{Begun, begin_impersonation, end_impersonation};
pub use membership::{MEMBERSHIP, add_member, remove_member};
pub use password::{set_password, set_password_hash, set_password_here};
pub use permissions::{ASSIGN, UNASSIGN, assign_permissions, unassign_permissions};
pub use recovery::{RecoveryMail, mail_recovery_link, recovery_link};
pub use roles::{give_role, take_role};
pub use service::{NewServiceAccount, ServiceAccount, create_service_account};
pub use token_key::set_token_key;

use countersign_authz::Permission;
use countersign_events::EventDraft;
use countersign_model::{EventAction, User, UserId};
use countersign_store::{Tx, users};
use countersign_types::RawId;
use serde_json::json;

use crate::{ResourceError, WriteCx, audit::ROOM, reach};

/// Model label of users.
const USER: &str = "authentik_core.user";

/// The account on which the actor may act with a permission, and whose rights he holds all himself.
pub(crate) fn account(
    tx: &mut Tx<'_>,
    cx: WriteCx<'_>,
    user: UserId,
    permission: &Permission,
) -> Result<User, ResourceError> {
    let object = Some(user.raw());
    let may = cx.actor.may(permission, object);
    if !may && !cx.actor.may(&Permission::view(USER), object) {
        return Err(ResourceError::NotFound);
    }
    let found = users::by_id(tx, user)?.ok_or(ResourceError::NotFound)?;
    if !may {
        return Err(ResourceError::Denied);
    }
    reach::user(tx, cx.actor, user)?;
    Ok(found)
}

/// An event about an account, by the actor.
fn event(cx: WriteCx<'_>, action: EventAction, user: &User) -> EventDraft {
    cx.event(action, ROOM).about(USER, &user.username, user.id.to_string())
}

/// Records that a user came to something that has users, or left it.
fn record_users(
    tx: &mut Tx<'_>,
    cx: WriteCx<'_>,
    (model, name, id): (&str, &str, RawId),
    (before, after): (Option<&str>, Option<&str>),
) -> Result<(), ResourceError> {
    let draft = cx
        .event(EventAction::ModelUpdated, ROOM)
        .about(model, name, id.to_string())
        .with("diff", json!({ "users": { "previous_value": before, "new_value": after } }));
    Ok(countersign_events::record(tx, draft)?)
}

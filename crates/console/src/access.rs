//! Who acts, and what he may do, in one place.

use std::sync::Arc;

use countersign_authz::{Actor, Identity, Permission};
use countersign_model::LiveSession;
use countersign_store::Snapshot;
use countersign_types::RawId;

/// The permission without which there is no console.
pub(crate) const ENTER: &str = "authentik_rbac.access_admin_interface";

/// The signed-in user as one who acts.
pub(crate) fn actor_of(snapshot: &Snapshot, session: &LiveSession) -> Actor {
    let identity = Identity::new(Arc::clone(&session.subject), snapshot.roles());
    Actor::User(Arc::new(match &session.session.impersonator {
        Some(impersonation) => identity.used_by(impersonation.user.clone()),
        None => identity,
    }))
}

/// Whether somebody has a permission, for all objects or for this one. What is no permission nobody has.
pub(crate) fn may(actor: &Actor, permission: &str, object: Option<RawId>) -> bool {
    permission.parse::<Permission>().is_ok_and(|permission| actor.may(&permission, object))
}

/// Whether there is any object for which somebody has a permission.
pub(crate) fn may_somewhere(actor: &Actor, permission: &str) -> bool {
    permission.parse::<Permission>().is_ok_and(|permission| actor.may_somewhere(&permission))
}

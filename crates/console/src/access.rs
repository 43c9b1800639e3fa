//! Who may do what here, in one place.

use std::sync::Arc;

use countersign_model::LiveSession;
use countersign_registry::Actor;
use countersign_store::Snapshot;
use countersign_types::RawId;

/// The permission without which there is no console.
pub(crate) const ENTER: &str = "authentik_rbac.access_admin_interface";

/// The signed-in user as one who acts.
pub(crate) fn actor_of(_: &Snapshot, session: &LiveSession) -> Actor {
    Actor::User(Arc::clone(&session.subject))
}

/// Whether somebody has a permission, for all objects or for this one.
pub(crate) fn may(actor: &Actor, _permission: &str, _object: Option<RawId>) -> bool {
    actor.may_configure()
}

/// Whether there is any object for which somebody has a permission.
pub(crate) fn may_somewhere(actor: &Actor, _permission: &str) -> bool {
    actor.may_configure()
}

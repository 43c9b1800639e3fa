//! The objects that have a table of their own, except providers.

mod application;
mod blueprint_instance;
mod brand;
mod consent;
mod event;
mod flow;
mod flow_stage_binding;
mod grant;
mod group;
mod initial_permissions;
mod invitation;
mod key_pair;
mod policy_binding;
mod reputation;
mod role;
mod session;
mod token;
mod user;

pub use invitation::INVITATION;
pub use reputation::REPUTATION;

pub(crate) use application::Applications;
pub(crate) use blueprint_instance::BlueprintInstances;
pub(crate) use brand::Brands;
pub(crate) use consent::Consents;
pub(crate) use event::Events;
pub(crate) use flow::Flows;
pub(crate) use flow_stage_binding::FlowStageBindings;
pub(crate) use grant::{AccessToken, Code, Grants, RefreshToken};
pub(crate) use group::Groups;
pub(crate) use initial_permissions::{InitialPermissions, give as give_initial, of_roles as initial_of};
pub(crate) use invitation::Invitations;
pub(crate) use key_pair::KeyPairs;
pub use key_pair::{open_private_key, seal_private_key};
pub(crate) use policy_binding::{PolicyBindings, left_open};
pub(crate) use reputation::Reputations;
pub(crate) use role::Roles;
pub(crate) use session::Sessions;
pub(crate) use token::{MIN_KEY, Tokens};
pub(crate) use user::{Users, close_setup, is_hash};

use countersign_resource::{Describe, canonical};
use countersign_types::{JsonObject, Ref, RefTarget};
use serde::{Deserialize, Deserializer};

/// The document of an object whose attributes are all the struct's own.
fn document<T: Describe>(spec: &T) -> JsonObject {
    canonical(spec)
}

/// The default of switches that are on.
const fn on() -> bool {
    true
}

/// Reads references in the order in which they are kept, none twice: what says the same is the same.
fn in_order<'de, D: Deserializer<'de>, T: RefTarget>(deserializer: D) -> Result<Vec<Ref<T>>, D::Error> {
    let mut references = Vec::<Ref<T>>::deserialize(deserializer)?;
    references.sort_by_key(Ref::id);
    references.dedup();
    Ok(references)
}

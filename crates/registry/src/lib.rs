//! Floor 3: configurable objects over the store.
//!
//! Every write goes the same way, whatever the surface: permission, parsing and validation, unique names,
//! references that lead somewhere, the row, its outgoing references, an audit event with a redacted
//! difference, and the announcement of the change, all in the caller's transaction. Owns that way and the
//! objects that have a table of their own; cold kinds and providers come from their crates, one line each:
//!
//! ```text
//! Registry::new(sealer).with_config::<PasswordStage>().with_provider::<OAuth2Provider>()
//! ```

pub mod accounts;
mod asked;
mod audit;
mod config;
mod cx;
mod engine;
mod error;
mod extras;
mod find;
mod grants;
mod hot;
mod invite;
mod keeping;
mod known;
mod list;
mod listing;
mod memory;
mod moment;
mod notifying;
mod numbers;
mod owners;
mod permissions;
mod provider;
mod reach;
mod registry;
mod resource;
mod rows;
mod seams;
mod search;
mod system_settings;
mod usage;
mod vault;

pub use countersign_authz::{Action, Actor, Identity, Permission, Rights, Visible};
pub use countersign_resource::LoadError;
pub use countersign_store::Start;
pub use cx::{Prepared, ReadCx, WriteCx};
pub use error::ResourceError;
pub use grants::Holder;
pub use hot::{INVITATION, REPUTATION, open_private_key, seal_private_key};
pub use invite::{InvitationMail, mail_invitation};
pub use keeping::BlueprintKeeper;
pub use list::{
    Filter, FilterOp, ListFilter, ListPage, ListQuery, Lookup, Order, Usage, UsageAction, Viewed,
};
pub use permissions::{PermissionView, permission_number, words_of};
pub use provider::{ProviderSpec, load_provider};
pub use registry::{Registry, is_guarded};
pub use resource::{AnyResource, RevisionView, Verbs, Written};
pub use seams::{
    Applied, BlueprintFile, BlueprintWork, Drift, Drifted, NotificationWork, Preview, ProviderWork,
    SeamError, Seams, SetupUrls,
};
pub use search::Hit;
pub use system_settings::{EDIT_SETTINGS, SystemSettings, VIEW_SETTINGS};
pub use vault::{DocumentVault, load, load_config};

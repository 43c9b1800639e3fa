//! Floor 3: configurable objects over the store.
//!
//! Every write goes the same way, whatever the surface: permission, parsing and validation, unique names,
//! references that lead somewhere, the row, its outgoing references, an audit event with a redacted
//! difference, and the announcement of the change, all in the caller's transaction. Owns that way and the
//! objects that have a table of their own; cold kinds and providers come from their crates, one line each.

mod vault;

pub use countersign_resource::LoadError;
pub use vault::{DocumentVault, load, load_config};

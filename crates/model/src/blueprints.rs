//! Blueprints that are kept applied.

use countersign_types::{JsonObject, Timestamp};

use crate::text_enum;

countersign_types::ids! {
    /// A blueprint instance.
    BlueprintInstanceId,
}

text_enum! {
    /// How the last application of a blueprint went.
    BlueprintStatus {
        /// It was never applied.
        Unknown = "unknown",
        /// It was applied.
        Successful = "successful",
        /// It was applied, with something to look at.
        Warning = "warning",
        /// It was not applied.
        Error = "error",
        /// Its file is gone.
        Orphaned = "orphaned",
    }
}

/// A blueprint that is kept applied: applied again when its content changes.
#[derive(Clone, Debug, PartialEq)]
pub struct BlueprintInstance {
    /// Identifier.
    pub id: BlueprintInstanceId,
    /// Unique name.
    pub name: String,
    /// Path below the blueprint folder; empty for a blueprint that stands in no file.
    pub path: String,
    /// The blueprint itself, for one that is kept here; empty for one in a file and for one that was handed in.
    pub content: String,
    /// SHA-256 (hexadecimal) of the content last applied; empty before the first time.
    pub content_hash: String,
    /// How the last application went.
    pub status: BlueprintStatus,
    /// When it was last applied.
    pub last_applied: Option<Timestamp>,
    /// What went wrong last.
    pub last_error: Option<String>,
    /// Whether it is kept applied.
    pub enabled: bool,
    /// Values for the blueprint's `!Context` tags.
    pub context: JsonObject,
    /// The blueprint's own metadata.
    pub metadata: JsonObject,
}

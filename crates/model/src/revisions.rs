//! Revisions: what an object was after each change.

use countersign_types::{JsonObject, RawId, Timestamp};

use crate::{EventUser, text_enum};

countersign_types::ids! {
    /// A revision.
    RevisionId,
}

text_enum! {
    /// What was done to the object.
    RevisionAction {
        /// It was made.
        Created = "created",
        /// It was changed.
        Updated = "updated",
        /// It was put back to an earlier revision.
        Reverted = "reverted",
        /// It was deleted.
        Deleted = "deleted",
    }
}

/// One change of an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Revision {
    /// Identifier; sorts by time.
    pub id: RevisionId,
    /// Model label of the object.
    pub model: String,
    /// The object.
    pub object: RawId,
    /// When.
    pub created: Timestamp,
    /// By whom; none for Countersign itself.
    pub user: Option<EventUser>,
    /// What was done.
    pub action: RevisionAction,
    /// The document after the change (before it, when it was deleted), secrets sealed as they are stored.
    pub document: JsonObject,
    /// What the change was, secrets redacted.
    pub diff: JsonObject,
}

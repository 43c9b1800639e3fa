//! Whether the house still waits for its owner.
//!
//! The state is a setting of the database, which whoever closes the set-up writes in the same transaction
//! ([`settings::close_initial_setup`]); it is read from the snapshot, so that a visit costs nothing. The
//! one-time code for owners from afar is the business of the stage that asks for it.

use countersign_store::{Snapshot, settings};

/// Whether the house still waits for its owner.
pub fn is_open(snapshot: &Snapshot) -> bool {
    snapshot.settings(settings::INITIAL_SETUP).is_none()
}

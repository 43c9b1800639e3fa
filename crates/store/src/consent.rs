//! The cache of consents: what has this user let which application have?

use std::sync::Arc;

use countersign_model::{Consent, UserId};

use crate::{Change, remembered::Remembered};

/// Consents by user. Expiry is asked by whoever looks.
pub(crate) type ConsentCache = Remembered<UserId, Arc<[Consent]>>;

impl Default for ConsentCache {
    fn default() -> Self {
        Self::at_most(10_000)
    }
}

impl ConsentCache {
    pub(crate) fn hear(&self, change: &Change) {
        match change {
            Change::User(id) => self.forget(id),
            Change::Everything => self.forget_all(),
            Change::Config
            | Change::Groups
            | Change::Session(_)
            | Change::Grant(_)
            | Change::Tokens
            | Change::Jobs => {}
        }
    }
}

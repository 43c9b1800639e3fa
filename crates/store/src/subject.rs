//! The cache of subjects: who is this, and what groups does he belong to?

use std::sync::Arc;

use countersign_model::{Subject, UserId};

use crate::{Change, remembered::Remembered};

/// Subjects by identifier.
pub(crate) type SubjectCache = Remembered<UserId, Arc<Subject>>;

impl Default for SubjectCache {
    fn default() -> Self {
        Self::at_most(10_000)
    }
}

impl SubjectCache {
    pub(crate) fn hear(&self, change: &Change) {
        match change {
            Change::User(id) => self.forget(id),
            Change::Groups | Change::Everything => self.forget_all(),
            Change::Config | Change::Session(_) | Change::Grant(_) | Change::Tokens | Change::Jobs => {}
        }
    }
}

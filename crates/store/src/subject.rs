//! The cache of subjects: who is this, and what groups does he belong to?

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use countersign_model::{Subject, UserId};
use moka::sync::Cache;

use crate::Change;

/// Subjects kept at most.
const MOST: u64 = 10_000;
/// How long a subject is kept when nobody announces a change.
const KEPT: Duration = Duration::from_secs(60);

/// Subjects by identifier.
pub(crate) struct SubjectCache {
    subjects: Cache<UserId, Arc<Subject>>,
    /// Counts the changes heard of, so that what was loaded before one is not kept after it.
    epoch: AtomicU64,
}

impl Default for SubjectCache {
    fn default() -> Self {
        let subjects = Cache::builder().max_capacity(MOST).time_to_live(KEPT).build();
        Self { subjects, epoch: AtomicU64::new(0) }
    }
}

impl SubjectCache {
    pub(crate) fn warm(&self, id: UserId) -> Option<Arc<Subject>> {
        self.subjects.get(&id)
    }

    pub(crate) fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }

    /// Keeps what was loaded since `epoch`, unless something changed meanwhile.
    pub(crate) fn keep(&self, id: UserId, epoch: u64, subject: Subject) -> Arc<Subject> {
        let subject = Arc::new(subject);
        if self.epoch() == epoch {
            self.subjects.insert(id, Arc::clone(&subject));
            if self.epoch() != epoch {
                self.subjects.invalidate(&id);
            }
        }
        subject
    }

    pub(crate) fn hear(&self, change: &Change) {
        match change {
            Change::User(id) => {
                self.epoch.fetch_add(1, Ordering::AcqRel);
                self.subjects.invalidate(id);
            }
            Change::Groups | Change::Everything => {
                self.epoch.fetch_add(1, Ordering::AcqRel);
                self.subjects.invalidate_all();
            }
            Change::Config | Change::Session(_) | Change::Grant(_) | Change::Tokens | Change::Jobs => {}
        }
    }
}

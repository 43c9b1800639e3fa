//! What was loaded from the database and is remembered until somebody changes it.
//!
//! Whoever loads takes the epoch before he asks the database, and hands it back with what he found: what was
//! loaded before a change was heard of is used once, but not remembered after it.
//!
//! ```text
//! load:    epoch ── ask the database ── keep(epoch): same? insert, same still? stays
//! change:           count the epoch up, then forget
//! ```

use std::{
    hash::Hash,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use moka::sync::Cache;

/// How long a value is remembered when nobody announces a change.
const KEPT: Duration = Duration::from_secs(60);

/// Values by key, none for longer than a minute.
pub(crate) struct Remembered<K, V> {
    values: Cache<K, V>,
    /// Counts the changes heard of.
    epoch: AtomicU64,
}

impl<K, V> Remembered<K, V>
where
    K: Copy + Eq + Hash + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// Nothing yet, and at most so many values.
    pub(crate) fn at_most(values: u64) -> Self {
        let values = Cache::builder().max_capacity(values).time_to_live(KEPT).build();
        Self { values, epoch: AtomicU64::new(0) }
    }

    /// What is known without asking the database.
    pub(crate) fn warm(&self, key: &K) -> Option<V> {
        self.values.get(key)
    }

    /// Taken before the database is asked.
    pub(crate) fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }

    /// Remembers what was loaded since `epoch`, unless something changed meanwhile.
    pub(crate) fn keep(&self, epoch: u64, key: K, value: V) -> V {
        if self.epoch() == epoch {
            self.values.insert(key, value.clone());
            if self.epoch() != epoch {
                self.values.invalidate(&key);
            }
        }
        value
    }

    /// Forgets one value.
    pub(crate) fn forget(&self, key: &K) {
        self.epoch.fetch_add(1, Ordering::AcqRel);
        self.values.invalidate(key);
    }

    /// Forgets all values.
    pub(crate) fn forget_all(&self) {
        self.epoch.fetch_add(1, Ordering::AcqRel);
        self.values.invalidate_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use super::*;

    #[test]
    fn what_was_loaded_before_a_change_is_not_remembered_after_it() {
        let remembered = Remembered::at_most(10);
        let before = remembered.epoch();
        remembered.forget(&1);
        assert_eq!(remembered.keep(before, 1, "old"), "old", "whoever loaded it may use it");
        assert_eq!(remembered.warm(&1), None);
        let before = remembered.epoch();
        remembered.forget_all();
        remembered.keep(before, 1, "old");
        assert_eq!(remembered.warm(&1), None);
    }

    #[test]
    fn a_change_forgets_one_value_or_all() {
        let remembered = Remembered::at_most(10);
        for key in 1..=3 {
            remembered.keep(remembered.epoch(), key, key);
        }
        remembered.forget(&1);
        assert_eq!([1, 2, 3].map(|key| remembered.warm(&key)), [None, Some(2), Some(3)]);
        remembered.forget_all();
        assert_eq!([1, 2, 3].map(|key| remembered.warm(&key)), [None, None, None]);
    }

    /// One writes and announces as the store does, others load: whoever looks after an announcement sees
    /// nothing older.
    #[test]
    fn nothing_older_than_the_last_announcement_is_remembered() {
        let (remembered, database, announced) =
            (Remembered::at_most(10), AtomicU64::new(0), AtomicU64::new(0));
        let is_over = AtomicBool::new(false);
        std::thread::scope(|threads| {
            for _ in 0..2 {
                threads.spawn(|| {
                    while !is_over.load(Ordering::Acquire) {
                        let epoch = remembered.epoch();
                        remembered.keep(epoch, 1, database.load(Ordering::Acquire));
                        let least = announced.load(Ordering::Acquire);
                        let warm = remembered.warm(&1);
                        assert!(warm.is_none_or(|warm| warm >= least), "{warm:?} after {least}");
                    }
                });
            }
            for written in 1..20_000 {
                database.store(written, Ordering::Release);
                if written % 2 == 0 {
                    remembered.forget(&1);
                } else {
                    remembered.forget_all();
                }
                announced.store(written, Ordering::Release);
            }
            is_over.store(true, Ordering::Release);
        });
    }
}

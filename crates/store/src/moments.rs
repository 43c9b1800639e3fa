//! Moments that are different from each other, for identifiers that sort in the order in which they were made.

use std::sync::atomic::{AtomicI64, Ordering};

use countersign_types::Timestamp;

/// The last moment that was given away, in microseconds.
#[derive(Debug)]
pub(crate) struct Moments(AtomicI64);

impl Default for Moments {
    fn default() -> Self {
        Self(AtomicI64::new(i64::MIN))
    }
}

impl Moments {
    /// The present moment, or the first one after those given away before: a microsecond later for everything that
    /// happens at once, or while the clock was set back.
    pub(crate) fn next(&self, now: Timestamp) -> Timestamp {
        let now = now.as_micros();
        let later = |last: i64| now.max(last.saturating_add(1));
        let last = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(later(last)));
        Timestamp::from_micros(later(last.unwrap_or_else(|last| last)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_moment_is_given_twice_and_none_before_another() {
        let moments = Moments::default();
        let given = [5, 5, 5, 4, 100, 100].map(|now| moments.next(Timestamp::from_micros(now)).as_micros());
        assert_eq!(given, [5, 6, 7, 8, 100, 101]);
    }
}

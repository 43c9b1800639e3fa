//! How often somebody may guess. The one place where these numbers stand.

use countersign_types::Span;

/// Limits of guessing at one secret: an account's password, the set-up code.
///
/// ```text
/// failures   1 … free     no delay
///            free + 1 …   first_delay, doubled with every failure, at most longest_delay
///            most …       locked for `lock` (NIST SP 800-63B §3.2.2: at most 100 in a row)
/// ```
/// Failures are forgotten with the first success, or `window` after the first of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignInLimits {
    /// So many failures have no consequence.
    pub free: i32,
    /// The first delay.
    pub first_delay: Span,
    /// The longest delay.
    pub longest_delay: Span,
    /// So many failures lock.
    pub most: i32,
    /// How long they lock.
    pub lock: Span,
    /// After so long failures are forgotten.
    pub window: Span,
}

impl SignInLimits {
    /// What is in force.
    pub const DEFAULT: Self = Self {
        free: 5,
        first_delay: Span::from_secs(1),
        longest_delay: Span::from_mins(15),
        most: 100,
        lock: Span::from_hours(24),
        window: Span::from_hours(48),
    };

    /// How long nothing is verified after so many failures; none as long as they are free.
    pub fn delay(&self, failures: i32) -> Option<Span> {
        if failures <= self.free {
            return None;
        }
        if failures >= self.most {
            return Some(self.lock);
        }
        let doublings = u32::try_from(failures - self.free - 1).unwrap_or(0).min(40);
        let delay = self.first_delay.as_micros().saturating_mul(1_i64 << doublings);
        Some(Span::from_micros(delay.min(self.longest_delay.as_micros())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_the_longest() {
        let limits = SignInLimits::DEFAULT;
        let secs = |failures| limits.delay(failures).map(Span::as_secs);
        assert_eq!(secs(0), None);
        assert_eq!(secs(5), None);
        assert_eq!(secs(6), Some(1));
        assert_eq!(secs(7), Some(2));
        assert_eq!(secs(15), Some(512));
        assert_eq!(secs(16), Some(900));
        assert_eq!(secs(99), Some(900));
        assert_eq!(secs(100), Some(86_400));
        assert_eq!(secs(i32::MAX), Some(86_400));
    }

    #[test]
    fn nobody_guesses_more_than_a_hundred_times_in_a_row() {
        let limits = SignInLimits::DEFAULT;
        let mut elapsed = 0;
        for failures in 1..limits.most {
            elapsed += limits.delay(failures).map_or(0, Span::as_secs);
        }
        // The window outlasts the way to the lock, so that it cannot be walked round by waiting.
        assert!(elapsed < limits.window.as_secs());
    }
}

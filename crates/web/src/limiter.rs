//! Throttling by address, in this process: the generic cell rate algorithm, one number per address.
//!
//! Bounded in memory: under a flood from very many addresses the least used are forgotten, which lets an
//! address begin anew but never locks anybody out. Lockout of accounts is not here; it needs rows.

use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use countersign_types::{ClientAddr, Span, Timestamp};
use moka::sync::Cache;

use crate::WebError;

/// How often one address may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// So many times at once.
    pub burst: u32,
    /// So many times …
    pub times: u32,
    /// … in this span, once the burst is used up.
    pub per: Span,
}

/// Too often; nothing was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many attempts from this address")]
pub struct Throttled {
    /// When to try again.
    pub retry_after: Span,
}

/// Counts what addresses do.
pub struct AddressLimiter {
    /// Microseconds between two times.
    interval: i64,
    /// Microseconds by which an address may be ahead of its pace.
    tolerance: i64,
    /// The moment at which an address will have caught up.
    caught_up: Cache<Option<IpAddr>, Arc<AtomicI64>>,
}

/// Addresses remembered: about 10 MB.
const CAPACITY: u64 = 100_000;

impl AddressLimiter {
    /// A limiter. A rate of no times, or of no span, never throttles.
    pub fn new(rate: Rate) -> Self {
        let interval = rate.per.as_micros().max(0) / i64::from(rate.times.max(1));
        let interval = if rate.times == 0 { 0 } else { interval };
        let tolerance = interval.saturating_mul(i64::from(rate.burst.max(1)));
        let idle =
            std::time::Duration::from_micros(tolerance.unsigned_abs()).max(std::time::Duration::from_secs(1));
        Self {
            interval,
            tolerance,
            caught_up: Cache::builder().max_capacity(CAPACITY).time_to_idle(idle).build(),
        }
    }

    /// Counts one attempt. Requests without an address share one count.
    pub fn check(&self, client: Option<ClientAddr>, now: Timestamp) -> Result<(), Throttled> {
        if self.interval == 0 {
            return Ok(());
        }
        let caught_up = self.caught_up.get_with(client.map(ClientAddr::subscriber), Arc::default);
        let now = now.as_micros();
        let step = |until: i64| {
            let next = until.max(now).saturating_add(self.interval);
            (next.saturating_sub(now) <= self.tolerance).then_some(next)
        };
        match caught_up.fetch_update(Ordering::AcqRel, Ordering::Acquire, step) {
            Ok(_) => Ok(()),
            Err(until) => {
                let wait =
                    until.saturating_add(self.interval).saturating_sub(now).saturating_sub(self.tolerance);
                Err(Throttled { retry_after: Span::from_micros(wait) })
            }
        }
    }
}

impl From<Throttled> for WebError {
    fn from(throttled: Throttled) -> Self {
        Self::throttled(throttled.retry_after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(text: &str) -> Option<ClientAddr> {
        Some(ClientAddr(text.parse().unwrap()))
    }

    fn limiter() -> AddressLimiter {
        AddressLimiter::new(Rate { burst: 3, times: 6, per: Span::from_mins(1) })
    }

    #[test]
    fn password_guessing_from_one_address_is_slowed_down() {
        let (limiter, now) = (limiter(), Timestamp::from_secs(1000));
        let guess = |at: Timestamp| limiter.check(client("192.0.2.1"), at);
        for _ in 0..3 {
            assert_eq!(guess(now), Ok(()));
        }
        assert_eq!(guess(now), Err(Throttled { retry_after: Span::from_secs(10) }));
        assert_eq!(guess(now.plus(Span::from_secs(9))), Err(Throttled { retry_after: Span::from_secs(1) }));
        assert_eq!(guess(now.plus(Span::from_secs(10))), Ok(()));
        assert!(guess(now.plus(Span::from_secs(10))).is_err());
        assert_eq!(limiter.check(client("192.0.2.2"), now), Ok(()));
    }

    #[test]
    fn an_ipv6_subscriber_has_one_count_however_many_addresses_he_uses() {
        let (limiter, now) = (limiter(), Timestamp::from_secs(1000));
        for last in 1..=3 {
            assert_eq!(limiter.check(client(&format!("2001:db8::{last}")), now), Ok(()));
        }
        assert!(limiter.check(client("2001:db8::ffff"), now).is_err());
        assert_eq!(limiter.check(client("2001:db8:0:1::1"), now), Ok(()));
    }

    #[test]
    fn a_flood_while_throttled_does_not_lengthen_the_wait() {
        let (limiter, now) = (limiter(), Timestamp::from_secs(1000));
        for _ in 0..1000 {
            let _ = limiter.check(None, now);
        }
        assert_eq!(limiter.check(None, now.plus(Span::from_secs(10))), Ok(()));
    }
}

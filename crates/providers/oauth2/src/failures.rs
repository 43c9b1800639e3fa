//! Brute force of client secrets, slowed down: failures are counted by address and client, in this process.
//!
//! Both together, so that a broken deployment behind the same address does not lock out its neighbours, and a
//! stranger elsewhere does not lock out a client at all.

use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use countersign_crypto::digest;
use countersign_types::{ClientAddr, Digest, Span};
use moka::sync::Cache;

/// Failures after which the rest of the window is refused unseen.
const MOST: u32 = 20;
/// The window begins with the first failure.
const WINDOW: Span = Span::from_mins(1);
/// Pairs remembered; under a flood the least used are forgotten.
const CAPACITY: u64 = 50_000;

type Key = (Option<IpAddr>, Digest);

/// Counts failures of client authentication.
pub(crate) struct FailureLimiter(Cache<Key, Arc<AtomicU32>>);

impl Default for FailureLimiter {
    fn default() -> Self {
        let window = Duration::from_secs(WINDOW.as_secs().unsigned_abs());
        Self(Cache::builder().max_capacity(CAPACITY).time_to_live(window).build())
    }
}

impl FailureLimiter {
    /// How long to wait, when there were too many failures.
    pub(crate) fn refused(&self, client: Option<ClientAddr>, client_id: &str) -> Option<Span> {
        let failures = self.0.get(&key(client, client_id))?;
        (failures.load(Ordering::Acquire) >= MOST).then_some(WINDOW)
    }

    /// Counts a failure.
    pub(crate) fn count(&self, client: Option<ClientAddr>, client_id: &str) {
        self.0.get_with(key(client, client_id), Arc::default).fetch_add(1, Ordering::AcqRel);
    }
}

fn key(client: Option<ClientAddr>, client_id: &str) -> Key {
    (client.map(|client| client.0.to_canonical()), digest(client_id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guessing_client_secrets_is_stopped_for_that_address_and_client_only() {
        let limiter = FailureLimiter::default();
        let address = |text: &str| Some(ClientAddr(text.parse().unwrap()));
        for _ in 0..MOST {
            assert_eq!(limiter.refused(address("192.0.2.1"), "app"), None);
            limiter.count(address("192.0.2.1"), "app");
        }
        assert_eq!(limiter.refused(address("192.0.2.1"), "app"), Some(WINDOW));
        assert_eq!(limiter.refused(address("192.0.2.1"), "other"), None);
        assert_eq!(limiter.refused(address("192.0.2.2"), "app"), None);
    }
}

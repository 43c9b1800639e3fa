//! Devices that are known: what a browser keeps of who signed in with it before.
//!
//! Sealed, so that nobody can say of himself that he is known; bound to the account and to its password, so that
//! a new password ends what was known; and good until a moment, whatever the browser does with it.

use std::sync::Arc;

use countersign_crypto::Sealer;
use countersign_model::{User, UserId};
use countersign_types::Timestamp;
use serde::{Deserialize, Serialize};

/// Purpose under which it is sealed.
const PURPOSE: &str = "known-device";
/// Accounts that one browser keeps; those that signed in longest ago make room.
const MOST: usize = 8;
/// Nothing much longer is ours.
const MAX_CHARACTERS: usize = 2_048;

/// Who signed in with a browser before. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct KnownDevices(Arc<[Known]>);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Known {
    #[serde(rename = "u")]
    user: UserId,
    /// Microseconds.
    #[serde(rename = "t")]
    until: i64,
    /// When the account's password had been set.
    #[serde(rename = "p")]
    password: i64,
}

impl KnownDevices {
    /// What a browser kept that is still good; nothing of what is not ours.
    pub fn open(sealer: &Sealer, kept: &str, now: Timestamp) -> Self {
        if kept.len() > MAX_CHARACTERS {
            return Self::default();
        }
        let known = sealer.open_text(PURPOSE, &[], kept).ok();
        let known: Vec<Known> =
            known.and_then(|known| serde_json::from_slice(&known).ok()).unwrap_or_default();
        Self(known.into_iter().filter(|known| known.until > now.as_micros()).take(MOST).collect())
    }

    /// Whether this account signed in with it, and has the same password since.
    pub fn knows(&self, user: &User) -> bool {
        self.0.iter().any(|known| known.user == user.id && known.password == password_of(user))
    }

    /// What the browser is to keep when this account signs in with it.
    pub fn with(&self, sealer: &Sealer, user: &User, until: Timestamp) -> String {
        let own = Known { user: user.id, until: until.as_micros(), password: password_of(user) };
        let others = self.0.iter().filter(|known| known.user != user.id).cloned();
        let all: Vec<Known> = std::iter::once(own).chain(others).take(MOST).collect();
        // Writing identifiers and numbers to a string has no way to fail.
        sealer.seal_text(PURPOSE, &[], &serde_json::to_vec(&all).unwrap_or_default())
    }
}

fn password_of(user: &User) -> i64 {
    user.password_change_date.map_or(0, Timestamp::as_micros)
}

#[cfg(test)]
mod tests {
    use countersign_crypto::{MasterKey, SystemRng};
    use countersign_store::testing::samples;
    use countersign_types::Span;

    use super::*;

    fn sealer(secret: &str) -> Sealer {
        Sealer::new(MasterKey::from_secret(&secret.into()).unwrap(), &[], Arc::new(SystemRng))
    }

    #[test]
    fn a_device_is_known_to_its_accounts_until_it_is_forgotten() {
        let sealer = sealer("a secret of at least fifty characters, for the tests only");
        let now = Timestamp::from_secs(1_800_000_000);
        let (alice, bob) = (samples::user(1, "alice", now), samples::user(2, "bob", now));
        let kept = KnownDevices::default().with(&sealer, &alice, now.plus(Span::from_days(1)));
        let known = KnownDevices::open(&sealer, &kept, now);
        assert!(known.knows(&alice) && !known.knows(&bob));
        let kept = known.with(&sealer, &bob, now.plus(Span::from_days(2)));
        let known = KnownDevices::open(&sealer, &kept, now);
        assert!(known.knows(&alice) && known.knows(&bob));
        let known = KnownDevices::open(&sealer, &kept, now.plus(Span::from_days(1)));
        assert!(!known.knows(&alice) && known.knows(&bob));
        let changed = User { password_change_date: Some(now), ..bob };
        assert!(!known.knows(&changed), "a new password ends what was known");
    }

    #[test]
    fn nobody_makes_himself_known() {
        let (ours, theirs) = (
            sealer("a secret of at least fifty characters, for the tests only"),
            sealer("another secret of at least fifty characters, for the tests"),
        );
        let now = Timestamp::from_secs(1_800_000_000);
        let alice = samples::user(1, "alice", now);
        let until = now.plus(Span::from_days(1));
        let forged = KnownDevices::default().with(&theirs, &alice, until);
        let other_purpose = ours.seal_text("mail", &[], b"[]");
        let mut cut = KnownDevices::default().with(&ours, &alice, until);
        cut.pop();
        for kept in [forged, other_purpose, cut, String::new(), "[]".to_owned(), "A".repeat(100_000)] {
            assert!(!KnownDevices::open(&ours, &kept, now).knows(&alice), "{kept:.40}");
        }
    }

    #[test]
    fn what_a_browser_keeps_is_bounded() {
        let sealer = sealer("a secret of at least fifty characters, for the tests only");
        let now = Timestamp::from_secs(1_800_000_000);
        let until = now.plus(Span::from_days(1));
        let mut known = KnownDevices::default();
        for number in 1..=20 {
            let kept = known.with(&sealer, &samples::user(number, &format!("user{number}"), now), until);
            assert!(kept.len() <= MAX_CHARACTERS, "{}", kept.len());
            known = KnownDevices::open(&sealer, &kept, now);
        }
        assert!(known.knows(&samples::user(20, "user20", now)));
        assert!(!known.knows(&samples::user(1, "user1", now)));
    }
}

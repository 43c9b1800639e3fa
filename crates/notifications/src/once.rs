//! Identifiers that are worked out of what they stand for, so that what is done again is known again.

use countersign_crypto::digest;
use countersign_types::{Digest, Rng, Timestamp, timed_uuid};
use uuid::Uuid;

/// What stands in the place of randomness: a digest of what it is about.
struct Derived(Digest);

impl Rng for Derived {
    fn fill(&self, bytes: &mut [u8]) {
        for (byte, derived) in bytes.iter_mut().zip(self.0.as_bytes().iter().cycle()) {
            *byte = *derived;
        }
    }
}

/// The identifier of what these parts name together. Sorts by the moment.
pub(crate) fn id_of(at: Timestamp, parts: &[&str]) -> Uuid {
    timed_uuid(at, &Derived(digest(&parts.join("\n"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_has_the_same_identifier_and_nothing_else_has() {
        let at = Timestamp::from_secs(1_800_000_000);
        assert_eq!(id_of(at, &["a", "b"]), id_of(at, &["a", "b"]));
        assert_ne!(id_of(at, &["a", "b"]), id_of(at, &["a", "c"]));
        assert!(id_of(at, &["z"]) < id_of(Timestamp::from_secs(1_800_000_001), &["a"]));
    }
}

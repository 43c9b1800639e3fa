//! Identifiers: app-made, 128 bits, typed by what they name.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Rng, Timestamp};

/// The untyped form of every identifier, as rows and references hold it.
pub type RawId = Uuid;

/// SHA-256 of a token; the only form in which a bearer value is kept.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Constant-time comparison, for values that an attacker may guess at.
    pub fn ct_eq(&self, other: &Self) -> bool {
        subtle::ConstantTimeEq::ct_eq(&self.0[..], &other.0[..]).into()
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(…)")
    }
}

/// Random identifier (version 4): no locality, no information.
pub fn random_uuid(rng: &dyn Rng) -> Uuid {
    let mut bytes = [0_u8; 16];
    rng.fill(&mut bytes);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

/// Time-ordered identifier (version 7), for append-only rows read by range. The microseconds stand where they sort
/// after the milliseconds (RFC 9562 §6.2, method 3).
pub fn timed_uuid(now: Timestamp, rng: &dyn Rng) -> Uuid {
    let mut bytes = [0_u8; 10];
    rng.fill(&mut bytes);
    let millis = u64::try_from(now.as_micros() / 1000).unwrap_or(0);
    let [high, low] = u16::try_from(now.as_micros() % 1000).unwrap_or(0).to_be_bytes();
    (bytes[0], bytes[1]) = (high, low);
    uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid()
}

/// Declares identifier types: `ids! { /// A user. UserId }`.
#[macro_export]
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, ::serde::Serialize, ::serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub $crate::RawId);

        impl $name {
            /// A fresh random identifier.
            pub fn random(rng: &dyn $crate::Rng) -> Self {
                Self($crate::random_uuid(rng))
            }

            /// A fresh identifier that sorts by creation time.
            pub fn timed(now: $crate::Timestamp, rng: &dyn $crate::Rng) -> Self {
                Self($crate::timed_uuid(now, rng))
            }

            /// The untyped identifier.
            pub const fn raw(self) -> $crate::RawId {
                self.0
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Display::fmt(&self.0, f)
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = ::uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        impl From<$name> for $crate::RawId {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    )+};
}

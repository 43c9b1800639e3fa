//! Whether the house still waits for its owner, and the one-time code for owners from afar.
//!
//! The state itself is a setting of the database, which whoever closes the set-up writes in the same
//! transaction ([`settings::close_initial_setup`]); it is read from the snapshot, so that a visit costs nothing.

use countersign_store::{Snapshot, settings};
use countersign_types::{ClientAddr, Secret};

/// The one-time code of the initial set-up, as it was printed at start.
#[derive(Debug, Default)]
pub struct SetupCode(Secret<String>);

/// Whether the house still waits for its owner.
pub fn is_open(snapshot: &Snapshot) -> bool {
    snapshot.settings(settings::INITIAL_SETUP).is_none()
}

impl SetupCode {
    /// A code.
    pub const fn new(code: Secret<String>) -> Self {
        Self(code)
    }

    /// Whether somebody at this address must show the code: everybody whose request did not come from this
    /// machine, and whoever's address is not known.
    pub fn is_needed(client: Option<ClientAddr>) -> bool {
        !client.is_some_and(ClientAddr::is_loopback)
    }

    /// Whether this is the code, in constant time. Without a code nothing is.
    pub fn is(&self, typed: &str) -> bool {
        !self.0.is_empty() && self.0.ct_eq(typed.trim())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stranger_who_comes_first_needs_the_code() {
        let client = |text: &str| Some(ClientAddr(text.parse().unwrap()));
        assert!(!SetupCode::is_needed(client("127.0.0.1")));
        assert!(SetupCode::is_needed(client("192.0.2.1")));
        assert!(SetupCode::is_needed(None));
    }

    #[test]
    fn only_the_whole_code_is_the_code() {
        let code = SetupCode::new("GX7K-2M9Q".into());
        assert!(code.is(" GX7K-2M9Q "));
        assert!(!code.is("GX7K"));
        assert!(!code.is(""));
        assert!(!SetupCode::default().is(""));
    }
}

//! Secrets that a test planted: passwords it chose, tokens it was given.

use std::sync::{Mutex, PoisonError};

use countersign_crypto::{SystemRng, new_token};

/// What must not stand in the log.
#[derive(Debug, Default)]
pub(crate) struct Secrets(Mutex<Vec<String>>);

impl Secrets {
    /// A fresh password, good enough for every policy.
    pub(crate) fn password(&self) -> String {
        let (token, _) = new_token(&SystemRng);
        let password = format!("Lantern-{}-9", token.expose());
        self.plant(&password);
        password
    }

    /// Remembers a secret.
    pub(crate) fn plant(&self, secret: &str) {
        // Short values stand in any text by chance.
        if secret.len() >= 16 {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push(secret.to_owned());
        }
    }

    /// How many of them stand in a text.
    pub(crate) fn count_in(&self, text: &str) -> usize {
        let secrets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        secrets.iter().filter(|secret| text.contains(secret.as_str())).count()
    }
}

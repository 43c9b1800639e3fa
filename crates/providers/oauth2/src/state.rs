//! What this crate keeps in memory beside the store's caches. Nothing here is the only copy of anything.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use countersign_crypto::new_token;
use countersign_model::{ProviderId, UserId};
use countersign_store::{Store, StoreError};
use countersign_types::{Rng, Secret};

use crate::{audit::Audit, failures::FailureLimiter, revocations::Revocations};

/// The state of the OAuth 2 endpoints of one process.
pub struct OAuth2 {
    pub(crate) revocations: Revocations,
    pub(crate) audit: Audit,
    pub(crate) failures: FailureLimiter,
    /// What the secret of a client that does not exist is compared with.
    pub(crate) nobodys_secret: Secret<String>,
    service_accounts: Mutex<HashMap<ProviderId, UserId>>,
}

impl OAuth2 {
    /// Fresh state over a store. Hears of revocations from now on.
    pub fn new(store: &Store, rng: &dyn Rng) -> Arc<Self> {
        Arc::new(Self {
            revocations: Revocations::listening_to(store),
            audit: Audit::new(store),
            failures: FailureLimiter::default(),
            nobodys_secret: nobodys_secret(rng),
            service_accounts: Mutex::default(),
        })
    }

    /// Loads what was revoked before this process began, so that the first request need not.
    pub async fn warm_up(&self, store: &Store) -> Result<(), StoreError> {
        self.revocations.warm_up(store).await
    }

    pub(crate) fn service_account(&self, provider: ProviderId) -> Option<UserId> {
        self.service_accounts.lock().unwrap_or_else(PoisonError::into_inner).get(&provider).copied()
    }

    pub(crate) fn keep_service_account(&self, provider: ProviderId, user: Option<UserId>) {
        let mut accounts = self.service_accounts.lock().unwrap_or_else(PoisonError::into_inner);
        match user {
            Some(user) => accounts.insert(provider, user),
            None => accounts.remove(&provider),
        };
    }
}

/// As long as those that are made for clients, so that comparing takes as long.
fn nobodys_secret(rng: &dyn Rng) -> Secret<String> {
    let parts: Vec<String> = (0..3).map(|_| new_token(rng).0.expose().clone()).collect();
    let mut secret = parts.concat();
    secret.truncate(128);
    Secret::new(secret)
}

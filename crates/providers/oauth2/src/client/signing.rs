//! The keys of a client.

use std::sync::Arc;

use countersign_crypto::{KeyError, KeySet, SigningAlgorithm, SigningKey, VerifyingKey};
use countersign_model::{KeyAlgorithm, KeyPairId};
use countersign_store::Snapshot;
use countersign_types::{Secret, Timestamp};
use countersign_web::{App, KeyRing, KeyRingError};

use super::{Client, ClientError};
use crate::spec::{OAuth2Provider, SigningKeyChoice};

/// The pair that the house makes at its first start.
const HOUSE_PAIR: &str = "authentik Self-signed Certificate";
/// The mark under which the house keeps it.
const HOUSE_MARK: &str = "goauthentik.io/crypto/jwt-managed";

/// What signs.
pub(crate) enum Signing {
    /// A key pair, whose versions change.
    Pair(KeyPairId, SigningAlgorithm),
    /// The client secret.
    Secret(Box<(Arc<SigningKey>, VerifyingKey)>),
}

impl Signing {
    pub(super) fn of(snapshot: &Snapshot, spec: &OAuth2Provider) -> Result<Self, ClientError> {
        let pair = match spec.signing_key {
            SigningKeyChoice::ClientSecret => return Ok(Self::by_secret(&spec.client_secret)?),
            SigningKeyChoice::Pair(pair) => snapshot.key_pair(KeyPairId(pair.id())),
            SigningKeyChoice::House => snapshot
                .key_pairs()
                .iter()
                .find(|pair| pair.managed.as_deref() == Some(HOUSE_MARK) || pair.name == HOUSE_PAIR),
        };
        let pair = pair.ok_or_else(|| KeyRingError::NoVersion(HOUSE_PAIR.to_owned()))?;
        let algorithm = match pair.algorithm {
            KeyAlgorithm::Rsa => SigningAlgorithm::Rs256,
            KeyAlgorithm::EcdsaP256 => SigningAlgorithm::Es256,
        };
        Ok(Self::Pair(pair.id, algorithm))
    }

    fn by_secret(secret: &Secret<String>) -> Result<Self, KeyRingError> {
        let refused = |source: KeyError| KeyRingError::Key { kid: "client secret".to_owned(), source };
        let key = SigningKey::from_client_secret(secret).map_err(refused)?;
        let verifying = key.verifying_key().map_err(refused)?;
        Ok(Self::Secret(Box::new((Arc::new(key), verifying))))
    }

    /// The one algorithm of this client's tokens.
    pub(crate) const fn algorithm(&self) -> SigningAlgorithm {
        match self {
            Self::Pair(_, algorithm) => *algorithm,
            Self::Secret(_) => SigningAlgorithm::Hs256,
        }
    }
}

impl Client {
    /// The key that signs now.
    pub(crate) fn signing_key(
        &self,
        app: &App,
        snapshot: &Snapshot,
        now: Timestamp,
    ) -> Result<Arc<SigningKey>, KeyRingError> {
        self.signing_key_of(app.keys(), snapshot, now)
    }

    /// The same, where no request is.
    pub(crate) fn signing_key_of(
        &self,
        keys: KeyRing<'_>,
        snapshot: &Snapshot,
        now: Timestamp,
    ) -> Result<Arc<SigningKey>, KeyRingError> {
        match &self.signing {
            Signing::Pair(id, _) => keys.active(snapshot, *id, now),
            Signing::Secret(keys) => Ok(Arc::clone(&keys.0)),
        }
    }

    /// The keys that its tokens are checked with.
    pub(crate) fn verifying_keys(
        &self,
        app: &App,
        snapshot: &Snapshot,
        now: Timestamp,
    ) -> Result<KeySet, KeyRingError> {
        match &self.signing {
            Signing::Pair(id, _) => app.keys().published(snapshot, *id, now),
            Signing::Secret(keys) => Ok(KeySet::new(vec![keys.1.clone()])),
        }
    }
}

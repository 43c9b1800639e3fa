//! Signing keys: unsealed and parsed once per configuration, chosen by time (the overlap of D13: the newest
//! version whose time has come signs, every version is published until it retires).

use std::sync::Arc;

use countersign_crypto::{KeyError, KeySet, OpenError, Sealer, SigningAlgorithm, SigningKey, VerifyingKey};
use countersign_model::{CertificateKeyPair, KeyAlgorithm, KeyPairId, KeyVersion};
use countersign_registry::open_private_key;
use countersign_store::Snapshot;
use countersign_types::{ErrorKind, Timestamp};

/// No key can be had.
#[derive(Debug, thiserror::Error)]
pub enum KeyRingError {
    /// There is no such key pair.
    #[error("there is no key pair {0}")]
    Missing(KeyPairId),
    /// The key pair has no version in force. At a first start the RSA key is still being made.
    #[error("the key pair “{0}” has no key yet")]
    NoVersion(String),
    /// The private key was sealed under another master key, or changed.
    #[error("the private key {kid} cannot be unsealed: {source}")]
    Sealed {
        /// Which.
        kid: String,
        /// Why.
        source: OpenError,
    },
    /// The private key does not parse, or does not belong to its certificate.
    #[error("the private key {kid} cannot be used: {source}")]
    Key {
        /// Which.
        kid: String,
        /// Why.
        source: KeyError,
    },
}

impl KeyRingError {
    /// How a surface shows it.
    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::NoVersion(_) => ErrorKind::Unavailable,
            Self::Missing(_) | Self::Sealed { .. } | Self::Key { .. } => ErrorKind::Internal,
        }
    }
}

/// The keys of a configuration.
#[derive(Clone, Copy)]
pub struct KeyRing<'a> {
    sealer: &'a Sealer,
}

/// A key pair, ready for use.
struct Parsed {
    name: String,
    versions: Vec<ParsedVersion>,
}

struct ParsedVersion {
    signing: Arc<SigningKey>,
    verifying: VerifyingKey,
    activates: Timestamp,
    retires: Option<Timestamp>,
}

impl ParsedVersion {
    fn is_published(&self, now: Timestamp) -> bool {
        self.retires.is_none_or(|retires| retires > now)
    }
}

impl<'a> KeyRing<'a> {
    /// Keys that this opens.
    pub const fn new(sealer: &'a Sealer) -> Self {
        Self { sealer }
    }

    /// The key that signs now: the newest version whose time has come.
    pub fn active(
        &self,
        snapshot: &Snapshot,
        id: KeyPairId,
        now: Timestamp,
    ) -> Result<Arc<SigningKey>, KeyRingError> {
        let parsed = self.parsed(snapshot, id)?;
        let in_force =
            parsed.versions.iter().filter(|version| version.is_published(now) && version.activates <= now);
        let newest = in_force.max_by_key(|version| version.activates);
        newest
            .map(|version| Arc::clone(&version.signing))
            .ok_or_else(|| KeyRingError::NoVersion(parsed.name.clone()))
    }

    /// The keys to publish, and to verify with: every version that is not retired, those to come included.
    pub fn published(
        &self,
        snapshot: &Snapshot,
        id: KeyPairId,
        now: Timestamp,
    ) -> Result<KeySet, KeyRingError> {
        let parsed = self.parsed(snapshot, id)?;
        let published = parsed.versions.iter().filter(|version| version.is_published(now));
        Ok(KeySet::new(published.map(|version| version.verifying.clone()).collect()))
    }

    fn parsed(&self, snapshot: &Snapshot, id: KeyPairId) -> Result<Arc<Parsed>, KeyRingError> {
        snapshot.memo(id.raw(), || {
            let pair = snapshot.key_pair(id).ok_or(KeyRingError::Missing(id))?;
            self.parse(pair)
        })
    }

    fn parse(&self, pair: &CertificateKeyPair) -> Result<Parsed, KeyRingError> {
        let algorithm = match pair.algorithm {
            KeyAlgorithm::Rsa => SigningAlgorithm::Rs256,
            KeyAlgorithm::EcdsaP256 => SigningAlgorithm::Es256,
        };
        // A certificate alone signs nothing.
        let signing = pair.versions.iter().filter(|version| version.has_private_key());
        let versions: Result<_, _> = signing.map(|version| self.parse_version(algorithm, version)).collect();
        Ok(Parsed { name: pair.name.clone(), versions: versions? })
    }

    fn parse_version(
        &self,
        algorithm: SigningAlgorithm,
        version: &KeyVersion,
    ) -> Result<ParsedVersion, KeyRingError> {
        let kid = || version.kid.clone();
        let pkcs8 = open_private_key(self.sealer, version)
            .map_err(|source| KeyRingError::Sealed { kid: kid(), source })?;
        let parse = || {
            let key = SigningKey::from_pkcs8(algorithm, &pkcs8)?.with_kid(kid());
            let key = if version.certificate.is_empty() {
                key
            } else {
                key.with_certificate(&version.certificate)?
            };
            let verifying = key.verifying_key()?;
            Ok((key, verifying))
        };
        let (signing, verifying) = parse().map_err(|source| KeyRingError::Key { kid: kid(), source })?;
        Ok(ParsedVersion {
            signing: Arc::new(signing),
            verifying,
            activates: version.activates,
            retires: version.retires,
        })
    }
}

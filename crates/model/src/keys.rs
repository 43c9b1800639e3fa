//! Certificate key pairs with versions, so that keys rotate with overlap.

use countersign_types::{Secret, Timestamp};

use crate::text_enum;

countersign_types::ids! {
    /// A certificate key pair.
    KeyPairId,
    /// One generation of a key pair.
    KeyVersionId,
}

text_enum! {
    /// What a key is.
    KeyAlgorithm {
        /// RSA, 2048 bits and more: RS256.
        Rsa = "rsa",
        /// NIST P-256: ES256.
        EcdsaP256 = "ec-p256",
    }
}

/// A named key pair, to which providers refer.
#[derive(Clone, Debug)]
pub struct CertificateKeyPair {
    /// Identifier.
    pub id: KeyPairId,
    /// Unique name.
    pub name: String,
    /// Marks a pair that Countersign itself keeps.
    pub managed: Option<String>,
    /// What keys it has.
    pub algorithm: KeyAlgorithm,
    /// Its generations that are not retired, oldest first.
    pub versions: Vec<KeyVersion>,
}

/// One generation of a key pair. The newest whose time has come signs; all are published until retired.
#[derive(Clone, Debug)]
pub struct KeyVersion {
    /// Identifier.
    pub id: KeyVersionId,
    /// The pair.
    pub key_pair: KeyPairId,
    /// `kid` in JOSE headers.
    pub kid: String,
    /// Certificate, PEM.
    pub certificate: String,
    /// PKCS#8 private key, sealed; empty where there is the certificate alone, that of an authority for instance.
    pub private_key: Secret<Vec<u8>>,
    /// When it was made.
    pub created: Timestamp,
    /// From when on it signs.
    pub activates: Timestamp,
    /// From when on it is no longer published; none while it is current.
    pub retires: Option<Timestamp>,
}

impl CertificateKeyPair {
    /// The generation that comes last.
    pub fn newest(&self) -> Option<&KeyVersion> {
        self.versions.iter().max_by_key(|version| (version.activates, version.created))
    }
}

impl KeyVersion {
    /// Whether it can sign.
    pub fn has_private_key(&self) -> bool {
        !self.private_key.expose().is_empty()
    }
}

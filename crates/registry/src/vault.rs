//! The cipher behind the secrets of stored documents: crypto's `Sealer` under one purpose.

use countersign_crypto::Sealer;
use countersign_model::ConfigObject;
use countersign_resource::{Describe, LoadError, SealError, Vault, load_document};
use countersign_types::{RawId, Secret};
use serde_json::Value;

/// Separates these values from everything else that is sealed under the master key.
const PURPOSE: &str = "configuration secret";

/// Secrets of stored documents, sealed under the master key and bound to their place.
#[derive(Clone, Debug)]
pub struct DocumentVault(Sealer);

impl DocumentVault {
    /// A vault that seals with this sealer.
    pub const fn new(sealer: Sealer) -> Self {
        Self(sealer)
    }
}

impl Vault for DocumentVault {
    fn seal(&self, place: &str, plain: &str) -> Result<String, SealError> {
        Ok(self.0.seal_text(PURPOSE, place.as_bytes(), plain.as_bytes()))
    }

    fn open(&self, place: &str, sealed: &str) -> Result<Secret<String>, SealError> {
        let plain = self.0.open_text(PURPOSE, place.as_bytes(), sealed).map_err(|_| SealError)?;
        String::from_utf8(plain).map(Secret::new).map_err(|_| SealError)
    }
}

/// A stored object as its kind's struct, secrets opened: what stages and policies are compiled from.
pub fn load<K: Describe>(object: &ConfigObject, sealer: &Sealer) -> Result<K, LoadError> {
    countersign_resource::load(object, &DocumentVault::new(sealer.clone()))
}

/// Like [`load`], for the document of a row of another table, such as a provider's.
pub fn load_config<K: Describe>(id: RawId, config: &Value, sealer: &Sealer) -> Result<K, LoadError> {
    load_document(id, config, &DocumentVault::new(sealer.clone()))
}

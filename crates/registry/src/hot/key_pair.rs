//! `authentik_crypto.certificatekeypair`. Keys are made here or brought, and sealed.

use countersign_crypto::{
    CertificateFacts, ImportError, ImportedKey, Sealer, SigningAlgorithm, are_revocation_lists_readable,
    generate, import,
};
use countersign_model::{CertificateKeyPair, KeyAlgorithm, KeyPairId, KeyVersion, KeyVersionId};
use countersign_resource::{Describe, Descriptor, Facts, Nothing, canonical, check_name, schema_of};
use countersign_store::{Snapshot, StoreError, Tx, key_pairs};
use countersign_types::{Clock, FieldErrors, JsonObject, RawId, Secret, Span, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::document;
use crate::{
    ReadCx, ResourceError, WriteCx,
    moment::Moment,
    rows::{Draft, Indexed, Rows},
};

/// Purpose under which private keys are sealed, bound to the identifier of their generation.
const PURPOSE: &str = "private key";
/// How long a generation stays published after the next one signs: longer than any token that it signed lives.
const AFTERGLOW: Span = Span::from_days(32);
/// How long a certificate is valid that is made here.
const VALIDITY: Span = Span::from_days(3_650);

/// Seals a private key (PKCS#8) for the row of its generation.
pub fn seal_private_key(sealer: &Sealer, version: KeyVersionId, pkcs8: &Secret<Vec<u8>>) -> Secret<Vec<u8>> {
    Secret::new(sealer.seal(PURPOSE, version.raw().as_bytes(), pkcs8.expose()))
}

/// Opens the private key (PKCS#8) of a generation.
pub fn open_private_key(
    sealer: &Sealer,
    version: &KeyVersion,
) -> Result<Secret<Vec<u8>>, countersign_crypto::OpenError> {
    sealer.open(PURPOSE, version.id.raw().as_bytes(), version.private_key.expose()).map(Secret::new)
}

/// A certificate key pair, to which providers refer.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(crate) struct KeyPairSpec {
    /// Unique name.
    name: String,
    /// Marks a pair that Countersign itself keeps.
    #[serde(default)]
    #[schemars(extend("x-widget" = "hidden"))]
    managed: Option<String>,
    /// What keys it has; chosen when it is made, and found out of a private key that is brought.
    #[serde(default = "ec")]
    algorithm: KeyAlgorithm,
    /// A certificate of your own, as PEM, with those above it behind it. Left out, one is made. Behind that of an
    /// authority may stand its revocation lists.
    #[serde(default, skip_serializing)]
    #[schemars(extend("x-widget" = "textarea", "x-advanced" = true))]
    certificate_data: Option<String>,
    /// The private key of that certificate, as PEM without a passphrase. An authority's certificate needs none.
    #[serde(default, skip_serializing)]
    #[schemars(extend("x-advanced" = true))]
    key_data: Option<Secret<String>>,
}

/// What somebody brings beside the PEM text of a certificate.
enum Brought {
    /// Its private key.
    Pair(ImportedKey),
    /// Nothing: it says this of itself.
    Certificate(CertificateFacts),
}

impl KeyPairSpec {
    /// The key pair that somebody brings, if he does.
    fn brought(&self) -> Result<Option<(String, Brought)>, ResourceError> {
        let certificate = self.certificate_data.as_ref().filter(|pem| !pem.trim().is_empty());
        if certificate.is_some_and(|pem| !are_revocation_lists_readable(pem)) {
            return Err(ResourceError::field(
                "certificate_data",
                "invalid",
                "resource-error-revocation-list",
            ));
        }
        let key = self.key_data.as_ref().filter(|key| !key.is_empty());
        let (certificate, key) = match (certificate, key) {
            (None, None) => return Ok(None),
            (Some(certificate), Some(key)) => (certificate, key),
            (Some(certificate), None) => {
                let facts = CertificateFacts::of_pem(certificate).ok_or_else(|| {
                    ResourceError::field("certificate_data", "invalid", "resource-error-certificate")
                })?;
                return Ok(Some((certificate.clone(), Brought::Certificate(facts))));
            }
            (None, Some(_)) => {
                return Err(ResourceError::field("certificate_data", "required", "resource-error-required"));
            }
        };
        match import(certificate, key) {
            Ok(brought) => Ok(Some((certificate.clone(), Brought::Pair(brought)))),
            Err(ImportError::Certificate) => {
                Err(ResourceError::field("certificate_data", "invalid", "resource-error-certificate"))
            }
            Err(ImportError::PrivateKey) => {
                Err(ResourceError::field("key_data", "invalid", "resource-error-private-key"))
            }
        }
    }
}

/// What of our two sorts a key is.
const fn sort_of(algorithm: SigningAlgorithm) -> KeyAlgorithm {
    match algorithm {
        SigningAlgorithm::Rs256 => KeyAlgorithm::Rsa,
        SigningAlgorithm::Es256 | SigningAlgorithm::Hs256 => KeyAlgorithm::EcdsaP256,
    }
}

const fn ec() -> KeyAlgorithm {
    KeyAlgorithm::EcdsaP256
}

impl Describe for KeyPairSpec {
    type Common = Nothing;
    const FACTS: Facts = Facts::new(
        "authentik_crypto.certificatekeypair",
        "ak-crypto-certificate-form",
        "Certificate-Key Pair",
    )
    .at("crypto/certificatekeypairs", "key");

    fn check(&self) -> Result<(), FieldErrors> {
        check_name("name", &self.name)
    }
}

/// Read-only attributes of key pairs: of the generation that signs.
#[derive(Serialize, JsonSchema)]
struct KeyPairExtras {
    /// SHA-256 of the certificate.
    fingerprint_sha256: Option<String>,
    /// SHA-1 of the certificate, by which older software names it.
    fingerprint_sha1: Option<String>,
    /// Until when the certificate is valid.
    cert_expiry: Option<Moment>,
    /// Whose certificate it is.
    cert_subject: Option<String>,
    /// Whether there is a private key.
    private_key_available: bool,
    /// `rsa` or `ec`.
    key_type: &'static str,
    /// `kid` of tokens signed with it.
    kid: Option<String>,
    /// Where the certificate is downloaded.
    certificate_download_url: String,
    /// Where the private key is downloaded.
    private_key_download_url: String,
}

impl KeyPairExtras {
    fn of(pair: &CertificateKeyPair) -> Self {
        let newest = pair.newest();
        let facts = newest.and_then(|version| CertificateFacts::of_pem(&version.certificate));
        let place = format!("/api/v3/crypto/certificatekeypairs/{}", pair.id);
        Self {
            fingerprint_sha256: facts.as_ref().map(|facts| facts.sha256.clone()),
            fingerprint_sha1: facts.as_ref().map(|facts| facts.sha1.clone()),
            cert_expiry: facts.as_ref().map(|facts| facts.expires.into()),
            cert_subject: facts.map(|facts| facts.subject),
            private_key_available: newest.is_none_or(KeyVersion::has_private_key),
            key_type: match pair.algorithm {
                KeyAlgorithm::Rsa => "rsa",
                KeyAlgorithm::EcdsaP256 => "ec",
            },
            kid: newest.map(|version| version.kid.clone()),
            certificate_download_url: format!("{place}/view_certificate/?download"),
            private_key_download_url: format!("{place}/view_private_key/?download"),
        }
    }
}

/// Key pairs.
pub(crate) struct KeyPairs {
    sealer: Sealer,
}

impl KeyPairs {
    pub(crate) const fn new(sealer: Sealer) -> Self {
        Self { sealer }
    }

    /// The first generation of a new pair.
    fn first_version(
        &self,
        tx: &Tx<'_>,
        pair: KeyPairId,
        spec: &KeyPairSpec,
    ) -> Result<KeyVersion, ResourceError> {
        let algorithm = match spec.algorithm {
            KeyAlgorithm::Rsa => SigningAlgorithm::Rs256,
            KeyAlgorithm::EcdsaP256 => SigningAlgorithm::Es256,
        };
        let common_name: String = spec.name.chars().filter(char::is_ascii).take(64).collect();
        let common_name = if common_name.trim().is_empty() { "countersign".to_owned() } else { common_name };
        let made = generate(algorithm, &common_name, VALIDITY, &Present(tx.now()), tx.rng())
            .map_err(|error| ResourceError::Damaged(error.to_string()))?;
        let id = KeyVersionId::random(tx.rng());
        Ok(KeyVersion {
            id,
            key_pair: pair,
            kid: made.kid,
            certificate: made.certificate_pem,
            private_key: seal_private_key(&self.sealer, id, &made.pkcs8),
            created: tx.now(),
            activates: tx.now(),
            retires: None,
        })
    }

    /// A generation that somebody brought.
    fn version_of(&self, tx: &Tx<'_>, pair: KeyPairId, certificate: String, brought: &Brought) -> KeyVersion {
        let id = KeyVersionId::random(tx.rng());
        let (kid, private_key) = match brought {
            Brought::Pair(key) => (key.kid.clone(), seal_private_key(&self.sealer, id, &key.pkcs8)),
            Brought::Certificate(facts) => (facts.sha256.replace(':', ""), Secret::new(Vec::new())),
        };
        KeyVersion {
            id,
            key_pair: pair,
            kid,
            certificate,
            private_key,
            created: tx.now(),
            activates: tx.now(),
            retires: None,
        }
    }

    /// Makes the key that was brought the one that signs from now on. The others stay published as long as
    /// tokens that they signed may live.
    ///
    /// A generation is its private key: a certificate that renews another on the same key takes its place in the
    /// generation that has it, whose `kid` stays, so that no set of keys shows one twice.
    fn succeed(
        tx: &mut Tx<'_>,
        before: &CertificateKeyPair,
        brought: KeyVersion,
    ) -> Result<(), ResourceError> {
        let known = key_pairs::version_by_kid(tx, &brought.kid)?;
        let known = known.filter(|known| known.key_pair == before.id);
        let others =
            before.versions.iter().filter(|other| known.as_ref().is_none_or(|known| known.id != other.id));
        for other in others.filter(|other| other.retires.is_none()) {
            key_pairs::retire_version(tx, other.id, tx.now().plus(AFTERGLOW))?;
        }
        let Some(known) = known else { return key_pairs::add_version(tx, &brought).map_err(taken) };
        let activates = if known.retires.is_some() { tx.now() } else { known.activates };
        let renewed = KeyVersion { certificate: brought.certificate, activates, retires: None, ..known };
        key_pairs::renew_version(tx, &renewed)?;
        Ok(())
    }
}

/// A key is known by its thumbprint, which only one pair may have.
fn taken(error: StoreError) -> ResourceError {
    match error.conflict() {
        Some(conflict) if conflict.column.contains("kid") => {
            ResourceError::field("key_data", "unique", "resource-error-unique")
        }
        _ => error.into(),
    }
}

/// The moment of a transaction.
struct Present(Timestamp);

impl Clock for Present {
    fn now(&self) -> Timestamp {
        self.0
    }
}

impl Rows for KeyPairs {
    type Spec = KeyPairSpec;
    type Row = CertificateKeyPair;
    const EXPORTED: bool = false;
    const UNIQUE: &'static [&'static str] = &["name"];
    const SEALS: bool = false;
    const WRITE_ONLY: &'static [&'static str] = &["certificate_data"];

    fn by_id(&self, tx: &mut Tx<'_>, id: RawId) -> Result<Option<CertificateKeyPair>, ResourceError> {
        Ok(key_pairs::by_id(tx, KeyPairId(id))?)
    }

    fn all(&self, tx: &mut Tx<'_>) -> Result<Vec<CertificateKeyPair>, ResourceError> {
        Ok(key_pairs::all(tx)?)
    }

    fn kept<'s>(&self, snapshot: &'s Snapshot) -> Option<Vec<&'s CertificateKeyPair>> {
        Some(snapshot.key_pairs().iter().collect())
    }

    fn id_of(row: &CertificateKeyPair) -> RawId {
        row.id.raw()
    }

    fn document(&self, row: &CertificateKeyPair) -> Result<JsonObject, ResourceError> {
        let (name, managed) = (row.name.clone(), row.managed.clone());
        let algorithm = row.algorithm;
        Ok(document(&KeyPairSpec { name, managed, algorithm, certificate_data: None, key_data: None }))
    }

    fn computed_schema(&self) -> Value {
        schema_of::<KeyPairExtras>()
    }

    fn computed(
        &self,
        _: &mut Tx<'_>,
        _: ReadCx<'_>,
        rows: &[CertificateKeyPair],
    ) -> Result<Vec<JsonObject>, ResourceError> {
        Ok(rows.iter().map(|pair| canonical(&KeyPairExtras::of(pair))).collect())
    }

    fn by_key(&self, tx: &mut Tx<'_>, attribute: &str, value: &Value) -> Result<Indexed, ResourceError> {
        match (attribute, value.as_str()) {
            ("name", Some(name)) => Ok(key_pairs::by_name(tx, name)?.map(|pair| pair.id).into()),
            _ => Ok(Indexed::No),
        }
    }

    /// What keys a pair has that is brought, the private key says.
    fn complete(
        &self,
        _: &mut Tx<'_>,
        _: &Descriptor,
        plain: &mut JsonObject,
    ) -> Result<Vec<(String, Secret<String>)>, ResourceError> {
        let text = |name: &str| plain.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        if let (Some(certificate), Some(key)) = (text("certificate_data"), text("key_data"))
            && let Ok(brought) = import(certificate, &Secret::from(key))
        {
            let sort = sort_of(brought.algorithm).as_str();
            plain.insert("algorithm".to_owned(), Value::from(sort));
        }
        Ok(Vec::new())
    }

    fn write(&self, tx: &mut Tx<'_>, _: WriteCx<'_>, draft: Draft<KeyPairSpec>) -> Result<(), ResourceError> {
        let (spec, id) = (draft.spec, KeyPairId(draft.id));
        let before = key_pairs::by_id(tx, id)?;
        if before.as_ref().is_some_and(|before| before.algorithm != spec.algorithm) {
            return Err(ResourceError::field("algorithm", "immutable", "resource-error-immutable"));
        }
        let brought = spec.brought()?;
        match brought.as_ref().map(|(_, brought)| brought) {
            Some(Brought::Pair(key)) if sort_of(key.algorithm) != spec.algorithm => {
                return Err(ResourceError::field("key_data", "immutable", "resource-error-immutable"));
            }
            // What signs goes on to sign.
            Some(Brought::Certificate(_))
                if before
                    .as_ref()
                    .is_some_and(|before| before.versions.iter().any(KeyVersion::has_private_key)) =>
            {
                return Err(ResourceError::field("key_data", "required", "resource-error-required"));
            }
            _ => {}
        }
        let brought = brought.map(|(certificate, brought)| self.version_of(tx, id, certificate, &brought));
        let versions = match (&before, brought) {
            (Some(before), Some(version)) => {
                Self::succeed(tx, before, version)?;
                Vec::new()
            }
            (Some(_), None) => Vec::new(),
            (None, Some(version)) => vec![version],
            (None, None) => vec![self.first_version(tx, id, &spec)?],
        };
        let pair = CertificateKeyPair {
            id,
            name: spec.name,
            managed: spec.managed,
            algorithm: spec.algorithm,
            versions,
        };
        if draft.exists {
            key_pairs::update(tx, &pair)?;
        } else {
            key_pairs::create(tx, &pair).map_err(taken)?;
        }
        Ok(())
    }

    fn delete(&self, tx: &mut Tx<'_>, id: RawId) -> Result<(), ResourceError> {
        key_pairs::delete(tx, KeyPairId(id))?;
        Ok(())
    }
}

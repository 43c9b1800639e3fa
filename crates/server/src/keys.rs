//! Signing keys: the two pairs of a first start, and new generations of a pair.

use countersign_crypto::{SigningAlgorithm, generate};
use countersign_model::{CertificateKeyPair, KeyAlgorithm, KeyPairId, KeyVersion, KeyVersionId};
use countersign_store::{StoreError, Tx, key_pairs};
use countersign_types::Span;

use crate::{Failure, House};

/// A pair that the house keeps.
pub(crate) struct HousePair {
    /// Its name, to which blueprints refer.
    name: &'static str,
    /// The mark under which it is found whatever its name.
    mark: &'static str,
    algorithm: KeyAlgorithm,
}

/// The default of new providers, since every relying party understands RS256.
const RSA: HousePair = HousePair {
    name: "authentik Self-signed Certificate",
    mark: "goauthentik.io/crypto/jwt-managed",
    algorithm: KeyAlgorithm::Rsa,
};
/// Signs a hundred times faster.
const ES256: HousePair = HousePair {
    name: "Countersign ES256 Signing Key",
    mark: "countersign/crypto/es256",
    algorithm: KeyAlgorithm::EcdsaP256,
};

/// How long certificates made here are valid. Relying parties of OpenID Connect do not look.
const VALIDITY: Span = Span::from_days(3_650);
/// How long a generation stays published after the next one signs: longer than any token that it signed lives.
const AFTERGLOW: Span = Span::from_days(32);

/// Makes sure of the house's pairs. The RSA pair is there at once, and its key later
/// ([`make_missing`]): making one takes up to a second.
pub(crate) fn ensure_pairs(house: &House) -> Result<(), Failure> {
    let first = new_version(house, KeyPairId::random(&*house.circumstances.rng), KeyAlgorithm::EcdsaP256)?;
    house.store.write_blocking(move |tx| {
        ensure(tx, &RSA, None)?;
        ensure(tx, &ES256, Some(&first))
    })
}

fn ensure(tx: &mut Tx<'_>, wanted: &HousePair, version: Option<&KeyVersion>) -> Result<(), Failure> {
    let mut pairs = key_pairs::all(tx)?.into_iter();
    if pairs.any(|pair| pair.name == wanted.name || pair.managed.as_deref() == Some(wanted.mark)) {
        return Ok(());
    }
    let pair = CertificateKeyPair {
        id: version.map_or_else(|| KeyPairId::random(tx.rng()), |version| version.key_pair),
        name: wanted.name.to_owned(),
        managed: Some(wanted.mark.to_owned()),
        algorithm: wanted.algorithm,
        versions: version.cloned().into_iter().collect(),
    };
    Ok(key_pairs::create(tx, &pair)?)
}

/// Makes a key for every pair that has none. Takes long: for a thread of its own.
pub(crate) fn make_missing(house: &House) -> Result<(), Failure> {
    // No request causes it.
    let store = house.store.background();
    let pairs = store.read_blocking(|tx| key_pairs::all(tx).map_err(Failure::from))?;
    for pair in pairs.into_iter().filter(|pair| pair.versions.is_empty()) {
        let version = new_version(house, pair.id, pair.algorithm)?;
        let kid = version.kid.clone();
        let added = store.write_blocking(move |tx| {
            // Another process may have been quicker, and somebody may have deleted the pair.
            let wanting = key_pairs::by_id(tx, pair.id)?.is_some_and(|pair| pair.versions.is_empty());
            if wanting {
                key_pairs::add_version(tx, &version)?;
            }
            Ok::<_, StoreError>(wanting)
        })?;
        if added {
            tracing::info!(key_pair = pair.name, kid, "made a signing key");
        }
    }
    Ok(())
}

/// Adds a generation to a pair, which signs once the overlap is over, and retires the others later.
pub(crate) fn rotate(house: &House, name: &str, overlap: Span) -> Result<KeyVersion, Failure> {
    let wanted = name.to_owned();
    let pair = house.store.read_blocking(move |tx| key_pairs::by_name(tx, &wanted))?;
    let pair = pair.ok_or_else(|| Failure::words(format!("there is no key pair “{name}”")))?;
    let mut version = new_version(house, pair.id, pair.algorithm)?;
    version.activates = version.created.plus(overlap);
    let added = version.clone();
    house.store.write_blocking(move |tx| {
        for old in key_pairs::by_id(tx, pair.id)?.map(|pair| pair.versions).unwrap_or_default() {
            if old.retires.is_none() {
                key_pairs::retire_version(tx, old.id, added.activates.plus(AFTERGLOW))?;
            }
        }
        key_pairs::add_version(tx, &added)
    })?;
    Ok(version)
}

fn new_version(house: &House, pair: KeyPairId, algorithm: KeyAlgorithm) -> Result<KeyVersion, Failure> {
    let (clock, rng) = (&*house.circumstances.clock, &*house.circumstances.rng);
    let signing = match algorithm {
        KeyAlgorithm::Rsa => SigningAlgorithm::Rs256,
        KeyAlgorithm::EcdsaP256 => SigningAlgorithm::Es256,
    };
    let made = generate(signing, "countersign", VALIDITY, clock, rng)?;
    let (id, now) = (KeyVersionId::random(rng), clock.now());
    Ok(KeyVersion {
        id,
        key_pair: pair,
        kid: made.kid,
        certificate: made.certificate_pem,
        private_key: countersign_registry::seal_private_key(&house.sealer, id, &made.pkcs8),
        created: now,
        activates: now,
        retires: None,
    })
}

//! Key pairs and their versions. Private keys are sealed before they come here.

use countersign_model::{CertificateKeyPair, KeyAlgorithm, KeyPairId, KeyVersion, KeyVersionId};
use countersign_types::Timestamp;
use diesel::prelude::*;

use super::roles;
use crate::{
    Change, StoreError, Tx,
    columns::{Column, Id, Row, entities, row},
    conn::{execute, find, load},
    schema::{key_pairs, key_versions},
};

row! {
    #[diesel(table_name = key_versions)]
    VersionRow of KeyVersion {
        id: Id,
        #[diesel(column_name = key_pair_id)]
        key_pair: Id,
        kid: String,
        certificate: String,
        private_key: Vec<u8>,
        created: i64,
        activates: i64,
        retires: Option<i64>,
    }
}

/// A pair without its versions.
type PairColumns = (Id, String, Option<String>, String);

/// Writes a new pair with its versions.
pub fn create(tx: &mut Tx<'_>, pair: &CertificateKeyPair) -> Result<(), StoreError> {
    let row = (
        key_pairs::id.eq(Id::from(pair.id)),
        key_pairs::name.eq(&pair.name),
        key_pairs::managed.eq(&pair.managed),
        key_pairs::algorithm.eq(pair.algorithm.as_str()),
    );
    execute!(tx, diesel::insert_into(key_pairs::table).values(row))?;
    for version in &pair.versions {
        add_version(tx, version)?;
    }
    tx.change(Change::Config);
    Ok(())
}

/// Overwrites name and mark of a pair; its versions are left as they are. Whether it was there.
pub fn update(tx: &mut Tx<'_>, pair: &CertificateKeyPair) -> Result<bool, StoreError> {
    let values = (key_pairs::name.eq(&pair.name), key_pairs::managed.eq(&pair.managed));
    let count = execute!(tx, diesel::update(key_pairs::table.find(Id::from(pair.id))).set(values))?;
    tx.change(Change::Config);
    Ok(count > 0)
}

/// Adds a generation to a pair.
pub fn add_version(tx: &mut Tx<'_>, version: &KeyVersion) -> Result<(), StoreError> {
    let row = VersionRow::of(version);
    execute!(tx, diesel::insert_into(key_versions::table).values(&row))?;
    tx.change(Change::Config);
    Ok(())
}

/// Overwrites the certificate of a generation, from when on it signs, and until when it is published; whether it
/// was there.
pub fn renew_version(tx: &mut Tx<'_>, version: &KeyVersion) -> Result<bool, StoreError> {
    let values = (
        key_versions::certificate.eq(&version.certificate),
        key_versions::activates.eq(version.activates.as_micros()),
        key_versions::retires.eq(version.retires.map(Timestamp::as_micros)),
    );
    let target = key_versions::table.find(Id::from(version.id));
    let count = execute!(tx, diesel::update(target).set(values))?;
    tx.change(Change::Config);
    Ok(count > 0)
}

/// The generation with this key, retired ones included.
pub fn version_by_kid(tx: &mut Tx<'_>, kid: &str) -> Result<Option<KeyVersion>, StoreError> {
    let query = key_versions::table.filter(key_versions::kid.eq(kid));
    let row: Option<VersionRow> = find!(tx, query.select(VersionRow::as_select()))?;
    row.map(Row::entity).transpose()
}

/// Sets when a generation is no longer published; whether it was there.
pub fn retire_version(tx: &mut Tx<'_>, id: KeyVersionId, at: Timestamp) -> Result<bool, StoreError> {
    let target = key_versions::table.find(Id::from(id));
    let count = execute!(tx, diesel::update(target).set(key_versions::retires.eq(Some(at.as_micros()))))?;
    tx.change(Change::Config);
    Ok(count > 0)
}

/// Deletes a pair with all its versions; whether it was there.
pub fn delete(tx: &mut Tx<'_>, id: KeyPairId) -> Result<bool, StoreError> {
    roles::forget_object(tx, id.raw())?;
    let count = execute!(tx, diesel::delete(key_pairs::table.find(Id::from(id))))?;
    tx.change(Change::Config);
    Ok(count > 0)
}

/// A pair.
pub fn by_id(tx: &mut Tx<'_>, id: KeyPairId) -> Result<Option<CertificateKeyPair>, StoreError> {
    let pair: Option<PairColumns> = find!(tx, key_pairs::table.find(Id::from(id)))?;
    pair.map(|pair| with_versions(tx, pair)).transpose()
}

/// A pair by its name.
pub fn by_name(tx: &mut Tx<'_>, name: &str) -> Result<Option<CertificateKeyPair>, StoreError> {
    let pair: Option<PairColumns> = find!(tx, key_pairs::table.filter(key_pairs::name.eq(name)))?;
    pair.map(|pair| with_versions(tx, pair)).transpose()
}

/// All pairs, by name, each with the generations that are not retired.
pub fn all(tx: &mut Tx<'_>) -> Result<Vec<CertificateKeyPair>, StoreError> {
    let pairs: Vec<PairColumns> = load!(tx, key_pairs::table.order(key_pairs::name.asc()))?;
    let now = tx.now().as_micros();
    let query = key_versions::table
        .filter(key_versions::retires.is_null().or(key_versions::retires.gt(now)))
        .order((key_versions::created.asc(), key_versions::id.asc()));
    let rows: Vec<VersionRow> = load!(tx, query.select(VersionRow::as_select()))?;
    let versions = entities(rows)?;
    pairs
        .into_iter()
        .map(|pair| {
            let own = versions.iter().filter(|version| version.key_pair.0 == pair.0.0).cloned().collect();
            assemble(pair, own)
        })
        .collect()
}

fn with_versions(tx: &mut Tx<'_>, pair: PairColumns) -> Result<CertificateKeyPair, StoreError> {
    let now = tx.now().as_micros();
    let query = key_versions::table
        .filter(key_versions::key_pair_id.eq(pair.0))
        .filter(key_versions::retires.is_null().or(key_versions::retires.gt(now)))
        .order((key_versions::created.asc(), key_versions::id.asc()));
    let rows: Vec<VersionRow> = load!(tx, query.select(VersionRow::as_select()))?;
    assemble(pair, entities(rows)?)
}

fn assemble(pair: PairColumns, versions: Vec<KeyVersion>) -> Result<CertificateKeyPair, StoreError> {
    let (id, name, managed, algorithm) = pair;
    let algorithm: KeyAlgorithm = Column::restore(algorithm)?;
    Ok(CertificateKeyPair { id: KeyPairId(id.0), name, managed, algorithm, versions })
}

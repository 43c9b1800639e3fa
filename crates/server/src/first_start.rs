//! What a start brings about in the database: keys, default blueprints, the code of the initial set-up.
//!
//! ```text
//! fingerprint of the blueprints kept? ── yes ──▶ nothing to do
//!            │ no
//!            ▼
//! lease (one process at a time) ─▶ key pairs ─▶ blueprints (the bootstrap once) ─▶ fingerprint kept
//! ```
//! A start on a database that has everything writes nothing.

use std::time::Duration;

use countersign_blueprints::Blueprints;
use countersign_crypto::digest;
use countersign_store::{StoreError, schedules, settings};
use countersign_types::{Rng, Secret, Span, random_uuid};
use serde_json::Value;

use crate::{
    Failure, House, keys,
    registry::{SETUP_CODE, kept_setup_code},
};

/// Setting: which blueprints were applied without a fault.
const FINGERPRINT: &str = "blueprints_applied";
/// Lease of the process that provisions.
const LEASE: &str = "provision";
/// A process that takes longer is taken for dead.
const LEASE_TIME: Span = Span::from_mins(2);
/// How often whoever waits looks again.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// Makes the database fit for service. Returns the one-time code while the initial set-up is open.
pub(crate) async fn prepare(house: &House) -> Result<Option<Secret<String>>, Failure> {
    let blueprints = house.blueprints();
    let fingerprint = fingerprint(&blueprints);
    let snapshot = house.store.snapshot().await?;
    if snapshot.settings(FINGERPRINT) != Some(&fingerprint) {
        provision(house, &blueprints, fingerprint).await?;
    }
    if !countersign_web::setup::is_open(&*house.store.snapshot().await?) {
        return Ok(None);
    }
    let code = new_code(&*house.circumstances.rng);
    let kept = kept_setup_code(code.expose());
    house.store.write(move |tx| settings::put(tx, SETUP_CODE, &kept)).await?;
    Ok(Some(code))
}

/// Changes when any blueprint does, or the program.
fn fingerprint(blueprints: &Blueprints) -> Value {
    let mut text = env!("CARGO_PKG_VERSION").to_owned();
    for source in blueprints.library().sources() {
        text.push_str(&format!("\n{}\n{}", source.file, source.text));
    }
    Value::from(hex::encode(digest(&text).0))
}

async fn provision(house: &House, blueprints: &Blueprints, fingerprint: Value) -> Result<(), Failure> {
    let me = random_uuid(&*house.circumstances.rng).to_string();
    let owner = me.clone();
    while !claim(house, &owner).await? {
        tracing::info!("another process prepares the database; waiting");
        tokio::time::sleep(LOOK_AGAIN).await;
    }
    let outcome = work(house, blueprints, &fingerprint).await;
    house
        .store
        .write(move |tx| {
            let now = tx.now();
            schedules::release(tx, LEASE, &me, now).map(drop)
        })
        .await?;
    outcome
}

async fn claim(house: &House, owner: &str) -> Result<bool, StoreError> {
    let owner = owner.to_owned();
    house
        .store
        .write(move |tx| {
            schedules::ensure(tx, LEASE)?;
            schedules::claim(tx, LEASE, &owner, LEASE_TIME)
        })
        .await
}

async fn work(house: &House, blueprints: &Blueprints, fingerprint: &Value) -> Result<(), Failure> {
    // Whoever had the lease before may have done it all.
    if house.store.snapshot().await?.settings(FINGERPRINT) == Some(fingerprint) {
        return Ok(());
    }
    keys::ensure_pairs(house)?;
    let outcomes = blueprints.apply_library().await?;
    if outcomes.iter().all(Result::is_ok) {
        let fingerprint = fingerprint.clone();
        house.store.write(move |tx| settings::put(tx, FINGERPRINT, &fingerprint)).await?;
    }
    Ok(())
}

/// A code for people to type: twelve letters and digits that cannot be mistaken for each other, 60 bits.
fn new_code(rng: &dyn Rng) -> Secret<String> {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let mut bytes = [0_u8; 12];
    rng.fill(&mut bytes);
    let mut code = String::with_capacity(14);
    for (index, byte) in bytes.iter().enumerate() {
        if index > 0 && index % 4 == 0 {
            code.push('-');
        }
        code.extend(ALPHABET.get(usize::from(byte % 32)).copied().map(char::from));
    }
    Secret::new(code)
}

#[cfg(test)]
mod tests {
    use countersign_crypto::SystemRng;

    use super::*;

    #[test]
    fn a_code_can_be_read_out_on_the_telephone() {
        let code = new_code(&SystemRng);
        let groups: Vec<&str> = code.expose().split('-').collect();
        assert_eq!(groups.iter().map(|group| group.len()).collect::<Vec<_>>(), [4, 4, 4]);
        assert!(!code.expose().contains(['O', '0', 'I', '1']));
        assert_ne!(new_code(&SystemRng).expose(), code.expose());
    }
}

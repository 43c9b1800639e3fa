//! Signing keys by time.

use countersign_crypto::{SigningAlgorithm, generate};
use countersign_model::{CertificateKeyPair, KeyAlgorithm, KeyPairId, KeyVersion, KeyVersionId};
use countersign_registry::seal_private_key;
use countersign_store::key_pairs;
use countersign_types::{Clock as _, Secret, Span, Timestamp};
use countersign_web::KeyRingError;

use crate::world::World;

fn version(world: &World, activates: Timestamp, retires: Option<Timestamp>) -> KeyVersion {
    let made =
        generate(SigningAlgorithm::Es256, "tests", Span::from_days(1), &*world.store.clock, world.app.rng())
            .unwrap();
    let id = KeyVersionId::random(world.app.rng());
    KeyVersion {
        id,
        key_pair: KeyPairId(uuid::Uuid::from_u128(7)),
        kid: made.kid.clone(),
        certificate: made.certificate_pem.clone(),
        private_key: seal_private_key(world.app.sealer(), id, &made.pkcs8),
        created: world.store.clock.now(),
        activates,
        retires,
    }
}

async fn keep(world: &World, versions: Vec<KeyVersion>) -> KeyPairId {
    let id = KeyPairId(uuid::Uuid::from_u128(7));
    let pair = CertificateKeyPair {
        id,
        name: "tests".to_owned(),
        managed: None,
        algorithm: KeyAlgorithm::EcdsaP256,
        versions,
    };
    world.store.write(move |tx| key_pairs::create(tx, &pair)).await.unwrap();
    id
}

#[actix_web::test]
async fn a_new_key_signs_when_its_time_has_come_and_the_old_one_is_published_until_it_retires() {
    let world = World::new();
    let now = world.store.clock.now();
    let (in_an_hour, in_two) = (now.plus(Span::from_hours(1)), now.plus(Span::from_hours(2)));
    let (old, new) = (version(&world, now, Some(in_two)), version(&world, in_an_hour, None));
    let kids = [old.kid.clone(), new.kid.clone()];
    let id = keep(&world, vec![old, new]).await;
    let snapshot = world.app.snapshot().await.unwrap();
    let keys = world.app.keys();
    for (at, signs, published) in [(now, 0, 2), (in_an_hour, 1, 2), (in_two, 1, 1)] {
        assert_eq!(keys.active(&snapshot, id, at).unwrap().kid(), Some(kids[signs].as_str()));
        assert_eq!(keys.published(&snapshot, id, at).unwrap().keys().len(), published);
    }
}

#[actix_web::test]
async fn a_key_that_is_not_there_or_not_ours_signs_nothing() {
    let world = World::new();
    let now = world.store.clock.now();
    let mut foreign = version(&world, now, None);
    foreign.private_key = Secret::new(b"not sealed".to_vec());
    let id = keep(&world, vec![foreign]).await;
    let snapshot = world.app.snapshot().await.unwrap();
    let keys = world.app.keys();
    assert!(matches!(keys.active(&snapshot, id, now), Err(KeyRingError::Sealed { .. })));
    let missing = KeyPairId(uuid::Uuid::from_u128(8));
    assert!(matches!(keys.active(&snapshot, missing, now), Err(KeyRingError::Missing(_))));
}

//! Changes: heard here after the commit, elsewhere soon.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use countersign_model::{Consent, ConsentId};
use countersign_store::{
    Change, Store, StoreError, consents, flows, groups, on_both_databases, sessions, settings,
    testing::samples, users,
};
use countersign_types::{Digest, Span};
use serde_json::json;

fn listen(store: &Store) -> Arc<Mutex<Vec<Change>>> {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&heard);
    store.subscribe(move |change| told.lock().unwrap().push(change.clone()));
    heard
}

async fn eventually(condition: impl Fn() -> bool) {
    let started = Instant::now();
    while !condition() {
        assert!(started.elapsed() < Duration::from_secs(5), "it never came");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

on_both_databases! {
    async fn a_change_is_heard_before_its_caller_goes_on(world: TestStore) {
        let heard = listen(world.store());
        world.write(|tx| { settings::put(tx, "a", &json!(1))?; settings::put(tx, "b", &json!(1)) }).await.unwrap();
        assert_eq!(*heard.lock().unwrap(), [Change::Config], "once per unit");
    }

    async fn what_was_undone_is_not_announced(world: TestStore) {
        let heard = listen(world.store());
        let undone: Result<(), StoreError> = world.write(|tx| {
            settings::put(tx, "a", &json!(1))?;
            Err(StoreError::Busy)
        }).await;
        assert!(undone.is_err());
        world.write(|tx| {
            let part: Result<(), StoreError> = tx.savepoint(|tx| {
                tx.change(Change::Groups);
                Err(StoreError::Busy)
            });
            assert!(part.is_err());
            Ok::<_, StoreError>(())
        }).await.unwrap();
        assert!(heard.lock().unwrap().is_empty());
    }

    async fn another_process_hears_and_forgets(world: TestStore) {
        let neighbour = world.neighbour(2);
        let heard = listen(world.store());
        world.snapshot().await.unwrap();
        let ada = samples::user(1, "ada", world.now());
        let id = ada.id;
        neighbour.write(move |tx| users::create(tx, &ada)).await.unwrap();
        assert!(world.subject(id).await.unwrap().unwrap().groups.is_empty());
        let group = samples::group(1, "late", &[]);
        neighbour.write(move |tx| {
            flows::create(tx, &samples::flow(1, "from-outside"))?;
            groups::create(tx, &group)?;
            groups::add_member(tx, group.id, id)
        }).await.unwrap();
        eventually(|| heard.lock().unwrap().contains(&Change::Config)).await;
        assert!(world.snapshot().await.unwrap().flow_by_slug("from-outside").is_some());
        assert_eq!(world.subject(id).await.unwrap().unwrap().groups.len(), 1);
        let told = heard.lock().unwrap().len();
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert_eq!(heard.lock().unwrap().len(), told, "each change is heard once");
    }

    async fn a_process_does_not_hear_itself_twice(world: TestStore) {
        let heard = listen(world.store());
        world.write(|tx| settings::put(tx, "a", &json!(1))).await.unwrap();
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert_eq!(heard.lock().unwrap().len(), 1);
    }

    async fn a_signed_out_session_is_dead_though_it_was_warm(world: TestStore) {
        let key = signed_in(world.store()).await;
        assert!(world.live_session(&key).await.unwrap().is_some());
        let before = world.trips();
        assert!(world.live_session(&key).await.unwrap().is_some());
        assert_eq!(world.trips(), before, "warm");
        world.write(move |tx| sessions::delete(tx, &key)).await.unwrap();
        assert!(world.live_session(&key).await.unwrap().is_none());
    }

    async fn an_expired_session_is_dead_though_it_was_warm(world: TestStore) {
        let key = signed_in(world.store()).await;
        assert!(world.live_session(&key).await.unwrap().is_some());
        world.clock.advance(Span::from_hours(1));
        assert!(world.live_session(&key).await.unwrap().is_none());
    }

    async fn a_suspended_users_warm_session_opens_nothing(world: TestStore) {
        let key = signed_in(world.store()).await;
        assert!(world.live_session(&key).await.unwrap().is_some());
        let mut ada = samples::user(1, "ada", world.now());
        ada.is_active = false;
        world.write(move |tx| users::update(tx, &ada)).await.unwrap();
        assert!(world.live_session(&key).await.unwrap().is_none());
    }

    async fn who_signs_out_at_one_node_is_signed_out_at_the_other(world: TestStore) {
        let neighbour = world.neighbour(2);
        let key = signed_in(world.store()).await;
        assert!(neighbour.live_session(&key).await.unwrap().is_some());
        let heard = listen(&neighbour);
        world.write(move |tx| sessions::delete(tx, &key)).await.unwrap();
        eventually(|| heard.lock().unwrap().contains(&Change::Session(key))).await;
        assert!(neighbour.live_session(&key).await.unwrap().is_none());
    }

    async fn a_withdrawn_consent_is_gone_though_it_was_warm(world: TestStore) {
        let user = samples::user(1, "ada", world.now()).id;
        let consent = Consent {
            id: ConsentId(user.raw()),
            user,
            application: samples::application(1, "app", None).id,
            permissions: "openid".to_owned(),
            expires: None,
        };
        let id = consent.id;
        world.write(move |tx| consents::put(tx, &consent)).await.unwrap();
        assert_eq!(world.consents(user).await.unwrap().len(), 1);
        world.write(move |tx| consents::delete(tx, id)).await.unwrap();
        assert!(world.consents(user).await.unwrap().is_empty());
    }
}

/// Somebody with a session.
async fn signed_in(store: &Store) -> Digest {
    let (ada, now) = (samples::user(1, "ada", store.now()), store.now());
    let session = samples::session(1, ada.id, now);
    let key = session.key;
    store
        .write(move |tx| {
            users::create(tx, &ada)?;
            sessions::create(tx, &session)
        })
        .await
        .unwrap();
    key
}

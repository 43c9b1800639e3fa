//! Versions, revisions, and going back.

use countersign_model::RevisionAction;
use countersign_registry::{ResourceError, RevisionView, load};
use countersign_store::{config_objects, on_both_databases, testing::TestStore};
use countersign_types::{PageRequest, RawId, Span};
use serde_json::json;

use crate::{
    kinds::{Bell, House, complaints, object},
    rights::People,
};

async fn revisions(house: &House, world: &TestStore, id: RawId) -> Vec<RevisionView> {
    let page = house.act(world, move |tx, cx| {
        cx.registry.get("test.bell")?.revisions(tx, cx.reading(), id, &PageRequest::first(60))
    });
    page.await.unwrap().items
}

on_both_databases! {
    async fn a_stale_form_does_not_overwrite(world: TestStore) {
        let house = House::new();
        let bell = house.create(&world, "test.bell", json!({"name": "b", "times": 1})).await.unwrap().id;
        let version = house
            .act(&world, move |tx, cx| Ok(cx.registry.get("test.bell")?.view(tx, cx.reading(), bell)?.unwrap().version))
            .await
            .unwrap();
        let with = |version: String, times: u8| {
            let (house, world) = (house.clone(), &world);
            async move {
                let patch = object(json!({"times": times}));
                house
                    .act(world, move |tx, cx| {
                        cx.registry.get("test.bell")?.update(tx, cx.expecting(Some(&version)), bell, &patch)
                    })
                    .await
            }
        };
        with(version.clone(), 2).await.unwrap();
        assert!(matches!(with(version.clone(), 3).await, Err(ResourceError::Stale)));
        let outcome = house
            .act(&world, move |tx, cx| cx.registry.get("test.bell")?.delete(tx, cx.expecting(Some(&version)), bell))
            .await;
        assert!(matches!(outcome, Err(ResourceError::Stale)));
        assert_eq!(house.read(&world, "test.bell", bell).await.unwrap()["times"], json!(2));
    }

    async fn every_change_is_a_revision_that_says_who_and_what(world: TestStore) {
        let people = People::gather(&world).await;
        let house = &people.house;
        let bell = json!({"name": "b", "times": 1, "password": "canary-one"});
        let bell = house.create(&world, "test.bell", bell).await.unwrap().id;
        world.clock.advance(Span::from_secs(1));
        let ada = people.actor(&world, people.ada).await;
        let patch = object(json!({"times": 2, "password": "canary-two"}));
        house
            .act_as(&world, ada, move |tx, cx| cx.registry.get("test.bell")?.update(tx, cx, bell, &patch))
            .await
            .unwrap();
        house.update(&world, "test.bell", bell, json!({"times": 2})).await.unwrap();
        let found = revisions(house, &world, bell).await;
        assert_eq!(found.len(), 2, "what changes nothing leaves nothing");
        assert_eq!(found.iter().map(|one| one.action).collect::<Vec<_>>(), [
            RevisionAction::Updated, RevisionAction::Created,
        ]);
        assert_eq!(found[0].user.as_ref().unwrap().username, "ada");
        assert_eq!(found[0].diff["times"], json!({"previous_value": 1, "new_value": 2}));
        assert_eq!(found[0].diff["password"], json!({"previous_value": "***", "new_value": "***"}));
        assert!(found[1].user.is_none());
        assert!(!format!("{found:?}").contains("canary"), "{found:?}");
    }

    async fn an_object_is_put_back_and_keeps_the_secret_of_today(world: TestStore) {
        let house = House::new();
        let bell = json!({"name": "b", "times": 1, "password": "canary-leaked"});
        let bell = house.create(&world, "test.bell", bell).await.unwrap().id;
        world.clock.advance(Span::from_secs(1));
        let patch = json!({"name": "c", "times": 9, "password": "canary-new"});
        house.update(&world, "test.bell", bell, patch).await.unwrap();
        world.clock.advance(Span::from_secs(1));
        let first = revisions(&house, &world, bell).await.pop().unwrap().id;
        house
            .act(&world, move |tx, cx| cx.registry.get("test.bell")?.revert(tx, cx, bell, first))
            .await
            .unwrap();
        let id = countersign_model::ConfigObjectId(bell);
        let stored = world.store().read(move |tx| config_objects::by_id(tx, id)).await.unwrap().unwrap();
        assert!(!stored.config.to_string().contains("canary"));
        let back: Bell = load(&stored, &house.sealer).unwrap();
        assert_eq!((stored.name.as_str(), back.times), ("b", 1));
        assert!(back.password.ct_eq("canary-new"), "a leaked secret does not come back");
        assert_eq!(revisions(&house, &world, bell).await[0].action, RevisionAction::Reverted);
    }

    async fn changes_within_a_millisecond_keep_their_order(world: TestStore) {
        let house = House::new();
        let bell = house.create(&world, "test.bell", json!({"name": "b", "times": 0})).await.unwrap().id;
        for times in 1..=8 {
            house.update(&world, "test.bell", bell, json!({"times": times})).await.unwrap();
        }
        // Neither does a clock that is set back tear them apart.
        world.clock.advance(Span::from_secs(-60));
        for times in 9..=12 {
            house.update(&world, "test.bell", bell, json!({"times": times})).await.unwrap();
        }
        let found = revisions(&house, &world, bell).await;
        let times: Vec<u64> = found.iter().map(|one| one.document["times"].as_u64().unwrap()).collect();
        assert_eq!(times, (0..=12).rev().collect::<Vec<u64>>());
        assert!(found.is_sorted_by(|newer, older| newer.id > older.id), "nothing is at one place with another");
    }

    async fn putting_back_twice_goes_back_and_forth(world: TestStore) {
        let house = House::new();
        let bell = house.create(&world, "test.bell", json!({"name": "b", "times": 1})).await.unwrap().id;
        house.update(&world, "test.bell", bell, json!({"times": 2})).await.unwrap();
        let [second, first] = revisions(&house, &world, bell).await.try_into().unwrap();
        let back = async |to: &RevisionView| {
            let to = to.id;
            house.act(&world, move |tx, cx| cx.registry.get("test.bell")?.revert(tx, cx, bell, to)).await.unwrap()
        };
        assert!(back(&first).await.changed);
        assert!(!back(&first).await.changed, "there already");
        assert_eq!(house.read(&world, "test.bell", bell).await.unwrap()["times"], json!(1));
        assert!(back(&second).await.changed, "what was put back is put back itself");
        assert_eq!(house.read(&world, "test.bell", bell).await.unwrap()["times"], json!(2));
        let found = revisions(&house, &world, bell).await;
        assert_eq!(found.iter().map(|one| one.action).collect::<Vec<_>>(), [
            RevisionAction::Reverted, RevisionAction::Reverted, RevisionAction::Updated, RevisionAction::Created,
        ]);
        assert_eq!(found[0].diff["times"], json!({"previous_value": 1, "new_value": 2}));
        assert_eq!(found[1].diff["times"], json!({"previous_value": 2, "new_value": 1}));
    }

    async fn going_back_checks_references_again(world: TestStore) {
        let house = House::new();
        let nod = house.create(&world, "test.nod", json!({"name": "n"})).await.unwrap().id;
        let bell = house.create(&world, "test.bell", json!({"name": "b", "policies": [nod]})).await.unwrap().id;
        let first = revisions(&house, &world, bell).await[0].id;
        house.delete(&world, "test.nod", nod).await.unwrap();
        let outcome = house
            .act(&world, move |tx, cx| cx.registry.get("test.bell")?.revert(tx, cx, bell, first))
            .await;
        assert_eq!(complaints(outcome), [("policies.0".to_owned(), "does_not_exist")]);
        let other = house.create(&world, "test.bell", json!({"name": "o"})).await.unwrap().id;
        let outcome = house
            .act(&world, move |tx, cx| cx.registry.get("test.bell")?.revert(tx, cx, other, first))
            .await;
        assert!(matches!(outcome, Err(ResourceError::NotFound)), "a revision of another object");
    }

    async fn going_back_to_more_rights_than_ones_own_is_refused(world: TestStore) {
        let people = People::gather(&world).await;
        let (group, house) = ("authentik_core.group", &people.house);
        let was = house.create(&world, group, json!({"name": "was", "is_superuser": true})).await.unwrap().id;
        world.clock.advance(Span::from_secs(1));
        house.update(&world, group, was, json!({"is_superuser": false})).await.unwrap();
        let first = house.act(&world, move |tx, cx| {
            let page = cx.registry.get(group)?.revisions(tx, cx.reading(), was, &PageRequest::first(9))?;
            Ok(page.items.last().unwrap().id)
        });
        let first = first.await.unwrap();
        let dora = people.actor(&world, people.dora).await;
        let outcome = house
            .act_as(&world, dora, move |tx, cx| cx.registry.get(group)?.revert(tx, cx, was, first))
            .await;
        assert!(matches!(outcome, Err(ResourceError::Denied)), "{outcome:?}");
    }
}

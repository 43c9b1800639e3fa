//! Stories of configurable objects, on both databases.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod kinds;
mod lists;
mod revisions;
mod rights;

use countersign_model::EventAction;
use countersign_registry::{Actor, ResourceError, load, load_provider};
use countersign_store::{
    config_objects, events, object_refs, on_both_databases, providers, settings, testing::TestStore,
};
use countersign_types::{PageRequest, RawId};
use serde_json::{Value, json};

use crate::kinds::{Bell, Gate, House, complaints, object};

/// Everything that the trail says, as text.
async fn trail(world: &TestStore) -> Vec<(EventAction, String)> {
    let page = world
        .store()
        .read(|tx| events::list(tx, &events::EventFilter::default(), &PageRequest::first(100)))
        .await
        .unwrap();
    page.items.into_iter().map(|event| (event.action, Value::Object(event.context).to_string())).collect()
}

on_both_databases! {
    async fn a_stage_is_made_read_and_changed(world: TestStore) {
        let house = House::new();
        let made = house
            .create(&world, "test.bell", json!({"name": "big", "times": 3, "password": "canary-ding", "colour": 1}))
            .await
            .unwrap();
        assert_eq!(made.unknown, ["colour"]);
        let document = house.read(&world, "test.bell", made.id).await.unwrap();
        assert_eq!(document, object(json!({
            "name": "big", "managed": null, "times": 3, "policies": [], "flow": null, "crew": null
        })));

        let same = house.update(&world, "test.bell", made.id, json!({"times": 3})).await.unwrap();
        assert!(!same.changed);
        let same = house.update(&world, "test.bell", made.id, json!({"password": "canary-ding"})).await.unwrap();
        assert!(!same.changed, "the same secret is no change");
        let changed = house.update(&world, "test.bell", made.id, json!({"times": 4})).await.unwrap();
        assert!(changed.changed);

        let (id, sealer) = (made.id, house.sealer.clone());
        let stored = world.store().read(move |tx| config_objects::by_id(tx, countersign_model::ConfigObjectId(id)))
            .await
            .unwrap()
            .unwrap();
        assert!(!stored.config.to_string().contains("canary"), "secrets are sealed at rest");
        let bell: Bell = load(&stored, &sealer).unwrap();
        assert!(bell.password.ct_eq("canary-ding"), "a secret left out is kept");

        let trail = trail(&world).await;
        assert_eq!(trail.len(), 2, "what changes nothing is not recorded: {trail:?}");
        assert!(trail.iter().all(|(_, context)| !context.contains("canary")), "{trail:?}");
        let diff = r#""times":{"previous_value":3,"new_value":4}"#;
        assert!(trail.iter().any(|(_, context)| context.contains(diff)), "{trail:?}");
    }

    async fn complaints_name_the_field(world: TestStore) {
        let house = House::new();
        let nobody = RawId::from_u128(9);
        let outcome = house.create(&world, "test.bell", json!({"times": "often"})).await;
        assert_eq!(complaints(outcome), [("name".to_owned(), "required"), ("times".to_owned(), "invalid")]);
        let outcome = house.create(&world, "test.bell", json!({"name": "x", "times": 13})).await;
        assert_eq!(complaints(outcome), [("times".to_owned(), "max_value")]);
        let outcome = house
            .create(&world, "test.bell", json!({"name": "x", "policies": [nobody], "flow": nobody}))
            .await;
        assert_eq!(complaints(outcome), [
            ("policies.0".to_owned(), "does_not_exist"),
            ("flow".to_owned(), "does_not_exist"),
        ]);
        house.create(&world, "test.bell", json!({"name": "x"})).await.unwrap();
        let outcome = house.create(&world, "test.bell", json!({"name": "x"})).await;
        assert_eq!(complaints(outcome), [("name".to_owned(), "unique")]);
    }

    async fn a_reference_to_an_object_of_another_family_dangles(world: TestStore) {
        let house = House::new();
        let bell = house.create(&world, "test.bell", json!({"name": "a"})).await.unwrap().id;
        let outcome = house.create(&world, "test.bell", json!({"name": "b", "policies": [bell]})).await;
        assert_eq!(complaints(outcome), [("policies.0".to_owned(), "does_not_exist")]);
    }

    async fn a_failed_write_leaves_nothing(world: TestStore) {
        let house = House::new();
        let outcome = house
            .act(&world, |tx, cx| {
                cx.registry.create(tx, cx, "test.nod", &object(json!({"name": "yes"})))?;
                cx.registry.create(tx, cx, "test.bell", &object(json!({"name": "b", "times": 99})))
            })
            .await;
        assert!(outcome.is_err());
        assert!(world.store().read(config_objects::all).await.unwrap().is_empty());
        assert!(trail(&world).await.is_empty());
    }

    async fn what_is_needed_is_not_deleted(world: TestStore) {
        let house = House::new();
        let nod = house.create(&world, "test.nod", json!({"name": "yes"})).await.unwrap().id;
        let bell = house.create(&world, "test.bell", json!({"name": "b", "policies": [nod]})).await.unwrap().id;
        let flow = house
            .create(&world, "authentik_flows.flow", json!({
                "name": "f", "slug": "f", "title": "F", "designation": "authentication"
            }))
            .await
            .unwrap()
            .id;
        let binding = json!({"target": flow, "stage": bell, "order": 0});
        let binding = house.create(&world, "authentik_flows.flowstagebinding", binding).await.unwrap().id;
        let guard = json!({"target": binding, "policy": nod, "order": 0});
        let guard = house.create(&world, "authentik_policies.policybinding", guard).await.unwrap().id;

        let error = house.delete(&world, "test.bell", bell).await.unwrap_err();
        let ResourceError::InUse(users) = error else { panic!("{error:?}") };
        assert_eq!((users[0].model.as_str(), users[0].field.as_str()), ("authentik_flows.flowstagebinding", "stage"));

        house.delete(&world, "authentik_flows.flow", flow).await.unwrap();
        assert!(house.read(&world, "authentik_flows.flowstagebinding", binding).await.is_none());
        assert!(house.read(&world, "authentik_policies.policybinding", guard).await.is_none());
        house.delete(&world, "test.nod", nod).await.unwrap();
        let document = house.read(&world, "test.bell", bell).await.unwrap();
        assert_eq!(document["policies"], json!([]), "an optional reference is emptied");
        let edges = world.store().read(move |tx| object_refs::from(tx, bell)).await.unwrap();
        assert!(edges.is_empty());
    }

    async fn a_provider_without_client_id_gets_one(world: TestStore) {
        let house = House::new();
        let made = house.create(&world, "test.gate", json!({"name": "g", "address": "a"})).await.unwrap();
        let (names, lengths): (Vec<_>, Vec<_>) =
            made.generated.iter().map(|(name, secret)| (name.as_str(), secret.expose().len())).unzip();
        assert_eq!((names, lengths), (vec!["client_id", "client_secret"], vec![40, 128]));
        let id = countersign_model::ProviderId(made.id);
        let provider = world.store().read(move |tx| providers::by_id(tx, id)).await.unwrap().unwrap();
        assert_eq!(provider.client_id.as_deref(), Some(made.generated[0].1.expose().as_str()));
        let gate: Gate = load_provider(&provider, &house.sealer).unwrap();
        assert!(gate.client_secret.ct_eq(made.generated[1].1.expose()));
        assert_eq!(gate.address, "a");
        assert!(!house.read(&world, "test.gate", made.id).await.unwrap().contains_key("client_secret"));
        assert!(!provider.config.to_string().contains(made.generated[1].1.expose().as_str()));

        let app = json!({"name": "A", "slug": "a", "provider": made.id});
        house.create(&world, "authentik_core.application", app).await.unwrap();
        let app = json!({"name": "B", "slug": "b", "provider": made.id});
        let outcome = house.create(&world, "authentik_core.application", app).await;
        assert_eq!(complaints(outcome), [("provider".to_owned(), "unique")]);
    }

    async fn a_password_is_hashed_before_the_transaction(world: TestStore) {
        let house = House::new();
        let outcome = house
            .create(&world, "authentik_core.user", json!({"username": "ada", "password": "canary-other"}))
            .await;
        assert!(matches!(outcome, Err(ResourceError::NeedsHash(_))), "{outcome:?}");
        let made = house
            .create(&world, "authentik_core.user", json!({"username": "ada", "password": "canary-password"}))
            .await
            .unwrap();
        let subject = house.subject(&world, made.id).await;
        assert_eq!(subject.user.password.as_ref().unwrap().expose(), "$argon2id$hash");
        assert!(trail(&world).await.iter().all(|(_, context)| {
            !context.contains("canary") && !context.contains("$argon2id$")
        }));
        let outcome = house.create(&world, "authentik_core.user", json!({"username": "ADA"})).await;
        assert_eq!(complaints(outcome), [("username".to_owned(), "unique")]);
        let outcome = house
            .create(&world, "authentik_core.user", json!({"username": "bob", "password_hash": "plain"}))
            .await;
        assert_eq!(complaints(outcome), [("password_hash".to_owned(), "invalid")]);
    }

    async fn only_administrators_write(world: TestStore) {
        let house = House::new();
        let admins = json!({"name": "admins", "is_superuser": true});
        let admins = house.create(&world, "authentik_core.group", admins).await.unwrap().id;
        let mallory = house.create(&world, "authentik_core.user", json!({"username": "mallory"})).await.unwrap().id;
        let ada = json!({"username": "ada", "groups": [admins]});
        let ada = house.create(&world, "authentik_core.user", ada).await.unwrap().id;
        let make = |tx: &mut countersign_store::Tx<'_>, cx: countersign_registry::WriteCx<'_>| {
            cx.registry.create(tx, cx, "test.nod", &object(json!({"name": "n"})))
        };
        let as_mallory = Actor::user(house.subject(&world, mallory).await, &[]);
        let outcome = house.act_as(&world, as_mallory, make).await;
        assert!(matches!(outcome, Err(ResourceError::Denied)), "{outcome:?}");
        let as_ada = Actor::user(house.subject(&world, ada).await, &[]);
        house.act_as(&world, as_ada, make).await.unwrap();

        house.update(&world, "authentik_core.user", ada, json!({"is_active": false})).await.unwrap();
        let as_ada = Actor::user(house.subject(&world, ada).await, &[]);
        let outcome = house.act_as(&world, as_ada, make).await;
        assert!(matches!(outcome, Err(ResourceError::Denied)), "a suspended administrator: {outcome:?}");
    }

    async fn the_first_password_of_an_administrator_closes_the_set_up(world: TestStore) {
        let house = House::new();
        let is_open = || world.store().read(settings::initial_setup_is_open);
        let admins = json!({"name": "admins", "is_superuser": true});
        let admins = house.create(&world, "authentik_core.group", admins).await.unwrap().id;
        let user = json!({"username": "somebody", "password": "canary-password"});
        house.create(&world, "authentik_core.user", user).await.unwrap();
        let ada = json!({"username": "ada", "groups": [admins]});
        let ada = house.create(&world, "authentik_core.user", ada).await.unwrap().id;
        assert!(is_open().await.unwrap());
        house.update(&world, "authentik_core.user", ada, json!({"password": "canary-password"})).await.unwrap();
        assert!(!is_open().await.unwrap());
        house.delete(&world, "authentik_core.user", ada).await.unwrap();
        assert!(!is_open().await.unwrap(), "deleting the administrator does not open it again");
    }

    async fn groups_do_not_close_a_circle(world: TestStore) {
        let house = House::new();
        let a = house.create(&world, "authentik_core.group", json!({"name": "a"})).await.unwrap().id;
        let b = json!({"name": "b", "parents": [a]});
        let b = house.create(&world, "authentik_core.group", b).await.unwrap().id;
        let outcome = house.update(&world, "authentik_core.group", a, json!({"parents": [b]})).await;
        assert_eq!(complaints(outcome), [("parents".to_owned(), "invalid")]);
    }

    async fn tokens_and_keys_are_made(world: TestStore) {
        let house = House::new();
        let user = house.create(&world, "authentik_core.user", json!({"username": "ada"})).await.unwrap().id;
        let token = json!({"identifier": "t", "user": user});
        let token = house.create(&world, "authentik_core.token", token).await.unwrap();
        assert_eq!(token.generated[0].1.expose().len(), 43);
        let document = house.read(&world, "authentik_core.token", token.id).await.unwrap();
        assert!(!document.contains_key("key"));
        let weak = json!({"identifier": "w", "user": user, "key": "short"});
        let outcome = house.create(&world, "authentik_core.token", weak).await;
        assert_eq!(complaints(outcome), [("key".to_owned(), "min_length")]);

        let pair = house.create(&world, "authentik_crypto.certificatekeypair", json!({"name": "k"})).await.unwrap();
        let snapshot = world.store().snapshot().await.unwrap();
        let pair = snapshot.key_pair(countersign_model::KeyPairId(pair.id)).unwrap();
        assert!(countersign_registry::open_private_key(&house.sealer, &pair.versions[0]).is_ok());
    }

    async fn objects_are_found_by_what_identifies_them(world: TestStore) {
        let house = House::new();
        let brand = json!({"domain": "a.test", "attributes": {"settings": {"locale": "ko", "x": 1}}});
        let brand = house.create(&world, "authentik_brands.brand", brand).await.unwrap().id;
        for (identifiers, found) in [
            (json!({"domain": "a.test"}), true),
            (json!({"domain": "a.test", "default": true}), false),
            (json!({"attributes": {"settings": {"locale": "ko"}}}), true),
            (json!({"attributes": {"settings": {"locale": "en"}}}), false),
            (json!({"pk": brand}), true),
            (json!({"pk": RawId::from_u128(1)}), false),
            (json!({}), false),
        ] {
            let identifiers = object(identifiers);
            let shown = format!("{identifiers:?}");
            let outcome = house
                .act(&world, move |tx, cx| cx.registry.get("authentik_brands.brand")?.find(tx, &identifiers))
                .await
                .unwrap();
            assert_eq!(outcome, found.then_some(brand), "{shown}");
        }
    }
}

#[test]
fn kinds_that_are_not_built_are_told_from_nonsense() {
    let house = House::new();
    let error = |model: &str| house.registry.get(model).err().unwrap().to_string();
    assert!(error("authentik_providers_saml.samlprovider").contains("not built here yet"));
    assert!(error("authentik_providers_saml.samlprovidr").contains("not a kind that is known"));
}

#[test]
fn no_descriptor_is_without_help() {
    let house = House::new();
    for resource in house.registry.resources() {
        let descriptor = resource.descriptor();
        for field in descriptor.fields.iter().filter(|_| descriptor.model.starts_with("authentik")) {
            assert!(!field.doc.is_empty(), "{} has no help for {}", descriptor.model, field.path);
        }
    }
}

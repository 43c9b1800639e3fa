//! Cold configuration and its snapshot.

use std::sync::Arc;

use countersign_model::{
    BoundTo, Brand, CertificateKeyPair, Family, KeyAlgorithm, KeyPairId, KeyVersion, KeyVersionId,
    PolicyBinding,
};
use countersign_store::{
    StoreError, applications, brands, config_objects, flow_stage_bindings, flows, key_pairs, object_refs,
    on_both_databases, policy_bindings, providers, settings, testing::samples,
};
use countersign_types::{PageRequest, Secret, Span, Timestamp};
use uuid::Uuid;

fn version(number: u8, pair: KeyPairId, created: Timestamp, retires: Option<Timestamp>) -> KeyVersion {
    KeyVersion {
        id: KeyVersionId(Uuid::from_u128(u128::from(number))),
        key_pair: pair,
        kid: format!("kid-{number}"),
        certificate: "PEM".to_owned(),
        private_key: Secret::new(vec![1, 2, 3]),
        created,
        activates: created,
        retires,
    }
}

on_both_databases! {
    async fn a_snapshot_knows_everything_by_every_name(world: TestStore) {
        let flow = samples::flow(1, "default-authentication-flow");
        let (late, early) = (samples::stage(1, "late"), samples::stage(2, "Early"));
        let mut mapping = samples::stage(3, "openid");
        mapping.family = Family::PropertyMapping;
        mapping.managed = Some("goauthentik.io/providers/oauth2/scope-openid".to_owned());
        let provider = samples::provider(1);
        let application = samples::application(1, "fastapi-demo", Some(provider.id));
        let guard = PolicyBinding {
            enabled: false,
            negate: true,
            ..samples::policy_binding(1, application.id.raw(), BoundTo::Policy(late.id))
        };
        let (flow_id, application_id, provider_id) = (flow.id, application.id, provider.id);
        world.write(move |tx| {
            flows::create(tx, &flow)?;
            for object in [&late, &early, &mapping] {
                config_objects::create(tx, object)?;
            }
            flow_stage_bindings::create(tx, &samples::stage_binding(1, flow.id, late.id, 20))?;
            flow_stage_bindings::create(tx, &samples::stage_binding(2, flow.id, early.id, 10))?;
            providers::create(tx, &provider)?;
            applications::create(tx, &application)?;
            policy_bindings::create(tx, &guard)?;
            brands::create(tx, &Brand { default: true, ..samples::brand(1, "authentik-default") })?;
            brands::create(tx, &samples::brand(2, "example.org"))
        }).await.unwrap();
        let snapshot = world.snapshot().await.unwrap();
        assert_eq!(snapshot.flow_by_slug("default-authentication-flow").unwrap().id, flow_id);
        let order: Vec<i32> = snapshot.stage_bindings(flow_id).iter().map(|binding| binding.order).collect();
        assert_eq!(order, [10, 20]);
        assert_eq!(snapshot.objects(Family::Stage).len(), 2);
        assert_eq!(snapshot.object_by_name(Family::Stage, "Early").unwrap().name, "Early");
        assert_eq!(snapshot.object_by_name(Family::Stage, "late").unwrap().name, "late");
        assert_eq!(snapshot.managed("goauthentik.io/providers/oauth2/scope-openid").unwrap().name, "openid");
        assert_eq!(snapshot.provider_by_client_id("client-1").unwrap().id, provider_id);
        assert_eq!(snapshot.provider_by_pk(1).unwrap().id, provider_id);
        assert_eq!(snapshot.application_of_provider(provider_id).unwrap().id, application_id);
        assert_eq!(snapshot.application_by_slug("fastapi-demo").unwrap().id, application_id);
        assert_eq!(snapshot.policy_bindings(application_id.raw())[0].timeout, 30);
        assert_eq!(snapshot.brand_for("sso.Example.ORG:9000").unwrap().domain, "example.org");
        assert_eq!(snapshot.brand_for("localhost").unwrap().domain, "authentik-default");
        assert!(!snapshot.install_id().is_nil());
        assert!(snapshot.flow_by_slug("none").is_none());
    }

    async fn a_warm_snapshot_costs_no_trip_and_a_change_one(world: TestStore) {
        world.snapshot().await.unwrap();
        let before = world.trips();
        let first = world.snapshot().await.unwrap();
        assert_eq!(world.trips(), before);
        let installed = first.install_id();
        world.write(|tx| flows::create(tx, &samples::flow(1, "new"))).await.unwrap();
        let second = world.snapshot().await.unwrap();
        assert!(second.flow_by_slug("new").is_some() && first.flow_by_slug("new").is_none());
        assert!(second.version() > first.version());
        assert_eq!(second.install_id(), installed);
        assert_eq!((world.trips() - before).reads, 1);
    }

    async fn many_who_ask_a_cold_snapshot_cause_one_load(world: TestStore) {
        let before = world.trips();
        let asking: Vec<_> = (0..50)
            .map(|_| {
                let store = world.store().clone();
                std::thread::spawn(move || store.snapshot_blocking().unwrap())
            })
            .collect();
        let snapshots: Vec<_> = asking.into_iter().map(|thread| thread.join().unwrap()).collect();
        assert!(snapshots.iter().all(|snapshot| Arc::ptr_eq(snapshot, &snapshots[0])));
        assert_eq!((world.trips() - before).reads, 1);
    }

    async fn a_deleted_flow_takes_its_bindings_along(world: TestStore) {
        let (flow, stage) = (samples::flow(1, "gone"), samples::stage(1, "stays"));
        let id = flow.id;
        let stage_id = stage.id;
        world.write(move |tx| {
            flows::create(tx, &flow)?;
            config_objects::create(tx, &stage)?;
            flow_stage_bindings::create(tx, &samples::stage_binding(1, flow.id, stage.id, 0))?;
            let target = samples::stage_binding(1, flow.id, stage.id, 0).id.raw();
            let guard = samples::policy_binding(1, target, BoundTo::Policy(stage.id));
            policy_bindings::create(tx, &guard)
        }).await.unwrap();
        assert_eq!(world.write(move |tx| flows::delete(tx, id)).await, Ok(true));
        let snapshot = world.snapshot().await.unwrap();
        assert!(snapshot.stage_bindings(id).is_empty());
        assert!(world.read(policy_bindings::all).await.unwrap().is_empty());
        assert!(snapshot.object(stage_id).is_some());
    }

    async fn a_binding_to_nothing_is_a_broken_reference(world: TestStore) {
        let error = world
            .write(|tx| {
                let (flow, stage) = (samples::flow(1, "none"), samples::stage(1, "none"));
                flow_stage_bindings::create(tx, &samples::stage_binding(1, flow.id, stage.id, 0))
            })
            .await
            .unwrap_err();
        assert_eq!(error.conflict().unwrap().rule, countersign_store::ConflictRule::Reference);
    }

    async fn keys_are_published_until_they_retire(world: TestStore) {
        let now = world.now();
        let id = KeyPairId(Uuid::from_u128(1));
        let pair = CertificateKeyPair {
            id,
            name: "signing".to_owned(),
            managed: None,
            algorithm: KeyAlgorithm::EcdsaP256,
            versions: vec![version(1, id, now, None)],
        };
        world.write(move |tx| key_pairs::create(tx, &pair)).await.unwrap();
        world.clock.advance(Span::from_secs(1));
        let later = world.now();
        let retiring = KeyVersionId(Uuid::from_u128(1));
        world.write(move |tx| {
            key_pairs::add_version(tx, &version(2, id, later, None))?;
            key_pairs::retire_version(tx, retiring, later.plus(Span::from_hours(1)))
        }).await.unwrap();
        let pair = world.snapshot().await.unwrap().key_pair(id).cloned().unwrap();
        let kids: Vec<_> = pair.versions.iter().map(|version| version.kid.clone()).collect();
        assert_eq!(kids, ["kid-1", "kid-2"]);
        world.clock.advance(Span::from_hours(1));
        let pair = world.read(|tx| key_pairs::by_name(tx, "signing")).await.unwrap().unwrap();
        assert_eq!(pair.versions.len(), 1);
    }

    async fn the_initial_setup_is_closed_once_and_for_good(world: TestStore) {
        assert_eq!(world.read(settings::initial_setup_is_open).await, Ok(true));
        let racing: Vec<_> = (0..20)
            .map(|_| {
                let store = world.store().clone();
                std::thread::spawn(move || store.write_blocking(settings::close_initial_setup).unwrap())
            })
            .collect();
        let won = racing.into_iter().map(|thread| thread.join().unwrap()).filter(|won| *won).count();
        assert_eq!(won, 1);
        assert_eq!(world.read(settings::initial_setup_is_open).await, Ok(false));
    }

    async fn references_answer_used_by(world: TestStore) {
        let (from, to) = (Uuid::from_u128(1), Uuid::from_u128(2));
        world.write(move |tx| {
            object_refs::replace(tx, "a.b", from, &[("old".to_owned(), to)])?;
            object_refs::replace(tx, "a.b", from, &[("sources.0".to_owned(), to), ("sources.1".to_owned(), to)])
        }).await.unwrap();
        let used_by = world.read(move |tx| object_refs::to(tx, to, 10)).await.unwrap();
        assert_eq!(used_by.iter().map(|edge| edge.field.as_str()).collect::<Vec<_>>(), ["sources.0", "sources.1"]);
        assert_eq!(world.read(move |tx| object_refs::from(tx, from)).await.unwrap(), used_by);
    }

    async fn lists_of_objects_go_on_where_they_ended(world: TestStore) {
        world.write(|tx| {
            for number in 1..=3 {
                let mut stage = samples::stage(number, &format!("stage-{number}"));
                stage.kind = if number == 2 { "other" } else { "same" }.to_owned();
                config_objects::create(tx, &stage)?;
                flows::create(tx, &samples::flow(number, &format!("flow-{number}")))?;
            }
            Ok::<_, StoreError>(())
        }).await.unwrap();
        let of_kind = world
            .read(|tx| config_objects::list(tx, Family::Stage, Some("same"), &PageRequest::first(1)))
            .await
            .unwrap();
        assert_eq!((of_kind.items[0].name.as_str(), of_kind.next.as_deref()), ("stage-1", Some("stage-1")));
        let any = world.read(|tx| config_objects::list(tx, Family::Stage, None, &PageRequest::first(9))).await;
        assert_eq!(any.unwrap().items.len(), 3);
        let page = PageRequest { after: Some("flow-1".to_owned()), limit: 9 };
        let flows = world.read(move |tx| flows::list(tx, &page)).await.unwrap();
        assert_eq!(flows.items.len(), 2);
    }
}

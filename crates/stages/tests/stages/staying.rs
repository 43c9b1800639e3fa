//! Staying signed in: where a session is good, for how long, and by what a browser is known.

use countersign_geo::{Atlas, testing::Writer};
use countersign_model::{BoundTo, EventAction, FlowDesignation};
use countersign_policies::kinds::expression::ExpressionPolicy;
use countersign_stages::{DenyStage, IdentificationStage, UserLoginStage};
use countersign_store::{flow_stage_bindings, on_both_databases, policy_bindings, testing::samples};
use countersign_types::{ClientAddr, Span};
use serde_json::{Value, json};

use crate::world::{Browser, PASSWORD, Seen, World};

/// Two networks of one country, and one of another.
fn atlas(folder: &std::path::Path) -> Atlas {
    let (places, networks) = (folder.join("places.mmdb"), folder.join("networks.mmdb"));
    let writer = Writer::new("GeoLite2-City")
        .place("192.0.2.0/25", "EU", "DE", "Berlin", 52.5, 13.4)
        .place("192.0.2.128/25", "EU", "DE", "Potsdam", 52.4, 13.1)
        .place("198.51.100.0/24", "EU", "FR", "Paris", 48.9, 2.4);
    std::fs::write(&places, writer.bytes()).unwrap();
    let writer = Writer::new("GeoLite2-ASN").network("192.0.2.0/24", 64_500, "One").network(
        "198.51.100.0/24",
        64_501,
        "Two",
    );
    std::fs::write(&networks, writer.bytes()).unwrap();
    Atlas::open(Some(places), Some(networks))
}

async fn flow(world: &World, login: Value) {
    let name = world.object::<IdentificationStage>("who", json!({ "user_fields": ["username"] })).await;
    let password = world.password_stage(json!({})).await;
    let login = world.object::<UserLoginStage>("login", login).await;
    world.flow("sign-in", FlowDesignation::Authentication, &[name, password, login]).await;
}

async fn sign_in(browser: &mut Browser<'_>, name: &str) -> Seen {
    browser.open("sign-in").await;
    browser.send(&[("uid_field", name)]).await;
    browser.send(&[("password", PASSWORD)]).await
}

fn go_to(browser: &mut Browser<'_>, address: &str) {
    browser.facts.client = Some(ClientAddr(address.parse().unwrap()));
}

on_both_databases! {
    async fn a_stolen_session_is_worth_nothing_in_another_network(db: TestStore) {
        let folder = tempfile::tempdir().unwrap();
        let world = World::knowing(db, atlas(folder.path()));
        let alice = world.user(1, "alice").await;
        flow(&world, json!({ "network_binding": "bind_asn" })).await;
        let mut browser = world.browser("alice");
        sign_in(&mut browser, "alice").await.gone();
        go_to(&mut browser, "192.0.2.200");
        assert_eq!(browser.who().await.as_deref(), Some("alice"), "another address of the same network");
        let before = world.trips();
        assert_eq!(browser.who().await.as_deref(), Some("alice"));
        let cost = world.trips() - before;
        assert_eq!((cost.reads, cost.writes), (0, 0));
        go_to(&mut browser, "198.51.100.1");
        assert_eq!(browser.who().await, None);
        assert!(world.sessions_of(&alice).await.is_empty(), "it ended");
        let events = world.events(EventAction::Logout).await;
        assert_eq!(events.len(), 1);
        let expected = json!({ "reason": "network.bind_asn", "previous_value": "AS64500", "new_value": "AS64501" });
        assert_eq!(events[0].context["binding"], expected);
        assert_eq!(events[0].user.as_ref().unwrap().username, "alice");
        go_to(&mut browser, "192.0.2.7");
        assert_eq!(browser.who().await, None, "and stays ended where it began");
        let page = browser.open("sign-in").await;
        assert_eq!(page.component(), "ak-stage-identification", "the way back in");
        sign_in(&mut browser, "alice").await.gone();
        assert_eq!(browser.who().await.as_deref(), Some("alice"));
    }

    async fn a_flow_takes_nobody_for_signed_in_elsewhere(db: TestStore) {
        let folder = tempfile::tempdir().unwrap();
        let world = World::knowing(db, atlas(folder.path()));
        let alice = world.user(1, "alice").await;
        flow(&world, json!({ "geoip_binding": "bind_continent_country" })).await;
        let mut signed_in = samples::flow(9, "members");
        signed_in.authentication = countersign_model::FlowAuthentication::RequireAuthenticated;
        world.put_flow(signed_in, &[]).await;
        let mut browser = world.browser("alice");
        sign_in(&mut browser, "alice").await.gone();
        go_to(&mut browser, "192.0.2.200");
        assert_eq!(browser.open("members").await.gone(), "/");
        go_to(&mut browser, "198.51.100.1");
        assert!(!matches!(browser.open("members").await, Seen::Gone(to) if to == "/"));
        assert!(world.sessions_of(&alice).await.is_empty());
    }

    async fn a_session_that_cannot_be_bound_does_not_begin(db: TestStore) {
        let world = World::new(db);
        let alice = world.user(1, "alice").await;
        flow(&world, json!({ "network_binding": "bind_asn" })).await;
        let mut browser = world.browser("alice");
        assert!(sign_in(&mut browser, "alice").await.is_denied());
        assert!(world.sessions_of(&alice).await.is_empty());
        let events = world.events(EventAction::ConfigurationError).await;
        assert!(events[0].context["message"].as_str().unwrap().contains("context_processors.asn"));
    }

    async fn staying_signed_in_adds_to_the_session(db: TestStore) {
        let world = World::new(db);
        let alice = world.user(1, "alice").await;
        flow(&world, json!({ "session_duration": "hours=2", "remember_me_offset": "days=30" })).await;
        for (answer, expected) in [("true", Span::from_hours(30 * 24 + 2)), ("false", Span::from_hours(2))] {
            let mut browser = world.browser(answer);
            assert_eq!(sign_in(&mut browser, "alice").await.component(), "ak-stage-user-login");
            assert_eq!(browser.send(&[]).await.complaints(), [("remember_me", "required")]);
            browser.send(&[("remember_me", answer)]).await.gone();
            let session = world.sessions_of(&alice).await.remove(0);
            assert_eq!(session.expires, world.db.now().plus(expected), "{answer}");
            world.db.clock.advance(Span::from_secs(1));
        }
    }

    async fn a_browser_is_known_to_whoever_signed_in_with_it(db: TestStore) {
        let world = World::new(db);
        let (alice, bob) = (world.user(1, "alice").await, world.user(2, "bob").await);
        flow(&world, json!({ "remember_device": "days=3" })).await;
        let mut browser = world.browser("shared");
        let known = async |name: &str, browser: &mut Browser<'_>| {
            browser.session = None;
            sign_in(browser, name).await.gone();
            world.db.clock.advance(Span::from_secs(1));
            world.events(EventAction::Login).await.remove(0).context["auth_method_args"]["known_device"].clone()
        };
        assert_eq!(known("alice", &mut browser).await, false);
        assert_eq!(known("bob", &mut browser).await, false, "known to alice only");
        assert_eq!(known("alice", &mut browser).await, true);
        assert_eq!(known("bob", &mut browser).await, true);
        assert_eq!(known("alice", &mut world.browser("another")).await, false);
        world.db.clock.advance(Span::from_days(3));
        assert_eq!(known("alice", &mut browser).await, false, "forgotten");
        assert_eq!(known("alice", &mut browser).await, true);
        world.change_user(&alice, |user| user.password_change_date = Some(world.db.now())).await;
        assert_eq!(known("alice", &mut browser).await, false, "a new password ends what was known");
        assert!(!browser.devices().knows(&bob));
    }

    async fn a_policy_asks_whether_the_browser_is_known(db: TestStore) {
        let world = World::new(db);
        world.user(1, "alice").await;
        let name = world.object::<IdentificationStage>("who", json!({ "user_fields": ["username"] })).await;
        let deny = world.object::<DenyStage>("strangers", json!({ "deny_message": "Who are you?" })).await;
        let password = world.password_stage(json!({})).await;
        let login = world.object::<UserLoginStage>("login", json!({})).await;
        let flow = world.flow("sign-in", FlowDesignation::Authentication, &[name, password, login]).await;
        let mut browser = world.browser("alice");
        sign_in(&mut browser, "alice").await.gone();
        browser.session = None;
        let policy = world
            .object::<ExpressionPolicy>("unknown", json!({ "expression": "return not context[\"known_device\"]" }))
            .await;
        let binding = samples::stage_binding(200, flow.id, deny, 5);
        let bound = samples::policy_binding(200, binding.id.raw(), BoundTo::Policy(policy));
        world.write(move |tx| {
            flow_stage_bindings::create(tx, &binding)?;
            policy_bindings::create(tx, &bound)
        }).await;
        sign_in(&mut browser, "alice").await.gone();
        for (who, name) in [("stranger", "alice"), ("nobody", "nobody")] {
            let mut stranger = world.browser(who);
            stranger.open("sign-in").await;
            assert!(stranger.send(&[("uid_field", name)]).await.is_denied(), "{name}");
        }
    }
}

//! Forms that are sent twice, too late, from elsewhere, or to a flow that has changed.

use countersign_flows::FlowError;
use countersign_model::FlowDesignation;
use countersign_stages::{DummyStage, IdentificationStage};
use countersign_store::{config_objects, flow_stage_bindings, on_both_databases};
use countersign_types::Span;
use serde_json::json;

use crate::world::{PASSWORD, Seen, World};

fn is_stale(result: &Result<Seen, FlowError>) -> bool {
    matches!(result, Err(FlowError::Stale))
}

on_both_databases! {
    async fn a_replayed_form_is_stale(db: TestStore) {
        let world = World::new(db);
        world.user(1, "alice").await;
        world.sign_in_flow().await;
        let mut browser = world.browser("alice");
        browser.open("sign-in").await;
        let first = browser.token.clone();
        browser.send(&[("uid_field", "alice")]).await;
        let second = browser.token.clone();
        browser.token = first;
        assert!(is_stale(&browser.try_send(&[("uid_field", "bob")]).await));
        browser.token.clone_from(&second);
        browser.send(&[("password", PASSWORD)]).await.gone();
        browser.token = second;
        assert!(is_stale(&browser.try_send(&[("password", PASSWORD)]).await));
    }

    async fn a_form_of_another_browser_is_stale(db: TestStore) {
        let world = World::new(db);
        world.user(1, "alice").await;
        world.sign_in_flow().await;
        let mut victim = world.browser("victim");
        victim.open("sign-in").await;
        victim.send(&[("uid_field", "alice")]).await;
        let mut attacker = world.browser("attacker");
        attacker.open("sign-in").await;
        attacker.token.clone_from(&victim.token);
        assert!(is_stale(&attacker.try_send(&[("password", PASSWORD)]).await));
        assert_eq!(victim.reload().await.component(), "ak-stage-password");
    }

    async fn a_form_of_another_address_or_flow_is_stale(db: TestStore) {
        let world = World::new(db);
        world.sign_in_flow().await;
        let dummy = world.object::<DummyStage>("dummy", json!({})).await;
        world.flow("other", FlowDesignation::Authentication, &[dummy]).await;
        let mut browser = world.browser("x");
        browser.open("sign-in?next=%2Fa").await;
        for elsewhere in [("sign-in", "next=%2Fb"), ("sign-in", ""), ("other", "next=%2Fa")] {
            browser.page = (elsewhere.0.to_owned(), elsewhere.1.to_owned());
            assert!(is_stale(&browser.try_send(&[("uid_field", "alice")]).await), "{elsewhere:?}");
        }
    }

    async fn a_tampered_form_is_stale(db: TestStore) {
        let world = World::new(db);
        world.sign_in_flow().await;
        let mut browser = world.browser("x");
        browser.open("sign-in").await;
        let token = browser.token.clone().unwrap();
        let mut tampered = vec![String::new(), "x".to_owned(), "💥".to_owned(), token.repeat(2), "A".repeat(100_000)];
        for place in (0..token.len()).step_by(7) {
            let mut bytes = token.clone().into_bytes();
            bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
            tampered.push(String::from_utf8(bytes).unwrap());
            tampered.push(token[..place].to_owned());
        }
        for forged in tampered {
            browser.token = Some(forged.clone());
            assert!(is_stale(&browser.try_send(&[("uid_field", "alice")]).await), "{forged}");
        }
    }

    async fn two_tabs_on_the_way_to_two_places(db: TestStore) {
        let world = World::new(db);
        world.user(1, "alice").await;
        world.sign_in_flow().await;
        let mut one = world.browser("alice");
        let mut two = world.browser("alice");
        one.open("sign-in?next=%2Fone").await;
        two.open("sign-in?next=%2Ftwo").await;
        one.send(&[("uid_field", "alice")]).await;
        two.send(&[("uid_field", "alice")]).await;
        assert_eq!(one.send(&[("password", PASSWORD)]).await.gone(), "/one");
        assert_eq!(two.send(&[("password", PASSWORD)]).await.gone(), "/two");
    }

    async fn the_same_page_in_two_tabs_is_one_plan(db: TestStore) {
        let world = World::new(db);
        world.user(1, "alice").await;
        world.sign_in_flow().await;
        let mut one = world.browser("alice");
        let mut two = world.browser("alice");
        one.open("sign-in").await;
        two.open("sign-in").await;
        one.send(&[("uid_field", "alice")]).await;
        // The second tab begins anew; the first one's form is then an old one.
        assert_eq!(two.send(&[("uid_field", "alice")]).await.component(), "ak-stage-password");
        assert!(is_stale(&one.try_send(&[("password", PASSWORD)]).await));
        two.send(&[("password", PASSWORD)]).await.gone();
    }

    async fn a_stage_removed_on_the_way_makes_the_plan_stale(db: TestStore) {
        let world = World::new(db);
        world.user(1, "alice").await;
        let flow = world.sign_in_flow().await;
        let mut browser = world.browser("alice");
        browser.open("sign-in").await;
        browser.send(&[("uid_field", "alice")]).await;
        let snapshot = world.db.snapshot().await.unwrap();
        let binding = snapshot.stage_bindings(flow.id)[1].clone();
        world.write(move |tx| flow_stage_bindings::delete(tx, binding.id)).await;
        assert!(is_stale(&browser.try_send(&[("password", PASSWORD)]).await));
        assert_eq!(browser.reload().await.component(), "ak-stage-identification");
        // What is left of the flow does not sign in: nobody proved anything.
        assert!(browser.send(&[("uid_field", "alice")]).await.is_denied());
    }

    async fn an_expired_plan_begins_anew(db: TestStore) {
        let world = World::new(db);
        world.user(1, "alice").await;
        world.sign_in_flow().await;
        let mut browser = world.browser("alice");
        browser.open("sign-in").await;
        browser.send(&[("uid_field", "alice")]).await;
        world.db.clock.advance(Span::from_mins(61));
        assert!(is_stale(&browser.try_send(&[("password", PASSWORD)]).await));
        assert_eq!(browser.reload().await.component(), "ak-stage-identification");
    }

    async fn a_program_answers_the_component_in_hand_or_none(db: TestStore) {
        let world = World::new(db);
        world.user(1, "alice").await;
        world.sign_in_flow().await;
        let mut program = world.browser("program");
        program.open("sign-in").await;
        let skipped = program.send_json(json!({ "component": "ak-stage-password", "password": PASSWORD })).await;
        assert!(is_stale(&skipped));
        let page = program.send_json(json!({ "component": "ak-stage-identification", "uid_field": "alice" })).await;
        assert_eq!(page.unwrap().component(), "ak-stage-password");
        let end = program.send_json(json!({ "component": "ak-stage-password", "password": PASSWORD })).await;
        end.unwrap().gone();
        assert_eq!(program.who().await.as_deref(), Some("alice"));
    }

    async fn a_damaged_stage_is_a_clear_fault(db: TestStore) {
        let world = World::new(db);
        let flow = world.sign_in_flow().await;
        let snapshot = world.db.snapshot().await.unwrap();
        let mut object = snapshot.object(snapshot.stage_bindings(flow.id)[0].stage).unwrap().clone();
        object.config = json!({ "user_fields": 7 });
        world.write(move |tx| config_objects::update(tx, &object)).await;
        let mut browser = world.browser("x");
        browser.page = ("sign-in".to_owned(), String::new());
        let error = world.executor.show(&browser.request()).await.unwrap_err();
        assert!(error.to_string().contains("“who”"), "{error}");
    }

    async fn links_to_other_flows_keep_the_way_back(db: TestStore) {
        let world = World::new(db);
        let dummy = world.object::<DummyStage>("dummy", json!({})).await;
        let enrol = world.flow("enrol", FlowDesignation::Enrollment, &[dummy]).await;
        let document = json!({ "user_fields": ["username"], "enrollment_flow": enrol.id.raw().to_string() });
        let who = world.object::<IdentificationStage>("who", document).await;
        world.flow("sign-in", FlowDesignation::Authentication, &[who]).await;
        let page = world.browser("x").open("sign-in?next=%2Fif%2Fuser%2F").await;
        let data = &page.asked().challenge.data;
        assert_eq!(data["enroll_url"], "/if/flow/enrol/?next=%2Fif%2Fuser%2F");
        assert_eq!(data["recovery_url"], serde_json::Value::Null);
    }
}

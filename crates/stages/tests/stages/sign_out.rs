//! Signing out, and the stages that only end or lead.

use countersign_model::{EventAction, FlowDesignation};
use countersign_stages::{DenyStage, DummyStage, RedirectStage, UserLogoutStage};
use countersign_store::on_both_databases;
use serde_json::json;

use crate::world::World;

on_both_databases! {
    async fn a_session_ends(db: TestStore) {
        let world = World::new(db);
        let alice = world.user(1, "alice").await;
        let logout = world.object::<UserLogoutStage>("logout", json!({})).await;
        world.flow("leave", FlowDesignation::Invalidation, &[logout]).await;
        let mut browser = world.signed_in(&alice).await;
        let key = browser.session.unwrap();
        assert_eq!(browser.open("leave").await.gone(), "/");
        assert_eq!(browser.session, None);
        assert!(world.db.live_session(&key).await.unwrap().is_none());
        assert_eq!(world.events(EventAction::Logout).await.len(), 1);
        // Who is signed out already just goes on.
        assert_eq!(browser.open("leave").await.gone(), "/");
        assert_eq!(world.events(EventAction::Logout).await.len(), 1);
    }

    async fn another_site_cannot_sign_people_out(db: TestStore) {
        let world = World::new(db);
        let alice = world.user(1, "alice").await;
        let logout = world.object::<UserLogoutStage>("logout", json!({})).await;
        world.flow("leave", FlowDesignation::Invalidation, &[logout]).await;
        let mut browser = world.signed_in(&alice).await;
        browser.facts.is_cross_site = true;
        let before = world.trips();
        assert_eq!(browser.open("leave").await.component(), "ak-stage-user-logout");
        assert_eq!((world.trips() - before).writes, 0);
        assert_eq!(browser.who().await.as_deref(), Some("alice"));
        browser.facts.is_cross_site = false;
        browser.send(&[]).await.gone();
        assert_eq!(browser.who().await, None);
    }

    async fn a_deny_stage_says_why(db: TestStore) {
        let world = World::new(db);
        let deny = world.object::<DenyStage>("deny", json!({ "deny_message": "Not on Sundays." })).await;
        world.flow("no", FlowDesignation::Authentication, &[deny]).await;
        let mut browser = world.browser("x");
        assert!(format!("{:?}", browser.open("no").await).contains("Not on Sundays."));
        assert!(browser.send(&[]).await.is_denied());
    }

    async fn a_redirect_leads_to_addresses_and_flows(db: TestStore) {
        let world = World::new(db);
        let dummy = world.object::<DummyStage>("dummy", json!({})).await;
        let other = world.flow("other", FlowDesignation::Authentication, &[dummy]).await;
        let to_flow = json!({ "mode": "flow", "target_flow": other.id.raw().to_string() });
        for (slug, document, expected) in [
            ("away", json!({ "mode": "static", "target_static": "https://example.org/x" }), "https://example.org/x"),
            ("by-scheme", json!({ "mode": "static", "target_static": "ak-flow://other" }), "/if/flow/other/"),
            ("by-flow", to_flow, "/if/flow/other/"),
        ] {
            let stage = world.object::<RedirectStage>(slug, document).await;
            world.flow(slug, FlowDesignation::Authentication, &[stage]).await;
            let mut browser = world.browser(slug);
            let seen = browser.open(slug).await;
            assert!(seen.gone().starts_with(expected), "{seen:?}");
        }
    }

    async fn flows_that_lead_in_circles_end(db: TestStore) {
        let world = World::new(db);
        let stage = world.object::<RedirectStage>("round", json!({ "mode": "static", "target_static": "ak-flow://b" })).await;
        let back = world.object::<RedirectStage>("back", json!({ "mode": "static", "target_static": "ak-flow://a" })).await;
        world.flow("a", FlowDesignation::Authentication, &[stage]).await;
        world.flow("b", FlowDesignation::Authentication, &[back]).await;
        let mut browser = world.browser("x");
        let mut page = "a".to_owned();
        for hops in 0..20 {
            browser.page = page.split_once('?').map_or((page.clone(), String::new()), |(slug, query)| (slug.to_owned(), query.to_owned()));
            match world.executor.show(&browser.request()).await {
                Ok(reply) => {
                    let countersign_flows::ReplyKind::Redirect { to } = reply.kind else { panic!("a redirect") };
                    page = to.trim_start_matches("/if/flow/").replacen("/?", "?", 1);
                }
                Err(error) => {
                    assert!(hops > 2, "{error}");
                    return;
                }
            }
        }
        panic!("round and round");
    }
}

//! Guessing at passwords.

use countersign_flows::FlowError;
use countersign_model::EventAction;
use countersign_store::on_both_databases;
use countersign_types::Span;
use serde_json::json;

use crate::world::{PASSWORD, Seen, World};

/// How an attempt in a browser of its own ends.
async fn guess(world: &World, browser: &str, name: &str, password: &str) -> &'static str {
    let mut browser = world.browser(browser);
    browser.open("sign-in").await;
    browser.send(&[("uid_field", name)]).await;
    match browser.try_send(&[("password", password)]).await {
        Ok(Seen::Gone(_)) => "in",
        Ok(Seen::Denied(_)) => "denied",
        Ok(page) => page.complaints()[0].1,
        Err(FlowError::Stale) => "stale",
        Err(error) => panic!("{error}"),
    }
}

on_both_databases! {
    async fn failures_delay_and_then_even_the_right_password_waits(db: TestStore) {
        let world = World::new(db);
        world.user(1, "alice").await;
        world.sign_in_flow().await;
        for number in 0..6 {
            assert_eq!(guess(&world, &format!("b{number}"), "alice", "wrong").await, "invalid");
        }
        assert_eq!(guess(&world, "c", "alice", "wrong").await, "throttled");
        assert_eq!(guess(&world, "d", "alice", PASSWORD).await, "throttled");
        world.db.clock.advance(Span::from_secs(1));
        assert_eq!(guess(&world, "e", "alice", PASSWORD).await, "in");
        // The success forgives what was before.
        for number in 0..6 {
            assert_eq!(guess(&world, &format!("f{number}"), "alice", "wrong").await, "invalid");
        }
    }

    async fn the_account_is_counted_however_it_is_named(db: TestStore) {
        let world = World::new(db);
        world.user(1, "alice").await;
        world.sign_in_flow().await;
        let names = ["alice", "ALICE", "alice@example.org", " Alice ", "ALICE@EXAMPLE.ORG", "alice"];
        for (number, name) in names.iter().enumerate() {
            assert_eq!(guess(&world, &format!("b{number}"), name, "wrong").await, "invalid");
        }
        for (number, name) in names.iter().enumerate() {
            assert_eq!(guess(&world, &format!("c{number}"), name, "wrong").await, "throttled", "{name}");
        }
    }

    async fn names_that_are_nobodys_are_counted_alike(db: TestStore) {
        let world = World::new(db);
        world.sign_in_flow().await;
        for (number, name) in ["ghost", "GHOST", " ghost", "ghost", "Ghost", "ghost"].iter().enumerate() {
            assert_eq!(guess(&world, &format!("b{number}"), name, "wrong").await, "invalid");
        }
        assert_eq!(guess(&world, "c", "ghost", "wrong").await, "throttled");
        assert_eq!(guess(&world, "d", "spirit", "wrong").await, "invalid");
    }

    async fn a_hundred_failures_lock_for_a_day(db: TestStore) {
        let world = World::new(db);
        world.user(1, "alice").await;
        world.sign_in_flow().await;
        let mut failures = 0;
        for number in 0..100 {
            let came_to = guess(&world, &format!("b{number}"), "alice", "wrong").await;
            assert_eq!(came_to, "invalid", "{number}");
            failures += 1;
            if failures < 100 {
                world.db.clock.advance(Span::from_mins(15));
            }
        }
        world.db.clock.advance(Span::from_hours(23));
        assert_eq!(guess(&world, "c", "alice", PASSWORD).await, "throttled");
        world.db.clock.advance(Span::from_hours(1));
        assert_eq!(guess(&world, "d", "alice", PASSWORD).await, "in");
    }

    async fn race_around_the_lock_out(db: TestStore) {
        let world = World::new(db);
        world.user(1, "alice").await;
        world.sign_in_flow().await;
        let mut browsers = Vec::new();
        for number in 0..100 {
            let mut browser = world.browser(&format!("b{number}"));
            browser.open("sign-in").await;
            browser.send(&[("uid_field", "alice")]).await;
            browsers.push(browser);
        }
        let attempts = browsers.iter_mut().enumerate().map(|(number, browser)| async move {
            let password = if number == 99 { PASSWORD.to_owned() } else { format!("guess {number}") };
            browser.send(&[("password", &password)]).await
        });
        let seen = futures_util::future::join_all(attempts).await;
        let answered = seen.iter().filter(|page| match page {
            Seen::Asked(_) => page.complaints() == [("password", "invalid")],
            _ => true,
        });
        let answered = answered.count();
        assert!((1..=7).contains(&answered), "{answered} guesses were answered");
        assert!(world.events(EventAction::LoginFailed).await.len() <= 6);
    }

    async fn a_form_is_good_for_one_guess(db: TestStore) {
        let world = World::new(db);
        world.user(1, "alice").await;
        world.sign_in_flow().await;
        let mut browser = world.browser("alice");
        browser.open("sign-in").await;
        browser.send(&[("uid_field", "alice")]).await;
        let token = browser.token.clone();
        assert_eq!(browser.send(&[("password", "wrong")]).await.complaints(), [("password", "invalid")]);
        browser.token = token;
        assert!(matches!(browser.try_send(&[("password", PASSWORD)]).await, Err(FlowError::Stale)));
    }

    async fn the_flow_is_cancelled_after_so_many_failures(db: TestStore) {
        let world = World::new(db);
        world.user(1, "alice").await;
        let name = world.object::<countersign_stages::IdentificationStage>("who", json!({ "user_fields": ["username"] })).await;
        let password = world.password_stage(json!({ "failed_attempts_before_cancel": 2 })).await;
        world.flow("sign-in", countersign_model::FlowDesignation::Authentication, &[name, password]).await;
        let mut browser = world.browser("alice");
        browser.open("sign-in").await;
        browser.send(&[("uid_field", "alice")]).await;
        browser.send(&[("password", "wrong")]).await.asked();
        assert!(browser.send(&[("password", "wrong")]).await.is_denied());
        assert_eq!(browser.reload().await.component(), "ak-stage-identification");
    }

    async fn a_failure_is_recorded_without_the_password(db: TestStore) {
        let world = World::new(db);
        world.user(1, "alice").await;
        world.sign_in_flow().await;
        guess(&world, "b", "alice", "hunter2-canary").await;
        let events = world.events(EventAction::LoginFailed).await;
        assert_eq!(events.len(), 1);
        assert_eq!(events[0].context["username"], "alice");
        assert!(!format!("{events:?}").contains("canary"));
    }

    async fn past_the_bound_of_the_queue_nothing_is_counted(db: TestStore) {
        let world = World::new(db);
        world.user(1, "alice").await;
        world.sign_in_flow().await;
        let mut browsers = Vec::new();
        for number in 0..3 {
            let mut browser = world.browser(&format!("b{number}"));
            browser.open("sign-in").await;
            browser.send(&[("uid_field", "alice")]).await;
            browsers.push(browser);
        }
        let flood = (0..2000).map(|_| world.hashes.verify("x".into(), None));
        let attempts = browsers.iter_mut().map(|browser| browser.try_send(&[("password", "wrong")]));
        let (_, came_to) = futures_util::future::join(
            futures_util::future::join_all(flood),
            futures_util::future::join_all(attempts),
        ).await;
        let busy = came_to.iter().filter(|result| {
            result.as_ref().is_err_and(|error| error.kind() == countersign_types::ErrorKind::Unavailable)
        });
        assert_eq!(busy.count() + world.events(EventAction::LoginFailed).await.len(), 3);
    }
}

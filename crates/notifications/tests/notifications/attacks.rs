//! What somebody might do with rules and transports, and cannot.

use countersign_events::HEARD;
use countersign_model::{EventAction, JobState};
use countersign_notifications::Delivery;
use serde_json::json;

use crate::world::{Listener, World, mistake};

#[tokio::test(flavor = "multi_thread")]
async fn server_side_request_forgery_by_webhook_reaches_nothing_inside_the_house() {
    let world = World::new().await;
    let listener = Listener::answering(200).await;
    let admins = world.group("admins", &[]).await;
    world.user("ada", Some(admins)).await;
    let inside = [listener.url(), format!("http://localhost:{}/", listener.address.port())];
    let mut transports = Vec::new();
    for (number, url) in inside.iter().enumerate() {
        let config = json!({ "mode": "webhook", "webhook_url": url });
        transports.push(world.transport(&number.to_string(), config).await);
    }
    let rule = world.rule("mistakes", &transports, admins).await;
    world.matching(rule, "configuration_error").await;

    world.happens(mistake()).await;
    world.work().await;

    assert!(listener.requests().is_empty());
    let jobs = world.jobs(Delivery::KIND).await;
    assert_eq!(jobs.len(), 2);
    assert!(jobs.iter().all(|job| job.state == JobState::Dead), "{jobs:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notification_that_fails_does_not_notify_of_itself_for_ever() {
    let world = World::reaching(&["127.0.0.0/8"]).await;
    let refusing = Listener::answering(404).await;
    let admins = world.group("admins", &[]).await;
    world.user("ada", Some(admins)).await;
    let hook = world.transport("hook", json!({ "mode": "webhook", "webhook_url": refusing.url() })).await;
    let broken = world.mapping("broken", "return nothing_of_this_name").await;
    let config = json!({
        "mode": "webhook", "webhook_url": refusing.url(), "webhook_mapping_body": broken,
    });
    let mapped = world.transport("mapped", config).await;
    let mail = world.transport("mail", json!({ "mode": "email" })).await;
    let rule = world.rule("everything", &[hook, mapped, mail], admins).await;
    world.expressing(rule, "ak_create_event(\"asked\")\nreturn True").await;
    let failing = world.rule("failing", &[hook], admins).await;
    world.expressing(failing, "return nothing_of_this_name").await;

    world.happens(mistake()).await;
    for _ in 0..5 {
        world.work().await;
    }

    // What the rules, the mapping and the failure recorded, no rule was asked about.
    assert_eq!(world.jobs(HEARD).await.len(), 1);
    assert_eq!(world.jobs(Delivery::KIND).await.len(), 3);
    for action in [
        EventAction::SystemTaskException,
        EventAction::PropertyMappingException,
        EventAction::PolicyException,
        EventAction::Custom,
    ] {
        assert!(!world.events(action).await.is_empty(), "{action:?}");
    }
}

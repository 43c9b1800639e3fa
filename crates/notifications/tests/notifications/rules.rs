//! Which events lead to notifications, and for whom.

use countersign_events::{EventDraft, HEARD};
use countersign_model::{EventAction, EventUser, Family, Severity};
use countersign_notifications::Delivery;
use countersign_store::config_objects;
use serde_json::json;

use crate::world::{World, mistake};

#[tokio::test(flavor = "multi_thread")]
async fn members_of_the_group_and_of_those_below_it_are_told() {
    let world = World::new().await;
    let admins = world.group("admins", &[]).await;
    let below = world.group("night-shift", &[admins]).await;
    let (ada, bob) = (world.user("ada", Some(admins)).await, world.user("bob", Some(below)).await);
    let stranger = world.user("eve", None).await;
    let local = world.transport("local", json!({ "mode": "local" })).await;
    let rule = world.rule("mistakes", &[local], admins).await;
    world.matching(rule, "configuration_error").await;

    world.happens(mistake()).await;
    world.work().await;

    for user in [&ada, &bob] {
        let told = world.notified(user).await;
        assert_eq!(told.len(), 1, "{}", user.username);
        assert_eq!(told[0].severity, Severity::Alert);
        assert_eq!(told[0].body, "Configuration error: the tree has no leaves");
        assert!(!told[0].seen);
    }
    assert!(world.notified(&stranger).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_user_of_the_event_is_told_where_the_rule_says_so() {
    let world = World::new().await;
    let ada = world.user("ada", None).await;
    let config = json!({ "destination_event_user": true });
    let rule = world.object(Family::NotificationRule, countersign_events::RULE, "own", config).await;
    world
        .expressing(rule, "return event.action == \"password_set\" and request.user.username == \"ada\"")
        .await;

    let draft = |action| EventDraft::new(action, "countersign.tests").by(&ada);
    world.happens(draft(EventAction::PasswordSet)).await;
    world.happens(draft(EventAction::Login)).await;
    world.work().await;

    // Without any transport he is told in the house.
    let told = world.notified(&ada).await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].action, Some(EventAction::PasswordSet));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_without_bindings_matches_nothing() {
    let world = World::new().await;
    let admins = world.group("admins", &[]).await;
    let ada = world.user("ada", Some(admins)).await;
    world.rule("everything?", &[], admins).await;

    world.happens(mistake()).await;
    world.work().await;

    assert!(world.notified(&ada).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_no_rule_can_match_costs_no_job() {
    let world = World::new().await;
    let admins = world.group("admins", &[]).await;
    let rule = world.rule("mistakes", &[], admins).await;
    world.matching(rule, "configuration_error").await;

    // The configuration has changed, and nobody has looked at it yet: everything is heard.
    world.happens(EventDraft::new(EventAction::Login, "countersign.tests")).await;
    assert_eq!(world.jobs(HEARD).await.len(), 1);
    world.work().await;
    world.happens(EventDraft::new(EventAction::Login, "countersign.tests")).await;
    assert_eq!(world.jobs(HEARD).await.len(), 1, "not heard any more");
    world.happens(mistake()).await;
    assert_eq!(world.jobs(HEARD).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_asked_about_twice_is_delivered_once() {
    let world = World::new().await;
    let admins = world.group("admins", &[]).await;
    let ada = world.user("ada", Some(admins)).await;
    let local = world.transport("local", json!({ "mode": "local" })).await;
    let rule = world.rule("mistakes", &[local], admins).await;
    world.matching(rule, "configuration_error").await;
    world.happens(mistake()).await;
    world.work().await;

    // As if a worker had died before he could write down that it was done.
    let job = world.jobs(HEARD).await.remove(0);
    let matching = countersign_notifications::Matching(world.notifier.clone());
    countersign_tasks::JobHandler::run(&matching, &job).await.unwrap();
    let delivery = world.jobs(Delivery::KIND).await;
    assert_eq!(delivery.len(), 1);
    countersign_tasks::JobHandler::run(&Delivery(world.notifier.clone()), &delivery[0]).await.unwrap();
    world.work().await;

    assert_eq!(world.notified(&ada).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_gone_meanwhile_is_not_delivered() {
    let world = World::new().await;
    let admins = world.group("admins", &[]).await;
    world.user("ada", Some(admins)).await;
    let local = world.transport("local", json!({ "mode": "local" })).await;
    let rule = world.rule("mistakes", &[local], admins).await;
    world.matching(rule, "configuration_error").await;
    world.happens(mistake()).await;
    world.store.write(move |tx| config_objects::delete(tx, rule)).await.unwrap();

    world.work().await;

    assert!(world.jobs(Delivery::KIND).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_named_by_an_event_and_gone_is_nobody() {
    let world = World::new().await;
    let config = json!({ "destination_event_user": true });
    let rule = world.object(Family::NotificationRule, countersign_events::RULE, "own", config).await;
    world.expressing(rule, "return True").await;
    let mut draft = mistake();
    draft.user = Some(EventUser { pk: 4711, username: "gone".to_owned(), ..EventUser::default() });

    world.happens(draft).await;
    world.work().await;

    assert!(world.jobs(Delivery::KIND).await.is_empty());
    assert!(world.events(EventAction::PolicyException).await.is_empty());
}

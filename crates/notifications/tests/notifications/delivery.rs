//! How notifications go out.

use countersign_model::{EventAction, JobState};
use countersign_notifications::Delivery;
use serde_json::json;

use crate::world::{Listener, World, mistake};

const HERE: &str = "127.0.0.0/8";

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_is_sent_what_happened_once_for_each() {
    let world = World::reaching(&[HERE]).await;
    let listener = Listener::answering(204).await;
    let admins = world.group("admins", &[]).await;
    let ada = world.user("ada", Some(admins)).await;
    world.user("bob", Some(admins)).await;
    let config = json!({ "mode": "webhook", "webhook_url": listener.url() });
    let hook = world.transport("hook", config).await;
    let rule = world.rule("mistakes", &[hook], admins).await;
    world.matching(rule, "configuration_error").await;

    world.happens(mistake().by(&ada)).await;
    world.work().await;

    let mut contents = listener.contents();
    contents.sort_by_key(|content| content["user_username"].to_string());
    assert_eq!(contents.len(), 2);
    assert_eq!(
        contents[0],
        json!({
            "body": "Configuration error: the tree has no leaves", "severity": "alert",
            "user_email": "ada@example.com", "user_username": "ada",
            "event_user_email": "ada@example.com", "event_user_username": "ada",
        })
    );
    let head = listener.requests()[0].to_lowercase();
    assert!(
        head.starts_with("post /hook?key=1 http/1.1\r\n") && head.contains("content-type: application/json")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn mappings_say_what_a_webhook_is_sent() {
    let world = World::reaching(&[HERE]).await;
    let listener = Listener::answering(200).await;
    let admins = world.group("admins", &[]).await;
    world.user("ada", Some(admins)).await;
    world.user("bob", Some(admins)).await;
    let body = "return {\"text\": notification.body, \"to\": user.email, \"a\": event.action, \
                \"m\": notification.event.context[\"message\"], \"n\": notification.user.username}";
    let (body, headers) = (
        world.mapping("body", body).await,
        world.mapping("headers", "return {\"X-Weight\": notification.severity, \"X-Number\": 3}").await,
    );
    let config = json!({
        "mode": "webhook", "webhook_url": listener.url(), "send_once": true,
        "webhook_mapping_body": body, "webhook_mapping_headers": headers,
    });
    let hook = world.transport("hook", config).await;
    let rule = world.rule("mistakes", &[hook], admins).await;
    world.matching(rule, "configuration_error").await;

    world.happens(mistake()).await;
    world.work().await;

    let contents = listener.contents();
    assert_eq!(contents.len(), 1, "once, not to everybody");
    assert_eq!(contents[0]["text"], "Configuration error: the tree has no leaves");
    assert_eq!(contents[0]["a"], "configuration_error");
    assert_eq!(contents[0]["m"], "the tree has no leaves");
    assert_eq!(contents[0]["to"], format!("{}@example.com", contents[0]["n"].as_str().unwrap()));
    let head = listener.requests()[0].to_lowercase();
    assert!(head.contains("x-weight: alert") && head.contains("x-number: 3"), "{head}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_gets_a_message_with_its_details() {
    let world = World::reaching(&[HERE]).await;
    let listener = Listener::answering(200).await;
    let admins = world.group("admins", &[]).await;
    world.user("ada", Some(admins)).await;
    let config = json!({ "mode": "webhook_slack", "webhook_url": listener.url() });
    let hook = world.transport("chat", config).await;
    let rule = world.rule("mistakes", &[hook], admins).await;
    world.matching(rule, "configuration_error").await;

    world.happens(mistake().with("branch", "beech").with("parts", json!({ "a": 1 }))).await;
    world.work().await;

    let contents = listener.contents();
    let attachment = &contents[0]["attachments"][0];
    assert_eq!(attachment["title"], "Configuration error: the tree has no leaves");
    let fields = attachment["fields"].as_array().unwrap();
    let named =
        |name: &str| fields.iter().find(|field| field["title"] == name).map(|field| field["value"].clone());
    assert_eq!(named("Weight"), Some(json!("Alert")));
    assert_eq!(named("For"), Some(json!("ada")));
    assert_eq!(named("branch"), Some(json!("beech")));
    assert_eq!(named("parts"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_is_ill_is_asked_again_and_one_that_refuses_is_not() {
    let world = World::reaching(&[HERE]).await;
    let (ill, refusing) = (Listener::answering(503).await, Listener::answering(404).await);
    let admins = world.group("admins", &[]).await;
    world.user("ada", Some(admins)).await;
    let hook = |listener: &Listener| json!({ "mode": "webhook", "webhook_url": listener.url() });
    let (one, other) =
        (world.transport("ill", hook(&ill)).await, world.transport("refusing", hook(&refusing)).await);
    let rule = world.rule("mistakes", &[one, other], admins).await;
    world.matching(rule, "configuration_error").await;

    world.happens(mistake()).await;
    world.work().await;

    let jobs = world.jobs(Delivery::KIND).await;
    let of = |transport: countersign_model::ConfigObjectId| {
        jobs.iter().find(|job| job.payload["transport"] == json!(transport)).unwrap()
    };
    assert_eq!(
        (of(one).state, of(one).last_error.as_deref()),
        (JobState::Queued, Some("the answer was 503"))
    );
    assert_eq!(
        (of(other).state, of(other).last_error.as_deref()),
        (JobState::Dead, Some("the answer was 404"))
    );
    let recorded = world.events(EventAction::SystemTaskException).await;
    assert_eq!(recorded.len(), 1);
    assert_eq!(recorded[0].context["message"], "the answer was 404");
}

#[tokio::test(flavor = "multi_thread")]
async fn letters_go_to_everybody_with_an_address() {
    let world = World::new().await;
    let admins = world.group("admins", &[]).await;
    world.user("ada", Some(admins)).await;
    world.user("bob", Some(admins)).await;
    world.user("not an address", Some(admins)).await;
    let mail = world.transport("mail", json!({ "mode": "email", "email_subject_prefix": "[house] " })).await;
    let rule = world.rule("mistakes", &[mail], admins).await;
    world.matching(rule, "configuration_error").await;

    world.happens(mistake()).await;
    world.work().await;

    assert_eq!(world.jobs(countersign_mail::KIND).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transport_is_tried_out_and_says_what_came_of_it() {
    let world = World::reaching(&[HERE]).await;
    let listener = Listener::answering(200).await;
    let ada = world.user("ada", None).await;
    let hook = world.transport("hook", json!({ "mode": "webhook", "webhook_url": listener.url() })).await;
    let local = world.transport("local", json!({ "mode": "local" })).await;
    let mail = world.transport("mail", json!({ "mode": "email" })).await;

    assert_eq!(world.notifier.try_out(hook.raw(), &ada).await.unwrap(), Some(vec!["HTTP 200".to_owned()]));
    assert_eq!(listener.contents()[0]["body"], "hook: Test of the transport “hook”");
    assert_eq!(world.notifier.try_out(local.raw(), &ada).await.unwrap(), Some(Vec::new()));
    assert_eq!(world.notified(&ada).await.len(), 1);
    assert!(world.notifier.try_out(mail.raw(), &ada).await.is_err(), "there is no mail server");
    assert_eq!(world.notifier.try_out(ada.id.raw(), &ada).await.unwrap(), None);
}

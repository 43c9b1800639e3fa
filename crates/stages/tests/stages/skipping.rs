//! Every stage that asks, against every answer that is none: it neither advances nor falls over.

use countersign_model::{ConfigObjectId, FlowDesignation};
use countersign_stages::{
    ConsentStage, DummyStage, IdentificationStage, InitialSetupStage, PromptStage, UserLoginStage,
};
use countersign_store::{on_both_databases, settings};
use serde_json::{Value, json};

use crate::world::{Browser, PASSWORD, World};

/// The stages that ask, with the fields that an answer has. One more than what is listed ends every flow.
async fn asking(world: &World) -> Vec<(&'static str, Vec<ConfigObjectId>, Vec<&'static str>)> {
    let who = world.object::<IdentificationStage>("who", json!({ "user_fields": ["username"] })).await;
    let password = world.password_stage(json!({ "failed_attempts_before_cancel": 100 })).await;
    let both = world
        .object::<IdentificationStage>(
            "both",
            json!({ "user_fields": ["username"], "password_stage": password.raw().to_string() }),
        )
        .await;
    let mut fields = Vec::new();
    for kind in [
        "text",
        "text_area",
        "username",
        "email",
        "password",
        "number",
        "radio-button-group",
        "dropdown",
        "date",
        "date-time",
        "file",
    ] {
        let more = json!({ "placeholder": "[\"one\", \"two\"]" });
        fields.push(world.prompt(kind, kind, more).await.raw().to_string());
    }
    let prompts = world.object::<PromptStage>("questions", json!({ "fields": fields })).await;
    let consent = world.object::<ConsentStage>("consent", json!({})).await;
    let guard = world.object::<InitialSetupStage>("guard", json!({ "mode": "guard" })).await;
    let login = world.object::<UserLoginStage>("login", json!({ "remember_me_offset": "days=1" })).await;
    world
        .write(|tx| {
            settings::put(tx, countersign_stages::SETUP_CODE, &countersign_stages::kept_setup_code("CODE"))
        })
        .await;
    vec![
        ("identification", vec![who], vec!["uid_field"]),
        ("password", vec![who, password], vec!["password"]),
        ("identification-with-password", vec![both], vec!["uid_field", "password"]),
        ("prompt", vec![prompts], vec!["text", "email", "password", "number", "date", "file", "dropdown"]),
        ("consent", vec![consent], vec!["token", "decision"]),
        ("setup", vec![guard], vec!["code"]),
        ("login", vec![who, password, login], vec!["remember_me"]),
    ]
}

/// Walks to the stage in question, the last that was listed.
async fn walk<'w>(world: &'w World, name: &str, steps: usize) -> Browser<'w> {
    let mut browser = world.browser(name);
    browser.open(name).await;
    if steps > 1 {
        browser.send(&[("uid_field", "alice")]).await;
    }
    if steps > 2 {
        browser.send(&[("password", PASSWORD)]).await;
    }
    browser
}

fn junk() -> Vec<Value> {
    vec![
        json!(null),
        json!(""),
        json!(" "),
        json!(true),
        json!(0),
        json!(1e308),
        json!([]),
        json!(["alice"]),
        json!({}),
        json!({ "$user": "00000000-0000-0000-0000-000000000000" }),
        json!("\u{0}"),
        json!("x".repeat(200_000)),
        json!("';DROP TABLE users;--"),
    ]
}

on_both_databases! {
    async fn no_stage_is_skipped_by_an_answer_that_is_none(db: TestStore) {
        let world = World::new(db);
        world.user(1, "alice").await;
        let end = world.object::<DummyStage>("end", json!({})).await;
        for (name, mut stages, fields) in asking(&world).await {
            let steps = stages.len();
            stages.push(end);
            world.flow(name, FlowDesignation::Authentication, &stages).await;
            let mut browser = walk(&world, name, steps).await;
            let component = browser.reload().await.component();
            let mut answers: Vec<Value> = vec![
                json!({}),
                json!({ "component": component }),
                json!({ "next": "/", "skip": true, "pending_user": "alice", "plan": "x" }),
            ];
            for field in &fields {
                for value in junk() {
                    // An unknown name is a name like any other; only an empty one is none.
                    let is_a_name = *field == "uid_field" && value == json!("';DROP TABLE users;--");
                    if !is_a_name {
                        answers.push(json!({ *field: value }));
                    }
                }
            }
            for value in junk() {
                let all: serde_json::Map<String, Value> =
                    fields.iter().map(|field| ((*field).to_owned(), value.clone())).collect();
                if name != "identification" || value.as_str().is_none_or(|text| !text.starts_with('\'')) {
                    answers.push(Value::Object(all));
                }
            }
            for answer in answers {
                let shown = answer.to_string();
                let shown: String = shown.chars().take(100).collect();
                let seen = browser.send_json(answer).await;
                let seen = seen.unwrap_or_else(|error| panic!("{name}: {shown}: {error}"));
                let is_same = matches!(&seen, crate::world::Seen::Asked(_)) && seen.component() == component;
                assert!(is_same, "{name}: {shown}: {seen:?}");
                assert_eq!(browser.reload().await.component(), component, "{name}: {shown}");
            }
            assert_eq!(browser.who().await, None, "{name}");
        }
    }

    async fn an_answer_meant_for_another_stage_does_not_advance(db: TestStore) {
        let world = World::new(db);
        world.user(1, "alice").await;
        let end = world.object::<DummyStage>("end", json!({})).await;
        let every = json!({ "code": "CODE", "remember_me": true, "token": "x", "password": PASSWORD });
        for (name, mut stages, fields) in asking(&world).await {
            let steps = stages.len();
            stages.push(end);
            world.flow(name, FlowDesignation::Authentication, &stages).await;
            let mut browser = walk(&world, name, steps).await;
            let component = browser.reload().await.component();
            let mut foreign = every.as_object().unwrap().clone();
            foreign.retain(|field, _| !fields.contains(&field.as_str()));
            let seen = browser.send_json(Value::Object(foreign)).await.unwrap();
            assert_eq!(seen.component(), component, "{name}");
        }
    }
}

//! Questions of administrators.

use countersign_flows::{FieldKind, FlowRequest, Node, Start, keys};
use countersign_model::{Flow, FlowDesignation};
use countersign_policies::kinds::expression::ExpressionPolicy;
use countersign_stages::{DummyStage, PromptStage, UserLoginStage, UserWriteStage};
use countersign_store::on_both_databases;
use countersign_types::{JsonObject, Text};
use serde_json::{Value, json};

use crate::world::World;

/// A flow that asks these prompts, writes a user of the name `written` with what was answered, and ends.
async fn flow(world: &World, prompts: &[(&str, &str, Value)], policy: Option<&str>) -> Flow {
    let mut fields = vec![world.prompt("username", "hidden", json!({ "initial_value": "written" })).await];
    for (key, kind, more) in prompts {
        fields.push(world.prompt(key, kind, more.clone()).await);
    }
    let fields: Vec<String> = fields.iter().map(|id| id.raw().to_string()).collect();
    let mut policies = Vec::new();
    if let Some(policy) = policy {
        let id = world.object::<ExpressionPolicy>("policy", json!({ "expression": policy })).await;
        policies.push(id.raw().to_string());
    }
    let document = json!({ "fields": fields, "validation_policies": policies });
    let stage = world.object::<PromptStage>("questions", document).await;
    let write = world.object::<UserWriteStage>("write", json!({})).await;
    world.flow("ask", FlowDesignation::Enrollment, &[stage, write]).await
}

async fn written(world: &World) -> Value {
    json!(world.user_named("written").await.map(|user| user.attributes))
}

on_both_databases! {
    async fn every_kind_of_answer_is_checked(db: TestStore) {
        let world = World::new(db);
        let choices = json!({ "placeholder": "[\"a\", {\"value\": \"b\", \"label\": \"B\"}]" });
        let optional = json!({ "required": false });
        flow(&world, &[
            ("attributes.text", "text", json!({})),
            ("attributes.area", "text_area", optional.clone()),
            ("attributes.number", "number", optional.clone()),
            ("attributes.box", "checkbox", json!({})),
            ("attributes.radio", "radio-button-group", choices.clone()),
            ("attributes.list", "dropdown", choices),
            ("attributes.day", "date", optional.clone()),
            ("attributes.moment", "date-time", optional.clone()),
            ("attributes.file", "file", optional.clone()),
            ("attributes.settings.locale", "ak-locale", optional),
            ("email", "email", json!({})),
        ], None).await;
        let mut browser = world.browser("x");
        browser.open("ask").await;
        let page = browser.send(&[]).await;
        let required: Vec<_> = page.complaints().into_iter().map(|(field, code)| (field.to_owned(), code)).collect();
        let expected = ["attributes.text", "attributes.radio", "attributes.list", "email"];
        assert_eq!(required, expected.map(|field| (field.to_owned(), "required")));
        let good = [("attributes.text", "t"), ("attributes.radio", "a"), ("attributes.list", "b"), ("email", "a@b.c")];
        for (field, bad) in [
            ("attributes.text", "two\nlines"), ("attributes.text", "bell\u{7}"), ("attributes.area", "nul\0"),
            ("attributes.number", "1.5"), ("attributes.number", "NaN"), ("attributes.number", "99999999999999999999"),
            ("attributes.box", "maybe"), ("attributes.radio", "c"), ("attributes.list", "B"),
            ("attributes.day", "2026-02-30"), ("attributes.moment", "now"), ("attributes.file", "file:///etc/passwd"),
            ("attributes.settings.locale", "tlh"), ("email", "nobody"),
        ] {
            let mut answers: Vec<_> = good.iter().copied().filter(|(name, _)| *name != field).collect();
            answers.push((field, bad));
            let page = browser.send(&answers).await;
            assert_eq!(page.complaints(), [(field, "invalid")], "{field}: {bad}");
        }
        let long = "x".repeat(2049);
        let page = browser.send(&[("attributes.text", long.as_str())]).await;
        assert!(page.complaints().contains(&("attributes.text", "max_length")));
        let mut answers = good.to_vec();
        answers.extend([
            ("attributes.area", "two\nlines"), ("attributes.number", "-7"), ("attributes.box", "on"),
            ("attributes.day", "2026-11-22"), ("attributes.moment", "2026-11-22T09:30"),
            ("attributes.file", "data:text/plain;base64,aGk="), ("attributes.settings.locale", "ko"),
            ("attributes.smuggled", "x"), ("is_superuser", "true"),
        ]);
        browser.send(&answers).await.gone();
        assert_eq!(written(&world).await, json!({
            "text": "t", "area": "two\nlines", "number": -7, "box": true, "radio": "a", "list": "b",
            "day": "2026-11-22", "moment": "2026-11-22T09:30", "file": "data:text/plain;base64,aGk=",
            "settings": { "locale": "ko" },
        }));
    }

    async fn hidden_and_read_only_values_never_come_from_the_browser(db: TestStore) {
        let world = World::new(db);
        let fixed = json!({ "initial_value": "fixed" });
        flow(&world, &[
            ("attributes.hidden", "hidden", fixed.clone()),
            ("attributes.line", "text_read_only", fixed.clone()),
            ("attributes.lines", "text_area_read_only", fixed.clone()),
            ("attributes.words", "static", fixed),
            ("attributes.made", "hidden", json!({ "initial_value": "return 40 + 2", "initial_value_expression": true })),
        ], None).await;
        let mut browser = world.browser("x");
        let page = browser.open("ask").await;
        assert!(page.asked().challenge.fields().all(|field| field.name != "attributes.hidden"));
        let forged = ["attributes.hidden", "attributes.line", "attributes.lines", "attributes.words", "attributes.made", "username"];
        browser.send(&forged.map(|field| (field, "forged"))).await.gone();
        assert!(world.user_named("forged").await.is_none());
        let expected = json!({ "hidden": "fixed", "line": "fixed", "lines": "fixed", "words": "fixed", "made": 42 });
        assert_eq!(written(&world).await, expected);
    }

    async fn decorations_are_shown_and_not_answered(db: TestStore) {
        let world = World::new(db);
        flow(&world, &[
            ("attributes.a", "static", json!({ "initial_value": "Where messages about this server go." })),
            ("attributes.b", "separator", json!({ "required": true })),
            ("attributes.c", "alert_danger", json!({ "initial_value": "<b>Careful</b>" })),
        ], None).await;
        let mut browser = world.browser("x");
        let page = browser.open("ask").await;
        let nodes = &page.asked().challenge.nodes;
        assert!(matches!(&nodes[0], Node::Paragraph(text) if *text == Text::literal("Where messages about this server go.")));
        assert!(matches!(&nodes[1], Node::Separator(None)));
        assert!(matches!(&nodes[2], Node::Notice(..)));
        assert_eq!(page.asked().challenge.data["fields"][1]["initial_value"].as_str().unwrap().split(' ').next(), Some("Where"));
        browser.send(&[("attributes.b", "x"), ("attributes.c", "x")]).await.gone();
    }

    async fn passwords_typed_twice_must_agree(db: TestStore) {
        let world = World::new(db);
        flow(&world, &[("password", "password", json!({})), ("password_repeat", "password", json!({}))], None).await;
        let mut browser = world.browser("x");
        let page = browser.open("ask").await;
        assert!(page.asked().challenge.fields().all(|field| field.kind == FieldKind::Password && field.value.is_empty()));
        let page = browser.send(&[("password", "one"), ("password_repeat", "two")]).await;
        assert_eq!(page.complaints(), [("password_repeat", "invalid")]);
        assert!(page.asked().challenge.fields().all(|field| field.value.is_empty()));
        browser.send(&[("password", " one "), ("password_repeat", " one ")]).await.gone();
        let stored = world.user_named("written").await.unwrap().password;
        assert!(world.hashes.verify(" one ".into(), stored).await.unwrap().matches);
    }

    async fn policies_complain_in_the_administrators_words(db: TestStore) {
        let world = World::new(db);
        let policy = "if request.context['prompt_data']['name'] == 'Bob':\n    ak_message('No Bobs.')\n    return False\nreturn True";
        flow(&world, &[("name", "text", json!({}))], Some(policy)).await;
        let mut browser = world.browser("x");
        browser.open("ask").await;
        let page = browser.send(&[("name", "Bob")]).await;
        assert_eq!(page.complaints(), [("", "invalid")]);
        assert!(format!("{page:?}").contains("No Bobs."));
        assert_eq!(page.asked().challenge.fields().next().unwrap().value, "Bob");
        browser.send(&[("name", "Alice")]).await.gone();
    }

    async fn a_policy_that_fails_to_evaluate_refuses_the_answers(db: TestStore) {
        let world = World::new(db);
        flow(&world, &[("name", "text", json!({}))], Some("return request.context['absent']['x']")).await;
        let mut browser = world.browser("x");
        browser.open("ask").await;
        assert_eq!(browser.send(&[("name", "Bob")]).await.complaints(), [("", "invalid")]);
    }

    async fn expressions_prefill_and_list_choices(db: TestStore) {
        let world = World::new(db);
        flow(&world, &[
            ("name", "text", json!({ "initial_value": "return prompt_context.get('name', 'nobody')", "initial_value_expression": true })),
            ("attributes.list", "dropdown", json!({ "placeholder": "return [{'label': 'One', 'value': 1}, 'two']", "placeholder_expression": true })),
            ("attributes.broken", "text", json!({ "required": false, "initial_value": "return 1 / 0", "initial_value_expression": true })),
        ], None).await;
        let mut browser = world.browser("x");
        let page = browser.open("ask").await;
        let values: Vec<&str> = page.asked().challenge.fields().map(|field| field.value.as_str()).collect();
        assert_eq!(values, ["nobody", "1", ""]);
        let choices = &page.asked().challenge.data["fields"][2]["choices"];
        assert_eq!(choices, &json!([{ "label": "One", "value": "1" }, { "label": "two", "value": "two" }]));
    }

    async fn the_plan_may_bring_choices_and_values(db: TestStore) {
        let world = World::new(db);
        let flow = flow(&world, &[("attributes.list", "dropdown", json!({ "placeholder": "[\"x\"]" }))], None).await;
        let data = json!({ "attributes.list__choices": ["p", "q"], "attributes.list": "q" });
        let Value::Object(data) = data else { panic!("an object") };
        let start = Start::default().with::<JsonObject>(&keys::PROMPT_DATA, &data);
        let mut browser = world.browser("x");
        let request = FlowRequest { slug: "ask".to_owned(), ..browser.request() };
        let address = world.executor.address(&flow, &start, None, &request).unwrap();
        let query = address.split_once('?').unwrap().1;
        let page = browser.open(&format!("ask?{query}")).await;
        let field = page.asked().challenge.fields().next().unwrap();
        assert_eq!(field.value, "q");
        assert_eq!(browser.send(&[("attributes.list", "x")]).await.complaints(), [("attributes.list", "invalid")]);
        browser.send(&[("attributes.list", "p")]).await.gone();
    }

    async fn a_taken_name_is_complained_about_before_anything_is_written(db: TestStore) {
        let world = World::new(db);
        let alice = world.user(1, "alice").await;
        let name = world.prompt("username", "username", json!({})).await;
        let stage = world.object::<PromptStage>("questions", json!({ "fields": [name.raw().to_string()] })).await;
        let write = world.object::<UserWriteStage>("write", json!({})).await;
        let login = world.object::<UserLoginStage>("login", json!({})).await;
        world.flow("enrol", FlowDesignation::Enrollment, &[stage, write, login]).await;
        let mut browser = world.browser("x");
        browser.open("enrol").await;
        for taken in ["alice", "ALICE", " alice "] {
            assert_eq!(browser.send(&[("username", taken)]).await.complaints(), [("username", "unique")]);
        }
        // One's own name is not taken.
        let dummy = world.object::<DummyStage>("done", json!({})).await;
        world.flow("settings", FlowDesignation::StageConfiguration, &[stage, dummy]).await;
        let mut own = world.signed_in(&alice).await;
        own.open("settings").await;
        assert_eq!(own.send(&[("username", "alice")]).await.component(), "ak-stage-dummy");
    }
}

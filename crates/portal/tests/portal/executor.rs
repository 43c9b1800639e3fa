//! The JSON face: shapes, and what it makes of bad input.

use serde_json::{Value, json};

use crate::world::{Page, World};

const HERE: &str = "/api/v3/flows/executor/sign-in/?query=next%3D%252Fif%252Fuser%252F";

/// Without what differs in every run.
fn shape(page: &Page) -> Value {
    let mut body = page.json();
    if let Some(id) = body.get_mut("request_id") {
        *id = Value::from("ID");
    }
    if let Some(avatar) = body.get_mut("pending_user_avatar") {
        assert!(avatar.as_str().unwrap().starts_with("data:image/svg+xml,"), "{avatar}");
        *avatar = Value::from("AVATAR");
    }
    body
}

fn flow_info() -> Value {
    json!({
        "title": "Welcome",
        "background": "",
        "background_themed_urls": null,
        "cancel_url": "/flows/-/cancel/",
        "layout": "stacked",
    })
}

#[actix_web::test]
async fn a_program_signs_in() {
    let world = World::new().await;
    world.alice(|_| {}).await;
    let browser = world.browser().with("accept", "application/json");
    let first = browser.get(HERE).await;
    assert_eq!(
        shape(&first),
        json!({
            "component": "ak-stage-identification",
            "user_fields": ["username"],
            "flow_info": flow_info(),
            "response_errors": {},
        })
    );
    let answer = json!({ "component": "ak-stage-identification", "name": "alice" });
    let second = browser.post_json(HERE, &answer).await;
    let expected = json!({
        "component": "ak-stage-password",
        "allow_show_password": false,
        "pending_user": "alice",
        "pending_user_avatar": "AVATAR",
        "flow_info": flow_info(),
        "response_errors": {},
    });
    assert_eq!((second.status.as_u16(), shape(&second)), (200, expected.clone()));
    let wrong = browser.post_json(HERE, &json!({ "component": "ak-stage-password", "password": "x" })).await;
    let mut complained = expected;
    complained["response_errors"] =
        json!({ "password": [{ "string": "The password does not match. Try again.", "code": "invalid" }] });
    assert_eq!((wrong.status.as_u16(), shape(&wrong)), (200, complained));
    let right = json!({ "component": "ak-stage-password", "password": "open sesame" });
    let last = browser.post_json(HERE, &right).await;
    assert_eq!(
        shape(&last),
        json!({ "component": "xak-flow-redirect", "to": "/if/user/", "response_errors": {} })
    );
    assert!(browser.cookies.borrow().contains_key("countersign_session"));
}

#[actix_web::test]
async fn a_refusal_is_a_component() {
    let world = World::new().await;
    let page = world.browser().get("/api/v3/flows/executor/denied/").await;
    assert_eq!(
        shape(&page),
        json!({
            "component": "ak-stage-access-denied",
            "error_message": "Not today.",
            "pending_user_avatar": "AVATAR",
            "pending_user": "",
            "flow_info": flow_info(),
            "response_errors": {},
        })
    );
}

#[actix_web::test]
async fn a_skipped_or_repeated_step_does_not_advance() {
    let world = World::new().await;
    let browser = world.browser();
    browser.get(HERE).await;
    let skipped = browser
        .post_json(HERE, &json!({ "component": "ak-stage-password", "password": "open sesame" }))
        .await;
    assert_eq!(skipped.status, 409);
    assert_eq!(
        shape(&skipped),
        json!({
            "component": "ak-stage-flow-error",
            "request_id": "ID",
            "error": "You may have gone back, or continued in another tab. Carry on from where you were.",
            "response_errors": {},
        })
    );
    let answer = json!({ "component": "ak-stage-identification", "name": "alice" });
    assert_eq!(browser.post_json(HERE, &answer).await.status, 200);
    assert_eq!(browser.post_json(HERE, &answer).await.status, 409);
}

#[actix_web::test]
async fn bad_input_is_the_senders_fault() {
    let world = World::new().await;
    let browser = world.browser();
    browser.get(HERE).await;
    let deep = format!(
        "{{\"component\":\"ak-stage-identification\",\"name\":{}1{}}}",
        "[".repeat(99),
        "]".repeat(99)
    );
    for body in ["", "[]", "null", "{", "{\"component\":1}", "{}", "{\"name\":\"a\"}", deep.as_str()] {
        let page = browser.send_body(HERE, "application/json", body).await;
        assert_eq!(page.status, 400, "{body}");
        assert!(page.json().is_object());
    }
    for name in [json!(null), json!(1), json!([]), json!({}), json!(true), json!("")] {
        let page =
            browser.post_json(HERE, &json!({ "component": "ak-stage-identification", "name": name })).await;
        assert_eq!(page.status, 200);
        assert_eq!(page.json()["component"], "ak-stage-identification", "{name} does not advance");
        assert_eq!(page.json()["response_errors"]["name"][0]["code"], "invalid");
    }
    let form = browser.post(HERE, &[("component", "ak-stage-identification"), ("name", "alice")]).await;
    assert_eq!(form.status, 400, "a form, which another site can send, is no answer");
    let large = format!("{{\"a\":\"{}\"}}", "x".repeat(2 * 1024 * 1024));
    assert_eq!(browser.send_body(HERE, "application/json", large).await.status, 413);
    assert_eq!(browser.get(&format!("{HERE}&query=x")).await.status, 400);
}

#[actix_web::test]
async fn an_unknown_flow_is_not_found() {
    let world = World::new().await;
    let page = world.browser().get("/api/v3/flows/executor/nothing/").await;
    assert_eq!(page.status, 404);
    assert_eq!(page.json()["code"], "not_found");
}

#[actix_web::test]
async fn page_and_program_share_one_plan() {
    let world = World::new().await;
    let browser = world.browser();
    browser.get(HERE).await;
    browser.post_json(HERE, &json!({ "component": "ak-stage-identification", "name": "alice" })).await;
    let page = browser.get("/if/flow/sign-in/?next=%2Fif%2Fuser%2F").await;
    assert!(page.says("Not you?"));
}

//! Captchas, verified by a verifier of our own on this machine.

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    sync::{Arc, Mutex},
    thread,
};

use countersign_model::FlowDesignation;
use countersign_stages::{CaptchaStage, IdentificationStage, PromptStage, UserLoginStage};
use countersign_store::on_both_databases;
use serde_json::{Value, json};

use crate::world::{PASSWORD, World};

/// A verifier that answers the same to everybody, and what it was asked.
struct Verifier {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Verifier {
    fn saying(status: &'static str, body: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://127.0.0.1:{}/siteverify", listener.local_addr().unwrap().port());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (heard, body) = (Arc::clone(&asked), body.to_owned());
        thread::spawn(move || {
            for connection in listener.incoming() {
                let mut connection = connection.unwrap();
                let mut request = Vec::new();
                let mut buffer = [0; 4096];
                while !is_whole(&request) {
                    match connection.read(&mut buffer) {
                        Ok(0) | Err(_) => break,
                        Ok(read) => request.extend_from_slice(&buffer[..read]),
                    }
                }
                heard.lock().unwrap().push(String::from_utf8_lossy(&request).into_owned());
                let head = format!(
                    "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                    body.len()
                );
                drop(connection.write_all(format!("{head}{body}").as_bytes()));
            }
        });
        Self { url, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    body.len() >= length.map_or(0, |length| length.trim().parse().unwrap())
}

fn document(api_url: &str, more: &Value) -> Value {
    let mut document = json!({ "public_key": "site", "private_key": "canary", "api_url": api_url });
    document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    document
}

/// A flow of a captcha and a question.
async fn guarded(world: &World, api_url: &str, more: Value) {
    let captcha = world.sealed_object::<CaptchaStage>("captcha", document(api_url, &more)).await;
    let after = world.prompt("name", "text", json!({})).await;
    let prompts = world.object::<PromptStage>("q", json!({ "fields": [after.raw().to_string()] })).await;
    world.flow("guarded", FlowDesignation::Enrollment, &[captcha, prompts]).await;
}

on_both_databases! {
    async fn who_solves_it_gets_on(db: TestStore) {
        let world = World::new(db);
        let verifier = Verifier::saying("200 OK", r#"{"success": true, "score": 0.9}"#);
        guarded(&world, &verifier.url, json!({})).await;
        let mut browser = world.browser("x");
        let page = browser.open("guarded").await;
        assert_eq!(page.component(), "ak-stage-captcha");
        let data = &page.asked().challenge.data;
        assert_eq!((&data["site_key"], &data["interactive"]), (&json!("site"), &json!(false)));
        assert!(!format!("{page:?}").contains("canary"));
        assert_eq!(browser.send(&[]).await.complaints(), [("token", "required")]);
        assert_eq!(browser.send(&[("token", "so&lved")]).await.component(), "ak-stage-prompt");
        let asked = verifier.asked();
        assert_eq!(asked.len(), 1);
        assert!(asked[0].ends_with("secret=canary&response=so%26lved&remoteip=192.0.2.7"), "{}", asked[0]);
    }

    async fn a_program_solves_it_and_the_verifier_is_asked_in_json(db: TestStore) {
        let world = World::new(db);
        let verifier = Verifier::saying("200 OK", r#"{"success": true}"#);
        guarded(&world, &verifier.url, json!({ "request_content_type": "json" })).await;
        let mut program = world.browser("x");
        program.open("guarded").await;
        let page = program.send_json(json!({ "component": "ak-stage-captcha", "token": "t" })).await.unwrap();
        assert_eq!(page.component(), "ak-stage-prompt");
        assert!(verifier.asked()[0].contains(r#"{"secret":"canary","response":"t","remoteip":"192.0.2.7"}"#));
    }

    async fn a_verifier_that_does_not_clearly_say_yes_says_no(db: TestStore) {
        let world = World::new(db);
        for (place, (status, body, code)) in [
            ("200 OK", r#"{"success": false, "error-codes": ["timeout-or-duplicate"]}"#.to_owned(), "invalid"),
            ("200 OK", r#"{"success": "true"}"#.to_owned(), "unavailable"),
            ("200 OK", "[true]".to_owned(), "unavailable"),
            ("200 OK", String::new(), "unavailable"),
            ("500 No", r#"{"success": true}"#.to_owned(), "unavailable"),
            ("302 Found\r\nLocation: http://127.0.0.1:1/", r#"{"success": true}"#.to_owned(), "unavailable"),
            ("200 OK", format!(r#"{{"success": true, "x": "{}"}}"#, "x".repeat(100_000)), "unavailable"),
            ("200 OK", r#"{"success": true, "score": 0.1}"#.to_owned(), "invalid"),
        ]
        .into_iter()
        .enumerate()
        {
            let verifier = Verifier::saying(status, &body);
            let captcha = world.sealed_object::<CaptchaStage>(&format!("c{place}"), document(&verifier.url, &json!({}))).await;
            let slug = format!("guarded-{place}");
            world.flow(&slug, FlowDesignation::Enrollment, &[captcha]).await;
            let mut browser = world.browser("x");
            browser.open(&slug).await;
            let page = browser.send(&[("token", "t")]).await;
            assert_eq!(page.complaints(), [("token", code)], "{body:.40}");
        }
    }

    async fn a_verifier_that_cannot_be_reached_lets_nobody_on(db: TestStore) {
        let world = World::new(db);
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        guarded(&world, &format!("http://127.0.0.1:{port}/siteverify"), json!({})).await;
        let mut browser = world.browser("x");
        browser.open("guarded").await;
        assert_eq!(browser.send(&[("token", "t")]).await.complaints(), [("token", "unavailable")]);
    }

    async fn a_bad_score_may_be_left_to_policies(db: TestStore) {
        let world = World::new(db);
        let verifier = Verifier::saying("200 OK", r#"{"success": true, "score": 0.1}"#);
        guarded(&world, &verifier.url, json!({ "error_on_invalid_score": false })).await;
        let mut browser = world.browser("x");
        browser.open("guarded").await;
        assert_eq!(browser.send(&[("token", "t")]).await.component(), "ak-stage-prompt");
    }

    async fn a_name_and_a_captcha_on_one_page(db: TestStore) {
        let world = World::new(db);
        world.user(1, "alice").await;
        let verifier = Verifier::saying("200 OK", r#"{"success": true}"#);
        let captcha = world.sealed_object::<CaptchaStage>("captcha", document(&verifier.url, &json!({}))).await;
        let password = world.password_stage(json!({})).await;
        let document = json!({
            "user_fields": ["username"], "captcha_stage": captcha.raw().to_string(),
            "password_stage": password.raw().to_string(),
        });
        let who = world.object::<IdentificationStage>("who", document).await;
        let login = world.object::<UserLoginStage>("login", json!({})).await;
        world.flow("sign-in", FlowDesignation::Authentication, &[who, login]).await;
        let mut browser = world.browser("alice");
        let page = browser.open("sign-in").await;
        let sub = &page.asked().challenge.data["captcha_stage"];
        assert_eq!((&sub["component"], &sub["site_key"]), (&json!("ak-stage-captcha"), &json!("site")));
        // Without the captcha nothing else is looked at: not even whether the password is right.
        for password in [PASSWORD, "wrong"] {
            let page = browser.send(&[("uid_field", "alice"), ("password", password)]).await;
            assert_eq!(page.complaints(), [("captcha_token", "required")]);
        }
        let fields = [("uid_field", "alice"), ("password", PASSWORD), ("captcha_token", "t")];
        browser.send(&fields).await.gone();
        assert_eq!(browser.who().await.as_deref(), Some("alice"));
    }
}

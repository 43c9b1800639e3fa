//! Sign-in with a captcha for who failed too often, its verifier on this machine.

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    thread,
};

use countersign_testkit::{Backend, Page, Person, TestApp};

const FLOW: &str = "/if/flow/login-conditional-captcha/";

/// Answers that say yes to the token `solved` and to nothing else.
fn verifier() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://127.0.0.1:{}/siteverify", listener.local_addr().unwrap().port());
    thread::spawn(move || {
        for connection in listener.incoming() {
            let Ok(mut connection) = connection else { continue };
            let (mut request, mut buffer) = (Vec::new(), [0; 4096]);
            while !is_whole(&request) {
                match connection.read(&mut buffer) {
                    Ok(0) | Err(_) => break,
                    Ok(read) => request.extend_from_slice(&buffer[..read]),
                }
            }
            let is_solved = String::from_utf8_lossy(&request).contains("response=solved");
            let body = format!("{{\"success\": {is_solved}, \"score\": 0.9}}");
            let head =
                format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
            drop(connection.write_all(format!("{head}{body}").as_bytes()));
        }
    });
    url
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    body.len() >= length.map_or(0, |length| length.trim().parse().unwrap())
}

async fn story(backend: Backend) {
    let here = "127.0.0.0/8".parse().unwrap();
    let started = TestApp::start_with(backend, |config| config.expressions.requests_networks = vec![here]);
    let Some(app) = started.await else { return };
    app.finish_setup().await;
    app.apply(include_str!("../../../../blueprints/example/flows-login-conditional-captcha.yaml")).await;
    app.apply(&format!(
        "version: 1\nmetadata: {{ name: verifier }}\nentries:\n  - model: \
         authentik_stages_captcha.captchastage\n    identifiers: {{ name: login-conditional-captcha-captcha }}\n    \
         attrs: {{ api_url: \"{}\" }}\n",
        verifier()
    ))
    .await;
    let (_, password) = app.user("ada").await;
    let asked = named(&app.anonymous().from_afar("192.0.2.1"), "ada").await;
    assert!(asks_password(&asked), "nothing has happened yet: {}", asked.body);
    let thief = app.anonymous().from_afar("192.0.2.2");
    let mut page = named(&thief, "ada").await;
    // One more than the threshold: she signed in once.
    for guess in 0..4 {
        page = thief.answer(&page, &[("password", &format!("guess {guess}"))]).await;
    }
    let ada = app.anonymous().from_afar("192.0.2.1");
    let captcha = named(&ada, "ada").await;
    assert!(asks_captcha(&captcha), "{}", captcha.body);
    for token in ["", "guessed"] {
        let again = solve(&ada, &captcha, &[("token", token), ("password", &password)]).await;
        assert!(!asks_password(&again), "{token}: {}", again.body);
    }
    let captcha = ada.visit(FLOW).await;
    let asked = solve(&ada, &captcha, &[("token", "solved")]).await;
    assert!(asks_password(&asked), "{}", asked.body);
    let page = ada.answer(&asked, &[("password", &password)]).await;
    assert_eq!(page.path(), "/if/user/", "{} {}", page.status, page.body);
    let stranger = named(&app.anonymous().from_afar("192.0.2.3"), "bob").await;
    assert!(asks_password(&stranger), "another account from another address: {}", stranger.body);
    app.verify().await;
}

/// What somebody is asked after his name.
async fn named(person: &Person, name: &str) -> Page {
    let page = person.visit(FLOW).await;
    person.answer(&page, &[("uid_field", name)]).await
}

/// Sends what the widget found in the place of the empty field.
async fn solve(person: &Person, page: &Page, fields: &[(&str, &str)]) -> Page {
    let mut form = page.form("");
    form.hidden.retain(|(name, _)| name != "token");
    person.submit(&form, fields).await
}

fn asks_password(page: &Page) -> bool {
    page.body.contains("name=\"password\"")
}

fn asks_captcha(page: &Page) -> bool {
    page.body.contains("your-site-key")
}

#[tokio::test]
async fn who_failed_too_often_solves_a_captcha_first_sqlite() {
    story(Backend::Sqlite).await;
}

#[tokio::test]
async fn who_failed_too_often_solves_a_captcha_first_postgres() {
    story(Backend::Postgres).await;
}

//! Forms of other sites, of other sessions, and without a token.

use crate::world::{World, cookie, get, post};

#[actix_web::test]
async fn a_form_of_our_own_page_is_taken() {
    let world = World::new();
    let cookie = cookie(&world.sign_in(|_| {}).await);
    let token = world.ask(get("/token").header("cookie", &cookie)).await;
    let again = world.ask(get("/token").header("cookie", &cookie)).await;
    assert_ne!(token.text(), again.text(), "a token is masked anew on each page");
    for token in [token, again] {
        let body = format!("csrf={}&name=x", token.text());
        let answer = world.ask(post("/settings").header("cookie", &cookie).form(&body)).await;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/if/user/"));
    }
}

#[actix_web::test]
async fn a_form_of_another_site_is_refused() {
    let world = World::new();
    let cookie = cookie(&world.sign_in(|_| {}).await);
    let token = world.ask(get("/token").header("cookie", &cookie)).await;
    let body = format!("csrf={}", token.text());
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("origin", "https://auth.example.com"),
    ] {
        let answer =
            world.ask(post("/settings").header("cookie", &cookie).header(name, value).form(&body)).await;
        assert_eq!(answer.status, 403, "{name}: {value}");
    }
    for (name, value) in [("sec-fetch-site", "same-origin"), ("origin", "http://auth.example.com")] {
        let answer =
            world.ask(post("/settings").header("cookie", &cookie).header(name, value).form(&body)).await;
        assert_eq!(answer.status, 303, "{name}: {value}");
    }
}

#[actix_web::test]
async fn a_form_without_the_token_of_this_session_is_refused() {
    let world = World::new();
    let first = world.sign_in(|_| {}).await;
    let token = world.ask(get("/token").header("cookie", &cookie(&first))).await;
    let flipped = token.text().chars().rev().collect::<String>();
    for body in [
        String::new(),
        "csrf=".to_owned(),
        "csrf=AAAA".to_owned(),
        format!("csrf={}", "A".repeat(86)),
        format!("csrf={flipped}"),
        format!("csrf={}x", token.text()),
        format!("csrf={0}&csrf={0}", token.text()),
    ] {
        let answer = world.ask(post("/settings").header("cookie", &cookie(&first)).form(&body)).await;
        assert_eq!(answer.status, 403, "{body}");
        assert!(answer.text().contains("This page has expired"));
    }
    let other = World::new();
    let second = other.sign_in(|_| {}).await;
    let second_token = other.ask(get("/token").header("cookie", &cookie(&second))).await;
    // The same master key, the same seed: only the session differs, by one byte of its key.
    let foreign = format!("csrf={}", second_token.text());
    let third = countersign_types::Secret::from("A".repeat(43));
    let answer = world.ask(post("/settings").header("cookie", &cookie(&third)).form(&foreign)).await;
    assert_ne!(answer.status, 303);
}

#[actix_web::test]
async fn protocol_endpoints_take_forms_of_other_sites() {
    let world = World::new();
    let cookie = cookie(&world.sign_in(|_| {}).await);
    let from_elsewhere = |uri| {
        post(uri)
            .header("cookie", &cookie)
            .header("origin", "https://rp.example")
            .header("sec-fetch-site", "cross-site")
            .form("a=b")
    };
    assert_eq!(world.ask(from_elsewhere("/application/o/token/")).await.status, 200);
    assert_eq!(world.ask(from_elsewhere("/form")).await.status, 403);
    let anonymous = post("/form").header("origin", "https://rp.example").form("a=b");
    assert_eq!(world.ask(anonymous).await.status, 200);
}

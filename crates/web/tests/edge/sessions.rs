//! Who sent a request, and the cookies.

use countersign_model::{Bound, NetworkBinding, SessionBinding};
use countersign_store::users;
use countersign_types::Span;

use crate::world::{World, cookie, get};

#[actix_web::test]
async fn a_warm_session_costs_no_trip() {
    let world = World::new();
    let cookie = cookie(&world.sign_in(|_| {}).await);
    assert_eq!(world.ask(get("/who").header("cookie", &cookie)).await.text(), "alice");
    let before = world.store.trips();
    assert_eq!(world.ask(get("/who").header("cookie", &cookie)).await.text(), "alice");
    assert_eq!(world.store.trips() - before, Default::default());
}

#[actix_web::test]
async fn a_session_that_ended_is_dead_at_once() {
    let world = World::new();
    let token = world.sign_in(|_| {}).await;
    let cookie = cookie(&token);
    assert_eq!(world.ask(get("/who").header("cookie", &cookie)).await.text(), "alice");
    world.sign_out(&token).await;
    assert_eq!(world.ask(get("/who").header("cookie", &cookie)).await.text(), "nobody");
}

#[actix_web::test]
async fn a_bound_session_is_nobodys_elsewhere() {
    let world = World::new();
    let network = Bound { level: NetworkBinding::BindAsnNetworkIp, value: "203.0.113.9".to_owned() };
    let binding = SessionBinding { network: Some(network), place: None };
    let cookie = cookie(&world.sign_in_bound(|_| {}, Some(binding)).await);
    let ask = || get("/who").header("cookie", &cookie);
    assert_eq!(world.ask(ask()).await.text(), "alice");
    let before = world.store.trips();
    assert_eq!(world.ask(ask()).await.text(), "alice");
    assert_eq!(world.store.trips() - before, Default::default());
    let forged = ask().from("203.0.113.10").header("x-forwarded-for", "203.0.113.9");
    assert_eq!(world.ask(forged).await.text(), "nobody");
    assert_eq!(world.ask(ask()).await.text(), "nobody", "it ended");
    let led = world.ask(get("/members").header("cookie", &cookie)).await;
    assert_eq!(led.header("location"), "/flows/-/default/authentication/?next=%2Fmembers");
}

/// CVE-2025-64708: clean-up has not run.
#[actix_web::test]
async fn an_expired_session_is_dead_though_its_row_is_there() {
    let world = World::new();
    let cookie = cookie(&world.sign_in(|_| {}).await);
    assert_eq!(world.ask(get("/who").header("cookie", &cookie)).await.text(), "alice");
    world.store.clock.advance(Span::from_hours(1));
    assert_eq!(world.ask(get("/who").header("cookie", &cookie)).await.text(), "nobody");
}

/// CVE-2025-53942.
#[actix_web::test]
async fn a_suspended_user_has_no_session() {
    let world = World::new();
    let cookie = cookie(&world.sign_in(|_| {}).await);
    assert_eq!(world.ask(get("/who").header("cookie", &cookie)).await.text(), "alice");
    world
        .store
        .write(|tx| {
            let mut user = users::by_username(tx, "alice")?.unwrap();
            user.is_active = false;
            users::update(tx, &user)
        })
        .await
        .unwrap();
    assert_eq!(world.ask(get("/who").header("cookie", &cookie)).await.text(), "nobody");
}

#[actix_web::test]
async fn a_garbage_cookie_is_nobody() {
    let world = World::new();
    let long = "x".repeat(8000);
    for value in [
        "",
        "=",
        "countersign_session",
        "countersign_session=",
        "countersign_session=%00",
        &long,
        "\"",
        ";;;",
    ] {
        let answer = world.ask(get("/who").header("cookie", value)).await;
        assert_eq!((answer.status.as_u16(), answer.text()), (200, "nobody"), "{value:.30}");
    }
    let unknown = format!("countersign_session={}", "A".repeat(43));
    assert_eq!(world.ask(get("/who").header("cookie", &unknown)).await.text(), "nobody");
}

#[actix_web::test]
async fn a_cookie_planted_without_the_prefix_does_not_count_on_https() {
    let world = World::new();
    let token = world.sign_in(|_| {}).await;
    let https = || get("/who").from("10.0.0.1").header("x-forwarded-proto", "https");
    assert_eq!(world.ask(https().header("cookie", &cookie(&token))).await.text(), "nobody");
    let prefixed = format!("__Host-{}", cookie(&token));
    assert_eq!(world.ask(https().header("cookie", &prefixed)).await.text(), "alice");
}

#[actix_web::test]
async fn who_is_not_signed_in_is_led_to_the_sign_in_flow_and_back() {
    let world = World::new();
    let answer = world.ask(get("/members?tab=a&b=c")).await;
    assert_eq!(answer.status, 302);
    assert_eq!(
        answer.header("location"),
        "/flows/-/default/authentication/?next=%2Fmembers%3Ftab%3Da%26b%3Dc"
    );
    let cookie = cookie(&world.sign_in(|_| {}).await);
    assert_eq!(world.ask(get("/members").header("cookie", &cookie)).await.text(), "alice");
    assert_eq!(world.ask(get("/admins").header("cookie", &cookie)).await.status, 403);
    assert_eq!(world.ask(get("/admins")).await.status, 302);
}

#[actix_web::test]
async fn a_browser_gets_its_binding_once() {
    let world = World::new();
    let first = world.ask(get("/browser")).await;
    let cookies = first.cookies();
    assert_eq!(cookies, [format!("countersign_browser={}; HttpOnly; SameSite=Lax; Path=/", first.text())]);
    let known = format!("countersign_browser={}", first.text());
    let second = world.ask(get("/browser").header("cookie", &known)).await;
    assert_eq!(second.text(), first.text());
    assert!(second.cookies().is_empty());
    let forged = world.ask(get("/browser").header("cookie", "countersign_browser=short")).await;
    assert_ne!(forged.text(), "short");
    let https = world.ask(get("/browser").from("10.0.0.1").header("x-forwarded-proto", "https")).await;
    assert!(
        https.cookies()[0].starts_with("__Host-countersign_browser=")
            && https.cookies()[0].contains("Secure")
    );
}

#[actix_web::test]
async fn the_users_language_goes_before_the_browsers() {
    let world = World::new();
    let settings = serde_json::json!({ "locale": "ko" });
    let cookie =
        cookie(&world.sign_in(|user| drop(user.attributes.insert("settings".to_owned(), settings))).await);
    let facts =
        world.ask(get("/facts").header("cookie", &cookie).header("accept-language", "zh-CN")).await.json();
    assert_eq!(facts["locale"], "ko");
}

//! Errors in the shape of each surface.

use actix_web::http::Method;

use crate::world::{World, get, post};

#[actix_web::test]
async fn an_unknown_address_is_a_page_with_a_way_on() {
    let world = World::new();
    let answer = world.ask(get("/nothing/here").header("accept", "text/html,*/*")).await;
    assert_eq!(answer.status, 404);
    assert!(answer.header("content-type").starts_with("text/html"));
    assert!(answer.text().contains("Page not found"));
    assert!(answer.text().contains(answer.header("x-request-id")));
    assert!(answer.text().contains(r#"href="/""#));
    let korean = world.ask(get("/nothing/here").header("accept-language", "ko")).await;
    assert!(korean.text().contains(r#"<html lang="ko""#));
}

#[actix_web::test]
async fn a_fault_of_ours_is_500_and_says_nothing_of_its_cause() {
    let world = World::new();
    for uri in ["/broken", "/panic", "/oauth/broken"] {
        let answer = world.ask(get(uri)).await;
        assert_eq!(answer.status, 500, "{uri}");
        assert!(!answer.text().contains("secret"), "{uri}");
        assert!(answer.text().contains(answer.header("x-request-id")), "{uri}");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("x-frame-options"), "DENY");
    }
}

#[actix_web::test]
async fn each_surface_has_its_shape() {
    let world = World::new();
    let oauth = world.ask(get("/oauth/broken")).await;
    assert_eq!(oauth.json()["error"], "server_error");
    assert_eq!(oauth.json()["request_id"], oauth.header("x-request-id"));
    let malformed = world.ask(post("/oauth/form").form("a=%")).await;
    assert_eq!((malformed.status.as_u16(), &malformed.json()["error"]), (400, &"invalid_request".into()));
    let rest = world.ask(post("/api/form").form("a=%")).await;
    assert_eq!((rest.status.as_u16(), &rest.json()["code"]), (400, &"invalid".into()));
    let unknown = world.ask(get("/api/v3/nothing/")).await;
    assert_eq!((unknown.status.as_u16(), &unknown.json()["code"]), (404, &"not_found".into()));
    let page = world.ask(post("/form").form("a=%")).await;
    assert!(page.header("content-type").starts_with("text/html"));
}

#[actix_web::test]
async fn the_frameworks_own_errors_have_our_shape() {
    let world = World::new();
    let path = world.ask(get("/path/not-a-number")).await;
    assert_eq!(path.status, 404);
    assert!(path.text().contains("Page not found"));
    let method = world.ask(get("/facts").method(Method::DELETE)).await;
    assert!(matches!(method.status.as_u16(), 404 | 405), "{}", method.status);
    assert!(method.header("content-type").starts_with("text/html"));
}

#[actix_web::test]
async fn a_busy_house_says_when_to_come_back() {
    let world = World::new();
    let answer = world.ask(get("/busy")).await;
    assert_eq!((answer.status.as_u16(), answer.header("retry-after")), (503, "5"));
    assert!(answer.text().contains("Busy right now"));
}

//! The headers that every response carries.

use actix_web::http::Method;

use crate::world::{World, get};

#[actix_web::test]
async fn every_response_is_locked_down() {
    let world = World::new();
    for uri in [
        "/facts",
        "/nothing",
        "/-/health/live/",
        "/-/health/live",
        "/panic",
        "/members",
        "/static/nothing.css",
    ] {
        let answer = world.ask(get(uri)).await;
        assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"), "{uri}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cache-control", "no-store"),
            ("strict-transport-security", ""),
        ] {
            assert_eq!(answer.header(name), value, "{uri}: {name}");
        }
    }
}

#[actix_web::test]
async fn a_page_may_send_forms_home_and_other_answers_nothing() {
    let world = World::new();
    let page = world.ask(get("/nothing")).await;
    assert_eq!(page.header("referrer-policy"), "same-origin");
    assert!(page.header("content-security-policy").contains("form-action 'self'; "));
    assert!(!page.header("content-security-policy").contains("unsafe"));
    let json = world.ask(get("/facts")).await;
    assert_eq!(json.header("referrer-policy"), "no-referrer");
    assert!(json.header("content-security-policy").starts_with("default-src 'none';"));
}

#[actix_web::test]
async fn https_is_remembered_by_browsers_that_used_it() {
    let world = World::new();
    let https = get("/facts").from("10.0.0.1").header("x-forwarded-proto", "https");
    assert_eq!(world.ask(https).await.header("strict-transport-security"), "max-age=63072000");
}

#[actix_web::test]
async fn a_language_chosen_on_a_page_is_remembered() {
    let world = World::new();
    let page = world.ask(get("/nothing?locale=ko")).await;
    assert!(page.cookies()[0].starts_with("countersign_locale=ko;"), "{:?}", page.cookies());
    assert!(world.ask(get("/nothing?locale=xx")).await.cookies().is_empty());
    let known = get("/nothing?locale=ko").header("cookie", "countersign_locale=ko");
    assert!(world.ask(known).await.cookies().is_empty());
}

#[actix_web::test]
async fn probes_answer_without_a_body() {
    let world = World::new();
    for uri in ["/-/health/live/", "/-/health/live", "/-/health/ready/", "/-/health/ready"] {
        let answer = world.ask(get(uri)).await;
        assert_eq!((answer.status.as_u16(), answer.text()), (200, ""), "{uri}");
        assert_eq!(world.ask(get(uri).method(Method::HEAD)).await.status, 200, "{uri}");
    }
    world.store.close();
    let ready = world.ask(get("/-/health/ready/")).await;
    assert_eq!(world.ask(get("/-/health/live/")).await.status, 200);
    assert!(matches!(ready.status.as_u16(), 200 | 503));
}

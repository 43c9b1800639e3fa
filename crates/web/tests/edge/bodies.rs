//! Bodies and addresses beyond their bounds: an error of the sender, never of ours.

use crate::world::{World, get, post};

#[actix_web::test]
async fn oversize_and_malformed_forms_are_refused() {
    let world = World::new();
    let many = "a=b&".repeat(300);
    let long = format!("a={}", "x".repeat(300_000));
    for (kind, body, status) in [
        ("application/x-www-form-urlencoded", "a=1&b=2", 200),
        ("application/x-www-form-urlencoded; charset=utf-8", "a=1", 200),
        ("APPLICATION/X-WWW-FORM-URLENCODED", "a=1", 200),
        ("application/x-www-form-urlencoded", "", 200),
        ("application/x-www-form-urlencoded", "a=%zz", 400),
        ("application/x-www-form-urlencoded", "a=%ff", 400),
        ("application/x-www-form-urlencoded", "a=%00", 400),
        ("application/x-www-form-urlencoded", &many, 413),
        ("application/x-www-form-urlencoded", &long, 413),
        ("application/json", "{}", 400),
        ("multipart/form-data; boundary=x", "--x--", 400),
        ("", "a=1", 400),
    ] {
        for uri in ["/form", "/oauth/form", "/api/form"] {
            let answer = world.ask(post(uri).body(kind, body)).await;
            assert_eq!(answer.status.as_u16(), status, "{uri} {kind} {body:.20}");
        }
    }
    assert_eq!(world.ask(post("/form").form("a=1&a=2")).await.text(), "a");
}

#[actix_web::test]
async fn a_length_that_is_promised_is_believed_when_it_is_too_much() {
    let world = World::new();
    let answer = world.ask(post("/form").form("a=b").header("content-length", "999999999")).await;
    assert_eq!(answer.status, 413);
}

#[actix_web::test]
async fn malformed_json_is_refused() {
    let world = World::new();
    let deep = "[".repeat(100_000);
    for (body, status) in [
        (r#"{"a": [1, {"b": null}]}"#, 200),
        ("", 400),
        ("[]", 400),
        ("{", 400),
        (r#"{"a":1,"a":2}"#, 400),
        (r#"{"a":"\u0000"}"#, 400),
        (deep.as_str(), 400),
    ] {
        let answer = world.ask(post("/json").body("application/json", body)).await;
        assert_eq!(answer.status.as_u16(), status, "{body:.30}");
    }
    assert_eq!(world.ask(post("/json").body("text/plain", "{}")).await.status, 400);
}

#[actix_web::test]
async fn a_malformed_or_endless_address_is_refused() {
    let world = World::new();
    assert_eq!(world.ask(get("/query?a=1&b&c=%20")).await.text(), "3");
    assert_eq!(world.ask(get("/query?a=%ff")).await.status, 400);
    assert_eq!(world.ask(get(&format!("/query?{}", "a&".repeat(300)))).await.status, 413);
    assert_eq!(world.ask(get(&format!("/query?a={}", "x".repeat(20_000)))).await.status, 414);
}

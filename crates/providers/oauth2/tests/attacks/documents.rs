//! Discovery and keys.

use actix_web::http::Method;
use countersign_store::Trips;
use serde_json::json;

use crate::world::{BASE, World, get};

#[actix_web::test]
async fn a_provider_says_where_everything_is() {
    let world = World::new().await;
    world.rp("demo").await;
    let answer = world.ask(get("/application/o/demo/.well-known/openid-configuration")).await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "application/json"));
    let metadata = answer.json();
    for (name, address) in [
        ("issuer", "/application/o/demo/"),
        ("authorization_endpoint", "/application/o/authorize/"),
        ("token_endpoint", "/application/o/token/"),
        ("userinfo_endpoint", "/application/o/userinfo/"),
        ("introspection_endpoint", "/application/o/introspect/"),
        ("revocation_endpoint", "/application/o/revoke/"),
        ("end_session_endpoint", "/application/o/demo/end-session/"),
        ("jwks_uri", "/application/o/demo/jwks/"),
    ] {
        assert_eq!(metadata[name], format!("{BASE}{address}"), "{name}");
    }
    for (name, value) in [
        ("response_types_supported", json!(["code"])),
        ("code_challenge_methods_supported", json!(["S256"])),
        ("grant_types_supported", json!(["authorization_code", "refresh_token", "client_credentials"])),
        ("token_endpoint_auth_methods_supported", json!(["client_secret_basic", "client_secret_post"])),
        ("scopes_supported", json!(["openid", "email", "profile", "offline_access", "api"])),
        ("ui_locales_supported", json!(["en", "ko", "zh-Hans"])),
        ("authorization_response_iss_parameter_supported", json!(true)),
        ("request_uri_parameter_supported", json!(false)),
    ] {
        assert_eq!(metadata[name], value, "{name}");
    }
    let again = world.ask(get("/.well-known/oauth-authorization-server/application/o/demo/")).await;
    assert_eq!(again.json(), metadata);
    let issuer = world.ask(get("/application/o/demo/")).await;
    assert_eq!(issuer.location(), "/application/o/demo/.well-known/openid-configuration");
    let global = world.rp_with("global", json!({ "issuer_mode": "global", "client_type": "public" })).await;
    let metadata = world
        .ask(get(&format!("/application/o/{}/.well-known/openid-configuration", global.slug)))
        .await
        .json();
    assert_eq!(metadata["issuer"], format!("{BASE}/"));
    assert_eq!(metadata["token_endpoint_auth_methods_supported"], json!(["none"]));
    assert_eq!(metadata["grant_types_supported"], json!(["authorization_code", "refresh_token"]));
}

#[actix_web::test]
async fn documents_make_no_trip_and_know_who_has_them() {
    let world = World::new().await;
    world.rp("demo").await;
    for path in ["/application/o/demo/.well-known/openid-configuration", "/application/o/demo/jwks/"] {
        let first = world.ask(get(path)).await;
        let before = world.store.trips();
        let again = world.ask(get(path).header("if-none-match", first.header("etag"))).await;
        assert_eq!((again.status.as_u16(), again.body.len()), (304, 0), "{path}");
        assert_eq!(world.ask(get(path)).await.body, first.body);
        assert_eq!(world.ask(get(path).method(Method::HEAD)).await.status, 200, "{path}");
        assert_eq!(world.store.trips() - before, Trips { reads: 0, writes: 0 }, "{path}");
    }
}

#[actix_web::test]
async fn keys_are_published_without_their_secrets() {
    let world = World::new().await;
    world.rp("demo").await;
    let keys = world.ask(get("/application/o/demo/jwks/")).await.json();
    let key = &keys["keys"][0];
    assert_eq!((&key["kty"], &key["alg"], &key["use"]), (&json!("EC"), &json!("ES256"), &json!("sig")));
    assert!(key["kid"].is_string() && key["x5c"].is_array() && key.get("d").is_none(), "{key}");
    world.rp_with("hs", json!({ "signing_key": null })).await;
    assert_eq!(world.ask(get("/application/o/hs/jwks/")).await.json(), json!({ "keys": [] }));
}

#[actix_web::test]
async fn what_is_not_there_is_not_found() {
    let world = World::new().await;
    for path in [
        "/application/o/nobody/.well-known/openid-configuration",
        "/application/o/nobody/jwks/",
        "/application/o/nobody/",
        "/application/o/%00/jwks/",
        "/application/o/../jwks/",
    ] {
        let status = world.ask(get(path)).await.status;
        assert!(status == 404 || status == 400, "{path} {status}");
    }
}

#[actix_web::test]
async fn scripts_may_call_from_registered_origins_only() {
    let world = World::new().await;
    world.rp("demo").await;
    let paths = ["/application/o/token/", "/application/o/userinfo/", "/application/o/demo/jwks/"];
    for path in paths {
        let preflight = |origin: &str| get(path).method(Method::OPTIONS).header("origin", origin);
        let allowed = world.ask(preflight("https://rp.example")).await;
        assert_eq!(allowed.status, 204, "{path}");
        assert_eq!(allowed.header("access-control-allow-origin"), "https://rp.example");
        assert!(allowed.header("access-control-allow-credentials").is_empty());
        for origin in ["https://evil.example", "null", "https://rp.example.evil.example", "http://rp.example"]
        {
            assert!(
                world.ask(preflight(origin)).await.header("access-control-allow-origin").is_empty(),
                "{origin}"
            );
        }
    }
    let answer = world
        .ask(get("/application/o/authorize/").method(Method::OPTIONS).header("origin", "https://rp.example"))
        .await;
    assert!(answer.header("access-control-allow-origin").is_empty(), "never at the authorization endpoint");
}

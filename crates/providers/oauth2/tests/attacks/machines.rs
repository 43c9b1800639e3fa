//! Client credentials, and how clients say who they are.

use actix_web::http::Method;
use countersign_crypto::SigningAlgorithm;
use countersign_model::{EventAction, UserType};
use countersign_store::{Trips, testing::samples, users};
use countersign_types::{Clock as _, Span};
use serde_json::json;

use crate::world::{Answer, Ask, Rp, World, claims, get, post, post_raw};

async fn credentials(world: &World, rp: &Rp, scope: &str) -> Answer {
    let form = [("grant_type", "client_credentials"), ("scope", scope)];
    world.ask(post("/application/o/token/", &form).basic(rp)).await
}

#[actix_web::test]
async fn an_application_acts_for_itself_as_a_service_account() {
    let world = World::new().await;
    let rp = world.rp("demo").await;
    let answer = credentials(&world, &rp, "api").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let tokens = answer.json();
    assert!(tokens.get("id_token").is_none() && tokens.get("refresh_token").is_none(), "{tokens}");
    let access = claims(tokens["access_token"].as_str().unwrap());
    assert_eq!((&access["client_id"], &access["scope"]), (&json!(rp.client_id), &json!("api")));
    assert_eq!(access["app"], json!({ "name": "demo" }));
    assert_ne!(access["sub"], "forged", "a mapping cannot take the place of a protocol claim");
    let account =
        world.store.read(|tx| users::by_username(tx, "ak-demo-client_credentials")).await.unwrap().unwrap();
    assert_eq!((account.user_type, account.password.is_none()), (UserType::ServiceAccount, true));
    assert_eq!(world.introspect(&rp, tokens["access_token"].as_str().unwrap()).await["active"], true);
}

#[actix_web::test]
async fn client_credentials_write_only_their_audit_row() {
    let world = World::new().await;
    let rp = world.rp("demo").await;
    credentials(&world, &rp, "api").await;
    let before = world.store.trips();
    assert_eq!(credentials(&world, &rp, "api").await.status, 200);
    assert_eq!(world.store.trips() - before, Trips { reads: 0, writes: 1 });
    assert_eq!(world.events(EventAction::AuthorizeApplication).await, 2);
}

/// CVE-2024-52287.
#[actix_web::test]
async fn client_credentials_get_no_scope_that_the_provider_does_not_have() {
    let world = World::new().await;
    let rp = world.rp("demo").await;
    let tokens = credentials(&world, &rp, "api broken goauthentik.io/api openid offline_access").await.json();
    assert_eq!(tokens["scope"], "api");
    let answer =
        world.ask(post("/application/o/token/", &[("grant_type", "client_credentials")]).basic(&rp)).await;
    assert_eq!(answer.json()["scope"], "email profile api", "no scope stands for all there are");
}

#[actix_web::test]
async fn a_deactivated_service_account_gets_nothing_and_its_tokens_die() {
    let world = World::new().await;
    let rp = world.rp("demo").await;
    let token = credentials(&world, &rp, "api").await.json()["access_token"].as_str().unwrap().to_owned();
    let account =
        world.store.read(|tx| users::by_username(tx, "ak-demo-client_credentials")).await.unwrap().unwrap();
    world.deactivate(account.id).await;
    assert_eq!(credentials(&world, &rp, "api").await.error(), "invalid_grant");
    assert_eq!(world.userinfo(&token).await.status, 401);
    assert_eq!(world.introspect(&rp, &token).await, json!({ "active": false }));
}

#[actix_web::test]
async fn a_client_cannot_pass_for_a_user_who_took_its_name() {
    let world = World::new().await;
    let rp = world.rp("demo").await;
    let squatter = samples::user(9, "ak-demo-client_credentials", world.store.clock.now());
    world.store.write(move |tx| users::create(tx, &squatter)).await.unwrap();
    assert_eq!(credentials(&world, &rp, "api").await.error(), "server_error");
    assert_eq!(world.events(EventAction::ConfigurationError).await, 1);
}

#[actix_web::test]
async fn policies_see_the_grant_and_decide() {
    let world = World::new().await;
    let rp = world.rp("demo").await;
    world
        .guard(&rp, "return context['oauth_grant_type'] != 'client_credentials' or 'email' not in context['oauth_scopes']")
        .await;
    assert_eq!(credentials(&world, &rp, "api").await.status, 200);
    let answer = credentials(&world, &rp, "api email").await;
    assert_eq!((answer.status.as_u16(), answer.error()), (403, "access_denied".to_owned()));
}

#[actix_web::test]
async fn a_revoked_machine_token_is_dead_everywhere() {
    let world = World::new().await;
    let rp = world.rp("demo").await;
    let token = credentials(&world, &rp, "api").await.json()["access_token"].as_str().unwrap().to_owned();
    let other = credentials(&world, &rp, "api").await.json()["access_token"].as_str().unwrap().to_owned();
    let answer = world.ask(post("/application/o/revoke/", &[("token", &token)]).basic(&rp)).await;
    assert_eq!(answer.status, 200);
    assert_eq!(world.introspect(&rp, &token).await, json!({ "active": false }));
    assert_eq!(world.introspect(&rp, &other).await["active"], true, "the other one lives");
}

#[actix_web::test]
async fn a_client_that_does_not_prove_who_it_is_gets_nothing() {
    let world = World::new().await;
    let rp = world.rp("demo").await;
    let form = [("grant_type", "client_credentials")];
    let named = [("grant_type", "client_credentials"), ("client_id", rp.client_id.as_str())];
    let token = |form: &[(&str, &str)]| post("/application/o/token/", form);
    for (why, ask) in [
        ("nothing", token(&form)),
        ("a name only", token(&named)),
        ("a wrong secret", token(&form).basic_with(&rp.client_id, "wrong")),
        ("an empty secret", token(&form).basic_with(&rp.client_id, "")),
        ("part of the secret", token(&form).basic_with(&rp.client_id, &rp.secret[..127])),
        ("more than the secret", token(&form).basic_with(&rp.client_id, &format!("{}x", rp.secret))),
        ("an unknown client", token(&form).basic_with("nobody", &rp.secret)),
        ("nonsense", token(&form).header("authorization", "Basic %%%")),
        ("an assertion", token(&[("client_assertion", "x"), ("client_assertion_type", "y")])),
    ] {
        let answer = world.ask(ask).await;
        assert_eq!((answer.status.as_u16(), answer.error()), (401, "invalid_client".to_owned()), "{why}");
        assert!(answer.header("www-authenticate").starts_with("Basic "), "{why}");
    }
    let mut form = form.to_vec();
    form.extend([("client_id", rp.client_id.as_str()), ("client_secret", rp.secret.as_str())]);
    assert_eq!(world.ask(token(&form)).await.status, 200, "client_secret_post");
}

#[actix_web::test]
async fn client_secret_guessing_is_throttled() {
    let world = World::new().await;
    let rp = world.rp("demo").await;
    let guess = |secret: &str| {
        post("/application/o/token/", &[("grant_type", "client_credentials")])
            .basic_with(&rp.client_id, secret)
    };
    for _ in 0..20 {
        assert_eq!(world.ask(guess("wrong")).await.status, 401);
    }
    let answer = world.ask(guess(&rp.secret)).await;
    assert_eq!(answer.status, 429, "not even the right one tells anything now");
    assert_eq!(answer.header("retry-after"), "60");
}

#[actix_web::test]
async fn a_public_client_has_nothing_to_act_for_itself_with() {
    let world = World::new().await;
    let rp = world.rp_with("spa", json!({ "client_type": "public" })).await;
    let form = [("grant_type", "client_credentials"), ("client_id", rp.client_id.as_str())];
    assert_eq!(world.ask(post("/application/o/token/", &form)).await.error(), "unauthorized_client");
    let form = [("token", "x"), ("client_id", rp.client_id.as_str())];
    assert_eq!(world.ask(post("/application/o/introspect/", &form)).await.error(), "invalid_client");
}

#[actix_web::test]
async fn malformed_requests_are_answered_not_crashed() {
    let world = World::new().await;
    let rp = world.rp("demo").await;
    let asks: Vec<(Ask, &str)> = vec![
        (post("/application/o/token/", &[]).basic(&rp), "invalid_request"),
        (post("/application/o/token/", &[("grant_type", "password")]).basic(&rp), "unsupported_grant_type"),
        (
            post("/application/o/token/", &[("grant_type", "authorization_code")]).basic(&rp),
            "invalid_request",
        ),
        (
            post("/application/o/token/", &[("grant_type", "refresh_token"), ("refresh_token", "x")])
                .basic(&rp),
            "invalid_grant",
        ),
        (post_raw("/application/o/token/", "grant_type=%zz").basic(&rp), "invalid_request"),
        (
            post_raw("/application/o/token/", &format!("a={}", "x".repeat(40_000))).basic(&rp),
            "invalid_request",
        ),
        (
            post("/application/o/token/", &[]).basic(&rp).header("content-type", "application/json"),
            "invalid_request",
        ),
    ];
    for (ask, error) in asks {
        let answer = world.ask(ask).await;
        assert_eq!((answer.status.as_u16(), answer.error()), (400, error.to_owned()));
        assert!(answer.json()["request_id"].is_string());
    }
    assert_eq!(world.ask(get("/application/o/token/")).await.status, 405);
    assert_eq!(world.ask(get("/application/o/token/").method(Method::DELETE)).await.status, 405);
}

#[actix_web::test]
async fn each_client_signs_with_its_own_algorithm() {
    let world = World::new().await;
    let rsa = world.make_key("RSA", SigningAlgorithm::Rs256, 2).await;
    for (slug, key, algorithm) in [
        ("es", json!({}), "ES256"),
        ("rs", json!({ "signing_key": rsa }), "RS256"),
        ("hs", json!({ "signing_key": null }), "HS256"),
    ] {
        let rp = world.rp_with(slug, key).await;
        let token = credentials(&world, &rp, "api").await.json()["access_token"].as_str().unwrap().to_owned();
        let discovery = format!("/application/o/{slug}/.well-known/openid-configuration");
        let metadata = world.ask(get(&discovery)).await.json();
        assert_eq!(metadata["id_token_signing_alg_values_supported"], json!([algorithm]));
        assert_eq!(world.introspect(&rp, &token).await["active"], true, "{slug}");
        world.wait(Span::from_secs(3601));
        assert_eq!(world.introspect(&rp, &token).await["active"], false, "{slug}");
    }
}

//! Codes: once, for one client, one redirect URI, one verifier, one minute.

use std::sync::Arc;

use countersign_model::EventAction;
use countersign_store::{Trips, on_both_databases};
use countersign_types::Span;
use futures_util::future::join_all;
use serde_json::json;

use crate::world::{REDIRECT, VERIFIER, World, challenge, claims, post, post_raw};

on_both_databases! {
    async fn a_code_brings_tokens_once(store: TestStore) {
        let world = World::on(store).await;
        let (rp, ada) = (world.rp("demo").await, world.person(1, "ada").await);
        let code = world.code(&rp, &ada, &[("nonce", "n-1")]).await;
        let answer = world.redeem(&rp, &code, &[]).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!((answer.header("cache-control"), answer.header("pragma")), ("no-store", "no-cache"));
        let tokens = answer.json();
        assert_eq!((&tokens["token_type"], &tokens["expires_in"], &tokens["scope"]), (&json!("Bearer"), &json!(3600), &json!("openid email profile")));
        assert!(tokens.get("refresh_token").is_none(), "offline_access was not asked for");
        let id = claims(tokens["id_token"].as_str().unwrap());
        assert_eq!((&id["nonce"], &id["aud"], &id["name"]), (&json!("n-1"), &json!(rp.client_id), &json!("ada of the tests")));
        assert_eq!((&id["iss"], &id["amr"]), (&json!("https://auth.example.com/application/o/demo/"), &json!(["pwd"])));
        assert!(id["at_hash"].is_string() && id["sid"].is_string() && id["auth_time"].is_i64(), "{id}");
        let access = tokens["access_token"].as_str().unwrap();
        assert_eq!(world.userinfo(access).await.status, 200);

        let again = world.redeem(&rp, &code, &[]).await;
        assert_eq!((again.status.as_u16(), again.error()), (400, "invalid_grant".to_owned()));
        assert_eq!(world.userinfo(access).await.status, 401, "what came of it was revoked");
        assert_eq!(world.events(EventAction::SuspiciousRequest).await, 1);
    }

    async fn a_code_replayed_a_hundred_times_at_once_wins_once_and_then_nothing(store: TestStore) {
        let world = Arc::new(World::on(store).await);
        let (rp, ada) = (world.rp("demo").await, world.person(1, "ada").await);
        let code = world.code(&rp, &ada, &[]).await;
        let answers = join_all((0..100).map(|_| world.redeem(&rp, &code, &[]))).await;
        let won: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
        assert_eq!(won.len(), 1);
        assert!(answers.iter().filter(|answer| answer.status != 200).all(|answer| answer.error() == "invalid_grant"));
        let access = won[0].json()["access_token"].as_str().unwrap().to_owned();
        assert_eq!(world.userinfo(&access).await.status, 401, "the grant was revoked");
    }

    async fn redeeming_costs_one_write(store: TestStore) {
        let world = World::on(store).await;
        let (rp, ada) = (world.rp("demo").await, world.person(1, "ada").await);
        world.tokens(&rp, &ada, "openid email profile offline_access").await;
        let code = world.code(&rp, &ada, &[("scope", "openid email profile offline_access")]).await;
        let before = world.store.trips();
        assert_eq!(world.redeem(&rp, &code, &[]).await.status, 200);
        assert_eq!(world.store.trips() - before, Trips { reads: 0, writes: 1 });
    }
}

/// CVE-2026-28513: `&&` where `||` belonged. Every single thing wrong is enough.
#[actix_web::test]
async fn a_code_with_anything_wrong_is_refused() {
    let world = World::new().await;
    let (rp, other, ada) = (world.rp("demo").await, world.rp("other").await, world.person(1, "ada").await);
    for wrong_client in [false, true] {
        for expired in [false, true] {
            for wrong_redirect in [false, true] {
                for wrong_verifier in [false, true] {
                    let pkce = [
                        ("code_challenge", challenge(VERIFIER)),
                        ("code_challenge_method", "S256".to_owned()),
                    ];
                    let pkce: Vec<_> = pkce.iter().map(|(name, value)| (*name, value.as_str())).collect();
                    let ada = world.sign_in(ada.clone()).await;
                    let code = world.code(&rp, &ada, &pkce).await;
                    world.wait(if expired { Span::from_secs(60) } else { Span::from_secs(59) });
                    let asker = if wrong_client { &other } else { &rp };
                    let uri = if wrong_redirect { "https://rp.example/other" } else { REDIRECT };
                    let verifier = if wrong_verifier { "b".repeat(43) } else { VERIFIER.to_owned() };
                    let form = [
                        ("grant_type", "authorization_code"),
                        ("code", &code),
                        ("redirect_uri", uri),
                        ("code_verifier", &verifier),
                    ];
                    let answer = world.ask(post("/application/o/token/", &form).basic(asker)).await;
                    let wrong = wrong_client || expired || wrong_redirect || wrong_verifier;
                    let what = format!(
                        "{wrong_client} {expired} {wrong_redirect} {wrong_verifier}: {}",
                        answer.text()
                    );
                    assert_eq!(answer.status.as_u16(), if wrong { 400 } else { 200 }, "{what}");
                    if wrong {
                        assert_eq!(answer.error(), "invalid_grant", "{what}");
                        let later = world.redeem(&rp, &code, &[("code_verifier", VERIFIER)]).await;
                        assert_eq!(later.status, 400, "it is used up: {what}");
                    }
                }
            }
        }
    }
}

#[actix_web::test]
async fn pkce_downgrade_fails_both_ways() {
    let world = World::new().await;
    let (rp, ada) = (world.rp("demo").await, world.person(1, "ada").await);
    let code = world.code(&rp, &ada, &[]).await;
    let answer = world.redeem(&rp, &code, &[("code_verifier", VERIFIER)]).await;
    assert_eq!(answer.error(), "invalid_grant", "the challenge was taken away");
    let good = challenge(VERIFIER);
    let code = world.code(&rp, &ada, &[("code_challenge", &good), ("code_challenge_method", "S256")]).await;
    assert_eq!(world.redeem(&rp, &code, &[]).await.error(), "invalid_grant", "the verifier was left out");
    let code = world.code(&rp, &ada, &[("code_challenge", &good), ("code_challenge_method", "S256")]).await;
    let answer = world.redeem(&rp, &code, &[("code_verifier", good.as_str())]).await;
    assert_eq!(answer.error(), "invalid_grant", "the challenge is not the verifier");
}

#[actix_web::test]
async fn a_public_client_redeems_with_its_verifier_alone() {
    let world = World::new().await;
    let rp = world.rp_with("spa", json!({ "client_type": "public" })).await;
    let ada = world.person(1, "ada").await;
    let good = challenge(VERIFIER);
    let code = world.code(&rp, &ada, &[("code_challenge", &good), ("code_challenge_method", "S256")]).await;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("code_verifier", VERIFIER),
        ("client_id", &rp.client_id),
    ];
    let ask = post("/application/o/token/", &form).header("origin", "https://rp.example");
    let answer = world.ask(ask).await;
    assert_eq!(answer.status, 200, "redirect_uri may be left out: {}", answer.text());
    assert_eq!(answer.header("access-control-allow-origin"), "https://rp.example");
}

#[actix_web::test]
async fn codes_that_are_truncated_flipped_or_made_up_are_worth_nothing() {
    let world = World::new().await;
    let (rp, ada) = (world.rp("demo").await, world.person(1, "ada").await);
    let code = world.code(&rp, &ada, &[]).await;
    let flipped = format!("{}{}", if code.starts_with('A') { 'B' } else { 'A' }, &code[1..]);
    for bad in ["", "x", &code[..42], &format!("{code}A"), &flipped, &code.to_uppercase(), &"A".repeat(8000)]
    {
        let answer = world.redeem(&rp, bad, &[]).await;
        assert_eq!(answer.status, 400, "{bad:.50}");
    }
    assert_eq!(world.redeem(&rp, &code, &[]).await.status, 200, "and none of that used the code up");
}

#[actix_web::test]
async fn a_code_dies_with_its_session_and_with_its_user() {
    let world = World::new().await;
    let rp = world.rp("demo").await;
    let ada = world.person(1, "ada").await;
    let code = world.code(&rp, &ada, &[]).await;
    world.sign_out(&ada).await;
    assert_eq!(world.redeem(&rp, &code, &[]).await.error(), "invalid_grant");
    let eve = world.person(2, "eve").await;
    let code = world.code(&rp, &eve, &[]).await;
    world.deactivate(eve.user.id).await;
    assert_eq!(world.redeem(&rp, &code, &[]).await.error(), "invalid_grant");
}

#[actix_web::test]
async fn parameter_pollution_at_the_token_endpoint_is_refused() {
    let world = World::new().await;
    let (rp, ada) = (world.rp("demo").await, world.person(1, "ada").await);
    let code = world.code(&rp, &ada, &[]).await;
    let form = format!("grant_type=authorization_code&code=x&code={code}");
    let answer = world.ask(post_raw("/application/o/token/", &form).basic(&rp)).await;
    assert_eq!((answer.status.as_u16(), answer.error()), (400, "invalid_request".to_owned()));
    assert!(answer.json()["request_id"].is_string());
    let ask =
        post("/application/o/token/", &[("client_secret", "x"), ("client_id", &rp.client_id)]).basic(&rp);
    assert_eq!(world.ask(ask).await.error(), "invalid_request", "two ways to authenticate");
    assert_eq!(world.redeem(&rp, &code, &[]).await.status, 200);
}

//! Access tokens at the endpoints that take them.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_crypto::SigningKey;
use countersign_model::EventAction;
use countersign_provider_oauth2::OAuth2;
use countersign_store::{Trips, on_both_databases, sessions};
use countersign_types::{Secret, Span};
use serde_json::json;

use crate::world::{World, claims, get, post};

async fn revoke(world: &World, rp: &crate::world::Rp, token: &str) {
    let answer = world.ask(post("/application/o/revoke/", &[("token", token)]).basic(rp)).await;
    assert_eq!((answer.status.as_u16(), answer.body.len()), (200, 0), "{}", answer.text());
}

#[actix_web::test]
async fn userinfo_says_what_the_scopes_allow() {
    let world = World::new().await;
    let (rp, ada) = (world.rp("demo").await, world.person(1, "ada").await);
    let tokens = world.tokens(&rp, &ada, "openid email api").await;
    let access = tokens["access_token"].as_str().unwrap();
    let sub = claims(tokens["id_token"].as_str().unwrap())["sub"].clone();
    let expected =
        json!({ "sub": sub, "email": "ada@example.org", "email_verified": false, "app": { "name": "demo" } });
    let answer = world.userinfo(access).await;
    assert_eq!(answer.json(), expected);
    assert_eq!(answer.header("cache-control"), "no-store");
    let answer = world.ask(post("/application/o/userinfo/", &[("access_token", access)])).await;
    assert_eq!(answer.json(), expected, "in a form");
    let answer = world.ask(get(&format!("/application/o/userinfo/?access_token={access}"))).await;
    assert_eq!(answer.status, 401, "never in an address");
    assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"userinfo\"");
    let both = post("/application/o/userinfo/", &[("access_token", access)]).bearer(access);
    assert_eq!(world.ask(both).await.status, 400, "in one way only");
}

#[actix_web::test]
async fn userinfo_and_introspection_make_no_trip() {
    let world = World::new().await;
    let (rp, ada) = (world.rp("demo").await, world.person(1, "ada").await);
    let tokens = world.tokens(&rp, &ada, "openid email profile").await;
    let access = tokens["access_token"].as_str().unwrap();
    assert_eq!(world.userinfo(access).await.status, 200);
    let before = world.store.trips();
    assert_eq!(world.userinfo(access).await.status, 200);
    assert_eq!(world.introspect(&rp, access).await["active"], true);
    assert_eq!(world.store.trips() - before, Trips { reads: 0, writes: 0 });
}

#[actix_web::test]
async fn an_access_token_truncated_or_flipped_anywhere_is_dead() {
    let world = World::new().await;
    let (rp, ada) = (world.rp("demo").await, world.person(1, "ada").await);
    let tokens = world.tokens(&rp, &ada, "openid").await;
    let access = tokens["access_token"].as_str().unwrap();
    for at in (0..access.len()).step_by(3) {
        let mut flipped = access.as_bytes().to_vec();
        flipped[at] = match flipped[at] {
            b'.' => b'A',
            b'A' => b'Q',
            _ => b'A',
        };
        let flipped = String::from_utf8(flipped).unwrap();
        assert_eq!(world.userinfo(&flipped).await.status, 401, "flipped at {at}");
        assert_ne!(world.userinfo(&access[..at]).await.status, 200, "truncated at {at}");
    }
    assert_eq!(world.userinfo(&format!("{access}A")).await.status, 401);
    assert_eq!(world.userinfo(access).await.status, 200);
}

#[actix_web::test]
async fn algorithm_confusion_forges_nothing() {
    let world = World::new().await;
    let (rp, ada) = (world.rp("demo").await, world.person(1, "ada").await);
    let tokens = world.tokens(&rp, &ada, "openid").await;
    let access = tokens["access_token"].as_str().unwrap();
    let payload = claims(access);
    let [header, body, signature] = access.split('.').collect::<Vec<_>>()[..] else { panic!("three parts") };
    let header: serde_json::Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
    let jwks = world.ask(get("/application/o/demo/jwks/")).await.text();
    for secret in [rp.secret.clone(), jwks] {
        let key = SigningKey::from_client_secret(&Secret::from(secret)).unwrap();
        let key = key.with_kid(header["kid"].as_str().unwrap());
        let forged = key.sign_jwt(Some("at+jwt"), &payload).unwrap();
        assert_eq!(world.userinfo(&forged).await.status, 401, "HS256 under what is known");
    }
    for alg in ["none", "None", "HS256", "RS256", "ES384"] {
        let mut header = header.clone();
        header["alg"] = json!(alg);
        let header = URL_SAFE_NO_PAD.encode(header.to_string());
        for signature in ["", signature] {
            assert_eq!(world.userinfo(&format!("{header}.{body}.{signature}")).await.status, 401, "{alg}");
        }
    }
}

#[actix_web::test]
async fn a_token_of_one_kind_is_not_taken_for_another() {
    let world = World::new().await;
    let (rp, ada) = (world.rp("demo").await, world.person(1, "ada").await);
    let tokens = world.tokens(&rp, &ada, "openid offline_access").await;
    let token = |name: &str| tokens[name].as_str().unwrap().to_owned();
    for name in ["id_token", "refresh_token"] {
        assert_eq!(world.userinfo(&token(name)).await.status, 401, "{name} as access token");
    }
    for name in ["id_token", "access_token"] {
        assert_eq!(
            world.refresh(&rp, &token(name)).await.error(),
            "invalid_grant",
            "{name} as refresh token"
        );
        assert_eq!(world.redeem(&rp, &token(name), &[]).await.error(), "invalid_grant", "{name} as code");
    }
    assert_eq!(world.introspect(&rp, &token("id_token")).await, json!({ "active": false }));
    let hint = token("access_token");
    let sent = world.authorize(&rp, &ada, &[("id_token_hint", &hint), ("prompt", "none")]).await.sent();
    assert_eq!(sent["error"], "login_required", "an access token is no hint");
}

/// CVE-2024-47077.
#[actix_web::test]
async fn introspection_tells_nothing_about_tokens_of_another_client() {
    let world = World::new().await;
    let (rp, other, ada) = (world.rp("demo").await, world.rp("other").await, world.person(1, "ada").await);
    let tokens = world.tokens(&rp, &ada, "openid offline_access").await;
    for name in ["access_token", "refresh_token"] {
        let token = tokens[name].as_str().unwrap();
        let own = world.introspect(&rp, token).await;
        assert_eq!(
            (&own["active"], &own["username"], &own["client_id"]),
            (&json!(true), &json!("ada"), &json!(rp.client_id))
        );
        assert_eq!(world.introspect(&other, token).await, json!({ "active": false }), "{name}");
        revoke(&world, &other, token).await;
        assert_eq!(world.introspect(&rp, token).await["active"], true, "nor can another client revoke it");
    }
    for nonsense in ["x", "a.b.c", &"A".repeat(7000)] {
        assert_eq!(world.introspect(&rp, nonsense).await, json!({ "active": false }));
        revoke(&world, &rp, nonsense).await;
    }
}

on_both_databases! {
    async fn revocation_is_one_write_and_ends_the_whole_grant_in_every_process(store: TestStore) {
        let world = World::on(store).await;
        let (rp, ada) = (world.rp("demo").await, world.person(1, "ada").await);
        let neighbour = world.store.neighbour(7);
        let elsewhere = OAuth2::new(&neighbour, world.app.rng());
        elsewhere.warm_up(&neighbour).await.unwrap();
        let userinfo = |token: &str| get("/application/o/userinfo/").bearer(token);
        for ends in ["access_token", "refresh_token"] {
            let tokens = world.tokens(&rp, &ada, "openid offline_access").await;
            let token = |name: &str| tokens[name].as_str().unwrap().to_owned();
            let access = token("access_token");
            assert_eq!(world.userinfo(&access).await.status, 200);
            assert_eq!(world.ask_process(&elsewhere, userinfo(&access)).await.status, 200);
            let before = world.store.trips();
            revoke(&world, &rp, &token(ends)).await;
            assert_eq!(world.store.trips() - before, Trips { reads: 0, writes: 1 });
            assert_eq!(world.userinfo(&access).await.status, 401, "{ends}");
            assert_eq!(world.refresh(&rp, &token("refresh_token")).await.error(), "invalid_grant", "{ends}");
            assert_eq!(world.introspect(&rp, &token("refresh_token")).await["active"], false, "{ends}");
            let started_later = OAuth2::new(&world.store, world.app.rng());
            assert_eq!(world.ask_process(&started_later, userinfo(&access)).await.status, 401, "{ends}");
            let mut patience = 100;
            while world.ask_process(&elsewhere, userinfo(&access)).await.status != 401 {
                assert!(patience > 0, "another process never heard of it");
                patience -= 1;
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        }
    }
}

#[actix_web::test]
async fn an_access_token_dies_in_time_with_its_user_and_with_its_provider() {
    let world = World::new().await;
    let rp = world.rp("demo").await;
    let ada = world.person(1, "ada").await;
    let token = |tokens: serde_json::Value| tokens["access_token"].as_str().unwrap().to_owned();
    let access = token(world.tokens(&rp, &ada, "openid").await);
    world.wait(Span::from_secs(3599));
    assert_eq!(world.userinfo(&access).await.status, 200);
    world.wait(Span::from_secs(1));
    assert_eq!(world.userinfo(&access).await.status, 401);
    let ada = world.sign_in(ada).await;
    let access = token(world.tokens(&rp, &ada, "openid").await);
    world.deactivate(ada.user.id).await;
    assert_eq!(world.userinfo(&access).await.status, 401);
    assert_eq!(world.introspect(&rp, &access).await, json!({ "active": false }));
    let eve = world.person(2, "eve").await;
    let access = token(world.tokens(&rp, &eve, "openid").await);
    let id = countersign_model::ProviderId(rp.id);
    world.store.write(move |tx| countersign_store::providers::delete(tx, id).map(drop)).await.unwrap();
    assert_eq!(world.userinfo(&access).await.status, 401);
}

on_both_databases! {
    async fn an_access_token_dies_with_its_session_unless_it_was_for_times_away(store: TestStore) {
        let world = World::on(store).await;
        let (rp, ada) = (world.rp("demo").await, world.person(1, "ada").await);
        let eve = world.person(2, "eve").await;
        let token = |tokens: serde_json::Value| tokens["access_token"].as_str().unwrap().to_owned();
        let here = token(world.tokens(&rp, &ada, "openid").await);
        let away = token(world.tokens(&rp, &ada, "openid offline_access").await);
        let ada = world.sign_in_instead(&ada, &ada.user).await;
        assert_eq!(world.userinfo(&here).await.status, 200, "proving again who one is ends nothing");
        let ada_later = world.sign_in(ada.clone()).await;
        world.sign_out(&ada).await;
        assert_eq!(world.userinfo(&here).await.status, 401);
        assert_eq!(world.userinfo(&away).await.status, 200);
        let here = token(world.tokens(&rp, &ada_later, "openid").await);
        world.sign_in_instead(&ada_later, &eve.user).await;
        assert_eq!(world.userinfo(&here).await.status, 401, "another user took the browser over");
        let eve = world.sign_in(eve).await;
        let here = token(world.tokens(&rp, &eve, "openid").await);
        let user = eve.user.id;
        world.store.write(move |tx| sessions::delete_of_user(tx, user, None).map(drop)).await.unwrap();
        assert_eq!(world.userinfo(&here).await.status, 401, "all sessions ended");
    }
}

#[actix_web::test]
async fn a_broken_mapping_brings_nothing_and_is_reported() {
    let world = World::new().await;
    let ada = world.person(1, "ada").await;
    let scopes = ["openid", "broken", "email"].map(|scope| world.flow(scope));
    let rp = world.rp_with("demo", json!({ "property_mappings": scopes })).await;
    let tokens = world.tokens(&rp, &ada, "openid broken email").await;
    let info = world.userinfo(tokens["access_token"].as_str().unwrap()).await.json();
    assert!(info.get("x").is_none() && info["email"] == "ada@example.org", "{info}");
    assert_eq!(world.events(EventAction::PropertyMappingException).await, 2);
}

#[actix_web::test]
async fn a_user_is_known_by_what_the_provider_chooses() {
    let world = World::new().await;
    let ada = world.person(1, "ada").await;
    for (mode, sub) in [
        ("user_id", "1".to_owned()),
        ("user_uuid", ada.user.id.to_string()),
        ("user_username", "ada".to_owned()),
        ("user_email", "ada@example.org".to_owned()),
        ("user_upn", "ada".to_owned()),
    ] {
        let rp = world.rp_with(mode, json!({ "sub_mode": mode, "include_claims_in_id_token": false })).await;
        let tokens = world.tokens(&rp, &ada, "openid email").await;
        let id = claims(tokens["id_token"].as_str().unwrap());
        assert_eq!(id["sub"], sub);
        assert!(id.get("email").is_none(), "claims were not asked into the ID token");
        assert_eq!(world.userinfo(tokens["access_token"].as_str().unwrap()).await.json()["sub"], sub);
    }
}

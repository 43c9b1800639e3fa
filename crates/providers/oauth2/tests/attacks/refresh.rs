//! Refresh tokens: each once, and who uses one twice ends the family.

use std::sync::Arc;

use countersign_model::EventAction;
use countersign_store::{Trips, on_both_databases};
use countersign_types::Span;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::world::{World, claims, post};

const ALL: &str = "openid email offline_access";

fn refresh_token(tokens: &Value) -> String {
    tokens["refresh_token"].as_str().unwrap().to_owned()
}

on_both_databases! {
    async fn a_refresh_token_is_renewed_at_each_use_and_its_reuse_kills_the_family(store: TestStore) {
        let world = World::on(store).await;
        let (rp, ada) = (world.rp("demo").await, world.person(1, "ada").await);
        let first = refresh_token(&world.tokens(&rp, &ada, ALL).await);
        let answer = world.refresh(&rp, &first).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let second = answer.json();
        assert_ne!(refresh_token(&second), first);
        let id = claims(second["id_token"].as_str().unwrap());
        assert!(id.get("nonce").is_none() && id["sub"].is_string() && id["email"] == "ada@example.org", "{id}");
        let third = world.refresh(&rp, &refresh_token(&second)).await.json();

        let stolen = world.refresh(&rp, &first).await;
        assert_eq!((stolen.status.as_u16(), stolen.error()), (400, "invalid_grant".to_owned()));
        assert_eq!(world.refresh(&rp, &refresh_token(&third)).await.error(), "invalid_grant");
        for tokens in [&second, &third] {
            assert_eq!(world.userinfo(tokens["access_token"].as_str().unwrap()).await.status, 401);
        }
        assert_eq!(world.events(EventAction::SuspiciousRequest).await, 1);
    }

    async fn a_refresh_token_used_fifty_times_at_once_wins_once_at_most(store: TestStore) {
        let world = Arc::new(World::on(store).await);
        let (rp, ada) = (world.rp("demo").await, world.person(1, "ada").await);
        let token = refresh_token(&world.tokens(&rp, &ada, ALL).await);
        let answers = join_all((0..50).map(|_| world.refresh(&rp, &token))).await;
        let won: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
        assert_eq!(won.len(), 1);
        let next = refresh_token(&won[0].json());
        assert_eq!(world.refresh(&rp, &next).await.error(), "invalid_grant", "the family is dead");
    }

    async fn refreshing_costs_one_write(store: TestStore) {
        let world = World::on(store).await;
        let (rp, ada) = (world.rp("demo").await, world.person(1, "ada").await);
        let token = refresh_token(&world.tokens(&rp, &ada, ALL).await);
        let token = refresh_token(&world.refresh(&rp, &token).await.json());
        let before = world.store.trips();
        assert_eq!(world.refresh(&rp, &token).await.status, 200);
        assert_eq!(world.store.trips() - before, Trips { reads: 0, writes: 1 });
    }
}

#[actix_web::test]
async fn a_refresh_token_of_another_client_is_worth_nothing_and_does_no_harm() {
    let world = World::new().await;
    let (rp, other, ada) = (world.rp("demo").await, world.rp("other").await, world.person(1, "ada").await);
    let token = refresh_token(&world.tokens(&rp, &ada, ALL).await);
    assert_eq!(world.refresh(&other, &token).await.error(), "invalid_grant");
    assert_eq!(world.refresh(&rp, &token).await.status, 200);
}

#[actix_web::test]
async fn scopes_shrink_but_never_grow() {
    let world = World::new().await;
    let (rp, ada) = (world.rp("demo").await, world.person(1, "ada").await);
    let token = refresh_token(&world.tokens(&rp, &ada, ALL).await);
    let ask = |token: String, scope: &'static str| {
        post(
            "/application/o/token/",
            &[("grant_type", "refresh_token"), ("refresh_token", &token), ("scope", scope)],
        )
        .basic(&rp)
    };
    let grown = world.ask(ask(token.clone(), "openid api")).await;
    assert_eq!((grown.status.as_u16(), grown.error()), (400, "invalid_scope".to_owned()));
    let shrunk = world.ask(ask(token, "openid")).await.json();
    assert_eq!(shrunk["scope"], "openid", "and the mistake before did not use the token up");
    let whole = world.refresh(&rp, &refresh_token(&shrunk)).await.json();
    assert_eq!(whole["scope"], ALL, "narrowing is for one access token");
    // What the provider offers no longer is granted no longer.
    world.change_provider(&rp, json!({ "property_mappings": [] })).await;
    let less = world.refresh(&rp, &refresh_token(&whole)).await.json();
    assert_eq!(less["scope"], "");
}

#[actix_web::test]
async fn without_offline_access_or_the_grant_there_is_no_refresh_token() {
    let world = World::new().await;
    let ada = world.person(1, "ada").await;
    let rp = world.rp("demo").await;
    assert!(world.tokens(&rp, &ada, "openid").await.get("refresh_token").is_none());
    let closed = world.rp_with("closed", json!({ "grant_types": ["authorization_code"] })).await;
    let tokens = world.tokens(&closed, &ada, ALL).await;
    assert!(tokens.get("refresh_token").is_none());
    assert_eq!(tokens["scope"], "openid email", "a scope that promises nothing is not granted");
    let token = refresh_token(&world.tokens(&rp, &ada, ALL).await);
    assert_eq!(world.refresh(&closed, &token).await.error(), "unauthorized_client");
}

#[actix_web::test]
async fn a_deactivated_user_cannot_refresh_and_reactivation_brings_nothing_back() {
    let world = World::new().await;
    let (rp, ada) = (world.rp("demo").await, world.person(1, "ada").await);
    let token = refresh_token(&world.tokens(&rp, &ada, ALL).await);
    world.deactivate(ada.user.id).await;
    assert_eq!(world.refresh(&rp, &token).await.error(), "invalid_grant");
    let user = ada.user.clone();
    world.store.write(move |tx| countersign_store::users::update(tx, &user).map(drop)).await.unwrap();
    assert_eq!(world.refresh(&rp, &token).await.error(), "invalid_grant");
}

#[actix_web::test]
async fn who_lost_the_group_cannot_refresh() {
    let world = World::new().await;
    let (rp, ada) = (world.rp("demo").await, world.person(1, "ada").await);
    let token = refresh_token(&world.tokens(&rp, &ada, ALL).await);
    let group = world.make("authentik_core.group", json!({ "name": "members" })).await;
    world
        .make(
            "authentik_policies.policybinding",
            json!({ "target": rp.application, "group": group, "order": 0 }),
        )
        .await;
    assert_eq!(world.refresh(&rp, &token).await.error(), "invalid_grant");
}

#[actix_web::test]
async fn a_refresh_token_ends_in_time_and_survives_logout() {
    let world = World::new().await;
    let (rp, ada) = (world.rp("demo").await, world.person(1, "ada").await);
    let token = refresh_token(&world.tokens(&rp, &ada, ALL).await);
    world.sign_out(&ada).await;
    world.wait(Span::from_days(29));
    let token = refresh_token(&world.refresh(&rp, &token).await.json());
    world.wait(Span::from_days(30));
    assert_eq!(world.refresh(&rp, &token).await.error(), "invalid_grant");
}

#[actix_web::test]
async fn a_confidential_client_may_keep_its_token_until_the_threshold() {
    let world = World::new().await;
    let ada = world.person(1, "ada").await;
    let rp = world.rp_with("lazy", json!({ "refresh_token_threshold": "days=10" })).await;
    let token = refresh_token(&world.tokens(&rp, &ada, ALL).await);
    assert_eq!(refresh_token(&world.refresh(&rp, &token).await.json()), token);
    world.wait(Span::from_days(21));
    let next = refresh_token(&world.refresh(&rp, &token).await.json());
    assert_ne!(next, token);
    assert_eq!(world.refresh(&rp, &token).await.error(), "invalid_grant", "then the old one is a copy");
}

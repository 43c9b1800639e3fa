//! Links that sign in once.

use countersign_crypto::new_token;
use countersign_model::{Token, TokenIntent};
use countersign_store::{events, events::EventFilter, sessions, testing::samples, tokens, users};
use countersign_types::{Clock as _, PageRequest, Span};

use crate::world::{World, alice};

async fn link(world: &World) -> String {
    let (key, digest) = new_token(world.app.rng());
    let token = Token { key: digest, ..samples::token(1, alice(), world.store.clock.now()) };
    world.store.write(move |tx| tokens::create(tx, &token)).await.unwrap();
    format!("/recovery/use-token/{}/", key.expose())
}

async fn session_count(world: &World) -> usize {
    world.store.read(|tx| sessions::of_user(tx, alice())).await.unwrap().len()
}

#[actix_web::test]
async fn whatever_looks_at_a_link_does_not_use_it_up() {
    let world = World::new().await;
    world.alice(|_| {}).await;
    let link = link(&world).await;
    for _ in 0..3 {
        let page = world.browser().get(&link).await;
        assert!(page.says("Sign in with this link"));
    }
    assert_eq!(session_count(&world).await, 0);
    let browser = world.browser();
    browser.get(&link).await;
    assert_eq!(browser.post(&link, &[]).await.location(), "/if/user/settings/");
    assert_eq!(browser.get("/if/user/settings/").await.status, 200);
}

#[actix_web::test]
async fn a_link_signs_in_once() {
    let world = World::new().await;
    world.alice(|_| {}).await;
    let link = link(&world).await;
    let (one, other) = (world.browser(), world.browser());
    one.get(&link).await;
    other.get(&link).await;
    assert_eq!(one.post(&link, &[]).await.status, 303);
    let late = other.post(&link, &[]).await;
    assert_eq!(late.status, 403);
    assert!(late.says("This link no longer works"));
    assert_eq!(session_count(&world).await, 1);
}

#[actix_web::test]
async fn another_site_cannot_sign_anybody_in_as_somebody_else() {
    let world = World::new().await;
    world.alice(|_| {}).await;
    let link = link(&world).await;
    let forged = world.browser().with("sec-fetch-site", "cross-site");
    assert_eq!(forged.post(&link, &[]).await.status, 400, "no cookie of ours goes with it");
    let old = world.browser();
    assert_eq!(old.post(&link, &[]).await.status, 400, "a browser that was never shown the button");
    assert_eq!(session_count(&world).await, 0);
}

#[actix_web::test]
async fn an_expired_foreign_or_invented_link_signs_nobody_in() {
    let world = World::new().await;
    world.alice(|_| {}).await;
    let link = link(&world).await;
    let (key, digest) = new_token(world.app.rng());
    let api = Token {
        key: digest,
        intent: TokenIntent::Api,
        identifier: "api".to_owned(),
        ..samples::token(2, alice(), world.store.clock.now())
    };
    world.store.write(move |tx| tokens::create(tx, &api)).await.unwrap();
    let browser = world.browser();
    browser.get(&link).await;
    for key in [key.expose().as_str(), "invented", &"a".repeat(500), "%00"] {
        let page = browser.post(&format!("/recovery/use-token/{key}/"), &[]).await;
        assert_eq!(page.status, 403, "{key}");
    }
    world.store.clock.advance(Span::from_hours(2));
    assert_eq!(browser.post(&link, &[]).await.status, 403);
    assert_eq!(session_count(&world).await, 0);
}

#[actix_web::test]
async fn a_deactivated_user_cannot_come_back_by_a_link() {
    let world = World::new().await;
    world.alice(|user| user.is_active = false).await;
    let link = link(&world).await;
    let browser = world.browser();
    browser.get(&link).await;
    assert_eq!(browser.post(&link, &[]).await.status, 403);
    assert_eq!(session_count(&world).await, 0);
}

#[actix_web::test]
async fn recovery_is_on_record() {
    let world = World::new().await;
    world.alice(|_| {}).await;
    let link = link(&world).await;
    let browser = world.browser();
    browser.get(&link).await;
    browser.post(&link, &[]).await;
    let user = world.store.read(|tx| users::by_id(tx, alice())).await.unwrap();
    assert!(user.unwrap().last_login.is_some());
    let recorded =
        world.store.read(|tx| events::list(tx, &EventFilter::default(), &PageRequest::first(10))).await;
    let recorded = recorded.unwrap();
    let event = recorded.items.first().unwrap();
    assert_eq!(event.context.get("auth_method").unwrap(), "recovery");
    assert!(!serde_json::to_string(&event.context).unwrap().contains(link.split('/').nth(3).unwrap()));
}

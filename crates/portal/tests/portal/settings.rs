//! A user's own settings: every change needs the token of his own page.

use countersign_model::{Consent, ConsentId, FlowDesignation};
use countersign_store::{StoreError, config_objects, consents, grants, sessions, testing::samples, users};
use countersign_types::{Clock as _, RawId};
use serde_json::json;

use crate::{
    scripted::Act,
    world::{World, alice},
};

const HERE: &str = "/if/user/settings/";

#[actix_web::test]
async fn preferences_are_kept_and_followed() {
    let world = World::new().await;
    world.alice(|_| {}).await;
    let browser = world.signed_in().await;
    let csrf = browser.get(HERE).await.hidden("csrf");
    let saved = browser
        .post("/if/user/settings/preferences/", &[("csrf", &csrf), ("locale", "ko"), ("theme", "dark")])
        .await;
    assert_eq!(saved.location(), "/if/user/settings/?done=saved");
    let page = browser.get("/if/user/settings/?done=saved").await;
    assert!(page.text().contains(r#"<html lang="ko" dir="ltr" data-theme="dark">"#), "{}", page.text());
    assert!(page.says("환경 설정을 저장했어요."));
    assert!(page.says(r#"<option value="ko" selected>"#) && page.says(r#"<option value="dark" selected>"#));
}

#[actix_web::test]
async fn only_known_preferences_are_kept() {
    let world = World::new().await;
    world.alice(|_| {}).await;
    let browser = world.signed_in().await;
    let csrf = browser.get(HERE).await.hidden("csrf");
    for (locale, theme) in [("xx", "dark"), ("ko", "<script>"), ("ko", "")] {
        let fields = [("csrf", csrf.as_str()), ("locale", locale), ("theme", theme)];
        assert_eq!(
            browser.post("/if/user/settings/preferences/", &fields).await.status,
            400,
            "{locale} {theme}"
        );
    }
}

#[actix_web::test]
async fn a_form_without_the_token_of_this_session_changes_nothing() {
    let world = World::new().await;
    world.alice(|_| {}).await;
    let (browser, other) = (world.signed_in().await, world.signed_in().await);
    let foreign = other.get(HERE).await.hidden("csrf");
    let id = RawId::from_u128(1);
    for address in [
        "/if/user/settings/preferences/".to_owned(),
        "/if/user/settings/sessions/end-others/".to_owned(),
        format!("/if/user/settings/sessions/{id}/end/"),
        format!("/if/user/settings/consents/{id}/revoke/"),
        "/flows/-/default/invalidation/".to_owned(),
    ] {
        for token in ["", "nonsense", foreign.as_str()] {
            let fields = [("csrf", token), ("locale", "ko"), ("theme", "dark")];
            assert_eq!(browser.post(&address, &fields).await.status, 403, "{address} {token:?}");
        }
        assert_eq!(
            browser.get(&address).await.status.as_u16() / 100,
            if address.starts_with("/flows") { 3 } else { 4 }
        );
    }
    let user = world.store.read(|tx| users::by_id(tx, alice())).await.unwrap().unwrap();
    assert!(user.attributes.is_empty());
    assert_eq!(world.store.read(|tx| sessions::of_user(tx, alice())).await.unwrap().len(), 2);
}

#[actix_web::test]
async fn a_lost_device_is_signed_out() {
    let world = World::new().await;
    world.alice(|_| {}).await;
    let (browser, lost) = (world.signed_in().await, world.signed_in().await);
    let page = browser.get(HERE).await;
    assert!(page.says("This device") && page.says("Sign out everywhere else"));
    let (_, rest) = page.text().split_once("/if/user/settings/sessions/").unwrap();
    let address = format!("/if/user/settings/sessions/{}/end/", rest.split_once('/').unwrap().0);
    let ended = browser.post(&address, &[("csrf", &page.hidden("csrf"))]).await;
    assert_eq!(ended.location(), "/if/user/settings/?done=ended");
    assert!(lost.get(HERE).await.status.is_redirection(), "the other browser is signed out");
    assert_eq!(browser.get(HERE).await.status, 200);
    assert_eq!(browser.post(&address, &[("csrf", &page.hidden("csrf"))]).await.status, 404);
}

#[actix_web::test]
async fn nobody_ends_the_session_of_another_user() {
    let world = World::new().await;
    world.alice(|_| {}).await;
    let bob = samples::user(2, "bob", world.store.clock.now());
    let session = samples::session(7, bob.id, world.store.clock.now());
    let id = session.id;
    world
        .store
        .write(move |tx| {
            users::create(tx, &bob)?;
            sessions::create(tx, &session)
        })
        .await
        .unwrap();
    let browser = world.signed_in().await;
    let csrf = browser.get(HERE).await.hidden("csrf");
    let address = format!("/if/user/settings/sessions/{}/end/", id.raw());
    assert_eq!(browser.post(&address, &[("csrf", &csrf)]).await.status, 404);
    assert!(world.store.read(move |tx| sessions::by_id(tx, id)).await.unwrap().is_some());
}

#[actix_web::test]
async fn everything_else_is_signed_out_at_once() {
    let world = World::new().await;
    world.alice(|_| {}).await;
    let browser = world.signed_in().await;
    let others = [world.signed_in().await, world.signed_in().await];
    let csrf = browser.get(HERE).await.hidden("csrf");
    browser.post("/if/user/settings/sessions/end-others/", &[("csrf", &csrf)]).await;
    for other in others {
        assert!(other.get(HERE).await.status.is_redirection());
    }
    assert_eq!(browser.get(HERE).await.status, 200);
}

#[actix_web::test]
async fn a_consent_is_withdrawn_with_what_it_brought() {
    let world = World::new().await;
    world.alice(|_| {}).await;
    let application = world.application(1, "wiki", |app| app.name = "The wiki".to_owned()).await;
    let consent = Consent {
        id: ConsentId(RawId::from_u128(5)),
        user: alice(),
        application: application.id,
        permissions: "email openid".to_owned(),
        expires: None,
    };
    let grant = samples::grant(1, application.provider.unwrap(), alice(), world.store.clock.now());
    let grant_id = grant.id;
    world
        .store
        .write(move |tx| {
            consents::put(tx, &consent)?;
            grants::create(tx, &grant)
        })
        .await
        .unwrap();
    let browser = world.signed_in().await;
    let page = browser.get(HERE).await;
    assert!(page.says("The wiki") && page.says("Does not expire"), "{}", page.text());
    let address = format!("/if/user/settings/consents/{}/revoke/", RawId::from_u128(5));
    let revoked = browser.post(&address, &[("csrf", &page.hidden("csrf"))]).await;
    assert_eq!(revoked.location(), "/if/user/settings/?done=revoked");
    assert!(browser.get(HERE).await.says("You have not allowed any application"));
    let grant = world.store.read(move |tx| grants::by_id(tx, grant_id)).await.unwrap().unwrap();
    assert!(grant.revoked.is_some());
    assert_eq!(browser.post(&address, &[("csrf", &page.hidden("csrf"))]).await.status, 404);
}

#[actix_web::test]
async fn what_a_stage_lets_one_set_up_is_one_link_away() {
    let world = World::new().await;
    world.alice(|_| {}).await;
    let mut flow =
        world.flow(8, "change-password", FlowDesignation::StageConfiguration, &[Act::Password]).await;
    flow.title = "Change password".to_owned();
    let mut stage = samples::stage(99, "configurable");
    stage.kind = "tests.scripted".to_owned();
    stage.config = json!({ "act": "name", "configure_flow": flow.id });
    let id = stage.id;
    world
        .store
        .write(move |tx| {
            countersign_store::flows::update(tx, &flow)?;
            config_objects::create(tx, &stage)?;
            Ok::<_, StoreError>(())
        })
        .await
        .unwrap();
    let browser = world.signed_in().await;
    let address = format!("/flows/-/configure/{}/", id.raw());
    let page = browser.get(HERE).await;
    assert!(page.says("Change password") && page.says(&address), "{}", page.text());
    assert_eq!(
        browser.get(&address).await.location(),
        "/if/flow/change-password/?next=%2Fif%2Fuser%2Fsettings%2F"
    );
    assert!(world.browser().get(&address).await.location().starts_with("/flows/-/default/authentication/"));
    assert_eq!(browser.get(&format!("/flows/-/configure/{}/", RawId::from_u128(3))).await.status, 404);
    assert_eq!(browser.get("/flows/-/configure/nonsense/").await.status, 404);
}

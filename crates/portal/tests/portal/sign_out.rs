//! Signing out: by our own button, and at the bidding of another site.

use crate::world::World;

#[actix_web::test]
async fn the_sign_out_button_ends_the_session_and_says_so() {
    let world = World::new().await;
    world.alice(|_| {}).await;
    let browser = world.signed_in().await;
    let csrf = browser.get("/if/user/").await.hidden("csrf");
    let door = browser.post("/flows/-/default/invalidation/", &[("csrf", &csrf)]).await;
    assert_eq!(door.location(), "/if/flow/sign-out/?next=%2Fif%2Fsession-end%2F");
    let page = browser.follow(door).await;
    assert!(page.says("You are signed out"), "{}", page.text());
    assert!(!browser.cookies.borrow().contains_key("countersign_session"));
    assert!(browser.get("/if/user/").await.status.is_redirection());
    let again = browser.post("/flows/-/default/invalidation/", &[("csrf", &csrf)]).await;
    assert_eq!(again.location(), "/if/session-end/", "signed out in another tab meanwhile");
}

#[actix_web::test]
async fn a_glance_at_a_flow_changes_nothing() {
    let world = World::new().await;
    world.alice(|_| {}).await;
    let browser = world.signed_in().await;
    let trips = world.store.trips();
    for address in [
        "/if/flow/sign-out/",
        "/if/flow/sign-out/?next=%2F",
        "/api/v3/flows/executor/sign-out/",
        "/flows/-/cancel/?next=%2Fif%2Fflow%2Fsign-out%2F",
    ] {
        let head = browser.head(address).await;
        assert_eq!((head.status.as_u16(), head.text()), (200, ""), "{address}");
    }
    assert_eq!(browser.head("/if/flow/nowhere/").await.status, 404);
    assert_eq!(world.store.trips().writes, trips.writes);
    assert_eq!(browser.get("/if/user/").await.status, 200, "still signed in");
    browser.get("/if/flow/sign-out/").await;
    assert!(browser.get("/if/user/").await.status.is_redirection());
}

#[actix_web::test]
async fn another_site_cannot_sign_anybody_out_unasked() {
    let world = World::new().await;
    world.alice(|_| {}).await;
    let browser = world.signed_in().await;
    let led = world.browser().with("sec-fetch-site", "cross-site");
    led.cookies.borrow_mut().clone_from(&browser.cookies.borrow());
    let door = led.get("/flows/-/default/invalidation/").await;
    let asked = led.get(&door.location()).await;
    assert_eq!(asked.status, 200);
    assert!(asked.says("Sign out</button>"), "{}", asked.text());
    assert_eq!(browser.get("/if/user/").await.status, 200, "still signed in");
    assert_eq!(led.post("/flows/-/default/invalidation/", &[]).await.status, 403);
    assert_eq!(browser.get("/if/user/").await.status, 200);
}

#[actix_web::test]
async fn after_signing_out_of_an_application_one_sees_what_is_left() {
    let world = World::new().await;
    world.alice(|_| {}).await;
    world.application(1, "wiki", |app| app.name = "The wiki".to_owned()).await;
    let page = world.signed_in().await.get("/if/session-end/wiki/").await;
    assert!(
        page.says("You are signed out of The wiki") && page.says("You are still signed in to Countersign.")
    );
    assert!(
        page.says(r#"action="/flows/-/default/invalidation/""#) && page.says("/application/launch/wiki/")
    );
    let stranger = world.browser().get("/if/session-end/wiki/").await;
    assert!(stranger.says("You are signed out") && !stranger.says("The wiki"));
    let unknown = world.browser().get("/if/session-end/nothing/").await;
    assert_eq!(unknown.status, 200, "nothing tells apart what exists");
}

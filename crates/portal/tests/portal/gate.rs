//! Who comes to the door is led to where he belongs.

use countersign_model::UserType;
use countersign_store::brands;
use serde_json::json;

use crate::world::World;

#[actix_web::test]
async fn while_the_house_waits_for_its_owner_every_page_leads_to_the_set_up() {
    let world = World::new().await;
    world.open_setup().await;
    let browser = world.browser().with("accept", "text/html,*/*");
    for address in
        ["/", "/if/user/", "/if/flow/sign-in/", "/if/admin/", "/nothing", "/application/o/authorize/"]
    {
        let page = browser.get(address).await;
        assert_eq!(
            (page.status.as_u16(), page.header("location")),
            (302, "/if/flow/initial-setup/"),
            "{address}"
        );
    }
    assert_eq!(browser.get("/if/flow/initial-setup/").await.status, 200);
    assert_eq!(browser.get("/-/health/live/").await.status, 200);
    assert_eq!(browser.get("/api/v3/flows/executor/sign-in/").await.status, 200);
    assert_eq!(browser.get("/static/css/app.css").await.status, 200);
}

#[actix_web::test]
async fn strangers_are_led_to_sign_in_and_back() {
    let world = World::new().await;
    let browser = world.browser();
    assert_eq!(browser.get("/").await.location(), "/flows/-/default/authentication/");
    assert_eq!(
        browser.get("/flows/-/default/authentication/?next=%2Fx").await.location(),
        "/if/flow/sign-in/?next=%2Fx"
    );
    let asked = browser.get("/if/user/?q=a").await;
    assert_eq!(asked.location(), "/flows/-/default/authentication/?next=%2Fif%2Fuser%2F%3Fq%3Da");
}

#[actix_web::test]
async fn the_first_flow_whose_policies_pass_is_the_default() {
    let world = World::new().await;
    let first = world.flow(8, "a-first", countersign_model::FlowDesignation::Authentication, &[]).await;
    let door = "/flows/-/default/authentication/";
    assert_eq!(world.browser().get(door).await.location(), "/if/flow/a-first/");
    world.forbid(first.id.raw()).await;
    assert_eq!(world.browser().get(door).await.location(), "/if/flow/sign-in/");
}

#[actix_web::test]
async fn people_from_outside_go_to_the_application_of_the_brand() {
    let world = World::new().await;
    world.alice(|user| user.user_type = UserType::External).await;
    let application = world.application(1, "wiki", |_| {}).await;
    let browser = world.signed_in().await;
    assert_eq!(browser.get("/").await.location(), "/if/user/");
    let mut brand = crate::markup::brand(&json!({}));
    brand.default_application = Some(application.id);
    world.store.write(move |tx| brands::create(tx, &brand)).await.unwrap();
    assert_eq!(browser.get("/").await.location(), "/application/launch/wiki/");
}

#[actix_web::test]
async fn robots_and_icons_are_answered() {
    let world = World::new().await;
    assert_eq!(world.browser().get("/robots.txt").await.text(), "User-agent: *\nDisallow: /\n");
    let icon = world.browser().get("/favicon.ico").await;
    assert_eq!(icon.header("content-type"), "image/svg+xml");
}

//! Tiles and launches.

use countersign_model::UserType;

use crate::world::World;

#[actix_web::test]
async fn tiles_stand_in_groups_and_lead_to_launches() {
    let world = World::new().await;
    world.alice(|_| {}).await;
    world.application(1, "wiki", |app| app.group = "Knowledge".to_owned()).await;
    world.application(2, "mail", |app| app.open_in_new_tab = true).await;
    let page = world.signed_in().await.get("/if/user/").await;
    assert_eq!(page.status, 200);
    assert!(
        page.says(r#"href="/application/launch/wiki/""#) && page.says("<h2>Knowledge</h2>"),
        "{}",
        page.text()
    );
    assert!(
        page.says(r#"href="/application/launch/mail/" target="_blank" rel="noopener""#),
        "{}",
        page.text()
    );
}

#[actix_web::test]
async fn tiles_are_hidden_by_policy_by_choice_and_when_they_lead_nowhere() {
    let world = World::new().await;
    world.alice(|_| {}).await;
    let forbidden = world.application(1, "forbidden", |_| {}).await;
    world.forbid(forbidden.id.raw()).await;
    world.application(2, "hidden", |app| app.meta_hide = true).await;
    world.application(3, "scripted", |app| app.meta_launch_url = "javascript:alert(1)".to_owned()).await;
    world.application(4, "derived", |app| app.meta_launch_url.clear()).await;
    world
        .application(5, "nowhere", |app| {
            app.meta_launch_url.clear();
            app.provider = None;
        })
        .await;
    let page = world.signed_in().await.get("/if/user/").await;
    assert!(page.says("/application/launch/derived/"));
    for slug in ["forbidden", "hidden", "scripted", "nowhere"] {
        assert!(!page.says(&format!("/application/launch/{slug}/")), "{slug}");
    }
}

#[actix_web::test]
async fn a_search_is_a_plain_form() {
    let world = World::new().await;
    world.alice(|_| {}).await;
    world.application(1, "wiki", |_| {}).await;
    world.application(2, "mail", |_| {}).await;
    let browser = world.signed_in().await;
    let found = browser.get("/if/user/?q=WIK").await;
    assert!(found.says("/launch/wiki/") && !found.says("/launch/mail/"));
    let nothing = browser.get("/if/user/?q=%3Cscript%3E").await;
    assert!(nothing.says("No application matches “<script>”") && !nothing.text().contains("<script>"));
}

#[actix_web::test]
async fn an_empty_library_says_what_to_do() {
    let world = World::new().await;
    world.alice(|user| user.user_type = UserType::External).await;
    let page = world.signed_in().await.get("/if/user/").await;
    assert!(page.says("No applications yet") && page.says("ask your administrator"));
}

#[actix_web::test]
async fn accounts_of_machines_have_no_library() {
    let world = World::new().await;
    world.alice(|user| user.user_type = UserType::ServiceAccount).await;
    let page = world.signed_in().await.get("/if/user/").await;
    assert_eq!(page.status, 403);
    assert!(page.says("This account belongs to a program."));
}

#[actix_web::test]
async fn many_applications_stand_on_several_pages() {
    let world = World::new().await;
    world.alice(|_| {}).await;
    for number in 1..=125 {
        world.application(number, &format!("app-{number:03}"), |_| {}).await;
    }
    let browser = world.signed_in().await;
    let first = browser.get("/if/user/").await;
    assert!(first.says("Page 1 of 2") && first.says("/launch/app-001/") && !first.says("/launch/app-125/"));
    let second = browser.get("/if/user/?q=&page=2").await;
    assert!(second.says("/launch/app-125/") && second.says(r#"rel="prev""#));
    assert_eq!(browser.get("/if/user/?page=99999999999999999999").await.status, 200);
}

#[actix_web::test]
async fn a_launch_leads_to_the_application() {
    let world = World::new().await;
    world.alice(|user| user.username = "alice/../x".to_owned()).await;
    world
        .application(1, "wiki", |app| app.meta_launch_url = "https://wiki.example/%(username)s".to_owned())
        .await;
    world.application(2, "derived", |app| app.meta_launch_url.clear()).await;
    let browser = world.signed_in().await;
    assert_eq!(
        browser.get("/application/launch/wiki/").await.location(),
        "https://wiki.example/alice%2F..%2Fx"
    );
    assert_eq!(
        browser.get("/application/launch/derived/").await.location(),
        "https://provider-2.derived.example/"
    );
}

#[actix_web::test]
async fn a_forbidden_application_cannot_be_launched() {
    let world = World::new().await;
    world.alice(|_| {}).await;
    let application = world.application(1, "vault", |app| app.name = "The vault".to_owned()).await;
    world.forbid(application.id.raw()).await;
    let page = world.signed_in().await.get("/application/launch/vault/").await;
    assert_eq!(page.status, 403);
    assert!(page.says("Your account does not have access to The vault."));
    assert!(page.header("location").is_empty());
}

#[actix_web::test]
async fn a_script_cannot_be_launched() {
    let world = World::new().await;
    world.alice(|_| {}).await;
    world
        .application(1, "evil", |app| app.meta_launch_url = "javascript:alert(document.domain)".to_owned())
        .await;
    let browser = world.signed_in().await;
    assert_eq!(browser.get("/application/launch/evil/").await.status, 404);
    assert_eq!(browser.get("/application/launch/nothing/").await.status, 404);
    let stranger = world.browser().get("/application/launch/evil/").await;
    assert!(stranger.location().starts_with("/flows/-/default/authentication/?next="));
}

//! The page of a flow: what people meet when they go back, open a second tab, or come too late.

use countersign_model::{FlowAuthentication, FlowDesignation};
use countersign_store::flows;
use countersign_types::Span;
use countersign_web::{Rate, WebSettings};

use crate::{scripted::Act, world::World};

const PAGE: &str = "/if/flow/sign-in/?next=%2Fif%2Fuser%2F";

#[actix_web::test]
async fn somebody_signs_in_without_a_script() {
    let world = World::new().await;
    world.alice(|_| {}).await;
    let browser = world.browser();
    let name = browser.get(PAGE).await;
    assert_eq!(name.status, 200);
    assert_eq!(name.form_action(), PAGE);
    let moved = browser.answer(&name, &[("name", "alice")]).await;
    assert_eq!((moved.status.as_u16(), moved.location()), (303, PAGE.to_owned()));
    let password = browser.get(PAGE).await;
    let done = browser.answer(&password, &[("password", "open sesame")]).await;
    assert_eq!((done.status.as_u16(), done.location()), (303, "/if/user/".to_owned()));
    let library = browser.get("/if/user/").await;
    assert!(library.says("Alice Liddell"), "{}", library.text());
}

#[actix_web::test]
async fn looking_at_the_sign_in_page_writes_nothing() {
    let world = World::new().await;
    world.browser().get(PAGE).await;
    let before = world.store.trips();
    let page = world.browser().get(PAGE).await;
    assert_eq!(page.status, 200);
    assert_eq!(world.store.trips().writes, before.writes);
}

#[actix_web::test]
async fn a_wrong_answer_is_said_beside_the_field() {
    let world = World::new().await;
    let browser = world.browser();
    let name = browser.get(PAGE).await;
    browser.answer(&name, &[("name", "alice")]).await;
    let password = browser.get(PAGE).await;
    let again = browser.answer(&password, &[("password", "wrong")]).await;
    assert_eq!(again.status, 422);
    assert!(again.text().contains(r#"aria-invalid="true""#), "{}", again.text());
    assert!(again.says("The password does not match. Try again."));
    assert!(again.says("<title>Error: Welcome"), "the tab says it first");
    assert!(!again.text().contains("wrong\""), "a password is never sent back");
    let done = browser.answer(&again, &[("password", "open sesame")]).await;
    assert_eq!(done.status, 303, "the repeated page can be answered");
}

#[actix_web::test]
async fn going_back_and_answering_again_leads_on() {
    let world = World::new().await;
    let browser = world.browser();
    let name = browser.get(PAGE).await;
    browser.answer(&name, &[("name", "alice")]).await;
    let stale = browser.answer(&name, &[("name", "bob")]).await;
    assert_eq!(stale.status, 409);
    assert!(stale.says("This step is already done"));
    assert!(stale.says(&format!(r#"href="{PAGE}""#)), "{}", stale.text());
    assert!(browser.get(PAGE).await.says("Password"), "the flow stands where it stood");
}

#[actix_web::test]
async fn two_tabs_on_the_way_to_two_places_do_not_disturb_each_other() {
    let world = World::new().await;
    world.alice(|_| {}).await;
    let browser = world.browser();
    let (one, other) = (PAGE, "/if/flow/sign-in/?next=%2Fif%2Fuser%2Fsettings%2F");
    let (first, second) = (browser.get(one).await, browser.get(other).await);
    browser.answer(&first, &[("name", "alice")]).await;
    let moved = browser.answer(&second, &[("name", "alice")]).await;
    assert_eq!(moved.status, 303);
    let password = browser.get(one).await;
    assert_eq!(browser.answer(&password, &[("password", "open sesame")]).await.location(), "/if/user/");
    let password = browser.get(other).await;
    assert_eq!(
        browser.answer(&password, &[("password", "open sesame")]).await.location(),
        "/if/user/settings/"
    );
}

#[actix_web::test]
async fn a_form_of_another_browser_is_refused() {
    let world = World::new().await;
    let (one, other) = (world.browser(), world.browser());
    let page = one.get(PAGE).await;
    other.get(PAGE).await;
    assert_eq!(other.answer(&page, &[("name", "alice")]).await.status, 409);
}

#[actix_web::test]
async fn without_cookies_the_page_says_so() {
    let world = World::new().await;
    let browser = world.browser();
    let page = browser.get(PAGE).await;
    browser.cookies.borrow_mut().clear();
    let refused = browser.answer(&page, &[("name", "alice")]).await;
    assert_eq!(refused.status, 400);
    assert!(refused.says("Cookies are needed"));
}

#[actix_web::test]
async fn malformed_answers_have_a_way_on() {
    let world = World::new().await;
    let browser = world.browser();
    let token = browser.get(PAGE).await.hidden("plan");
    let cases: [(&[(&str, &str)], u16); 5] = [
        (&[], 409),
        (&[("plan", "")], 409),
        (&[("plan", "nonsense"), ("name", "a")], 409),
        (&[("plan", &token), ("plan", &token), ("name", "a")], 409),
        (&[("plan", &token), ("name", "a"), ("name", "b")], 400),
    ];
    for (fields, status) in cases {
        let page = browser.post(PAGE, fields).await;
        assert_eq!(page.status.as_u16(), status, "{fields:?}");
        assert!(page.says(&format!(r#"href="{PAGE}""#)), "{fields:?}: {}", page.text());
    }
    for (kind, body) in
        [("text/plain", "plan=x"), ("application/json", "{}"), ("multipart/form-data; boundary=x", "--y")]
    {
        assert_eq!(browser.send_body(PAGE, kind, body).await.status, 400, "{kind}");
    }
    let flood = "a=b&".repeat(200_000);
    assert_eq!(browser.send_body(PAGE, "application/x-www-form-urlencoded", flood).await.status, 413);
}

#[actix_web::test]
async fn a_page_left_open_for_too_long_is_stale() {
    let world = World::new().await;
    let browser = world.browser();
    let page = browser.get(PAGE).await;
    world.store.clock.advance(Span::from_hours(2));
    let late = browser.answer(&page, &[("name", "alice")]).await;
    assert_eq!(late.status, 409);
    assert_eq!(browser.get(PAGE).await.status, 200);
}

#[actix_web::test]
async fn unknown_flows_and_broken_starts_are_pages() {
    let world = World::new().await;
    let browser = world.browser();
    for slug in ["nothing", "..", "%00", "a%20b", "%3Cscript%3E"] {
        let page = browser.get(&format!("/if/flow/{slug}/")).await;
        assert!(page.status.is_client_error(), "{slug}: {}", page.status);
    }
    let broken = browser.get("/if/flow/sign-in/?start=AAAA&next=%2Fif%2Fuser%2F").await;
    assert_eq!(broken.status, 400);
    assert!(broken.says("This page has expired") && broken.says(r#"href="/if/user/""#), "{}", broken.text());
}

#[actix_web::test]
async fn a_refusal_says_why() {
    let world = World::new().await;
    let page = world.browser().get("/if/flow/denied/").await;
    assert_eq!(page.status, 403);
    assert!(page.says("Not today.") && page.says("Request: "), "{}", page.text());
}

#[actix_web::test]
async fn choosing_a_language_keeps_the_place() {
    let world = World::new().await;
    let browser = world.browser();
    let name = browser.get(PAGE).await;
    assert!(name.says(r#"href="/if/flow/sign-in/?next=%2Fif%2Fuser%2F&locale=ko""#), "{}", name.text());
    browser.answer(&name, &[("name", "alice")]).await;
    let korean = browser.get(&format!("{PAGE}&locale=ko")).await;
    assert!(korean.text().contains(r#"<html lang="ko" dir="ltr">"#) && korean.says("본인이 아닌가요?"));
    assert_eq!(korean.form_action(), PAGE);
    let next = browser.get(PAGE).await;
    assert!(next.text().contains(r#"lang="ko""#), "the browser remembers it");
}

#[actix_web::test]
async fn not_you_begins_anew() {
    let world = World::new().await;
    let browser = world.browser();
    let name = browser.get(PAGE).await;
    browser.answer(&name, &[("name", "alice")]).await;
    let next = countersign_web::encode_next(PAGE);
    let foreign = world.browser().with("sec-fetch-site", "cross-site");
    foreign.cookies.borrow_mut().clone_from(&browser.cookies.borrow());
    foreign.get(&format!("/flows/-/cancel/?next={next}")).await;
    assert!(browser.get(PAGE).await.says("Not you?"), "another site cannot make anybody begin anew");
    let anew = browser.get(&format!("/flows/-/cancel/?next={next}")).await;
    assert_eq!(anew.location(), PAGE);
    assert!(!browser.get(PAGE).await.says("Not you?"));
    assert_eq!(browser.get("/flows/-/cancel/?next=https%3A%2F%2Fevil.example").await.location(), "/");
}

#[actix_web::test]
async fn not_you_signs_out_where_only_the_signed_in_may_go() {
    let world = World::new().await;
    world.alice(|_| {}).await;
    let mut flow = world.flow(8, "consent", FlowDesignation::Authorization, &[Act::Password]).await;
    flow.authentication = FlowAuthentication::RequireAuthenticated;
    world.store.write(move |tx| flows::update(tx, &flow)).await.unwrap();
    let browser = world.signed_in().await;
    assert_eq!(browser.get("/if/flow/consent/").await.status, 200);
    let door = browser.get("/flows/-/cancel/?next=%2Fif%2Fflow%2Fconsent%2F").await;
    assert_eq!(door.location(), "/flows/-/default/invalidation/?next=%2Fif%2Fflow%2Fconsent%2F");
    let page = browser.follow(door).await;
    assert_eq!(page.form_action(), "/if/flow/sign-in/?next=/if/flow/consent/");
}

#[actix_web::test]
async fn a_file_is_chosen_on_a_page_too() {
    let world = World::new().await;
    let browser = world.browser();
    let page = browser.get("/if/flow/gallery/").await;
    assert!(page.text().contains(r#"enctype="multipart/form-data""#));
    let body = format!(
        "--x\r\nContent-Disposition: form-data; name=\"plan\"\r\n\r\n{}\r\n--x\r\nContent-Disposition: form-data; \
         name=\"file\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\nhello\r\n--x--\r\n",
        page.hidden("plan")
    );
    let again = browser.send_body(&page.form_action(), "multipart/form-data; boundary=x", body).await;
    assert_eq!(again.status, 422, "{}", again.text());
    let large = "x".repeat(1024 * 1024);
    assert_eq!(
        browser.send_body(&page.form_action(), "multipart/form-data; boundary=x", large).await.status,
        413
    );
}

#[actix_web::test]
async fn guessing_from_one_address_is_slowed_down() {
    let rate = Rate { burst: 3, times: 3, per: Span::from_mins(1) };
    let world = World::with(WebSettings { sign_in_rate: rate, ..WebSettings::default() }).await;
    let browser = world.browser();
    let page = browser.get(PAGE).await;
    for _ in 0..3 {
        assert_eq!(browser.answer(&page, &[("name", "")]).await.status, 422);
    }
    let slowed = browser.answer(&page, &[("name", "")]).await;
    assert_eq!(slowed.status, 429);
    assert!(!slowed.header("retry-after").is_empty() && slowed.says("Too many attempts"));
}

#[actix_web::test]
async fn a_form_of_another_site_is_refused() {
    let world = World::new().await;
    let browser = world.browser();
    let page = browser.get(PAGE).await;
    let foreign = world.browser().with("sec-fetch-site", "cross-site");
    foreign.cookies.borrow_mut().clone_from(&browser.cookies.borrow());
    assert_eq!(foreign.answer(&page, &[("name", "alice")]).await.status, 403);
}

#[actix_web::test]
async fn an_address_without_its_slash_leads_to_the_one_with_it() {
    let world = World::new().await;
    let page = world.browser().get("/if/flow/sign-in?next=%2F").await;
    assert_eq!((page.status.as_u16(), page.header("location")), (308, "/if/flow/sign-in/?next=%2F"));
}

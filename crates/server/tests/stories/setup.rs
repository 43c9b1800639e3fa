//! The first administrator: who may become that, and how often.

use countersign_store::{settings, users};
use countersign_testkit::{ADMINISTRATOR, Backend, TestApp, on_both_databases};

const SETUP: &str = "/if/flow/initial-setup/";

#[tokio::test]
async fn a_fresh_server_leads_every_visitor_to_the_set_up() {
    let app = TestApp::start(Backend::Sqlite).await.unwrap();
    let visitor = app.anonymous();
    for path in ["/", "/if/user/", "/if/flow/default-authentication-flow/"] {
        assert_eq!(visitor.visit(path).await.path(), SETUP, "{path}");
    }
    assert_eq!(visitor.get("/-/health/ready/").await.status, 200);
    app.finish_setup().await;
    assert_eq!(visitor.visit("/").await.path(), "/if/flow/default-authentication-flow/");
    app.verify().await;
}

#[tokio::test]
async fn a_stranger_who_comes_before_the_owner_needs_the_code() {
    let app = TestApp::start(Backend::Sqlite).await.unwrap();
    let code = app.setup_code().unwrap().to_owned();
    let stranger = app.anonymous().from_afar("192.0.2.7");
    let asked = stranger.visit("/").await;
    assert_eq!(asked.form("").fields, ["code"]);
    for guess in ["", "AAAA-BBBB-CCCC", "akadmin"] {
        let page = stranger.answer(&asked, &[("code", guess)]).await;
        assert_eq!(page.form("").fields, ["code"], "{guess:?} does not pass");
    }
    // The owner reads the code off the terminal and types it as people do.
    let owner = app.anonymous().from_afar("198.51.100.2");
    let asked = owner.visit("/").await;
    let asked = owner.answer(&asked, &[("code", &code.to_lowercase())]).await;
    let password = app.new_password();
    let fields = [("email", "owner@example.com"), ("password", &password), ("password_repeat", &password)];
    let library = owner.answer(&asked, &fields).await;
    assert_eq!(library.path(), "/if/user/", "{}", library.body);
    app.verify().await;
}

#[tokio::test]
async fn a_stranger_cannot_claim_to_sit_at_the_machine() {
    let app = TestApp::start(Backend::Sqlite).await.unwrap();
    for claim in ["127.0.0.1, 192.0.2.7", "::1, 192.0.2.7", "unknown"] {
        let asked = app.anonymous().from_afar(claim).visit("/").await;
        assert_eq!(asked.form("").fields, ["code"], "{claim}");
    }
    app.verify().await;
}

on_both_databases! {
    async fn the_set_up_is_closed_for_good(app: TestApp) {
        let visitor = app.anonymous();
        assert_eq!(visitor.get(SETUP).await.status, 403);
        // The account may go: that does not reopen the door (CVE-2023-46249).
        app.store()
            .write(|tx| {
                let admin = users::by_username(tx, ADMINISTRATOR)?.unwrap();
                users::delete(tx, admin.id)
            })
            .await
            .unwrap();
        assert_eq!(visitor.get(SETUP).await.status, 403);
        assert_eq!(visitor.visit("/").await.path(), "/if/flow/default-authentication-flow/");
        let open = app.store().read(settings::initial_setup_is_open).await.unwrap();
        assert!(!open);
    }
}

#[tokio::test]
async fn two_owners_at_once_do_not_both_win() {
    let app = TestApp::start(Backend::Sqlite).await.unwrap();
    let (one, other) = (app.anonymous(), app.anonymous());
    let (first, second) = (one.visit("/").await, other.visit("/").await);
    let (mine, theirs) = (app.new_password(), app.new_password());
    let fields =
        |password| [("email", "a@example.com"), ("password", password), ("password_repeat", password)];
    let (mine_fields, their_fields) = (fields(mine.as_str()), fields(theirs.as_str()));
    let (first, second) =
        tokio::join!(one.answer(&first, &mine_fields), other.answer(&second, &their_fields));
    let winners = [&first, &second].into_iter().filter(|page| page.path() == "/if/user/").count();
    assert_eq!(winners, 1, "{} {} and {} {}", first.status, first.path(), second.status, second.path());
    app.verify().await;
}

#[tokio::test]
async fn bootstrap_variables_do_the_set_up_without_a_browser() {
    let password = "Bootstrap-Lantern-River-7";
    let app = TestApp::start_with(Backend::Sqlite, |config| {
        config.bootstrap.password = Some(password.into());
        config.bootstrap.email = Some("owner@example.com".to_owned());
        config.bootstrap.token = Some("a-token-of-thirty-two-characters".into());
    })
    .await
    .unwrap();
    app.plant(password);
    app.plant("a-token-of-thirty-two-characters");
    assert!(app.setup_code().is_none());
    assert_eq!(app.anonymous().get(SETUP).await.status, 403);
    app.sign_in(ADMINISTRATOR, password).await;
    let admin = app.store().read(|tx| users::by_username(tx, ADMINISTRATOR)).await.unwrap().unwrap();
    assert_eq!(admin.email, "owner@example.com");
    let token = app
        .store()
        .read(|tx| countersign_store::tokens::by_identifier(tx, "authentik-bootstrap-token"))
        .await
        .unwrap();
    assert_eq!(token.unwrap().user, admin.id);
    app.verify().await;
}

#[tokio::test]
async fn a_bootstrap_password_may_come_as_a_hash() {
    // bcrypt of "correct horse battery staple".
    let hash = "$2b$04$zSGbYlxmHJSRnLkaK5l6Uu1ZHjV1Dlw.jwhWg.7zU0N4mAl5oGkS2";
    let app = TestApp::start_with(Backend::Sqlite, |config| {
        config.bootstrap.password_hash = Some(hash.into());
    })
    .await
    .unwrap();
    assert!(app.setup_code().is_none(), "a usable password closes the set-up");
    let admin = app.store().read(|tx| users::by_username(tx, ADMINISTRATOR)).await.unwrap().unwrap();
    assert_eq!(admin.password.unwrap().expose(), hash);
    app.verify().await;
}

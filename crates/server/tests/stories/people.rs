//! People who enrol, sign in, mistype, are locked out, and sign out.

use countersign_store::users;
use countersign_testkit::{TestApp, on_both_databases};
use countersign_types::Span;

const OPEN_ENROLMENT: &str = "
version: 1
metadata: { name: open enrolment }
entries:
  - model: authentik_stages_identification.identificationstage
    identifiers: { name: default-authentication-identification }
    attrs:
      enrollment_flow: !Find [authentik_flows.flow, [slug, default-enrollment-flow]]
";

on_both_databases! {
    async fn a_person_enrols_and_is_signed_in(app: TestApp) {
        app.apply(OPEN_ENROLMENT).await;
        let ada = app.anonymous();
        let sign_in = ada.visit("/").await;
        let link = sign_in.links("default-enrollment-flow").remove(0);
        let asked = ada.visit(link.as_str()).await;
        let password = app.new_password();
        let fields = [
            ("username", "ada"),
            ("name", "Ada Lovelace"),
            ("email", "ada@example.com"),
            ("password", &password),
            ("password_repeat", &password),
        ];
        let library = ada.answer(&asked, &fields).await;
        assert_eq!(library.path(), "/if/user/", "{}", library.body);
        assert!(library.body.contains("Ada Lovelace"));
        app.sign_in("ADA", &password).await;
    }

    async fn a_name_that_is_taken_is_said_to_be(app: TestApp) {
        app.apply(OPEN_ENROLMENT).await;
        app.user("ada").await;
        let other = app.anonymous();
        let asked = other.visit("/if/flow/default-enrollment-flow/").await;
        let password = app.new_password();
        let fields = [
            ("username", "Ada"),
            ("name", "Another"),
            ("email", "another@example.com"),
            ("password", &password),
            ("password_repeat", &password),
        ];
        let page = other.answer(&asked, &fields).await;
        assert_eq!(page.status, 422, "{}", page.body);
        assert!(page.body.contains("aria-invalid=\"true\""));
    }

    async fn a_wrong_password_is_said_so_and_the_right_one_still_signs_in(app: TestApp) {
        let (_, password) = app.user("ada").await;
        let ada = app.anonymous();
        let page = ada.sign_in_at("/", "ada", "not it").await;
        assert_eq!(page.status, 422);
        assert!(page.body.contains("aria-invalid=\"true\""));
        let library = ada.answer(&page, &[("password", &password)]).await;
        assert_eq!(library.path(), "/if/user/");
    }

    async fn guessing_locks_and_tells_nobody_whether_the_account_exists(app: TestApp) {
        let (_, password) = app.user("ada").await;
        let mut words = Vec::new();
        for name in ["ada", "anybody"] {
            let mut last = String::new();
            for guess in 0..12 {
                let guesser = app.anonymous().from_afar(&format!("192.0.2.{guess}"));
                let page = guesser.sign_in_at("/", name, &format!("guess {guess}")).await;
                assert_eq!(page.status, 422, "{}", page.body);
                last = said(&page.body);
            }
            words.push(last);
        }
        assert_eq!(words.first(), words.last(), "known and unknown accounts are told the same");
        // Locked is locked, even for the right password.
        let page = app.anonymous().sign_in_at("/", "ada", &password).await;
        assert_eq!(page.status, 422, "{}", page.body);
        app.advance(Span::from_hours(1));
        app.sign_in("ada", &password).await;
    }

    async fn a_user_who_was_deactivated_is_out_at_once(app: TestApp) {
        let (ada, password) = app.user("ada").await;
        app.store()
            .write(|tx| {
                let mut user = users::by_username(tx, "ada")?.unwrap();
                user.is_active = false;
                users::update(tx, &user)
            })
            .await
            .unwrap();
        assert_eq!(ada.visit("/if/user/").await.path(), "/if/flow/default-authentication-flow/");
        let page = app.anonymous().sign_in_at("/", "ada", &password).await;
        assert_eq!(page.status, 422);
    }

    async fn a_session_ends_at_sign_out_for_thieves_too(app: TestApp) {
        let (ada, _) = app.user("ada").await;
        let library = ada.get("/if/user/").await;
        assert_eq!(library.status, 200);
        let gone = ada.submit(&library.form("invalidation"), &[]).await;
        assert_eq!(gone.status, 200, "{}", gone.body);
        assert_eq!(ada.visit("/if/user/").await.path(), "/if/flow/default-authentication-flow/");
    }
}

#[tokio::test]
async fn a_session_cookie_from_before_sign_in_is_of_no_use() {
    let app = TestApp::start(countersign_testkit::Backend::Sqlite).await.unwrap();
    app.finish_setup().await;
    let planted = app.anonymous().with_cookie("countersign_session", "a-cookie-that-an-attacker-chose");
    let page = planted.get("/if/user/").await;
    assert_eq!(page.status, 302);
    assert!(page.leads_to().unwrap().path().starts_with("/"));
    app.verify().await;
}

/// The words of a page without what differs from visit to visit.
fn said(html: &str) -> String {
    let text: String =
        html.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| text).collect();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.replace("anybody", "…").replace("ada", "…")
}

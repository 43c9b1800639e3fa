//! Recovery and enrolment by a link in a letter, and those who would make use of somebody else's link.

use countersign_model::User;
use countersign_store::users;
use countersign_testkit::{Backend, Page, Person, Received, TestApp, on_both_databases};
use countersign_types::Span;
use serde_json::{Value, json};

use crate::inbox::{come_back, letter, letters_so_far, settle, without_traces};

const RECOVERY: &str = "/if/flow/recovery/";

/// A flow that sends a link to whoever forgot his password, and one that enrols by a link.
const FLOWS: &str = "
version: 1
metadata: { name: flows by mail }
entries:
  - model: authentik_flows.flow
    id: recovery
    identifiers: { slug: recovery }
    attrs: { name: Recovery, title: Recovery, designation: recovery }
  - model: authentik_flows.flow
    id: other
    identifiers: { slug: other-recovery }
    attrs: { name: Other, title: Other, designation: recovery }
  - model: authentik_stages_identification.identificationstage
    id: who
    identifiers: { name: recovery-who }
    attrs: { user_fields: [email, username], pretend_user_exists: true }
  - model: authentik_stages_email.emailstage
    id: mail
    identifiers: { name: recovery-mail }
    attrs: { token_expiry: minutes=30, recovery_max_attempts: 3, recovery_cache_timeout: minutes=5 }
  - model: authentik_stages_user_login.userloginstage
    id: login
    identifiers: { name: recovery-login }
  - model: authentik_flows.flowstagebinding
    identifiers: { target: !KeyOf recovery, stage: !KeyOf who, order: 10 }
  - model: authentik_flows.flowstagebinding
    identifiers: { target: !KeyOf recovery, stage: !KeyOf mail, order: 20 }
  - model: authentik_flows.flowstagebinding
    identifiers:
      target: !KeyOf recovery
      stage: !Find [authentik_stages_prompt.promptstage, [name, default-password-change-prompt]]
      order: 30
  - model: authentik_flows.flowstagebinding
    identifiers:
      target: !KeyOf recovery
      stage: !Find [authentik_stages_user_write.userwritestage, [name, default-password-change-write]]
      order: 40
  - model: authentik_flows.flowstagebinding
    identifiers: { target: !KeyOf recovery, stage: !KeyOf login, order: 50 }
  - model: authentik_flows.flowstagebinding
    identifiers: { target: !KeyOf other, stage: !KeyOf mail, order: 20 }
  - model: authentik_flows.flowstagebinding
    identifiers: { target: !KeyOf other, stage: !KeyOf login, order: 50 }
  - model: authentik_flows.flow
    id: enrolment
    identifiers: { slug: enrolment }
    attrs: { name: Enrolment, title: Enrolment, designation: enrollment }
  - model: authentik_stages_user_write.userwritestage
    id: write
    identifiers: { name: enrolment-write }
    attrs: { create_users_as_inactive: true, user_creation_mode: always_create }
  - model: authentik_stages_email.emailstage
    id: confirm
    identifiers: { name: enrolment-mail }
    attrs: { activate_user_on_success: true, template: email/account_confirmation.html, subject: Welcome }
  - model: authentik_flows.flowstagebinding
    identifiers:
      target: !KeyOf enrolment
      stage: !Find [authentik_stages_prompt.promptstage, [name, default-enrollment-prompt]]
      order: 10
  - model: authentik_flows.flowstagebinding
    identifiers: { target: !KeyOf enrolment, stage: !KeyOf write, order: 20 }
  - model: authentik_flows.flowstagebinding
    identifiers: { target: !KeyOf enrolment, stage: !KeyOf confirm, order: 30 }
  - model: authentik_flows.flowstagebinding
    identifiers: { target: !KeyOf enrolment, stage: !KeyOf login, order: 40 }
";

/// Says a name at the recovery flow; the page that follows.
async fn forgot(app: &TestApp, name: &str) -> (Person, Page) {
    let person = app.anonymous();
    let asked = person.visit(RECOVERY).await;
    let page = person.answer(&asked, &[("uid_field", name)]).await;
    (person, page)
}

async fn user(app: &TestApp, name: &'static str) -> User {
    app.store().read(move |tx| users::by_username(tx, name)).await.unwrap().unwrap()
}

fn may_change_password(page: &Page) -> bool {
    page.body.contains("name=\"password_repeat\"")
}

on_both_databases! {
    async fn a_forgotten_password_is_replaced_by_a_link(app: TestApp) {
        app.apply(FLOWS).await;
        let (_, old) = app.user("ada").await;
        let (ada, page) = forgot(app, "ada@example.com").await;
        assert!(page.body.contains("Look into your inbox"), "{} {}", page.status, page.body);
        let received = letter(app, "ada").await;
        assert_eq!(received.subject, "Reset your password");
        assert!(received.link().starts_with(&format!("{}if/flow/recovery/?flow_token=", app.base())));
        // The page that waits goes on waiting, whatever is sent to it.
        let waiting = ada.visit(RECOVERY).await;
        let still = ada.answer(&waiting, &[("token", "guess"), ("password", "x")]).await;
        assert!(still.body.contains("Another message"), "{}", still.body);
        assert_eq!((still.status, still.body.contains("Error:")), (200, false), "{}", still.body);
        let (ada, page) = come_back(app, &received).await;
        assert!(may_change_password(&page), "{} {}", page.status, page.body);
        let new = app.new_password();
        let page = ada.answer(&page, &[("password", &new), ("password_repeat", &new)]).await;
        assert_eq!(page.path(), "/if/user/", "{} {}", page.status, page.body);
        app.sign_in("ada", &new).await;
        let page = app.anonymous().sign_in_at("/", "ada", &old).await;
        assert_ne!(page.path(), "/if/user/");
    }

    async fn whoever_looks_at_links_in_letters_does_not_use_them_up(app: TestApp) {
        app.apply(FLOWS).await;
        app.user("ada").await;
        forgot(app, "ada").await;
        let received = letter(app, "ada").await;
        for _ in 0..3 {
            assert_eq!(app.anonymous().visit(received.link()).await.status, 200);
        }
        let (_, page) = come_back(app, &received).await;
        assert!(may_change_password(&page), "{}", page.body);
    }

    async fn a_flow_token_works_once(app: TestApp) {
        app.apply(FLOWS).await;
        app.user("ada").await;
        forgot(app, "ada").await;
        let received = letter(app, "ada").await;
        // Two browsers are asked at the same time; one of them goes on.
        let (first, second) = (app.anonymous(), app.anonymous());
        let asked = [first.visit(received.link()).await, second.visit(received.link()).await];
        assert!(may_change_password(&first.answer(&asked[0], &[]).await));
        let late = second.answer(&asked[1], &[]).await;
        assert_eq!(late.status, 403, "{}", late.body);
        let page = app.anonymous().visit(received.link()).await;
        assert_eq!(page.status, 403);
        assert!(page.body.contains("used already"), "{}", page.body);
    }

    async fn a_flow_token_of_one_flow_opens_no_other(app: TestApp) {
        app.apply(FLOWS).await;
        app.user("ada").await;
        forgot(app, "ada").await;
        let elsewhere = letter(app, "ada").await.link().replace("/recovery/", "/other-recovery/");
        let page = app.anonymous().visit(&elsewhere).await;
        assert_eq!(page.status, 403, "{}", page.body);
        let guessed = format!("{RECOVERY}?flow_token={}", "A".repeat(43));
        assert_eq!(app.anonymous().visit(&guessed).await.status, 403);
        let long = format!("{RECOVERY}?flow_token={}", "A".repeat(4_000));
        assert_eq!(app.anonymous().visit(&long).await.status, 403);
    }

    async fn a_flow_token_dies_with_its_time_and_with_the_password_it_was_for(app: TestApp) {
        app.apply(FLOWS).await;
        app.user("ada").await;
        forgot(app, "ada").await;
        let first = letter(app, "ada").await;
        forgot(app, "ada").await;
        let second = letter(app, "ada").await;
        let (ada, page) = come_back(app, &second).await;
        let new = app.new_password();
        app.advance(Span::from_secs(1));
        ada.answer(&page, &[("password", &new), ("password_repeat", &new)]).await;
        let page = app.anonymous().visit(first.link()).await;
        assert_eq!(page.status, 403, "the password is another: {}", page.body);
        app.advance(Span::from_mins(10));
        forgot(app, "ada").await;
        let third = letter(app, "ada").await;
        app.advance(Span::from_mins(31));
        assert_eq!(app.anonymous().visit(third.link()).await.status, 403, "too late");
    }

    async fn a_flow_token_does_not_turn_into_somebody_elses(app: TestApp) {
        // CVE-2023-26481: a link for one account, used for another.
        app.apply(FLOWS).await;
        app.user("mallory").await;
        let (_, old) = app.user("ada").await;
        forgot(app, "mallory").await;
        let received = letter(app, "mallory").await;
        let mallory = app.anonymous();
        let asked = mallory.visit(received.link()).await;
        let page = mallory
            .answer(&asked, &[("uid_field", "ada"), ("username", "ada"), ("pending_user", "ada")])
            .await;
        let new = app.new_password();
        let fields = [("password", new.as_str()), ("password_repeat", &new), ("username", "ada"), ("email", "x@example.com")];
        mallory.answer(&page, &fields).await;
        app.sign_in("ada", &old).await;
        app.sign_in("mallory", &new).await;
        assert_eq!(user(app, "ada").await.email, "ada@example.com");
    }

    async fn recovery_does_not_tell_who_exists(app: TestApp) {
        app.apply(FLOWS).await;
        app.user("enumerated").await;
        let mut seen = Vec::new();
        for name in ["enumerated", "ghostghost"] {
            let before = letters_so_far(app).await;
            let trips = app.store().trips();
            let (person, page) = forgot(app, name).await;
            let after = app.store().trips();
            let again = person.answer(&page, &[]).await;
            let letters = letters_so_far(app).await - before;
            seen.push((page.status, without_traces(&page, name), again.status, without_traces(&again, name), letters, after.writes - trips.writes));
        }
        assert_eq!(seen[0], seen[1]);
        let received = letter(app, "enumerated").await;
        assert_eq!(received.to, ["enumerated@example.com"]);
        assert!(app.mail.letters().iter().all(|letter| letter.to == ["enumerated@example.com"]));
    }

    async fn a_mailbox_is_not_flooded(app: TestApp) {
        app.apply(FLOWS).await;
        app.user("ada").await;
        let mut refused = 0;
        // Three letters in five minutes by one name; nine to one account by all of them.
        for name in ["ada", "ada@example.com", "ADA", "Ada@Example.com", " ada "] {
            for _ in 0..5 {
                let (_, page) = forgot(app, name).await;
                refused += usize::from(page.status == 422 || page.body.contains("Too many"));
            }
        }
        assert!(refused >= 15, "{refused}");
        settle(app).await;
        let letters = app.mail.letters().len();
        assert!((3..=9).contains(&letters), "{letters}");
        app.advance(Span::from_mins(6));
        let (_, page) = forgot(app, "ada").await;
        assert!(page.body.contains("Look into your inbox"), "{}", page.body);
    }

    async fn an_account_is_opened_by_whoever_reads_its_mail(app: TestApp) {
        app.apply(FLOWS).await;
        let ada = app.anonymous();
        let asked = ada.visit("/if/flow/enrolment/?next=/if/user/settings/").await;
        let password = app.new_password();
        let fields = [
            ("username", "ada"),
            ("name", "Ada Lovelace"),
            ("email", "ada@example.com"),
            ("password", &password),
            ("password_repeat", &password),
        ];
        let page = ada.answer(&asked, &fields).await;
        assert!(page.body.contains("Look into your inbox"), "{} {}", page.status, page.body);
        assert!(!user(app, "ada").await.is_active);
        let received = letter(app, "ada").await;
        assert_eq!(received.subject, "Welcome");
        let (_, page) = come_back(app, &received).await;
        assert_eq!(page.path(), "/if/user/settings/", "{} {}", page.status, page.body);
        assert!(user(app, "ada").await.is_active);
        app.sign_in("ada", &password).await;
    }

    async fn a_link_does_not_turn_on_an_account_that_was_turned_off(app: TestApp) {
        app.apply(FLOWS).await;
        app.user("ada").await;
        forgot(app, "ada").await;
        let received = letter(app, "ada").await;
        app.apply("
version: 1
metadata: { name: off }
entries:
  - model: authentik_core.user
    identifiers: { username: ada }
    attrs: { is_active: false }
  - model: authentik_stages_email.emailstage
    identifiers: { name: recovery-mail }
    attrs: { activate_user_on_success: true }
").await;
        let page = app.anonymous().visit(received.link()).await;
        assert_eq!(page.status, 403, "{}", page.body);
        forgot(app, "ada").await;
        settle(app).await;
        assert!(app.mail.letters().is_empty(), "nobody writes to an account that is off");
        assert!(!user(app, "ada").await.is_active);
    }

    async fn a_forged_host_puts_no_address_into_a_letter(app: TestApp) {
        app.apply(FLOWS).await;
        app.user("ada").await;
        let mallory = app.anonymous().with_header("x-forwarded-host", "evil.example");
        let asked = mallory.visit(RECOVERY).await;
        let page = mallory.answer(&asked, &[("uid_field", "ada")]).await;
        assert!(!page.body.contains("Look into your inbox"), "{}", page.body);
        settle(app).await;
        let leaks = |letter: &Received| letter.raw.contains("evil.example");
        assert!(!app.mail.letters().iter().any(leaks));
    }

    async fn a_program_recovers_by_the_same_stage(app: TestApp) {
        app.apply(FLOWS).await;
        app.user("ada").await;
        let program = app.anonymous();
        let at = |query: &str| format!("/api/v3/flows/executor/recovery/?query={query}");
        let answer = async |query: &str, body: Value| {
            let address = program.address(&at(query));
            let origin = app.base().origin().ascii_serialization();
            let request = program.request(reqwest::Method::POST, &address).header("origin", origin).json(&body);
            let page = program.follow(program.send(request).await).await;
            serde_json::from_str::<Value>(&page.body).unwrap_or_else(|_| panic!("{} {}", page.status, page.body))
        };
        program.get(&at("")).await;
        let shown = answer("", json!({ "component": "ak-stage-identification", "uid_field": "ada" })).await;
        assert_eq!(shown["component"], "ak-stage-email", "{shown}");
        let again = answer("", json!({ "component": "ak-stage-email" })).await;
        assert_eq!(again["component"], "ak-stage-email", "{again}");
        assert_eq!(again["response_errors"]["non_field_errors"][0]["code"], "email-sent", "{again}");
        let received = letter(app, "ada").await;
        let token = received.link().split("flow_token=").nth(1).unwrap();
        let query = format!("flow_token%3D{token}");
        let asked: Value = serde_json::from_str(&program.get(&at(&query)).await.body).unwrap();
        assert_eq!(asked["component"], "ak-stage-consent", "{asked}");
        let wrong = answer(&query, json!({ "component": "ak-stage-consent", "token": "guess" })).await;
        assert_eq!(wrong["component"], "ak-stage-consent", "{wrong}");
        let confirmed = json!({ "component": "ak-stage-consent", "token": asked["token"] });
        assert_eq!(answer(&query, confirmed).await["component"], "ak-stage-prompt");
    }
}

#[tokio::test]
async fn a_stage_sends_by_a_mail_server_of_its_own() {
    let app = TestApp::start_with(Backend::Sqlite, |config| config.email.host = None).await.unwrap();
    app.finish_setup().await;
    app.apply(FLOWS).await;
    app.user("ada").await;
    let own = format!(
        "version: 1\nmetadata: {{ name: own }}\nentries:\n  - model: authentik_stages_email.emailstage\n    \
         identifiers: {{ name: recovery-mail }}\n    attrs: {{ use_global_settings: false, host: 127.0.0.1, port: {}, \
         from_address: 'Own <own@example.com>' }}\n",
        app.mail.port()
    );
    app.apply(&own).await;
    forgot(&app, "ada").await;
    assert_eq!(letter(&app, "ada").await.from, "own@example.com");
    app.verify().await;
}

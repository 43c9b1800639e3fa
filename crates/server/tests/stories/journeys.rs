//! The journeys that ship as examples, each walked by somebody.

use countersign_model::User;
use countersign_store::{ListRequest, invitations, invitations::InvitationFilter, users};
use countersign_testkit::{TestApp, on_both_databases};

use crate::inbox::{come_back, is_signed_in, letter};

/// A blueprint of `blueprints/example/`, as it stands there.
macro_rules! example {
    ($name:literal) => {
        include_str!(concat!("../../../../blueprints/example/", $name))
    };
}

async fn user(app: &TestApp, name: &'static str) -> Option<User> {
    app.store().read(move |tx| users::by_username(tx, name)).await.unwrap()
}

on_both_databases! {
    async fn somebody_enrols_on_two_pages(app: TestApp) {
        app.apply(example!("flows-enrollment-2-stage.yaml")).await;
        let (ada, password) = (app.anonymous(), app.new_password());
        let first = ada.visit("/if/flow/enrollment-two-stage/").await;
        let credentials = [("username", "ada"), ("password", &*password), ("password_repeat", &password)];
        let second = ada.answer(&first, &credentials).await;
        assert!(second.body.contains("name=\"email\"") && !second.body.contains("name=\"password\""));
        assert!(user(app, "ada").await.is_none());
        ada.answer(&second, &[("name", "Ada Lovelace"), ("email", "ada@example.com")]).await;
        assert!(is_signed_in(&ada).await);
        assert_eq!(user(app, "ada").await.unwrap().name, "Ada Lovelace");
        app.sign_in("ada", &password).await;
    }

    async fn an_account_opens_when_its_letter_is_answered(app: TestApp) {
        app.apply(example!("flows-enrollment-email-verification.yaml")).await;
        let (ada, password) = (app.anonymous(), app.new_password());
        let asked = ada.visit("/if/flow/enrollment-email/").await;
        let answers = [
            ("username", "ada"),
            ("name", "Ada Lovelace"),
            ("email", "ada@example.com"),
            ("password", &*password),
            ("password_repeat", &password),
        ];
        ada.answer(&asked, &answers).await;
        assert!(!user(app, "ada").await.unwrap().is_active);
        assert!(!is_signed_in(&ada).await);
        let (reader, _) = come_back(app, &letter(app, "ada").await).await;
        assert!(is_signed_in(&reader).await);
        assert!(user(app, "ada").await.unwrap().is_active);
    }

    async fn only_who_is_invited_enrols(app: TestApp) {
        app.apply(example!("flows-enrollment-invitation.yaml")).await;
        let refused = app.anonymous().visit("/if/flow/enrollment-invitation/").await;
        assert!(!refused.body.contains("name=\"username\""), "{}", refused.body);
        app.apply("
version: 1
metadata: { name: an invitation }
entries:
  - model: authentik_stages_invitation.invitation
    identifiers: { name: for-ada }
    attrs:
      flow: !Find [authentik_flows.flow, [slug, enrollment-invitation]]
      single_use: true
").await;
        let all = app.store().read(|tx| {
            invitations::browse(tx, &InvitationFilter::default(), &ListRequest::first(1))
        });
        let invitation = all.await.unwrap().items[0].id;
        let link = format!("/if/flow/enrollment-invitation/?itoken={invitation}");
        let (ada, password) = (app.anonymous(), app.new_password());
        let asked = ada.visit(&link).await;
        let answers = [
            ("username", "ada"),
            ("name", "Ada Lovelace"),
            ("email", "ada@example.com"),
            ("password", &*password),
            ("password_repeat", &password),
        ];
        ada.answer(&asked, &answers).await;
        assert!(is_signed_in(&ada).await);
        let again = app.anonymous().visit(&link).await;
        assert!(!again.body.contains("name=\"username\""), "{}", again.body);
    }

    async fn somebody_recovers_by_a_letter(app: TestApp) {
        app.apply(example!("flows-recovery-email-verification.yaml")).await;
        let (_, old) = app.user("ada").await;
        let asked = app.anonymous();
        let page = asked.visit("/if/flow/default-recovery-flow/").await;
        asked.answer(&page, &[("uid_field", "ada")]).await;
        let (ada, page) = come_back(app, &letter(app, "ada").await).await;
        let new = app.new_password();
        ada.answer(&page, &[("password", &*new), ("password_repeat", &new)]).await;
        assert!(is_signed_in(&ada).await);
        app.sign_in("ada", &new).await;
        let with_the_old = app.anonymous();
        with_the_old.sign_in_at("/if/flow/default-authentication-flow/", "ada", &old).await;
        assert!(!is_signed_in(&with_the_old).await);
    }

    async fn somebody_signs_in_by_a_link_in_the_browser_that_asked(app: TestApp) {
        app.apply(example!("flows-login-magic-link.yaml")).await;
        app.user("ada").await;
        let ada = app.anonymous();
        let page = ada.visit("/if/flow/login-magic-link/").await;
        ada.answer(&page, &[("uid_field", "ada")]).await;
        assert!(!is_signed_in(&ada).await);
        let received = app.mail.to("ada@example.com").await;
        let asked = ada.visit(received.link()).await;
        assert!(!is_signed_in(&ada).await);
        ada.answer(&asked, &[]).await;
        assert!(is_signed_in(&ada).await);
    }

    async fn somebody_signs_in_with_the_mail_on_another_device(app: TestApp) {
        app.apply(example!("flows-login-magic-link.yaml")).await;
        // On the phone she is signed in already.
        let (phone, _) = app.user("ada").await;
        let desk = app.anonymous();
        let asked = desk.visit("/if/flow/login-magic-link/").await;
        let waiting = desk.answer(&asked, &[("uid_field", "ada")]).await;
        let shown = phone.visit(app.mail.to("ada@example.com").await.link()).await;
        let code = regex::Regex::new(r">\s*(\d{6})\s*<").unwrap();
        let code = code.captures(&shown.body).unwrap_or_else(|| panic!("{}", shown.body))[1].to_owned();
        desk.answer(&waiting, &[("code", &code)]).await;
        assert!(is_signed_in(&desk).await);
    }

    async fn somebody_signs_in_by_a_code(app: TestApp) {
        app.apply(example!("flows-login-email-code.yaml")).await;
        app.user("ada").await;
        let ada = app.anonymous();
        let asked = ada.visit("/if/flow/login-email-code/").await;
        let waiting = ada.answer(&asked, &[("uid_field", "ada")]).await;
        let received = app.mail.to("ada@example.com").await;
        ada.answer(&waiting, &[("code", received.code())]).await;
        assert!(is_signed_in(&ada).await);
    }

    async fn an_address_is_changed_when_the_new_one_is_proved(app: TestApp) {
        app.apply(example!("flows-email-change.yaml")).await;
        let (ada, password) = app.user("ada").await;
        let asked = ada.visit("/if/flow/email-change/").await;
        let asked = ada.answer(&asked, &[("password", &*password)]).await;
        let waiting = ada.answer(&asked, &[("email", "countess@example.com")]).await;
        let received = app.mail.to("countess@example.com").await;
        assert_eq!(received.subject, "Confirm this e-mail address");
        // Whose mailbox it is nobody knows yet.
        assert!(!received.raw.contains("ada@example.com") && !received.text.contains("ada"), "{}", received.raw);
        let wrong = if received.code() == "000000" { "000001" } else { "000000" };
        let waiting = ada.answer(&waiting, &[("code", wrong)]).await;
        assert_eq!(user(app, "ada").await.unwrap().email, "ada@example.com");
        ada.answer(&waiting, &[("code", received.code())]).await;
        assert_eq!(user(app, "ada").await.unwrap().email, "countess@example.com");
    }

    async fn an_address_is_not_changed_by_whoever_finds_a_session(app: TestApp) {
        app.apply(example!("flows-email-change.yaml")).await;
        let (ada, _) = app.user("ada").await;
        let asked = ada.visit("/if/flow/email-change/").await;
        let page = ada.answer(&asked, &[("password", "guess"), ("email", "mallory@example.com")]).await;
        assert!(page.body.contains("name=\"password\""), "{}", page.body);
        let nobody = app.anonymous().visit("/if/flow/email-change/").await;
        assert!(nobody.body.contains("name=\"uid_field\""), "{}", nobody.body);
        assert_eq!(user(app, "ada").await.unwrap().email, "ada@example.com");
    }

    async fn somebody_deletes_the_own_account(app: TestApp) {
        app.apply(example!("flows-unenrollment.yaml")).await;
        let (ada, _) = app.user("ada").await;
        let asked = ada.visit("/if/flow/default-unenrollment-flow/").await;
        assert!(user(app, "ada").await.is_some(), "opening the page deletes nothing");
        ada.answer(&asked, &[]).await;
        assert!(user(app, "ada").await.is_none());
        assert!(!is_signed_in(&ada).await);
    }
}

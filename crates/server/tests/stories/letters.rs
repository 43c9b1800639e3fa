//! What people are told by mail of their own accounts.

use countersign_registry::{Actor, Prepared, ResourceError, accounts};
use countersign_store::users;
use countersign_testkit::{TestApp, on_both_databases};
use countersign_types::Secret;
use serde_json::json;

use crate::inbox::letters_so_far;

async fn switch_off(app: &TestApp, setting: &'static str) {
    let put = app.store().write(move |tx| countersign_store::settings::put(tx, setting, &json!(false)));
    put.await.unwrap();
}

/// What an operator does by `countersign user set-password`.
async fn set_by_operator(app: &TestApp, name: &'static str, password: &str) {
    let (registry, password) = (app.kinds(), Secret::from(password));
    let hash = Secret::new(format!("$argon2id$of {}", password.expose()));
    let set = app.store().write(move |tx| {
        let mut prepared = Prepared::default();
        prepared.add_hash(password.clone(), hash.clone());
        let user = users::by_username(tx, name)?.ok_or(ResourceError::NotFound)?;
        accounts::set_password(tx, registry.cx(&Actor::System, None, &prepared), user.id, &password)
    });
    set.await.unwrap();
}

on_both_databases! {
    async fn a_sign_in_with_another_browser_is_told_by_mail(app: TestApp) {
        let (_, password) = app.user("ada").await;
        assert_eq!(letters_so_far(app).await, 0, "the first sign-in tells nothing new");
        let other = app.anonymous().with_header("user-agent", "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0");
        other.sign_in_at("/", "ada", &password).await;
        let letter = app.mail.to("ada@example.com").await;
        assert_eq!(letter.subject, "New sign-in to your account");
        for part in ["Firefox on Linux", "127.0.0.1", "When: "] {
            assert!(letter.text.contains(part), "{part}: {}", letter.text);
        }
        assert!(letter.link().ends_with("/if/user/settings/"), "{}", letter.text);
        assert!(!letter.raw.contains(&password));
        assert_eq!(letters_so_far(app).await, 1);
    }

    async fn a_known_browser_is_not_told_of_again(app: TestApp) {
        let (_, password) = app.user("ada").await;
        let (_, theirs) = app.user("bob").await;
        let other = app.sign_in("ada", &password).await;
        assert_eq!(letters_so_far(app).await, 1);
        let sign_in_again = async |name: &str, password: &str| {
            other.visit("/flows/-/default/invalidation/").await;
            let page = other.sign_in_at("/", name, password).await;
            assert_eq!(page.path(), "/if/user/", "{} {}", page.status, page.body);
        };
        sign_in_again("ada", &password).await;
        assert_eq!(letters_so_far(app).await, 1, "it is known");
        sign_in_again("bob", &theirs).await;
        assert_eq!(letters_so_far(app).await, 2, "but not to bob");
        sign_in_again("bob", &theirs).await;
        sign_in_again("ada", &password).await;
        assert_eq!(letters_so_far(app).await, 2, "to both");
        switch_off(app, "mail_new_sign_in").await;
        app.sign_in("ada", &password).await;
        assert_eq!(letters_so_far(app).await, 2, "switched off");
    }

    async fn who_only_tries_is_written_nothing_about(app: TestApp) {
        app.user("ada").await;
        for name in ["ada", "ada@example.com", "nobody"] {
            app.anonymous().sign_in_at("/", name, "a wrong password").await;
        }
        assert_eq!(letters_so_far(app).await, 0);
    }

    async fn a_changed_password_is_told_whoever_changed_it(app: TestApp) {
        let (ada, _) = app.user("ada").await;
        let asked = ada.visit("/if/flow/default-password-change/").await;
        let new = app.new_password();
        ada.answer(&asked, &[("password", &*new), ("password_repeat", &new)]).await;
        let letter = app.mail.to("ada@example.com").await;
        assert_eq!(letter.subject, "A way to sign in to your account was changed");
        assert!(letter.text.contains("What was changed: Password"), "{}", letter.text);
        assert!(letter.text.contains("Browser: ") && !letter.raw.contains(&new), "{}", letter.text);
        set_by_operator(app, "ada", &app.new_password()).await;
        let letter = app.mail.to("ada@example.com").await;
        assert!(letter.text.contains("By: An administrator"), "{}", letter.text);
        assert_eq!(letters_so_far(app).await, 2, "one letter for one change");
        switch_off(app, "mail_changed_credential").await;
        set_by_operator(app, "ada", &app.new_password()).await;
        assert_eq!(letters_so_far(app).await, 2, "switched off");
    }

    async fn a_changed_address_is_told_at_the_old_one_too(app: TestApp) {
        app.user("ada").await;
        app.apply("
version: 1
metadata: { name: moved }
entries:
  - model: authentik_core.user
    identifiers: { username: ada }
    attrs: { email: lovelace@example.org }
").await;
        for address in ["ada@example.com", "lovelace@example.org"] {
            let letter = app.mail.to(address).await;
            assert!(letter.text.contains("What was changed: E-mail address"), "{}", letter.text);
            assert_eq!(letter.to, [address]);
        }
        assert_eq!(letters_so_far(app).await, 2);
    }

    async fn what_is_undone_is_not_told(app: TestApp) {
        let (ada, _) = app.user("ada").await;
        let asked = ada.visit("/if/flow/default-password-change/").await;
        ada.answer(&asked, &[("password", "one thing here"), ("password_repeat", "another thing")]).await;
        let registry = app.kinds();
        let undone: Result<(), ResourceError> = app.store().write(move |tx| {
            let (mut prepared, password) = (Prepared::default(), Secret::from("a password for a while"));
            prepared.add_hash(password.clone(), Secret::from("$argon2id$nothing"));
            let user = users::by_username(tx, "ada")?.ok_or(ResourceError::NotFound)?;
            accounts::set_password(tx, registry.cx(&Actor::System, None, &prepared), user.id, &password)?;
            Err(ResourceError::Denied)
        }).await;
        assert!(undone.is_err());
        assert_eq!(letters_so_far(app).await, 0);
    }
}

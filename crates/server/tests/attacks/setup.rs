//! Getting before the owner, or after him again.

use countersign_testkit::{Backend, TestApp};

use crate::world::{SESSION, submit};

const SETUP: &str = "/if/flow/initial-setup/";

#[tokio::test]
async fn a_stranger_does_not_get_before_the_owner() {
    let app = TestApp::start(Backend::Sqlite).await.unwrap();
    let stranger = app.anonymous().from_afar("203.0.113.9");
    let asked = stranger.visit("/").await;
    assert_eq!(asked.path(), SETUP);
    for guess in ["", "AAAA-AAAA-AAAA", "000000", "' or 1=1", &"A".repeat(1000)] {
        let answer = submit(&stranger, &asked, &[("code", guess)]).await;
        assert!((400..500).contains(&answer.status), "{guess}: {}", answer.status);
        assert!(!answer.body.contains("name=\"password\""), "{guess}");
    }
    // Neither by what comes after the question, nor by the other face, nor by other flows.
    let skipped = [
        ("email", "m@evil.example"),
        ("password", "a long password"),
        ("password_repeat", "a long password"),
    ];
    let asked = stranger.visit(SETUP).await;
    let answer = submit(&stranger, &asked, &skipped).await;
    assert!(answer.sets_cookie(SESSION).is_none() && answer.status != 303, "{}", answer.status);
    let path = "/api/v3/flows/executor/initial-setup/";
    let request = stranger.request(reqwest::Method::POST, &stranger.address(path));
    let body = serde_json::json!({ "component": "ak-stage-prompt", "email": "m@evil.example",
        "password": "a long password", "password_repeat": "a long password" });
    let answer = stranger.send(request.json(&body)).await;
    assert!(answer.sets_cookie(SESSION).is_none() && answer.status != 200, "{}", answer.body);
    for flow in ["default-password-change", "default-user-settings-flow", "default-enrollment-flow"] {
        let page = stranger.get(&format!("/if/flow/{flow}/")).await;
        assert!(page.sets_cookie(SESSION).is_none());
    }
    app.verify().await;
}

#[tokio::test]
async fn the_code_is_not_guessed_in_a_storm() {
    let app = TestApp::start_with(Backend::Sqlite, |config| config.throttle.sign_in_per_address = None).await;
    let app = app.unwrap();
    let mut storm = tokio::task::JoinSet::new();
    for _ in 0..30 {
        let stranger = app.anonymous().from_afar("203.0.113.9");
        storm.spawn(async move {
            let asked = stranger.get(SETUP).await;
            submit(&stranger, &asked, &[("code", "AAAA-AAAA-AAAA")]).await
        });
    }
    let told = storm.join_all().await;
    let told = told.iter().filter(|page| !page.body.contains("Too many attempts")).count();
    assert!(told <= 6, "{told} guesses were answered");
    let late = app.anonymous().from_afar("198.51.100.1");
    let asked = late.get(SETUP).await;
    let answer = submit(&late, &asked, &[("code", app.setup_code().unwrap())]).await;
    assert_eq!(answer.status, 422, "the right code counts while the gate is closed");
    app.verify().await;
}

/// CVE-2023-46249.
#[tokio::test]
async fn deleting_akadmin_does_not_open_the_set_up_again() {
    let app = TestApp::start(Backend::Sqlite).await.unwrap();
    let owner = app.finish_setup().await;
    let code = app.setup_code().unwrap().to_owned();
    for change in ["state: absent", "attrs: { name: Returned }"] {
        app.apply(&format!(
            "version: 1\nmetadata: {{ name: '{change}' }}\nentries:\n  - model: authentik_core.user\n    \
             identifiers: {{ username: akadmin }}\n    {change}\n"
        ))
        .await;
        for somebody in [app.anonymous(), app.anonymous().from_afar("203.0.113.9"), owner.clone()] {
            let page = somebody.visit(SETUP).await;
            assert_eq!(page.status, 403, "{change}: {}", page.body);
            assert!(!page.body.contains("name=\"code\"") && !page.body.contains("name=\"password\""));
            let page = somebody.post(SETUP, &[("code", &code), ("plan", "x")]).await;
            assert!((400..500).contains(&page.status), "{}", page.status);
            assert_ne!(somebody.visit("/").await.path(), SETUP);
        }
    }
    app.verify().await;
}

#[tokio::test]
async fn of_two_owners_at_once_one_wins() {
    let app = TestApp::start(Backend::Sqlite).await.unwrap();
    let (one, other) = (app.anonymous(), app.anonymous());
    let (asked_one, asked_other) = (one.visit("/").await, other.visit("/").await);
    let fields =
        |password| [("email", "a@example.com"), ("password", password), ("password_repeat", password)];
    let (first, second) = (fields("the password of one"), fields("the password of another"));
    let (one, other) = tokio::join!(submit(&one, &asked_one, &first), submit(&other, &asked_other, &second));
    let sessions = [&one, &other].iter().filter(|page| page.sets_cookie(SESSION).is_some()).count();
    assert_eq!(sessions, 1, "{} {}", one.status, other.status);
    app.verify().await;
}

/// CVE-2022-46145 and CVE-2022-46172.
#[tokio::test]
async fn flows_that_write_users_write_nobody_else() {
    let app = crate::world::own_house().await;
    let count = async || app.store().read(countersign_store::users::count).await.unwrap();
    let (member, _) = app.user("member").await;
    let before = count().await;
    let fields = [
        ("username", "made-by-mallory"),
        ("name", "Made"),
        ("email", "made@evil.example"),
        ("password", "a long password"),
        ("password_repeat", "a long password"),
    ];
    // Nobody runs the settings of somebody; a member makes no users there.
    for (person, flows) in [
        (app.anonymous(), &["default-user-settings-flow", "default-password-change"][..]),
        (member.clone(), &["default-user-settings-flow", "default-enrollment-flow"][..]),
    ] {
        for flow in flows {
            let path = format!("/if/flow/{flow}/");
            let asked = person.get(&path).await;
            if asked.status == 200 {
                submit(&person, &asked, &fields).await;
            }
            person.post(&path, &fields).await;
            let api = format!("/api/v3/flows/executor/{flow}/");
            let mut body = serde_json::json!({ "component": "ak-stage-prompt" });
            for (name, value) in fields {
                body[name] = value.into();
            }
            let request = person.request(reqwest::Method::POST, &person.address(&api));
            person.send(request.json(&body)).await;
        }
    }
    assert_eq!(count().await, before);
    let names = app.store().read(|tx| countersign_store::users::by_username(tx, "made-by-mallory")).await;
    assert!(names.unwrap().is_none());
    app.verify().await;
}

#[tokio::test]
async fn a_member_does_not_become_an_administrator_by_extra_fields() {
    let app = crate::world::own_house().await;
    let (member, _) = app.user("climber").await;
    let path = "/if/flow/default-user-settings-flow/";
    let asked = member.visit(path).await;
    let mut fields = vec![
        ("username", "climber"),
        ("name", "Climber"),
        ("email", "climber@example.com"),
        ("attributes.settings.locale", ""),
    ];
    fields.extend([
        ("is_superuser", "true"),
        ("groups", "authentik Admins"),
        ("is_active", "false"),
        ("type", "internal_service_account"),
        ("path", "/goauthentik.io"),
        ("pk", "1"),
        ("attributes.goauthentik.io/user/can-change-username", "true"),
        ("attributes", "{}"),
        ("pending_user", "akadmin"),
        ("password", "another password"),
    ]);
    submit(&member, &asked, &fields).await;
    assert_eq!(member.get("/if/admin/").await.status, 403);
    let user = app
        .store()
        .read(|tx| countersign_store::users::by_username(tx, "climber"))
        .await
        .unwrap()
        .expect("still there");
    assert!(user.is_active && !user.attributes.contains_key("goauthentik.io/user/can-change-username"));
    assert_eq!(user.path, "users");
    assert_ne!(user.pk, 1);
    app.verify().await;
}

#[tokio::test]
async fn a_recovery_link_is_good_once_and_for_its_user() {
    let app = crate::world::own_house().await;
    app.user("lost").await;
    let (token, key) = countersign_crypto::new_token(&countersign_crypto::SystemRng);
    let link = app
        .store()
        .write(move |tx| {
            let user = countersign_store::users::by_username(tx, "lost")?.expect("the user");
            let row = countersign_store::testing::samples::token(7, user.id, tx.now());
            let row = countersign_model::Token {
                key,
                intent: countersign_model::TokenIntent::Recovery,
                expires: Some(tx.now().plus(countersign_types::Span::from_mins(30))),
                ..row
            };
            countersign_store::tokens::create(tx, &row)
        })
        .await
        .map(|_| format!("/recovery/use-token/{}/", token.expose()))
        .unwrap();
    app.plant(token.expose());
    // Looking at it, as mail scanners do, does not use it up; another site cannot make a browser use it.
    for _ in 0..3 {
        assert_eq!(app.anonymous().get(&link).await.status, 200);
    }
    let lured = app.anonymous().with_header("sec-fetch-site", "cross-site");
    lured.get(&link).await;
    assert!((400..500).contains(&lured.post(&link, &[]).await.status));
    let mut race = tokio::task::JoinSet::new();
    for _ in 0..10 {
        let (somebody, link) = (app.anonymous(), link.clone());
        race.spawn(async move {
            let page = somebody.get(&link).await;
            submit(&somebody, &page, &[]).await
        });
    }
    let answers = race.join_all().await;
    let won: Vec<_> = answers.iter().filter_map(|page| page.sets_cookie(SESSION)).collect();
    assert_eq!(won.len(), 1);
    let page = app.anonymous().with_cookie(SESSION, &won[0]).get("/if/user/").await;
    assert!(page.body.contains("Name of lost"), "{}", page.body);
    app.verify().await;
}

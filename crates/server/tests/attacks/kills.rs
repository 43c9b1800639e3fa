//! What ends when somebody is signed out, suspended, deleted or given another password: everything, on every
//! path, within a second.

use std::time::{Duration, Instant};

use countersign_testkit::{Page, Person, TestApp, on_both_databases};
use reqwest::Method;

use crate::world::{
    Tokens, applications, call, code, house, is_active, redeem, sign_in, submit, tokens, userinfo,
};

/// What somebody holds.
struct Holdings {
    person: Person,
    cookie: String,
    tokens: Tokens,
    code: String,
}

async fn holdings(app: &TestApp, name: &str, scope: &str) -> (Holdings, String) {
    let (_, password) = app.user(name).await;
    let (person, cookie) = sign_in(app, name, &password).await;
    let tokens = tokens(app, &person, scope).await;
    assert_eq!(userinfo(app, &tokens.access).await, 200);
    assert!(is_active(app, &tokens.access).await);
    let code = code(&person, scope).await;
    (Holdings { person, cookie, tokens, code }, password)
}

fn leads_to_sign_in(page: &Page) -> bool {
    page.leads_to().is_some_and(|to| to.path().contains("authentication"))
}

async fn refresh(app: &TestApp, token: &str) -> Page {
    let fields = [("grant_type", "refresh_token"), ("refresh_token", token)];
    call(app, "/application/o/token/", &fields).await
}

/// Nothing of what somebody held opens anything.
async fn all_is_dead(app: &TestApp, held: &Holdings, since: Instant) {
    let thief = app.anonymous().with_cookie(crate::world::SESSION, &held.cookie);
    for (who, person) in [("the person", &held.person), ("a thief", &thief)] {
        for path in ["/if/user/", "/if/user/settings/", "/application/launch/shop/", "/if/admin/"] {
            let page = person.get(path).await;
            assert!(leads_to_sign_in(&page), "{who} at {path}: {}", page.status);
        }
        let page = person.get(&crate::world::authorize(&[])).await;
        assert!(page.parameter("code").is_none() && leads_to_sign_in(&page), "{who}: {:?}", page.leads_to());
        let page = person.get(&crate::world::authorize(&[("prompt", "none")])).await;
        assert_eq!(page.parameter("error").as_deref(), Some("login_required"), "{who}");
        let page = person.visit("/if/flow/default-user-settings-flow/").await;
        assert!(page.path().contains("authentication"), "{who}: {}", page.url);
        let page = person.get("/api/v3/flows/executor/default-user-settings-flow/").await;
        assert!(!page.body.contains("prompt"), "{who}: {}", page.body);
    }
    assert_eq!(userinfo(app, &held.tokens.access).await, 401);
    assert!(!is_active(app, &held.tokens.access).await);
    let answer = redeem(app, &held.code).await;
    assert_eq!((answer.status, answer.json()["error"].as_str()), (400, Some("invalid_grant")));
    if let Some(token) = &held.tokens.refresh {
        let answer = refresh(app, token).await;
        assert_eq!((answer.status, answer.json()["error"].as_str()), (400, Some("invalid_grant")));
        assert!(!is_active(app, token).await);
    }
    // In a debug build on a busy machine the questions themselves take their time.
    assert!(since.elapsed() < Duration::from_secs(5), "{:?}", since.elapsed());
}

async fn change(app: &TestApp, name: &str, attrs: &str) {
    let blueprint = format!(
        "version: 1\nmetadata: {{ name: change of {name} }}\nentries:\n  - model: authentik_core.user\n    \
         identifiers: {{ username: {name} }}\n    {attrs}\n"
    );
    app.apply(&blueprint).await;
}

/// Tokens that open something by themselves: one for the API, one in the place of a password, one to get back in.
async fn bearer_tokens(app: &TestApp, name: &str) -> [String; 3] {
    let keys = [(); 3].map(|()| app.new_password());
    let entries: String = ["api", "app_password", "recovery"]
        .iter()
        .zip(&keys)
        .map(|(intent, key)| {
            format!(
                "  - model: authentik_core.token\n    identifiers: {{ identifier: {name}-{intent} }}\n    attrs: {{ \
                 user: !Find [authentik_core.user, [username, {name}]], intent: {intent}, key: {key} }}\n"
            )
        })
        .collect();
    let stage = "  - model: authentik_stages_password.passwordstage\n    identifiers: { name: \
                 default-authentication-password }\n    attrs: { backends: [authentik.core.auth.InbuiltBackend, \
                 authentik.core.auth.TokenBackend] }\n";
    app.apply(&format!("version: 1\nmetadata: {{ name: tokens of {name} }}\nentries:\n{stage}{entries}"))
        .await;
    keys
}

/// What the API says to a token.
async fn api_says(app: &TestApp, token: &str) -> u16 {
    let somebody = app.anonymous();
    let request = somebody.request(Method::GET, &somebody.address("/api/v3/core/users/me/"));
    somebody.send(request.bearer_auth(token)).await.status
}

/// Whether a link that gets people back in signs anybody in.
async fn link_opens(app: &TestApp, key: &str) -> bool {
    let somebody = app.anonymous();
    let page = somebody.visit(&format!("/recovery/use-token/{key}/")).await;
    page.status == 200 && somebody.answer(&page, &[]).await.path().starts_with("/if/user/")
}

on_both_databases! {
    async fn a_suspended_user_has_nothing_left(app: TestApp) {
        app.apply(&applications()).await;
        let (held, password) = holdings(app, "suspended", "openid offline_access").await;
        let [api, instead, link] = bearer_tokens(app, "suspended").await;
        assert_eq!(api_says(app, &api).await, 200);
        app.sign_in("suspended", &instead).await;
        let now = Instant::now();
        change(app, "suspended", "attrs: { is_active: false }").await;
        all_is_dead(app, &held, now).await;
        assert_eq!(api_says(app, &api).await, 401);
        for password in [&password, &instead] {
            assert_eq!(app.anonymous().sign_in_at("/", "suspended", password).await.status, 422);
        }
        assert!(!link_opens(app, &link).await);
        // Being let in again does not bring back what was taken away.
        change(app, "suspended", "attrs: { is_active: true }").await;
        assert_eq!(refresh(app, held.tokens.refresh.as_deref().unwrap()).await.status, 400);
        assert_eq!(userinfo(app, &held.tokens.access).await, 401);
        assert!(leads_to_sign_in(&held.person.get("/if/user/").await));
        assert!(!link_opens(app, &link).await);
    }

    async fn a_deleted_user_has_nothing_left(app: TestApp) {
        app.apply(&applications()).await;
        let (held, password) = holdings(app, "deleted", "openid offline_access").await;
        let [api, instead, link] = bearer_tokens(app, "deleted").await;
        assert_eq!(api_says(app, &api).await, 200);
        app.sign_in("deleted", &instead).await;
        let now = Instant::now();
        change(app, "deleted", "state: absent").await;
        all_is_dead(app, &held, now).await;
        // Neither is there anything for somebody else who takes the name.
        change(app, "deleted", "attrs: { name: Another }").await;
        all_is_dead(app, &held, Instant::now()).await;
        assert_eq!(api_says(app, &api).await, 401);
        for password in [&password, &instead] {
            assert_eq!(app.anonymous().sign_in_at("/", "deleted", password).await.status, 422);
        }
        assert!(!link_opens(app, &link).await);
    }
}

#[tokio::test]
async fn a_user_who_signed_out_has_nothing_left() {
    let app = house().await;
    let (held, _) = holdings(&app, "leaving", "openid").await;
    let library = held.person.get("/if/user/").await;
    let now = Instant::now();
    let form = library.form("invalidation");
    let farewell = held.person.submit(&form, &[]).await;
    assert_eq!(farewell.path(), "/if/session-end/", "{}", farewell.body);
    all_is_dead(&app, &held, now).await;
}

#[tokio::test]
async fn a_session_ended_from_another_browser_has_nothing_left() {
    let app = house().await;
    let (held, password) = holdings(&app, "remote", "openid").await;
    let (elsewhere, _) = sign_in(&app, "remote", &password).await;
    let settings = elsewhere.get("/if/user/settings/").await;
    let now = Instant::now();
    elsewhere.submit(&settings.form("end-others"), &[]).await;
    all_is_dead(&app, &held, now).await;
    assert!(crate::world::is_signed_in(&elsewhere).await);
}

#[tokio::test]
async fn a_thief_is_out_when_the_password_is_changed() {
    let app = house().await;
    let (held, password) = holdings(&app, "robbed", "openid").await;
    let (owner, _) = sign_in(&app, "robbed", &password).await;
    let asked = owner.visit("/if/flow/default-password-change/").await;
    let new = app.new_password();
    let now = Instant::now();
    let answer = submit(&owner, &asked, &[("password", &new), ("password_repeat", &new)]).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    all_is_dead(&app, &held, now).await;
    assert!(crate::world::is_signed_in(&owner).await);
    assert_eq!(app.anonymous().sign_in_at("/", "robbed", &password).await.status, 422);
    app.sign_in("robbed", &new).await;
}

#[tokio::test]
async fn a_password_set_by_the_administrator_ends_everything() {
    let app = house().await;
    let (held, _) = holdings(&app, "reset", "openid").await;
    let new = app.new_password();
    let now = Instant::now();
    change(&app, "reset", &format!("attrs: {{ password: {new} }}")).await;
    all_is_dead(&app, &held, now).await;
}

#[tokio::test]
async fn an_access_token_of_one_application_is_nothing_to_another() {
    let app = house().await;
    let (held, _) = holdings(&app, "between", "openid offline_access").await;
    let call = |path: &'static str, name: &'static str, token: String| {
        let app = app.clone();
        async move {
            crate::world::call_as(&app, "mill", crate::world::OTHER_SECRET, path, &[(name, &token)]).await
        }
    };
    let (access, refresh_token) = (held.tokens.access.clone(), held.tokens.refresh.clone().unwrap());
    for token in [access.clone(), refresh_token.clone()] {
        let answer = call("/application/o/introspect/", "token", token.clone()).await;
        assert_eq!(answer.json(), serde_json::json!({ "active": false }));
        let answer = call("/application/o/revoke/", "token", token).await;
        assert!(answer.status == 200 || answer.status == 400, "{}", answer.status);
    }
    assert_eq!(userinfo(&app, &access).await, 200, "somebody else's revocation counted");
    assert_eq!(userinfo(&app, &held.tokens.id).await, 401, "an ID token is no access token");
    assert_eq!(userinfo(&app, &refresh_token).await, 401);
    assert_eq!(userinfo(&app, &held.code).await, 401);
}

//! A house with applications, for attackers to choose from.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use countersign_testkit::{Backend, Page, Person, TestApp};
use reqwest::Method;
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::Mutex,
    time::timeout,
};
use url::Url;

pub(crate) const SIGN_IN: &str = "/if/flow/default-authentication-flow/";
pub(crate) const SESSION: &str = "countersign_session";
pub(crate) const CALLBACK: &str = "http://localhost:8000/callback";
pub(crate) const GOODBYE: &str = "http://localhost:8000/goodbye";
pub(crate) const SECRET: &str = "the-secret-of-the-shop-which-nobody-may-read-0123456789";
pub(crate) const OTHER_SECRET: &str = "the-secret-of-the-mill-which-nobody-may-read-0123456789";
/// RFC 7636 appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// Two applications: the shop, which people are signed in to at once, and the mill, which asks for consent.
pub(crate) fn applications() -> String {
    let application = |slug: &str, consent: &str, secret: &str| {
        format!(
            "
  - model: authentik_providers_oauth2.oauth2provider
    id: {slug}
    identifiers: {{ name: {slug} }}
    attrs:
      authorization_flow: !Find [authentik_flows.flow, [slug, default-provider-authorization-{consent}-consent]]
      invalidation_flow: !Find [authentik_flows.flow, [slug, default-invalidation-flow]]
      client_type: confidential
      client_id: {slug}
      client_secret: {secret}
      grant_types: [authorization_code, refresh_token, client_credentials]
      redirect_uris:
        - {{ matching_mode: strict, url: '{CALLBACK}', redirect_uri_type: authorization }}
        - {{ matching_mode: strict, url: '{GOODBYE}', redirect_uri_type: logout }}
      property_mappings:
        - !Find [authentik_providers_oauth2.scopemapping, [managed, goauthentik.io/providers/oauth2/scope-openid]]
        - !Find [authentik_providers_oauth2.scopemapping, [managed, goauthentik.io/providers/oauth2/scope-profile]]
        - !Find [authentik_providers_oauth2.scopemapping, [managed, goauthentik.io/providers/oauth2/scope-offline_access]]
  - model: authentik_core.application
    identifiers: {{ slug: {slug} }}
    attrs: {{ name: The {slug}, provider: !KeyOf {slug}, meta_launch_url: 'http://localhost:8000/' }}"
        )
    };
    format!(
        "version: 1\nmetadata: {{ name: attacked applications }}\nentries:{}{}\n",
        application("shop", "implicit", SECRET),
        application("mill", "explicit", OTHER_SECRET)
    )
}

/// A house of its own, set up, with the applications. Nobody is throttled by address.
pub(crate) async fn own_house() -> TestApp {
    let app = TestApp::start_with(Backend::Sqlite, |config| config.throttle.sign_in_per_address = None).await;
    let app = app.expect("an embedded database");
    app.finish_setup().await;
    app.apply(&applications()).await;
    app
}

/// The house that attacks share which change nothing for others. It stands as long as somebody is in it.
pub(crate) async fn house() -> Arc<TestApp> {
    static SHARED: Mutex<Weak<TestApp>> = Mutex::const_new(Weak::new());
    let mut shared = SHARED.lock().await;
    if let Some(app) = shared.upgrade() {
        return app;
    }
    let app = Arc::new(own_house().await);
    *shared = Arc::downgrade(&app);
    app
}

/// The query of an authorization request, with parameters changed or added.
pub(crate) fn authorize(changes: &[(&str, &str)]) -> String {
    let mut pairs = vec![
        ("client_id", "shop"),
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid profile"),
        ("state", "af0ifjsldkj"),
        ("nonce", "n-0S6_WzA2Mj"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    for (name, value) in changes {
        match pairs.iter_mut().find(|(known, _)| known == name) {
            Some(pair) => pair.1 = value,
            None => pairs.push((name, value)),
        }
    }
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    format!("/application/o/authorize/?{query}")
}

/// Tokens of the shop.
pub(crate) struct Tokens {
    pub(crate) access: String,
    pub(crate) refresh: Option<String>,
    pub(crate) id: String,
}

/// A code of the shop for somebody who is signed in.
pub(crate) async fn code(person: &Person, scope: &str) -> String {
    let answer = person.visit(&authorize(&[("scope", scope)])).await;
    answer.parameter("code").unwrap_or_else(|| panic!("no code: {} {}", answer.url, answer.body))
}

/// A call of an application that proves who it is.
pub(crate) async fn call(app: &TestApp, path: &str, fields: &[(&str, &str)]) -> Page {
    call_as(app, "shop", SECRET, path, fields).await
}

pub(crate) async fn call_as(
    app: &TestApp,
    id: &str,
    secret: &str,
    path: &str,
    fields: &[(&str, &str)],
) -> Page {
    let somebody = app.anonymous();
    let basic = format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
    let request = somebody.request(Method::POST, &somebody.address(path)).header("authorization", basic);
    somebody.send(request.form(fields)).await
}

/// Redeems a code of the shop.
pub(crate) async fn redeem(app: &TestApp, code: &str) -> Page {
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    call(app, "/application/o/token/", &fields).await
}

/// Tokens of the shop for somebody who is signed in.
pub(crate) async fn tokens(app: &TestApp, person: &Person, scope: &str) -> Tokens {
    let code = code(person, scope).await;
    let answer = redeem(app, &code).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let body = answer.json();
    let text = |name: &str| body[name].as_str().map(str::to_owned);
    let found = Tokens {
        access: text("access_token").unwrap(),
        refresh: text("refresh_token"),
        id: text("id_token").unwrap(),
    };
    app.plant(&code);
    app.plant(&found.access);
    app.plant(found.refresh.as_deref().unwrap_or_default());
    found
}

/// Whether userinfo takes a token.
pub(crate) async fn userinfo(app: &TestApp, token: &str) -> u16 {
    let somebody = app.anonymous();
    let request = somebody.request(Method::GET, &somebody.address("/application/o/userinfo/"));
    somebody.send(request.bearer_auth(token)).await.status
}

/// Whether introspection calls a token active.
pub(crate) async fn is_active(app: &TestApp, token: &str) -> bool {
    let answer = call(app, "/application/o/introspect/", &[("token", token)]).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()["active"] == Value::Bool(true)
}

/// Whether a person is signed in.
pub(crate) async fn is_signed_in(person: &Person) -> bool {
    person.get("/if/user/").await.status == 200
}

/// Signs in and returns the session cookie besides.
pub(crate) async fn sign_in(app: &TestApp, username: &str, password: &str) -> (Person, String) {
    let person = app.anonymous();
    let asked = person.visit(SIGN_IN).await;
    let asked = person.answer(&asked, &[("uid_field", username)]).await;
    let answer = submit(&person, &asked, &[("password", password)]).await;
    let cookie = answer.sets_cookie(SESSION);
    let cookie = cookie.unwrap_or_else(|| panic!("not signed in: {} {}", answer.status, answer.body));
    app.plant(&cookie);
    (person, cookie)
}

/// Sends the first form of a page with these fields, and follows nothing.
pub(crate) async fn submit(person: &Person, page: &Page, fields: &[(&str, &str)]) -> Page {
    let form = page.form("");
    let hidden = form.hidden.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let all: Vec<(&str, &str)> = hidden.chain(fields.iter().copied()).collect();
    let request = person.request(Method::POST, &form.action);
    person.send(request.form(&all)).await
}

/// A value in an address.
pub(crate) fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Sends bytes on a connection of their own and reads until the server closes it, or stays silent.
pub(crate) async fn raw(base: &Url, bytes: &[u8]) -> String {
    let address = ("127.0.0.1", base.port().unwrap());
    let mut stream = TcpStream::connect(address).await.unwrap();
    // A server that refuses what it reads may close before everything is sent.
    drop(stream.write_all(bytes).await);
    let (mut answer, mut part) = (Vec::new(), vec![0; 64 * 1024]);
    while let Ok(Ok(read @ 1..)) = timeout(Duration::from_millis(400), stream.read(&mut part)).await {
        answer.extend_from_slice(&part[..read]);
    }
    String::from_utf8_lossy(&answer).into_owned()
}

/// Every address that the server has, with somebody and something put in the place of what varies.
pub(crate) const ADDRESSES: [&str; 52] = [
    "/",
    "/robots.txt",
    "/favicon.ico",
    "/-/health/live",
    "/-/health/live/",
    "/-/health/ready",
    "/-/health/ready/",
    "/static/css/app.css",
    "/if/flow/default-authentication-flow/",
    "/if/flow/default-authentication-flow",
    "/if/flow/default-user-settings-flow/",
    "/if/flow/default-password-change/",
    "/if/flow/default-invalidation-flow/",
    "/if/flow/default-enrollment-flow/",
    "/if/flow/initial-setup/",
    "/if/flow/nothing/",
    "/api/v3/flows/executor/default-authentication-flow/",
    "/api/v3/flows/executor/default-user-settings-flow/",
    "/api/v3/flows/executor/nothing/",
    "/flows/-/default/authentication/",
    "/flows/-/default/invalidation/",
    "/flows/-/cancel/",
    "/flows/-/configure/00000000-0000-0000-0000-000000000000/",
    "/if/user/",
    "/if/user/settings/",
    "/if/user/settings/preferences/",
    "/if/user/settings/sessions/end-others/",
    "/if/user/settings/sessions/00000000-0000-0000-0000-000000000000/end/",
    "/if/user/settings/consents/00000000-0000-0000-0000-000000000000/revoke/",
    "/if/user/notifications/",
    "/if/user/notifications/seen/",
    "/if/user/notifications/00000000-0000-0000-0000-000000000000/seen/",
    "/if/user/notifications/00000000-0000-0000-0000-000000000000/delete/",
    "/application/launch/shop/",
    "/application/launch/nothing/",
    "/if/session-end/",
    "/if/session-end/shop/",
    "/recovery/use-token/nothing/",
    "/if/admin/",
    "/if/admin/diagnostics/",
    "/application/o/authorize/",
    "/application/o/authorize",
    "/application/o/deliver/",
    "/application/o/token/",
    "/application/o/userinfo/",
    "/application/o/introspect/",
    "/application/o/revoke/",
    "/application/o/shop/.well-known/openid-configuration",
    "/.well-known/oauth-authorization-server/application/o/shop/",
    "/application/o/shop/jwks/",
    "/application/o/shop/end-session/",
    "/nothing/at/all",
];

/// Runs the program on the database of a house. Returns whether it succeeded, and all that it said.
pub(crate) async fn command(app: &TestApp, arguments: &[&str], more: &[(&str, &str)]) -> (bool, String) {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_countersign"));
    command.args(arguments).envs(app.variables()).envs(more.iter().copied());
    let output = command.output().await.unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

/// Puts a blueprint into a file of its own and lets the program apply it.
pub(crate) async fn apply_file(app: &TestApp, text: &str, more: &[(&str, &str)]) -> (bool, String) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("blueprint.yaml");
    std::fs::write(&file, text).unwrap();
    command(app, &["blueprint", "apply", file.to_str().unwrap()], more).await
}

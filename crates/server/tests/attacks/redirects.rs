//! Open redirects: every way in which an address of somebody else's could become a `Location` of ours.

use countersign_testkit::Page;

use crate::world::{CALLBACK, GOODBYE, SIGN_IN, authorize, encoded, house, sign_in, submit, tokens};

/// Addresses that are not ours, as open redirectors were made to take them.
const ELSEWHERE: [&str; 26] = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\\\evil.example/",
    "/\t/evil.example/",
    "/%09/evil.example/",
    "/%2f/evil.example/",
    "/%5cevil.example/",
    "https:evil.example",
    "https:/evil.example",
    "http://localhost@evil.example/",
    "http://localhost:9000@evil.example/",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    " https://evil.example/",
    "\u{0}https://evil.example/",
    "/\r\nLocation: https://evil.example/",
    "/if/user/\r\nSet-Cookie: a=b",
    "/.//evil.example",
    "/if/..//evil.example/",
    "?next=//evil.example",
    "\u{2044}\u{2044}evil.example",
    "/\u{ff0f}evil.example",
];

fn stays(page: &Page, from: &str) {
    if let Some(location) = page.header("location") {
        let path = location.split(['?', '#']).next().unwrap();
        let is_ours = path.starts_with('/') && !path.starts_with("//") && !path.contains('\\');
        assert!(is_ours, "{from:?} leads to {location}");
    }
    assert!(page.header("set-cookie").is_none_or(|line| !line.starts_with("a=")), "{from:?}");
    assert!(page.status < 500, "{from:?}: {}", page.status);
    assert!(page.header("refresh").is_none());
}

#[tokio::test]
async fn next_leads_nowhere_else() {
    let app = house().await;
    let (_, password) = app.user("led").await;
    let (member, _) = sign_in(&app, "led", &password).await;
    for elsewhere in ELSEWHERE {
        let next = encoded(elsewhere);
        // Somebody who is signed in already, and everything that takes `next` besides.
        for path in [
            format!("{SIGN_IN}?next={next}"),
            format!("/flows/-/default/authentication/?next={next}"),
            format!("/flows/-/default/invalidation/?next={next}"),
            format!("/flows/-/cancel/?next={next}"),
            format!("/if/flow/default-user-settings-flow/?next={next}"),
            format!("/if/session-end/?next={next}"),
            format!("/?next={next}"),
            format!("/if/user/?next={next}&return={next}&url={next}&redirect={next}"),
        ] {
            stays(&member.get(&path).await, &path);
            stays(&app.anonymous().get(&path).await, &path);
        }
        let api = format!(
            "/api/v3/flows/executor/default-authentication-flow/?query={}",
            encoded(&format!("next={next}"))
        );
        let page = app.anonymous().get(&api).await;
        assert!(page.status < 500 && !page.body.contains("//evil.example\""), "{}", page.body);
    }
    // A whole sign-in with a few of them.
    for elsewhere in ["https://evil.example/", "//evil.example/", "/\\evil.example/"] {
        let person = app.anonymous();
        let asked = person.visit(&format!("{SIGN_IN}?next={}", encoded(elsewhere))).await;
        let asked = person.answer(&asked, &[("uid_field", "led")]).await;
        let done = submit(&person, &asked, &[("password", &password)]).await;
        assert_eq!(done.status, 303, "{}", done.body);
        stays(&done, elsewhere);
    }
}

#[tokio::test]
async fn redirect_uri_leads_nowhere_else() {
    let app = house().await;
    let (member, _) = app.user("redirected").await;
    let variants = [
        "http://localhost:8000/callback/",
        "http://localhost:8000/callback?x=1",
        "http://localhost:8000/callback#x",
        "http://localhost:8000/CALLBACK",
        "http://localhost:8000/call%62ack",
        "http://localhost:8000/./callback",
        "http://localhost:8000/x/../callback",
        "http://localhost:8000//callback",
        "http://localhost:8000/callback/../evil",
        "http://LOCALHOST:8000/callback",
        "http://localhost.:8000/callback",
        "http://localhost:8000@evil.example/callback",
        "http://evil.example/?http://localhost:8000/callback",
        "https://localhost:8000/callback",
        "http://localhost:8000/callback\u{0}",
        "http://localhost:8000/callback%00",
        "http://localhost:8000/callback ",
        " http://localhost:8000/callback",
        "http://localhost:8000/callback\\@evil.example",
        GOODBYE,
    ];
    for uri in variants.into_iter().chain(ELSEWHERE) {
        for prompt in ["", "none"] {
            let page = member.get(&authorize(&[("redirect_uri", uri), ("prompt", prompt)])).await;
            assert_eq!(page.status, 400, "{uri:?}");
            assert!(page.header("location").is_none(), "{uri:?}");
        }
    }
    // Without any it is the one that is registered.
    for uri in [CALLBACK, ""] {
        let page = member.visit(&authorize(&[("redirect_uri", uri)])).await;
        assert!(page.header("location").unwrap().starts_with(CALLBACK), "{uri:?}");
    }
}

#[tokio::test]
async fn post_logout_redirect_uri_leads_nowhere_else() {
    let app = house().await;
    let (member, _) = app.user("loggedout").await;
    let hint = tokens(&app, &member, "openid").await.id;
    for uri in ELSEWHERE.into_iter().chain([
        CALLBACK,
        "http://localhost:8000/goodbye/",
        "http://localhost:8000/goodbye?x=1",
    ]) {
        let query = format!("post_logout_redirect_uri={}&id_token_hint={hint}", encoded(uri));
        for somebody in [member.clone(), app.anonymous()] {
            let page = somebody.get(&format!("/application/o/shop/end-session/?{query}")).await;
            assert_eq!(page.status, 400, "{uri:?}");
            assert!(page.header("location").is_none(), "{uri:?}");
        }
    }
    assert!(crate::world::is_signed_in(&member).await);
}

#[tokio::test]
async fn a_launch_address_is_neither_a_script_nor_moved_by_a_name() {
    let app = crate::world::own_house().await;
    for (slug, url) in [
        ("script", "javascript:alert(1)"),
        ("data", "data:text/html,x"),
        ("relative", "//evil.example/"),
        ("formatted", "https://app.example/u/%(username)s?p=%(password)s&h=%(attributes)s&e=%(email)s"),
    ] {
        let text = format!(
            "version: 1\nmetadata: {{ name: {slug} }}\nentries:\n  - model: authentik_core.application\n    \
             identifiers: {{ slug: {slug} }}\n    attrs: {{ name: {slug}, meta_launch_url: '{url}' }}\n"
        );
        // Some of them are refused already when they are saved.
        crate::world::apply_file(&app, &text, &[]).await;
    }
    let (member, _) = app.user("launcher").await;
    for slug in ["script", "data", "relative"] {
        let page = member.get(&format!("/application/launch/{slug}/")).await;
        assert_eq!(page.status, 404, "{slug}");
    }
    let page = member.get("/application/launch/formatted/").await;
    let to = page.header("location").unwrap_or_default();
    // What is not on the list is left as it stands: no hash, no attributes.
    assert!(to.starts_with("https://app.example/u/launcher?p=%(password)s&h=%(attributes)s&e="), "{to}");
    let library = member.get("/if/user/").await;
    assert!(!library.body.contains("javascript:") && !library.body.contains("//evil.example"));
}

#[tokio::test]
async fn nothing_is_redirected_to_an_unknown_client() {
    let app = house().await;
    let (member, _) = app.user("unknownclient").await;
    for client in ["nobody", "", "shop\u{0}", "SHOP", "shop ", "' or 1=1 --", "mill%00"] {
        let page = member.get(&authorize(&[("client_id", client)])).await;
        assert_eq!(page.status, 400, "{client:?}");
        assert!(page.header("location").is_none());
    }
}

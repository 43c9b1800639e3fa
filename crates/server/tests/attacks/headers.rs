//! What every answer carries, whatever the address and whoever asks.

use countersign_testkit::Page;
use reqwest::Method;

use crate::world::{ADDRESSES, authorize, house};

fn is_locked_down(page: &Page, path: &str) {
    let policy = page.header("content-security-policy").unwrap_or_else(|| panic!("{path}: no policy"));
    assert!(policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
    assert!(policy.contains("default-src 'none'"), "{path}: {policy}");
    for forbidden in ["unsafe-inline", "unsafe-eval", " *", "http:"] {
        assert!(!policy.contains(forbidden), "{path}: {policy}");
    }
    assert_eq!(page.header("x-frame-options"), Some("DENY"), "{path}");
    assert_eq!(page.header("x-content-type-options"), Some("nosniff"), "{path}");
    assert_eq!(page.header("cross-origin-opener-policy"), Some("same-origin"), "{path}");
    let referrer = page.header("referrer-policy").unwrap_or_default();
    assert!(matches!(referrer, "no-referrer" | "same-origin"), "{path}: {referrer}");
    assert!(page.header("x-request-id").is_some_and(|id| id.len() == 32), "{path}");
    for told in ["server", "x-powered-by", "via"] {
        assert!(page.header(told).is_none(), "{path} tells {told}");
    }
    let is_open = path.starts_with("/static/")
        || path.contains("well-known")
        || path.contains("jwks")
        || path == "/favicon.ico"
        || path == "/robots.txt";
    if !is_open {
        assert_eq!(page.header("cache-control"), Some("no-store"), "{path}");
    }
    if !page.body.is_empty() && !path.starts_with("/static/") {
        let kind = page.header("content-type").unwrap_or_else(|| panic!("{path}: no type"));
        assert!(
            kind.contains("charset=utf-8") || kind.contains("json") || kind.contains("svg"),
            "{path}: {kind}"
        );
    }
    if page.header("content-type").is_some_and(|kind| kind.starts_with("text/html")) {
        let scripts = page.body.matches("<script").count();
        let sourced = page.body.matches("<script src=\"/static/").count()
            + page.body.matches("<script defer src=\"/static/").count()
            + page.body.matches("<script type=\"module\" src=\"/static/").count();
        assert_eq!(scripts, sourced, "{path} has a script of its own");
        for inline in
            [" style=\"", " onclick=", " onload=", " onerror=", "javascript:", "<style", "src=\"http"]
        {
            assert!(!page.body.contains(inline), "{path} has {inline}");
        }
    }
}

#[tokio::test]
async fn clickjacking_sniffing_and_caching_are_shut_out_everywhere() {
    let app = house().await;
    let (member, _) = app.user("headers").await;
    let admin = app.admin().await;
    for path in ADDRESSES {
        for person in [&app.anonymous(), &member, &admin] {
            is_locked_down(&person.get(path).await, path);
            let page = person.send(person.request(Method::POST, &person.address(path))).await;
            is_locked_down(&page, path);
        }
    }
}

#[tokio::test]
async fn tokens_and_codes_are_kept_by_no_cache() {
    let app = house().await;
    let (member, _) = app.user("uncached").await;
    let page = member.get(&authorize(&[])).await;
    assert_eq!(page.header("cache-control"), Some("no-store"));
    let code = crate::world::code(&member, "openid").await;
    for code in [code.as_str(), "wrong"] {
        let answer = crate::world::redeem(&app, code).await;
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("pragma"), Some("no-cache"));
    }
}

#[tokio::test]
async fn no_other_site_reads_what_a_person_sees() {
    let app = house().await;
    let (member, _) = app.user("crossread").await;
    for path in ADDRESSES {
        for origin in ["https://evil.example", "null", "http://localhost:8000"] {
            let page = member.clone().with_header("origin", origin).get(path).await;
            assert!(page.header("access-control-allow-credentials").is_none(), "{path}");
            let allowed = page.header("access-control-allow-origin");
            let is_document = path.contains("well-known") || path.contains("jwks");
            assert!(
                allowed.is_none() || is_document || allowed == Some("http://localhost:8000"),
                "{path}: {allowed:?}"
            );
            if path.contains("authorize") || path.starts_with("/if/") {
                assert!(allowed.is_none(), "{path}");
            }
        }
    }
}

/// Every address whose answer depends on who asks is closed to somebody without rights.
#[tokio::test]
async fn no_address_opens_to_who_has_no_right() {
    let app = house().await;
    let (member, _) = app.user("rightless").await;
    for path in [
        "/if/user/",
        "/if/user/settings/",
        "/if/user/notifications/",
        "/application/launch/shop/",
        "/if/admin/",
        "/if/admin/diagnostics/",
    ] {
        let page = app.anonymous().get(path).await;
        assert!(
            page.leads_to().is_some_and(|to| to.path().contains("authentication")),
            "{path}: {}",
            page.status
        );
    }
    for path in ["/if/admin/", "/if/admin/diagnostics/"] {
        let page = member.get(path).await;
        assert_eq!(page.status, 403, "{path}");
        assert!(!page.body.to_lowercase().contains("x-forwarded"), "{path}");
    }
    for path in ["/metrics", "/-/metrics", "/-/metrics/", "/debug", "/api/v3/", "/.git/config", "/.env"] {
        let page = app.anonymous().get(path).await;
        assert_eq!(page.status, 404, "{path}");
    }
}

//! Forwarded headers and hosts.

use countersign_web::{CertificateSource, TrustedProxies, WebSettings};

use crate::world::{World, get};

/// CVE-2023-36456.
#[actix_web::test]
async fn a_stranger_cannot_claim_to_be_localhost() {
    let world = World::new();
    let spoofed = get("/facts")
        .header("x-forwarded-for", "127.0.0.1")
        .header("forwarded", "for=127.0.0.1;host=evil.example;proto=https")
        .header("x-real-ip", "127.0.0.1")
        .header("x-forwarded-host", "evil.example")
        .header("x-forwarded-proto", "https");
    let facts = world.ask(spoofed).await.json();
    assert_eq!(facts["client"], "203.0.113.9");
    assert_eq!(facts["base_url"], "http://auth.example.com");
    assert_eq!(facts["https"], false);
}

#[actix_web::test]
async fn a_trusted_proxy_is_believed() {
    let world = World::new();
    let proxied = get("/facts")
        .from("10.0.0.1")
        .header("host", "backend:9000")
        .header("x-forwarded-for", "127.0.0.1, 198.51.100.7")
        .header("x-forwarded-host", "Auth.Example.com")
        .header("x-forwarded-proto", "https");
    let facts = world.ask(proxied).await.json();
    assert_eq!(facts["client"], "198.51.100.7");
    assert_eq!(facts["host"], "auth.example.com");
    assert_eq!(facts["base_url"], "https://auth.example.com");
}

/// CVE-2024-47070.
#[actix_web::test]
async fn garbage_from_a_trusted_proxy_leaves_an_address() {
    let world = World::new();
    for garbage in ["x", ",,,", "198.51.100.7, x", "\"", "999.1.1.1"] {
        let facts = world.ask(get("/facts").from("10.0.0.1").header("x-forwarded-for", garbage)).await.json();
        // Not that of the proxy, which policies may favour.
        assert_eq!(facts["client"], "0.0.0.0", "{garbage}");
    }
}

/// Host-header injection: CVE-2025-57770 and its kin.
#[actix_web::test]
async fn a_configured_address_is_used_whatever_the_host_header_says() {
    let base_url = Some("https://sso.example.org/".parse().unwrap());
    let world = World::with(WebSettings { base_url, ..WebSettings::default() });
    let facts = world.ask(get("/facts").header("host", "evil.example")).await.json();
    assert_eq!(facts["base_url"], "https://sso.example.org");
}

/// CVE-2026-48794.
#[actix_web::test]
async fn a_host_is_canonical_and_a_malformed_one_is_refused() {
    let world = World::new();
    let facts = world.ask(get("/facts").header("host", "AUTH.example.COM.:9000")).await.json();
    assert_eq!(facts["host"], "auth.example.com");
    for bad in ["a b", "a/b", "user@a", "a..b", "[::1", "a:99999", "a\"b", "<a>"] {
        let answer = world.ask(get("/facts").header("host", bad)).await;
        assert_eq!(answer.status, 400, "{bad}");
        assert!(answer.text().contains("This request could not be read"), "{bad}");
    }
    assert_eq!(world.ask(get("/-/health/live/").header("host", "a b")).await.status, 200);
}

#[actix_web::test]
async fn diagnostics_show_both_sides() {
    let world = World::new();
    let seen = world.ask(get("/diagnostics").header("x-forwarded-for", "127.0.0.1")).await.json();
    assert_eq!(seen["peer_is_trusted"], false);
    assert_eq!(seen["client"], "203.0.113.9");
    assert_eq!(seen["trusted_proxies"][0], "10.0.0.0/8");
}

#[actix_web::test]
async fn a_request_has_facts_and_an_identifier() {
    let world = World::new();
    let answer = world
        .ask(
            get("/facts?locale=ko")
                .header("user-agent", &"x".repeat(5000))
                .header("sec-fetch-site", "cross-site"),
        )
        .await;
    let facts = answer.json();
    assert_eq!(facts["user_agent"], 256);
    assert_eq!(facts["locale"], "ko");
    assert_eq!(facts["cross_site"], true);
    assert_eq!(facts["request_id"], answer.header("x-request-id"));
    assert_eq!(answer.header("x-authentik-id"), answer.header("x-request-id"));
    assert_eq!(answer.header("x-request-id").len(), 32);
}

/// A certificate is no secret: who may write the header may be anybody.
#[actix_web::test]
async fn a_forged_certificate_header_from_anywhere_is_nobodys() {
    let world = |source| {
        World::with(WebSettings {
            trusted_proxies: TrustedProxies::new(vec!["10.0.0.0/8".parse().unwrap()]),
            client_certificates: source,
            ..WebSettings::default()
        })
    };
    let traefik = world(CertificateSource::Traefik);
    let sent = || get("/facts").header("x-forwarded-tls-client-cert", "MAMCAQE=");
    let has = |facts: serde_json::Value| facts["has_certificate"] == true;
    assert!(has(traefik.ask(sent().from("10.0.0.1")).await.json()));
    assert!(!has(traefik.ask(sent()).await.json()), "not from a proxy of ours");
    for source in [CertificateSource::Nowhere, CertificateSource::Listener, CertificateSource::Nginx] {
        assert!(!has(world(source).ask(sent().from("10.0.0.1")).await.json()), "{source:?}");
    }
}

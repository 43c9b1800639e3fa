//! Whoever claims to be somewhere else, or to have called another host.

use std::net::{IpAddr, UdpSocket};

use countersign_config::ListenAddr;
use countersign_testkit::{Backend, TestApp};

use crate::world::{authorize, house, raw};

const SETUP: &str = "/if/flow/initial-setup/";

fn asks_for_the_code(answer: &str) -> bool {
    answer.contains("name=\"code\"") && !answer.contains("name=\"password\"")
}

/// Ways of claiming to be the machine itself.
const CLAIMS: [&str; 16] = [
    "X-Forwarded-For: 127.0.0.1",
    "X-Forwarded-For: ::1",
    "X-Forwarded-For: [::1]:80",
    "X-Forwarded-For: 127.0.0.1, 127.0.0.1",
    "X-Forwarded-For: localhost",
    "X-Forwarded-For: ::ffff:127.0.0.1",
    "X-Forwarded-For: \u{e9}",
    "Forwarded: for=unknown",
    "X-Real-IP: 127.0.0.1",
    "X-Client-IP: 127.0.0.1",
    "True-Client-IP: 127.0.0.1",
    "CF-Connecting-IP: 127.0.0.1",
    "Forwarded: for=127.0.0.1",
    "Forwarded: for=\"[::1]\"",
    "X-Forwarded-For: 127.0.0.1\r\nForwarded: for=127.0.0.1",
    "X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-For: 127.0.0.1",
];

#[tokio::test]
async fn a_client_behind_a_proxy_cannot_claim_to_be_the_owner_at_the_machine() {
    let app = TestApp::start(Backend::Sqlite).await.unwrap();
    let port = app.base().port().unwrap();
    for claim in CLAIMS {
        // The proxy on this machine appends whom it saw.
        let request = format!(
            "GET {SETUP} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n{claim}\r\n\
             X-Forwarded-For: 203.0.113.9\r\n\r\n"
        );
        let answer = raw(app.base(), request.as_bytes()).await;
        assert!(asks_for_the_code(&answer), "{claim}: {answer}");
    }
    // By another name than its own the machine does not know its owner (DNS rebinding, silent proxies).
    for host in ["evil.example", "auth.example.com"] {
        let request = format!("GET {SETUP} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        let answer = raw(app.base(), request.as_bytes()).await;
        assert!(asks_for_the_code(&answer), "{host}: {answer}");
    }
    let request = format!("GET {SETUP} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n");
    assert!(!asks_for_the_code(&raw(app.base(), request.as_bytes()).await));
    app.verify().await;
}

/// An address of this machine that is not loopback, as other machines would see it. None where there is none.
fn own_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    // Nothing is sent: the system only says by which address it would.
    socket.connect("192.0.2.1:9").ok()?;
    let address = socket.local_addr().ok()?.ip();
    (!address.is_loopback() && !address.is_unspecified()).then_some(address)
}

#[tokio::test]
async fn a_remote_peer_cannot_claim_to_be_the_owner_at_the_machine() {
    let Some(address) = own_address() else { return };
    let app = TestApp::start_with(Backend::Sqlite, |config| {
        config.listen.http = Some(ListenAddr::from(std::net::SocketAddr::from((address, 0))));
    });
    let app = app.await.unwrap();
    let at = format!("http://{address}:{}/", app.base().port().unwrap());
    for claim in CLAIMS {
        let (name, value) = claim.split("\r\n").next().unwrap().split_once(": ").unwrap();
        for host in ["localhost", "127.0.0.1"] {
            let client = reqwest::Client::new();
            let request = client.get(format!("{at}if/flow/initial-setup/")).header(name, value);
            let page = request.header("host", host).send().await.unwrap();
            assert_eq!(page.status(), 200);
            assert!(asks_for_the_code(&page.text().await.unwrap()), "{claim}");
        }
    }
}

#[tokio::test]
async fn a_poisoned_host_header_does_not_reach_what_is_kept_or_sent() {
    let app = TestApp::start_with(Backend::Sqlite, |config| {
        let url: url::Url = "https://id.example.com".parse().unwrap();
        let variables = [("COUNTERSIGN_WEB__BASE_URL", url.as_str())];
        config.web.base_url = countersign_config::Config::load(None, variables).unwrap().web.base_url;
    });
    let app = app.await.unwrap();
    app.apply(&crate::world::applications()).await;
    for lines in [
        "Host: evil.example",
        "Host: localhost\r\nX-Forwarded-Host: evil.example",
        "Host: localhost\r\nX-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: http",
        "Host: localhost\r\nForwarded: host=evil.example",
        "Host: localhost\r\nX-Host: evil.example",
        "Host: localhost\r\nX-Original-URL: /if/admin/\r\nX-Rewrite-URL: /if/admin/",
    ] {
        for path in ["/application/o/shop/.well-known/openid-configuration", "/", &authorize(&[])] {
            let request = format!("GET {path} HTTP/1.1\r\n{lines}\r\nConnection: close\r\n\r\n");
            let answer = raw(app.base(), request.as_bytes()).await;
            assert!(!answer.contains("evil"), "{path} {lines}: {answer}");
            if path.contains("well-known") {
                assert!(
                    answer.contains("\"issuer\":\"https://id.example.com/application/o/shop/\""),
                    "{answer}"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_host_that_is_none_is_refused() {
    let app = house().await;
    for host in [
        "evil.example/path",
        "user@evil.example",
        "evil.example:99999",
        "evil.example:x",
        "a b",
        "[::1",
        "evil.example#",
        "evil.example?x",
        "<script>",
        "a\tb",
        "..",
        "\u{e9}.example",
    ] {
        let request = format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        let answer = raw(app.base(), request.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{host}: {answer}");
    }
    let twice = "GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n";
    assert!(raw(app.base(), twice.as_bytes()).await.starts_with("HTTP/1.1 400"));
}

/// CVE-2024-47070: an address that cannot be read made a policy fail, and with it the password stage vanish.
#[tokio::test]
async fn garbage_in_forwarded_headers_does_not_skip_the_password() {
    let app = house().await;
    app.user("guarded").await;
    for garbage in ["garbage", "127.0.0.1.5", "", ",,,", "%00", "999.1.1.1", &"1,".repeat(1000)] {
        let person = app.anonymous().from_afar(garbage);
        let asked = person.visit(crate::world::SIGN_IN).await;
        let asked = person.answer(&asked, &[("uid_field", "guarded")]).await;
        assert!(asked.body.contains("name=\"password\""), "{garbage}: {}", asked.body);
        assert!(!crate::world::is_signed_in(&person).await);
    }
}

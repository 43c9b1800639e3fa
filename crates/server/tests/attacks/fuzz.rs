//! Garbage at every address: seeded, bounded, and never an error of ours.

use std::{
    panic,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use countersign_store::testing::SeededRng;
use countersign_types::Rng;
use reqwest::Method;

use crate::world::{ADDRESSES, CHALLENGE, SECRET, encoded, own_house, raw};

/// Time for all of it; on a slow machine fewer requests are made.
const BUDGET: Duration = Duration::from_secs(6);
const REQUESTS: usize = 2000;

/// What random requests are made of.
struct Dice(SeededRng);

impl Dice {
    fn below(&self, bound: usize) -> usize {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        usize::try_from(u64::from_le_bytes(bytes) % u64::try_from(bound).unwrap()).unwrap()
    }

    fn of<'a>(&self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }

    fn bytes(&self, most: usize) -> Vec<u8> {
        let mut bytes = vec![0; self.below(most) + 1];
        self.0.fill(&mut bytes);
        bytes
    }

    /// A value: sensible, nearly sensible, or none at all.
    fn value(&self) -> String {
        match self.below(6) {
            0 => String::from_utf8_lossy(&self.bytes(60)).into_owned(),
            1 => "a".repeat(self.below(3000)),
            2 => self.below(usize::MAX).to_string(),
            _ => self.of(&VALUES).to_owned(),
        }
    }

    fn pairs(&self) -> String {
        let pair = |_| format!("{}={}", self.of(&NAMES), encoded(&self.value()));
        (0..self.below(9)).map(pair).collect::<Vec<_>>().join("&")
    }
}

const NAMES: [&str; 34] = [
    "client_id",
    "client_secret",
    "redirect_uri",
    "response_type",
    "response_mode",
    "scope",
    "state",
    "nonce",
    "prompt",
    "max_age",
    "login_hint",
    "id_token_hint",
    "code",
    "code_verifier",
    "code_challenge",
    "code_challenge_method",
    "grant_type",
    "refresh_token",
    "token",
    "token_type_hint",
    "next",
    "start",
    "plan",
    "uid_field",
    "password",
    "component",
    "csrf",
    "query",
    "q",
    "page",
    "locale",
    "request",
    "post_logout_redirect_uri",
    "username",
];

const VALUES: [&str; 40] = [
    "",
    "shop",
    "mill",
    SECRET,
    "http://localhost:8000/callback",
    "code",
    "token",
    "code id_token",
    "query",
    "form_post",
    "fragment",
    "openid",
    "openid profile offline_access",
    "none",
    "login",
    "consent",
    "0",
    "-1",
    "99999999999999999999",
    "akadmin",
    "' OR 1=1 --",
    "%",
    "%s%n",
    "../../etc/passwd",
    "\u{202e}",
    "\u{0}",
    "{{7*7}}",
    "<script>",
    "authorization_code",
    "refresh_token",
    "client_credentials",
    "password",
    "urn:ietf:params:oauth:grant-type:device_code",
    CHALLENGE,
    "S256",
    "plain",
    "eyJhbGciOiJub25lIn0.e30.",
    "a.b.c",
    "/if/user/",
    "//evil.example",
];

#[tokio::test]
async fn garbage_at_every_address_is_never_our_error() {
    let app = own_house().await;
    let (member, _) = app.user("fuzzer").await;
    let panics = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&panics);
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |panicked| {
        let place = panicked.location().map(ToString::to_string).unwrap_or_default();
        if place.contains("/src/") {
            seen.lock().unwrap().push(place);
        }
        usual(panicked);
    }));
    let dice = Dice(SeededRng::new(0x00C0_FFEE));
    let begun = Instant::now();
    let mut made = 0;
    while made < REQUESTS && begun.elapsed() < BUDGET {
        let path = dice.of(&ADDRESSES);
        let path = match dice.below(12) {
            0 => format!("{path}{}", encoded(&dice.value())),
            1 => path.replace("shop", &encoded(&dice.value())),
            2 => path.replacen('/', "//", dice.below(3)),
            _ => path.to_owned(),
        };
        // Whoever is signed in and comes here is signed out, and rightly.
        let signs_out = path.contains("invalidation");
        let person = if dice.below(2) == 0 && !signs_out { member.clone() } else { app.anonymous() };
        let address = format!("{}?{}", path, dice.pairs());
        let Ok(address) = app.base().join(&address).or_else(|_| app.base().join("/")) else { continue };
        if address.origin() != app.base().origin() {
            continue;
        }
        let method = Method::from_bytes(
            dice.of(&["GET", "GET", "POST", "POST", "POST", "PUT", "HEAD", "OPTIONS", "DELETE"]).as_bytes(),
        )
        .unwrap();
        let mut request = person.request(method.clone(), &address);
        if dice.below(3) == 0 {
            let name = dice.of(&[
                "authorization",
                "accept",
                "accept-language",
                "x-forwarded-for",
                "forwarded",
                "origin",
                "if-none-match",
                "accept-encoding",
                "range",
                "x-forwarded-host",
                "sec-fetch-site",
            ]);
            let value = match dice.below(3) {
                0 => dice.bytes(80),
                1 => format!("Basic {}", dice.value()).into_bytes(),
                _ => format!("Bearer {}", dice.value()).into_bytes(),
            };
            if let Ok(value) = reqwest::header::HeaderValue::from_bytes(&value) {
                request = request.header(name, value);
            }
        }
        if method == Method::POST || method == Method::PUT {
            let kind = dice.of(&[
                "application/x-www-form-urlencoded",
                "application/x-www-form-urlencoded",
                "application/json",
                "multipart/form-data; boundary=x",
                "text/plain",
            ]);
            let body = match dice.below(4) {
                0 => dice.bytes(2000),
                1 => format!(
                    "{{\"component\":\"{}\",\"{}\":\"x\"}}",
                    dice.of(&["ak-stage-identification", "ak-stage-password"]),
                    dice.of(&NAMES)
                )
                .into_bytes(),
                _ => dice.pairs().into_bytes(),
            };
            request = request.header("content-type", kind).body(body);
        }
        let Ok(answer) = request.send().await else { continue };
        let status = answer.status().as_u16();
        assert!(status < 500 || status == 503, "{status} for {method} {address}");
        made += 1;
    }
    // And what no client library would send.
    for _ in 0..40 {
        let mut bytes = dice.bytes(300);
        if dice.below(2) == 0 {
            let line =
                format!("GET {} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n", dice.of(&ADDRESSES));
            bytes = [line.as_bytes(), &bytes, b"\r\n\r\n"].concat();
        }
        let mut stream = std::net::TcpStream::connect(("127.0.0.1", app.base().port().unwrap())).unwrap();
        drop(std::io::Write::write_all(&mut stream, &bytes));
    }
    let healthy =
        raw(app.base(), b"GET /-/health/ready/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            .await;
    assert!(healthy.starts_with("HTTP/1.1 2"), "{healthy}");
    assert!(crate::world::is_signed_in(&member).await);
    drop(panic::take_hook());
    assert_eq!(*panics.lock().unwrap(), Vec::<String>::new());
    assert!(made > 200, "only {made} requests");
    app.verify().await;
}

//! What somebody could try who may say where requests go. Named after the attack.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use countersign_outbound::{Answer, Family, Limits, Method, Outbound, OutboundError, Request, Rules};

const LIMITS: Limits = Limits { time: Duration::from_secs(5), bytes: 64 * 1024 };

/// A server inside the house that answers everything alike, and counts.
struct Inside {
    port: u16,
    asked: Arc<AtomicUsize>,
}

impl Inside {
    fn answering(answer: impl Fn(&str, u16) -> String + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                counted.fetch_add(1, Ordering::SeqCst);
                let Ok(mut stream) = stream else { return };
                let request = head(&mut stream);
                drop(stream.write_all(answer(&request, port).as_bytes()));
            }
        });
        Self { port, asked }
    }

    fn saying(words: &'static str) -> Self {
        Self::answering(move |_, _| ok(words))
    }

    fn url(&self) -> String {
        format!("http://localhost:{}/", self.port)
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

fn head(stream: &mut TcpStream) -> String {
    let mut read = Vec::new();
    let mut part = [0; 1024];
    while !String::from_utf8_lossy(&read).contains("\r\n\r\n") {
        match stream.read(&mut part) {
            Ok(0) | Err(_) => break,
            Ok(count) => read.extend_from_slice(&part[..count]),
        }
    }
    String::from_utf8_lossy(&read).into_owned()
}

fn ok(words: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{words}", words.len())
}

fn outbound(hosts: &[String], networks: &[&str]) -> Outbound {
    Outbound::new(Rules {
        hosts: hosts.iter().map(|host| host.parse().unwrap()).collect(),
        networks: networks.iter().map(|network| network.parse().unwrap()).collect(),
    })
    .unwrap()
}

fn get(outbound: &Outbound, url: &str) -> Result<Answer, OutboundError> {
    outbound.send_blocking(Request { follow: true, ..Request::get(url) }, LIMITS)
}

fn host(port: u16) -> String {
    format!("http://localhost:{port}")
}

#[test]
fn ssrf_to_a_host_that_is_not_allowed_opens_no_connection() {
    let inside = Inside::saying("secret");
    let refused = get(&outbound(&[], &["127.0.0.0/8", "::1/128"]), &inside.url());
    assert!(matches!(refused, Err(OutboundError::Refused(_))), "{refused:?}");
    assert_eq!(inside.asked(), 0);
}

#[test]
fn ssrf_by_a_name_that_leads_inside_opens_no_connection() {
    let inside = Inside::saying("secret");
    // The name is allowed, where it leads is not: DNS is in somebody else's hands.
    let refused = get(&outbound(&[host(inside.port)], &[]), &inside.url());
    assert!(matches!(refused, Err(OutboundError::Refused(_))), "{refused:?}");
    assert_eq!(inside.asked(), 0);
}

#[test]
fn what_is_allowed_with_its_network_is_reached() {
    let inside = Inside::saying("hello");
    let answer = get(&outbound(&[host(inside.port)], &["127.0.0.0/8", "::1/128"]), &inside.url()).unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (200, b"hello".as_slice()));
}

#[test]
fn ssrf_by_a_redirect_ends_at_the_guard() {
    let secret = Inside::saying("secret");
    let target = secret.port;
    let lure = Inside::answering(move |_, _| {
        format!(
            "HTTP/1.1 302 Found\r\nLocation: http://localhost:{target}/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )
    });
    let refused = get(&outbound(&[host(lure.port)], &["127.0.0.0/8", "::1/128"]), &lure.url());
    assert!(matches!(refused, Err(OutboundError::Refused(_))), "{refused:?}");
    assert_eq!((lure.asked(), secret.asked()), (1, 0));
}

#[test]
fn a_redirect_within_the_rules_carries_no_password_elsewhere() {
    let next = Inside::answering(|request, _| ok(&request.to_lowercase()));
    let target = next.port;
    let first = Inside::answering(move |_, _| {
        format!(
            "HTTP/1.1 302 Found\r\nLocation: http://localhost:{target}/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )
    });
    let outbound = outbound(&[host(first.port), host(next.port)], &["127.0.0.0/8", "::1/128"]);
    let request = Request {
        method: Method::Post,
        headers: vec![
            ("Authorization".to_owned(), "Bearer x".to_owned()),
            ("X-Kept".to_owned(), "1".to_owned()),
        ],
        body: b"content".to_vec(),
        follow: true,
        ..Request::get(first.url())
    };
    let answer = outbound.send_blocking(request, LIMITS).unwrap();
    let seen = String::from_utf8(answer.body).unwrap();
    assert!(seen.starts_with("get / ") && seen.contains("x-kept") && !seen.contains("bearer"), "{seen}");
}

#[test]
fn endless_redirects_end() {
    let circle = Inside::answering(|_, port| {
        format!(
            "HTTP/1.1 307 Again\r\nLocation: http://localhost:{port}/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )
    });
    let ended = get(&outbound(&[host(circle.port)], &["127.0.0.0/8", "::1/128"]), &circle.url());
    assert_eq!(ended, Err(OutboundError::Failed));
    assert!(circle.asked() <= 6);
}

#[test]
fn an_endless_answer_is_cut_off() {
    let flood = Inside::answering(|_, _| {
        let body = "x".repeat(1024 * 1024);
        format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{body}")
    });
    let cut = get(&outbound(&[host(flood.port)], &["127.0.0.0/8", "::1/128"]), &flood.url());
    assert_eq!(cut, Err(OutboundError::TooLarge));
}

#[test]
fn a_server_that_never_answers_is_left_in_time() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let outbound = outbound(&[host(port)], &["127.0.0.0/8", "::1/128"]);
    let limits = Limits { time: Duration::from_millis(200), ..LIMITS };
    let begun = Instant::now();
    let left = outbound.send_blocking(Request::get(format!("http://localhost:{port}/")), limits);
    assert_eq!(left, Err(OutboundError::Time));
    assert!(begun.elapsed() < Duration::from_secs(3));
}

#[test]
fn headers_cannot_smuggle_a_second_request() {
    let inside = Inside::saying("hello");
    let outbound = outbound(&[host(inside.port)], &["127.0.0.0/8", "::1/128"]);
    for (name, value) in [
        ("X", "a\r\nHost: evil.test"),
        ("X\r\nY", "a"),
        ("Host", "evil.test"),
        ("Transfer-Encoding", "chunked"),
        ("content-length", "0"),
    ] {
        let headers = vec![(name.to_owned(), value.to_owned())];
        let refused = outbound.send_blocking(Request { headers, ..Request::get(inside.url()) }, LIMITS);
        assert!(matches!(refused, Err(OutboundError::Invalid(_))), "{name}: {refused:?}");
    }
    assert_eq!(inside.asked(), 0);
}

#[test]
fn names_that_are_none_are_not_asked_for() {
    let outbound = outbound(&[], &[]);
    let time = Duration::from_secs(5);
    let long = "a".repeat(300);
    for name in ["", "a b", "a\n", long.as_str()] {
        assert!(
            matches!(outbound.resolve_blocking(name, Family::Any, time), Err(OutboundError::Invalid(_))),
            "{name}"
        );
    }
    let local = outbound.resolve_blocking("localhost", Family::V4, time).unwrap();
    assert_eq!(local, ["127.0.0.1".parse::<std::net::IpAddr>().unwrap()]);
}

#[tokio::test]
async fn a_client_may_be_dropped_where_requests_are_served() {
    let inside = Inside::saying("hello");
    let outbound = outbound(&[host(inside.port)], &["127.0.0.0/8", "::1/128"]);
    assert_eq!(outbound.send(Request::get(inside.url()), LIMITS).await.unwrap().status, 200);
    drop(outbound);
}

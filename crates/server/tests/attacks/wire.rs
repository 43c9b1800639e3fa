//! Bytes on a connection: smuggling, splitting, and clients that take their time.

use std::time::{Duration, Instant};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use crate::world::{house, raw};

/// Status of each answer on the connection.
fn statuses(answer: &str) -> Vec<&str> {
    let lines = answer.lines().filter(|line| line.starts_with("HTTP/1.1 "));
    lines.filter_map(|line| line.split_whitespace().nth(1)).collect()
}

#[tokio::test]
async fn a_request_is_not_smuggled_inside_another() {
    let app = house().await;
    let inner = "GET /if/admin/ HTTP/1.1\r\nHost: localhost\r\nX-Smuggled: 1\r\n\r\n";
    let length = inner.len();
    for (what, head) in [
        ("two lengths", format!("Content-Length: {length}\r\nContent-Length: 0")),
        ("two equal lengths", format!("Content-Length: {length}\r\nContent-Length: {length}")),
        ("a list of lengths", format!("Content-Length: {length}, {length}")),
        ("length and chunks", format!("Content-Length: {length}\r\nTransfer-Encoding: chunked")),
        ("chunks and length", format!("Transfer-Encoding: chunked\r\nContent-Length: {length}")),
        ("a sign", format!("Content-Length: +{length}")),
        ("a negative length", "Content-Length: -1".to_owned()),
        ("a hexadecimal length", "Content-Length: 0x10".to_owned()),
        ("an overlong length", "Content-Length: 99999999999999999999999".to_owned()),
        ("an unknown coding", "Transfer-Encoding: cow".to_owned()),
        ("a coding twice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity".to_owned()),
        ("identity after chunks", "Transfer-Encoding: chunked, identity".to_owned()),
        ("a space before the colon", format!("Content-Length : {length}")),
        ("a folded line", format!("X: a\r\n Content-Length: {length}")),
        ("a tab in the coding", "Transfer-Encoding:\u{b}chunked".to_owned()),
    ] {
        let request = format!("POST /if/user/ HTTP/1.1\r\nHost: localhost\r\n{head}\r\n\r\n{inner}");
        let answer = raw(app.base(), request.as_bytes()).await;
        let found = statuses(&answer);
        assert_eq!(found.len(), 1, "{what}: {found:?}");
        assert!(found[0].starts_with('4'), "{what}: {found:?}");
        assert!(!answer.contains("/if/admin/"), "{what}: {answer}");
    }
}

#[tokio::test]
async fn nonsense_on_the_wire_is_400_or_silence() {
    let app = house().await;
    for bytes in [
        &b"\r\n\r\n\r\n"[..],
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\nHost: localhost\n\n",
        b"GET  /  HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost\r\n\r\n",
        b"GET / HTTP/1.1\r\n: x\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nA\x00B: c\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nA: b\x00c\r\n\r\n",
        b"GET /\x00 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        b"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\xff\xff\xff\xff\xff\xff\xff",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        &[0xff; 3000],
    ] {
        let answer = raw(app.base(), bytes).await;
        for status in statuses(&answer) {
            assert!(!status.starts_with('5'), "{}: {answer}", String::from_utf8_lossy(bytes));
        }
    }
    let many: String = (0..300).map(|at| format!("X-{at}: a\r\n")).collect();
    let request = format!("GET / HTTP/1.1\r\nHost: localhost\r\n{many}\r\n");
    assert!(raw(app.base(), request.as_bytes()).await.starts_with("HTTP/1.1 4"));
    assert_eq!(app.anonymous().get("/-/health/ready/").await.status, 200);
}

#[tokio::test]
async fn a_header_cannot_be_split_by_an_encoded_line_end() {
    let app = house().await;
    for path in [
        "/if/user/%0d%0aSet-Cookie:%20evil=1",
        "/if/flow/default-authentication-flow?x=%0d%0aSet-Cookie:%20evil=1",
        "/application/o/shop%0d%0aSet-Cookie:%20evil=1/jwks",
        "/flows/-/default/authentication/?next=%0d%0aSet-Cookie:%20evil=1",
        "/if/user?%0d%0aSet-Cookie:%20evil=1",
    ] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        let answer = raw(app.base(), request.as_bytes()).await;
        let head = answer.split("\r\n\r\n").next().unwrap();
        assert!(!head.contains("\r\nSet-Cookie: evil") && !head.contains("\nset-cookie: evil"), "{head}");
    }
}

#[tokio::test]
async fn slowloris_headers_are_cut_off() {
    let app = house().await;
    let address = ("127.0.0.1", app.base().port().unwrap());
    let mut slow = Vec::new();
    for _ in 0..50 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ").await.unwrap();
        slow.push(stream);
    }
    // Others are served meanwhile.
    assert_eq!(app.anonymous().get("/-/health/ready/").await.status, 200);
    let begun = Instant::now();
    for mut stream in slow {
        let mut answer = Vec::new();
        let end = async {
            loop {
                if stream.write_all(b"a").await.is_err() {
                    break;
                }
                let mut part = [0; 1024];
                match timeout(Duration::from_millis(200), stream.read(&mut part)).await {
                    Ok(Ok(0) | Err(_)) => break,
                    Ok(Ok(read)) => answer.extend_from_slice(&part[..read]),
                    Err(_) => {}
                }
            }
        };
        timeout(Duration::from_secs(12), end).await.expect("the connection is closed");
        assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 408"));
    }
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
}

//! What only shows on a real connection.

use std::time::Duration;

use actix_web::{App as ActixApp, HttpServer, dev::ServerHandle, middleware::from_fn, web};
use countersign_web::{Limits, WebSettings, edge, routes};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use crate::world::{World, probes};

async fn exchange(address: std::net::SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

/// Serves the world on a port of its own.
fn serve(world: &World) -> (std::net::SocketAddr, ServerHandle) {
    let app = world.app.clone();
    let server = HttpServer::new(move || {
        let house = ActixApp::new().app_data(web::Data::from(app.clone()));
        house.configure(routes).configure(probes).wrap(from_fn(edge))
    });
    let server = server.workers(1).disable_signals().bind("127.0.0.1:0").unwrap();
    let address = server.addrs().first().copied().unwrap();
    let server = server.run();
    let handle = server.handle();
    actix_web::rt::spawn(server);
    (address, handle)
}

#[actix_web::test]
async fn a_body_that_drips_does_not_hold_a_handler_for_ever() {
    let limits = Limits { body_time: Duration::from_millis(300), ..Limits::default() };
    let world = World::with(WebSettings { limits, ..WebSettings::default() });
    let (address, handle) = serve(&world);
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = "POST /form HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\
                Content-Type: application/x-www-form-urlencoded\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let drips = async {
        let mut answer = vec![0; 4096];
        loop {
            let drop = timeout(Duration::from_millis(50), stream.read(&mut answer)).await;
            match drop {
                Ok(read) => break String::from_utf8_lossy(&answer[..read.unwrap()]).into_owned(),
                Err(_) => stream.write_all(b"a").await.unwrap(),
            }
        }
    };
    let answer = timeout(Duration::from_secs(30), drips).await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    handle.stop(false).await;
}

#[actix_web::test]
async fn a_head_has_no_body_a_panic_is_a_page_and_the_worker_lives_on() {
    let world = World::new();
    let (address, handle) = serve(&world);
    let ask = |line: &str| format!("{line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");

    let panicked = exchange(address, &ask("GET /panic")).await;
    assert!(panicked.starts_with("HTTP/1.1 500") && panicked.contains("Something went wrong"), "{panicked}");
    assert!(panicked.to_lowercase().contains("x-frame-options: deny"));
    let head = exchange(address, &ask("HEAD /long")).await;
    assert!(head.starts_with("HTTP/1.1 200") && head.ends_with("\r\n\r\n"), "{head}");
    assert!(head.to_lowercase().contains("content-length: 6000"), "{head}");
    let no_host = exchange(address, "GET /facts HTTP/1.1\r\nHost: a/b\r\nConnection: close\r\n\r\n").await;
    assert!(no_host.starts_with("HTTP/1.1 400"), "{no_host}");
    handle.stop(false).await;
}

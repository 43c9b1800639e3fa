//! What only shows on a real connection.

use actix_web::{App as ActixApp, HttpServer, middleware::from_fn, web};
use countersign_web::{edge, routes};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::world::{World, probes};

async fn exchange(address: std::net::SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[actix_web::test]
async fn a_head_has_no_body_a_panic_is_a_page_and_the_worker_lives_on() {
    let world = World::new();
    let app = world.app.clone();
    let server = HttpServer::new(move || {
        let house = ActixApp::new().app_data(web::Data::from(app.clone()));
        house.configure(routes).configure(probes).wrap(from_fn(edge))
    });
    let server = server.workers(1).disable_signals().bind("127.0.0.1:0").unwrap();
    let address = server.addrs()[0];
    let server = server.run();
    let handle = server.handle();
    actix_web::rt::spawn(server);
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

//! The line that each request leaves.

use std::{cell::RefCell, io, sync::Once};

use tracing_subscriber::fmt::MakeWriter;

use crate::world::{World, cookie, get, post};

thread_local! {
    static HEARD: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Every test's thread hears its own lines.
struct Listener;

impl io::Write for Listener {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        HEARD.with_borrow_mut(|heard| heard.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Listener {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        Self
    }
}

fn listen() {
    static LISTENING: Once = Once::new();
    LISTENING.call_once(|| {
        let log =
            tracing_subscriber::fmt().json().with_max_level(tracing::Level::DEBUG).with_writer(Listener);
        tracing::subscriber::set_global_default(log.finish()).unwrap();
    });
}

#[actix_web::test]
async fn a_request_leaves_one_line_with_its_cost_and_no_secret() {
    let world = World::new();
    let token = world.sign_in(|_| {}).await;
    listen();
    HEARD.take();
    world.ask(get("/who?code=secret-code").header("cookie", &cookie(&token))).await;
    world.ask(get("/path/7?state=secret-state")).await;
    world.ask(get("/unknown/secret-path?token=secret-token")).await;
    world.ask(post("/form").form("password=secret-password&password=x")).await;
    let text = String::from_utf8(HEARD.take()).unwrap();
    assert!(!text.contains("secret-") && !text.contains(token.expose().as_str()), "{text}");
    let lines: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|line: &serde_json::Value| line["target"] == "request")
        .map(|line| line["fields"].clone())
        .collect();
    let routes: Vec<_> = lines.iter().map(|line| line["route"].as_str().unwrap()).collect();
    assert_eq!(routes, ["/who", "/path/{number}", "-", "/form"]);
    let first = &lines[0];
    assert_eq!((&first["method"], &first["status"], &first["user"]), (&"GET".into(), &200.into(), &1.into()));
    assert_eq!((&first["reads"], &first["writes"]), (&1.into(), &0.into()));
    assert_eq!(first["client"], "203.0.113.9");
    assert!(first["queries"].as_u64() > Some(0) && first["cpu_us"].as_u64() > Some(0));
    assert_eq!(lines[1]["reads"], 0);
}

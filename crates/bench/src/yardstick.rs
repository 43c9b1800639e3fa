//! Yardsticks: what the same web server does when it does nothing, or one thing.
//!
//! They run as a process of their own, on the processor of the server that they are compared with.

use std::{
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use actix_web::{App, HttpResponse, HttpServer, web};
use countersign_crypto::{
    HashOptions, HashPool, SigningAlgorithm, SigningKey, SystemClock, SystemRng, generate,
};
use countersign_types::{Clock, Secret, Span};
use rustix::thread::CpuSet;
use serde_json::json;
use tokio::time::sleep;

use crate::{
    Fault,
    fault::While,
    http::{Connection, Request},
    process,
};

const PASSWORD: &str = "a long password for measuring";

/// Says hello.
pub(crate) const HELLO: &str = "/hello";
/// Says hello and signs a token of the usual claims (ES256).
pub(crate) const SIGNATURE: &str = "/signature";
/// Says hello and compares a password (argon2id of the usual parameters).
pub(crate) const ARGON2: &str = "/argon2";

struct Yard {
    key: SigningKey,
    hashes: HashPool,
    stored: Secret<String>,
}

/// The process of the yardsticks. Ends when it is killed.
pub async fn serve(port: u16) -> Result<(), Fault> {
    let broken = |error: &dyn std::fmt::Display| Fault::Program(format!("no yardstick: {error}"));
    let made = generate(SigningAlgorithm::Es256, "yardstick", Span::from_days(1), &SystemClock, &SystemRng)
        .map_err(|error| broken(&error))?;
    let key = SigningKey::from_pkcs8(SigningAlgorithm::Es256, &made.pkcs8).map_err(|error| broken(&error))?;
    let hashes =
        HashPool::new(HashOptions::default(), Arc::new(SystemRng)).map_err(|error| broken(&error))?;
    let stored = hashes.hash(Secret::from(PASSWORD)).await.map_err(|error| broken(&error))?;
    let yard = web::Data::new(Yard { key, hashes, stored });
    let app = move || {
        App::new()
            .app_data(yard.clone())
            .route(HELLO, web::get().to(hello))
            .route(SIGNATURE, web::get().to(signature))
            .route(ARGON2, web::get().to(argon2))
    };
    let server = HttpServer::new(app).workers(1).bind(("127.0.0.1", port)).during("listening")?;
    server.run().await.during("serving the yardsticks")
}

async fn hello() -> &'static str {
    "hello, world"
}

async fn signature(yard: web::Data<Yard>) -> HttpResponse {
    let now = SystemClock.now().as_secs();
    let claims = json!({
        "iss": "http://localhost:9000/application/o/bench/",
        "sub": "5c5b2dd53f4a4b2fb6cf2a1a7b2f8c5e",
        "aud": "h7fYk2mQ9xVb4LpTz1RcWd8sJ0nGa6Ue",
        "scope": "profile",
        "jti": "0198c8a2-7d4e-7a51-9c0b-2f6f3f1d8e77",
        "iat": now,
        "exp": now + 300,
    });
    match yard.key.sign_jwt(Some("at+jwt"), &claims) {
        Ok(token) => HttpResponse::Ok().body(token),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}

async fn argon2(yard: web::Data<Yard>) -> HttpResponse {
    let verdict = yard.hashes.verify(Secret::from(PASSWORD), Some(yard.stored.clone())).await;
    if verdict.is_ok_and(|verdict| verdict.matches) {
        HttpResponse::Ok().finish()
    } else {
        HttpResponse::InternalServerError().finish()
    }
}

/// The running process.
#[derive(Debug)]
pub(crate) struct Yardsticks {
    child: Child,
    address: SocketAddr,
}

impl Yardsticks {
    /// Starts this very program as the yardsticks.
    pub(crate) async fn start(program: &Path, address: SocketAddr, cpus: CpuSet) -> Result<Self, Fault> {
        let mut command = Command::new(program);
        command.args(["yardsticks", &address.port().to_string()]).stdin(Stdio::null());
        let child = process::on(cpus, || command.spawn())
            .and_then(|child| child)
            .during("starting the yardsticks")?;
        let yardsticks = Self { child, address };
        for _ in 0..1000 {
            if yardsticks.connect().send(&Request::get(HELLO)).await.is_ok() {
                return Ok(yardsticks);
            }
            sleep(Duration::from_millis(10)).await;
        }
        Err(Fault::Program("the yardsticks do not answer".to_owned()))
    }

    pub(crate) fn connect(&self) -> Connection {
        Connection::new(self.address)
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Yardsticks {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

//! Listeners: plain HTTP, HTTPS, metrics. Starting and stopping them in good order.
//!
//! ```text
//! house ─▶ listen() ─▶ run(): serves until told to stop
//!                        stop: probe says "not ready" ─ pause ─ no new connections ─ requests under way end
//!                              ─ store closed
//! ```

mod listen;
mod metrics;
mod tls;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use actix_web::{
    App as ActixApp, HttpServer,
    dev::{Server, ServerHandle},
    middleware::from_fn,
    web,
};
use countersign_config::{Config, ListenAddr};
use countersign_console::Console;
use countersign_mail::Postman;
use countersign_notifications::{Delivery, Matching};
use countersign_tasks::{RunningWorker, Worker, WorkerOptions, recurring};
use countersign_types::Secret;
use countersign_web::{App, DRAIN_SECS, HEADER_TIMEOUT_SECS, KEEP_ALIVE_SECS};

pub use tls::TlsError;

use crate::{Failure, House, first_start, keys, registry::Protocols, seams::seams, version_history};

/// Connections of one worker; more wait in the backlog.
const MAX_CONNECTIONS: usize = 10_000;
/// TLS handshakes and connections that are being closed take so long at most.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(5);

/// Where a server listens. Ports that were left to the system are known here.
#[derive(Clone, Copy, Debug, Default)]
pub struct Addresses {
    /// Plain HTTP.
    pub http: Option<SocketAddr>,
    /// HTTPS.
    pub https: Option<SocketAddr>,
    /// Metrics.
    pub metrics: Option<SocketAddr>,
}

/// A server that listens and is ready.
pub struct Serving {
    house: Arc<House>,
    app: Arc<App>,
    addresses: Addresses,
    setup_code: Option<Secret<String>>,
    main: Server,
    metrics: Option<Server>,
    worker: RunningWorker,
}

/// Stops a server, from wherever.
#[derive(Clone)]
pub struct Stopper {
    app: Arc<App>,
    handles: Vec<ServerHandle>,
}

impl Stopper {
    /// Says "not ready" from now on, waits for `notice` so that those who ask hear it, and then lets what is
    /// under way end.
    pub async fn stop(self, notice: Duration) {
        self.app.begin_drain();
        tokio::time::sleep(notice).await;
        for handle in self.handles {
            handle.stop(true).await;
        }
    }
}

impl Serving {
    /// Prepares the database and listens. Must be called on a runtime of actix.
    pub async fn start(house: House) -> Result<Self, Failure> {
        let house = Arc::new(house);
        let setup_code = first_start::prepare(&house).await?;
        version_history::note(&house.store).await?;
        make_missing_keys(&house)?;
        let (app, protocols) = house.app()?;
        protocols.warm_up(&house.store).await?;
        let (main, mut addresses) = listen_main(&house, &app, &protocols)?;
        let (metrics, address) = listen_metrics(&house.config, &app)?.unzip();
        addresses.metrics = address;
        let notifier = house.notifier(&app);
        notifier.listen().await?;
        let worker = Worker::new(&house.store, WorkerOptions::default())
            .with_handler(Arc::new(Postman(house.mail.clone())))
            .with_handler(Arc::new(Matching(notifier.clone())))
            .with_handler(Arc::new(Delivery(notifier)));
        let schedules = recurring(&house.store).into_iter().chain(house.library_watch());
        let worker = schedules.fold(worker, Worker::with_schedule).start();
        Ok(Self { house, app, addresses, setup_code, main, metrics, worker })
    }

    /// Where it listens.
    pub const fn addresses(&self) -> Addresses {
        self.addresses
    }

    /// The house.
    pub const fn house(&self) -> &Arc<House> {
        &self.house
    }

    /// The one-time code of the initial set-up, while that is open.
    pub const fn setup_code(&self) -> Option<&Secret<String>> {
        self.setup_code.as_ref()
    }

    /// What stops it.
    pub fn stopper(&self) -> Stopper {
        let handles = std::iter::once(self.main.handle()).chain(self.metrics.as_ref().map(Server::handle));
        Stopper { app: Arc::clone(&self.app), handles: handles.collect() }
    }

    /// Serves until it is stopped. The database is closed last.
    pub async fn run(self) -> Result<(), Failure> {
        let metrics = self.metrics.map(actix_rt::spawn);
        let tidying = actix_rt::spawn(give_memory_back());
        let outcome = self.main.await;
        tidying.abort();
        if let Some(metrics) = metrics {
            // What becomes of the metrics is of no matter at the end.
            drop(metrics.await);
        }
        self.worker.stop().await;
        self.house.store.close();
        Ok(outcome?)
    }
}

/// How long after the start, and then how often, memory that was freed is given back to the system.
const TIDYING: [Duration; 2] = [Duration::from_secs(3), Duration::from_mins(1)];

/// What the start and a flood needed for a moment does not stay with this process: code of the start once, freed
/// memory again and again.
async fn give_memory_back() {
    let [first, every] = TIDYING;
    tokio::time::sleep(first).await;
    elsewhere(let_go_of_the_start).await;
    loop {
        elsewhere(countersign_alloc::give_back).await;
        tokio::time::sleep(every).await;
    }
}

fn let_go_of_the_start() {
    let bytes = countersign_alloc::let_go_of_code();
    tracing::debug!(bytes, "code that is not needed now was let go of");
}

/// Whoever is served by this thread does not wait for it.
async fn elsewhere(tidy: fn()) {
    if let Err(error) = actix_rt::task::spawn_blocking(tidy).await {
        tracing::debug!(%error, "memory was not given back");
    }
}

/// Makes keys that take long beside everything else, so that nobody waits for them who does not need them.
fn make_missing_keys(house: &Arc<House>) -> Result<(), Failure> {
    let house = Arc::clone(house);
    std::thread::Builder::new().name("make-keys".to_owned()).spawn(move || {
        if let Err(error) = keys::make_missing(&house) {
            tracing::error!(%error, "a signing key could not be made; the next start tries again");
        }
    })?;
    Ok(())
}

fn listen_main(
    house: &House,
    app: &Arc<App>,
    protocols: &Arc<Protocols>,
) -> Result<(Server, Addresses), Failure> {
    let config = &house.config;
    let api = house.api(app, protocols);
    let console = Console::new(Arc::clone(&house.registry)).reaching(seams(house, app, protocols));
    let console = Arc::new(console);
    let (app, protocols) = (Arc::clone(app), Arc::clone(protocols));
    let portal = Arc::new(protocols.portal());
    let server = HttpServer::new(move || {
        let protocols = Arc::clone(&protocols);
        ActixApp::new()
            .app_data(web::Data::from(Arc::clone(&app)))
            .configure(countersign_web::routes)
            .configure(move |routes| protocols.routes(routes))
            .configure(countersign_console::routes(Arc::clone(&console)))
            .configure(countersign_portal::routes(Arc::clone(&portal)))
            .configure(countersign_api::routes(Arc::clone(&api)))
            .wrap(from_fn(countersign_portal::lead_to_setup))
            .wrap(from_fn(countersign_web::edge))
    });
    let mut server = server
        .on_connect(tls::keep)
        .disable_signals()
        .max_connections(MAX_CONNECTIONS)
        .keep_alive(Duration::from_secs(KEEP_ALIVE_SECS))
        .client_request_timeout(Duration::from_secs(HEADER_TIMEOUT_SECS))
        .client_disconnect_timeout(CONNECTION_TIMEOUT)
        .tls_handshake_timeout(CONNECTION_TIMEOUT)
        .shutdown_timeout(DRAIN_SECS);
    if let Some(workers) = config.web.workers {
        server = server.workers(workers);
    }
    let mut addresses = Addresses::default();
    if let Some(address) = &config.listen.http {
        let (socket, bound) = bind("http", address)?;
        server = server.listen(socket)?;
        addresses.http = Some(bound);
    }
    if let Some(address) = &config.listen.https {
        let (socket, bound) = bind("https", address)?;
        server = server.listen_rustls_0_23(socket, tls::server_config(config)?)?;
        addresses.https = Some(bound);
    }
    Ok((server.run(), addresses))
}

/// Metrics, and the probes beside them for machines that reach only this listener.
fn listen_metrics(config: &Config, app: &Arc<App>) -> Result<Option<(Server, SocketAddr)>, Failure> {
    let Some(address) = &config.listen.metrics else { return Ok(None) };
    let (socket, bound) = bind("metrics", address)?;
    let (app, handle) = (Arc::clone(app), metrics::begin());
    let server = HttpServer::new(move || {
        let handle = handle.clone();
        ActixApp::new()
            .app_data(web::Data::from(Arc::clone(&app)))
            .configure(move |routes| metrics::routes(routes, handle))
            .configure(countersign_web::probes)
    });
    let server = server.workers(1).disable_signals().shutdown_timeout(1).listen(socket)?;
    Ok(Some((server.run(), bound)))
}

fn bind(name: &str, address: &ListenAddr) -> Result<(std::net::TcpListener, SocketAddr), Failure> {
    let socket = listen::bind(name, address)?;
    let bound = socket.local_addr()?;
    Ok((socket, bound))
}

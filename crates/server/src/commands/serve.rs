//! `serve`.

use std::{net::SocketAddr, time::Duration};

use countersign_config::Config;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::say;
use crate::{Addresses, Circumstances, Failure, House, Serving, Stopper, log};

/// After SIGTERM the probe says "not ready" for so long before connections are refused, so that a balancer
/// that looks every second hears of it. Whoever presses Ctrl-C waits for nobody.
const NOTICE: Duration = Duration::from_secs(1);

/// Serves until a signal comes.
pub(super) fn serve(config: Config) -> Result<(), Failure> {
    log::begin(&config, log::Voice::Server);
    for warning in config.warnings() {
        tracing::warn!("{warning}");
    }
    tracing::info!(database = config.database().redacted(), "starting");
    let house = House::open(config, Circumstances::real())?;
    actix_rt::System::new().block_on(async {
        // Heard from the first line that says "ready" on.
        let signals = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        let serving = Serving::start(house).await?;
        actix_rt::spawn(stop_at_signal(signals, serving.stopper()));
        announce(&serving)?;
        serving.run().await?;
        tracing::info!("stopped");
        Ok(())
    })
}

/// The one line that people wait for, and what they need to begin.
fn announce(serving: &Serving) -> Result<(), Failure> {
    let base_url = serving.house().config.web.base_url.as_ref().map(|url| format!("{}/", url.as_str()));
    let address = base_url.or_else(|| own_address(serving.addresses())).unwrap_or_default();
    tracing::info!(addresses = ?serving.addresses(), "ready");
    say(&format!("Countersign is ready at {address}"))?;
    match serving.setup_code() {
        None => Ok(()),
        Some(code) => say(&format!(
            "It has no administrator yet: open that address to choose one. From another machine you are asked \
             for this code: {}",
            code.expose()
        )),
    }
}

/// How a browser on this machine reaches the server.
pub(super) fn own_address(addresses: Addresses) -> Option<String> {
    let of = |scheme: &str, address: SocketAddr| {
        let ip = address.ip();
        if ip.is_unspecified() || ip.is_loopback() {
            format!("{scheme}://localhost:{}/", address.port())
        } else {
            format!("{scheme}://{address}/")
        }
    };
    addresses.http.map(|address| of("http", address)).or(addresses.https.map(|address| of("https", address)))
}

/// The first signal ends the server in good order; Ctrl-C after it, at once.
async fn stop_at_signal((mut term, mut interrupt): (Signal, Signal), stopper: Stopper) {
    let notice = tokio::select! {
        _ = term.recv() => NOTICE,
        _ = interrupt.recv() => Duration::ZERO,
    };
    tracing::info!("stopping");
    actix_rt::spawn(stopper.stop(notice));
    // Supervisors repeat SIGTERM; only a person who presses Ctrl-C again is in a hurry.
    interrupt.recv().await;
    tracing::warn!("stopped without waiting for requests under way");
    std::process::exit(1);
}

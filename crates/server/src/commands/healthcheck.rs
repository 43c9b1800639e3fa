//! `healthcheck`: asks the server of the same configuration whether it is ready.

use std::{
    io::{Read as _, Write as _},
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream},
    time::Duration,
};

use countersign_config::{Config, ListenAddr};

use super::say;
use crate::Failure;

/// A server that takes longer is not well.
const PATIENCE: Duration = Duration::from_secs(4);
/// Bytes of the answer that are looked at.
const STATUS_LINE: usize = 64;

/// Fails unless the probe says that the server is ready.
pub(super) fn healthcheck(config: &Config) -> Result<(), Failure> {
    let listen = &config.listen;
    // Both answer the probe; HTTPS would need a certificate that this machine trusts.
    let address = listen.http.or(listen.metrics).map(ListenAddr::socket);
    let Some(address) = address else {
        return Err(Failure::words("healthcheck needs listen.http or listen.metrics"));
    };
    let address = reachable(address);
    let status = probe(address)
        .map_err(|error| Failure::words(format!("there is no answer from {address}: {error}")))?;
    match status.as_deref() {
        Some("200") => say("ready"),
        Some(status) => Err(Failure::words(format!("{address} is not ready: status {status}"))),
        None => Err(Failure::words(format!("{address} does not speak HTTP"))),
    }
}

/// Every address includes the loopback's.
fn reachable(address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), address.port())
    } else {
        address
    }
}

/// The status of the answer, if it is one of HTTP.
fn probe(address: SocketAddr) -> std::io::Result<Option<String>> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    write!(stream, "GET /-/health/ready/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    let limit = u64::try_from(STATUS_LINE).unwrap_or(u64::MAX);
    stream.take(limit).read_to_end(&mut answer)?;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let mut words = answer.split(' ');
    let is_http = words.next().is_some_and(|version| version.starts_with("HTTP/1."));
    Ok(words.next().filter(|_| is_http).map(str::to_owned))
}

//! Sockets: dual stack where the system allows it.

use std::{io, net::TcpListener};

use countersign_config::ListenAddr;
use socket2::{Domain, Protocol, Socket, Type};

/// Connections that may wait to be accepted.
const BACKLOG: i32 = 1024;

/// A listening socket. `[::]` also takes IPv4; on a machine without IPv6 it falls back to `0.0.0.0`.
pub(super) fn bind(name: &str, address: &ListenAddr) -> io::Result<TcpListener> {
    let bound = bind_to(address.socket(), address.wants_dual_stack());
    let bound = match (bound, address.ipv4_fallback()) {
        (Err(error), Some(fallback)) if is_no_ipv6(&error) => bind_to(fallback, false),
        (bound, _) => bound,
    };
    bound.map_err(|error| {
        io::Error::new(error.kind(), format!("listen.{name}: cannot listen on {}: {error}", address.socket()))
    })
}

fn bind_to(address: std::net::SocketAddr, dual_stack: bool) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        socket.set_only_v6(!dual_stack)?;
    }
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

fn is_no_ipv6(error: &io::Error) -> bool {
    // EAFNOSUPPORT and EADDRNOTAVAIL: the kernel has no IPv6, or no address of it.
    matches!(error.raw_os_error(), Some(97 | 99))
}

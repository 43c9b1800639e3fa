//! What a request is, decided once at the edge: where it came from, how we were called, who sent it.

mod arrival;
mod browser;
mod certificate;
mod facts;
mod forwarded;
mod host;
mod language;
mod session;

pub(crate) use arrival::Arrival;
pub use browser::Browser;
pub use certificate::{CertificateSource, PeerCertificate};
pub use facts::Facts;
pub use forwarded::{Diagnostics, Origin, Peer, TrustedProxies};
pub use host::{Authority, BadHost};
pub use session::{MaybeSession, Session, Superuser, touch_if_due};

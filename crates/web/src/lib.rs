//! Floor 4: the actix kit.
//!
//! Owns what every request passes (the [`edge`]): identity of the request, trusted proxies, hosts, security
//! headers, the CSRF locks, limits, panics, the shapes of errors, the request log and its metrics; the
//! extractors and cookies; the [`App`] that handlers find in `web::Data`; pages' surroundings, brands' style
//! sheets and the static assets. Owns no route of the product but probes and assets.
//!
//! ```text
//! HttpServer::new(move || actix_web::App::new()
//!     .app_data(web::Data::from(app.clone()))
//!     .configure(countersign_web::routes)
//!     .configure(portal and providers, each scope with its Surface)
//!     .wrap(from_fn(countersign_web::edge)))
//! ```

mod app;
mod assets;
mod avatar;
mod body;
mod brand;
mod cookies;
pub mod csrf;
mod device;
mod edge;
mod encoding;
mod error;
mod glance;
mod health;
mod keys;
mod limiter;
mod limits;
mod page;
mod redirect;
mod request;
mod routes;
pub mod setup;
mod surface;

pub use app::{App, AppParts, WebSettings};
pub use assets::Assets;
pub use avatar::{Avatar, picture_address};
pub use body::multipart;
pub use body::{BodyError, BoundedForm, BoundedJson, BoundedQuery, Pairs, bounded_body};
pub use brand::BrandLooks;
pub use cookies::{Cookies, add as add_cookie};
pub use countersign_flows::safe_next;
pub use csrf::SessionForm;
pub use device::device_words;
pub use edge::{Csp, RouteName, describe_metrics, edge};
pub use error::{WayOn, WebError};
pub use glance::{glance, nothing_done};
pub use keys::{KeyRing, KeyRingError};
pub use limiter::{AddressLimiter, Rate, Throttled};
pub use limits::{DRAIN_SECS, HEADER_TIMEOUT_SECS, KEEP_ALIVE_SECS, Limits};
pub use page::{PageCx, encode_next};
pub use redirect::{found, see_other};
pub use request::{
    Authority, BadHost, Browser, CertificateSource, Diagnostics, Facts, MaybeSession, Origin, Peer,
    PeerCertificate, Session, Superuser, TrustedProxies, touch_if_due,
};
pub use routes::{probes, routes};
pub use surface::Surface;

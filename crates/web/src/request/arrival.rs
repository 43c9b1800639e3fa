//! What is known of a request before anything is looked up.

use std::sync::Arc;

use actix_web::{
    HttpMessage as _, HttpRequest,
    http::{
        Method,
        header::{REFERER, USER_AGENT},
    },
};
use countersign_crypto::PresentedCertificate;
use countersign_types::{ClientAddr, Rng};

use super::{Authority, BadHost, Diagnostics, Origin, Peer, certificate, language::Wishes};
use crate::{WebSettings, cookies::Cookies, csrf::is_same_origin};

/// What is known of a request before anything is looked up. The edge puts one among the extensions.
#[derive(Debug)]
pub(crate) struct Arrival {
    pub(crate) request_id: String,
    pub(crate) client: Option<ClientAddr>,
    pub(crate) is_https: bool,
    /// Only the head of the answer is asked for.
    pub(crate) is_glance: bool,
    pub(crate) host: String,
    pub(crate) base_url: String,
    /// What follows the `?`, undecoded.
    pub(crate) query: String,
    pub(crate) user_agent: String,
    pub(crate) is_cross_site: bool,
    pub(crate) wishes: Wishes,
    /// What the browser keeps of who signed in with it, as it came.
    pub(crate) device: Option<String>,
    /// The certificate that the client presented, if it is looked for.
    pub(crate) certificate: Option<Arc<PresentedCertificate>>,
}

/// Characters of the browser's name that are kept.
const MAX_USER_AGENT: usize = 256;
/// Characters of the query that are kept.
const MAX_QUERY: usize = 8 * 1024;

impl Arrival {
    /// Looks at the connection and the headers. With a host that is none, everything else is still known.
    pub(crate) fn of(
        request: &HttpRequest,
        settings: &WebSettings,
        rng: &dyn Rng,
    ) -> (Self, Result<(), BadHost>) {
        let peer = peer_of(request);
        let origin = settings.trusted_proxies.origin(peer, request.headers());
        // HTTP/2 names the host in the request line only (RFC 9113 §8.3.1).
        let origin = origin.and_then(|mut origin| {
            if let (None, Some(authority)) = (&origin.authority, request.uri().authority()) {
                origin.authority = Some(Authority::parse(authority.as_str())?);
            }
            Ok(origin)
        });
        let certificate = certificate::presented(request, settings.client_certificates, &origin);
        let is_bad = origin.is_err();
        let origin = origin.unwrap_or(Origin {
            client: peer.address.map(|address| ClientAddr(address.to_canonical())),
            is_https: peer.is_tls,
            authority: None,
            is_proxied: false,
        });
        let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
        let base_url = base_url(settings, &origin);
        let arrival = Self {
            request_id: fresh_id(rng),
            client: origin.client,
            is_https: origin.is_https,
            is_glance: request.method() == Method::HEAD,
            host: origin.authority.as_ref().map(|authority| authority.host().to_owned()).unwrap_or_default(),
            is_cross_site: is_led_from_elsewhere(
                header("sec-fetch-site"),
                header(REFERER.as_str()),
                &base_url,
            ),
            base_url,
            query: request.query_string().chars().take(MAX_QUERY).collect(),
            certificate,
            user_agent: header(USER_AGENT.as_str())
                .unwrap_or_default()
                .chars()
                .take(MAX_USER_AGENT)
                .collect(),
            device: request
                .cookie(Cookies::new(origin.is_https).device_name())
                .map(|cookie| cookie.value().to_owned()),
            wishes: Wishes::of(request, Cookies::new(origin.is_https).locale_name()),
        };
        (arrival, if is_bad { Err(BadHost) } else { Ok(()) })
    }

    /// What the edge found.
    pub(crate) fn found(request: &HttpRequest) -> Option<Arc<Self>> {
        request.extensions().get::<Arc<Self>>().cloned()
    }

    pub(crate) const fn cookies(&self) -> Cookies {
        Cookies::new(self.is_https)
    }
}

impl Diagnostics {
    /// What came with this request and what was made of it.
    pub fn of(request: &HttpRequest, settings: &WebSettings) -> Self {
        settings.trusted_proxies.diagnose(peer_of(request), request.headers())
    }
}

fn peer_of(request: &HttpRequest) -> Peer {
    Peer { address: request.peer_addr().map(|socket| socket.ip()), is_tls: request.app_config().secure() }
}

/// Whether another site led here, a neighbour on another subdomain included. Browsers say so on HTTPS and at
/// this machine; on plain HTTP elsewhere only the page they came from tells, if it does.
fn is_led_from_elsewhere(fetch_site: Option<&str>, referer: Option<&str>, base_url: &str) -> bool {
    match (fetch_site, referer) {
        (Some("same-origin" | "none"), _) | (None, None) => false,
        (Some(_), _) => true,
        (None, Some(page)) => !is_same_origin(page, base_url),
    }
}

/// The configured address; else the scheme and host by which we were called. Without a configured address
/// whoever sends a request chooses the host in the links of the answer to it, and only of that answer:
/// nothing that is kept or mailed may be built from it.
fn base_url(settings: &WebSettings, origin: &Origin) -> String {
    match (&settings.base_url, &origin.authority) {
        (Some(url), _) => url.as_str().trim_end_matches('/').to_owned(),
        (None, Some(authority)) => authority.origin(origin.is_https),
        (None, None) => if origin.is_https { "https://localhost" } else { "http://localhost" }.to_owned(),
    }
}

/// 128 random bits, in hexadecimal.
fn fresh_id(rng: &dyn Rng) -> String {
    let mut bytes = [0_u8; 16];
    rng.fill(&mut bytes);
    hex::encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_neighbour_is_another_site_too() {
        let ours = "https://auth.example.com";
        for (fetch_site, referer, is_elsewhere) in [
            (None, None, false),
            (Some("none"), None, false),
            (Some("same-origin"), Some("https://auth.example.com/if/user/"), false),
            (Some("same-site"), None, true),
            (Some("cross-site"), Some("https://auth.example.com/"), true),
            (Some("x"), None, true),
            (None, Some("https://auth.example.com/if/user/"), false),
            (None, Some("https://app.example.com/"), true),
            (None, Some("http://auth.example.com/"), true),
            (None, Some("garbage"), true),
        ] {
            assert_eq!(
                is_led_from_elsewhere(fetch_site, referer, ours),
                is_elsewhere,
                "{fetch_site:?} {referer:?}"
            );
        }
    }
}

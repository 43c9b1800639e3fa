//! Names and addresses of a client's endpoints.

use url::Url;

use super::Client;
use crate::spec::IssuerMode;

/// Slugs that would hide an endpoint, or be hidden by one.
pub(crate) const RESERVED_SLUGS: &[&str] =
    &["authorize", "token", "userinfo", "introspect", "revoke", "device", "deliver", "par", "register"];

/// Address of an endpoint that all clients share: `endpoint(base, "token")`.
pub(crate) fn endpoint(base_url: &str, name: &str) -> String {
    format!("{base_url}/application/o/{name}/")
}

impl Client {
    /// `iss`. Applications compare it byte by byte: the slash at its end belongs to it.
    pub(crate) fn issuer(&self, base_url: &str) -> String {
        format!("{base_url}{}", self.issuer_path())
    }

    fn issuer_path(&self) -> String {
        match self.issuer_mode {
            IssuerMode::Global => "/".to_owned(),
            IssuerMode::PerProvider => format!("/application/o/{}/", self.application.slug),
        }
    }

    /// Address of an endpoint of this client's own.
    pub(crate) fn own_endpoint(&self, base_url: &str, name: &str) -> String {
        format!("{base_url}/application/o/{}/{name}", self.application.slug)
    }

    /// Whether a token may name this issuer. The origin is left open: the house may be called by more than
    /// one name, inside a cluster and from without, and that the token is ours its signature says.
    pub(crate) fn is_issuer(&self, issuer: &str) -> bool {
        Url::parse(issuer).is_ok_and(|url| {
            matches!(url.scheme(), "https" | "http")
                && url.path() == self.issuer_path()
                && url.query().is_none()
                && url.fragment().is_none()
        })
    }
}

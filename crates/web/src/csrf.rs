//! Forms that only our own pages may send.
//!
//! Two locks. At the edge: an unsafe request that carries one of our cookies must come from our own origin,
//! as the browser says it (`Sec-Fetch-Site`, else `Origin`). In the form of a session: a masked token, made
//! for that session only. A request with neither header is of no browser of the last years; it passes the
//! first lock and meets the second, or the step token of a flow.
//!
//! Pages carry `Referrer-Policy: same-origin`, since under `no-referrer` browsers send `Origin: null` even to
//! ourselves (Fetch §3.1).

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::{
        Method,
        header::{HeaderMap, ORIGIN},
    },
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_crypto::Sealer;
use countersign_model::LiveSession;
use countersign_types::Rng;
use futures_util::future::LocalBoxFuture;
use url::Url;

use crate::{App, BoundedForm, Session, WebError, body::Pairs};

/// Name of the hidden field.
pub const FIELD: &str = "csrf";

const PURPOSE: &str = "csrf";
const MASK_BYTES: usize = 32;

/// Paths to which other sites may send forms, since a protocol says so. `{}` stands for one segment.
#[derive(Clone, Debug)]
pub struct CrossSitePaths(Vec<&'static str>);

impl Default for CrossSitePaths {
    /// Endpoints of OAuth 2 and OpenID Connect. Those that act on a session show a page first; the others
    /// authenticate clients and look at no cookie.
    fn default() -> Self {
        Self(vec![
            "/application/o/authorize",
            "/application/o/token",
            "/application/o/introspect",
            "/application/o/revoke",
            "/application/o/userinfo",
            "/application/o/{}/end-session",
        ])
    }
}

impl CrossSitePaths {
    /// With one more.
    #[must_use]
    pub fn with(mut self, pattern: &'static str) -> Self {
        self.0.push(pattern);
        self
    }

    /// Whether a path is one of these, with or without a slash at its end.
    pub fn contains(&self, path: &str) -> bool {
        let segments = || path.trim_end_matches('/').split('/');
        self.0.iter().any(|pattern| {
            let mut wanted = pattern.split('/');
            segments().all(|segment| wanted.next().is_some_and(|want| want == "{}" || want == segment))
                && wanted.next().is_none()
        })
    }
}

/// What the first lock looks at.
pub(crate) struct Crossing<'r> {
    pub(crate) method: &'r Method,
    pub(crate) headers: &'r HeaderMap,
    pub(crate) has_our_cookie: bool,
    pub(crate) base_url: &'r str,
}

impl Crossing<'_> {
    /// Whether the request may pass, exempted paths apart.
    pub(crate) fn is_ours(&self) -> bool {
        if matches!(*self.method, Method::GET | Method::HEAD | Method::OPTIONS) || !self.has_our_cookie {
            return true;
        }
        let header = |name: &str| self.headers.get(name).map(|value| value.to_str().unwrap_or("?"));
        match (header("sec-fetch-site"), header(ORIGIN.as_str())) {
            (Some("same-origin" | "none"), _) | (None, None) => true,
            (Some(_), _) => false,
            (None, Some(origin)) => is_same_origin(origin, self.base_url),
        }
    }
}

pub(crate) fn is_same_origin(origin: &str, base_url: &str) -> bool {
    let (Ok(origin), Ok(ours)) = (Url::parse(origin), Url::parse(base_url)) else { return false };
    origin.origin().is_tuple() && origin.origin() == ours.origin()
}

/// A token for the forms of this session: `mask ‖ (MAC ⊕ mask)`, different at every page.
pub fn token(sealer: &Sealer, rng: &dyn Rng, session: &LiveSession) -> String {
    let mut bytes = [0_u8; 2 * MASK_BYTES];
    let (mask, masked) = bytes.split_at_mut(MASK_BYTES);
    rng.fill(mask);
    let mac = sealer.mac(PURPOSE, session.session.key.as_bytes());
    for ((out, mask), mac) in masked.iter_mut().zip(mask.iter()).zip(mac) {
        *out = mask ^ mac;
    }
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Whether a token was made for this session.
pub fn is_token_of(sealer: &Sealer, session: &LiveSession, token: &str) -> bool {
    let mut bytes = [0_u8; 2 * MASK_BYTES];
    if URL_SAFE_NO_PAD.decode_slice(token, &mut bytes) != Ok(bytes.len()) {
        return false;
    }
    let (mask, masked) = bytes.split_at(MASK_BYTES);
    let sent: Vec<u8> = masked.iter().zip(mask).map(|(masked, mask)| masked ^ mask).collect();
    sealer.verify_mac(PURPOSE, session.session.key.as_bytes(), &sent)
}

/// A form of somebody who is signed in, sent from one of our pages. The token is checked and taken out.
pub struct SessionForm {
    /// Whose form it is.
    pub session: LiveSession,
    /// What was filled in.
    pub fields: Pairs,
}

impl FromRequest for SessionForm {
    type Error = WebError;
    type Future = LocalBoxFuture<'static, Result<Self, WebError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let session = Session::extract(request);
        let form = BoundedForm::from_request(request, payload);
        let app = App::shared(request);
        Box::pin(async move {
            let app = app?;
            let Session(session) = session.await?;
            let BoundedForm(mut fields) = form.await?;
            let is_ours =
                matches!(fields.only(FIELD), Ok(Some(token)) if is_token_of(app.sealer(), &session, token));
            if !is_ours {
                return Err(WebError::expired_form());
            }
            fields.take(FIELD);
            Ok(Self { session, fields })
        })
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn is_ours(method: &Method, has_our_cookie: bool, lines: &[(&str, &str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.insert(HeaderName::try_from(*name).unwrap(), HeaderValue::from_str(value).unwrap());
        }
        let base_url = "https://auth.example.com";
        Crossing { method, headers: &headers, has_our_cookie, base_url }.is_ours()
    }

    #[test]
    fn a_form_of_another_site_is_refused() {
        let site = "sec-fetch-site";
        for (lines, passes) in [
            (&[][..], true),
            (&[(site, "same-origin")][..], true),
            (&[(site, "none")][..], true),
            (&[(site, "same-site")][..], false),
            (&[(site, "cross-site")][..], false),
            (&[(site, "Same-Origin")][..], false),
            (&[(site, "cross-site"), ("origin", "https://auth.example.com")][..], false),
            (&[("origin", "https://auth.example.com")][..], true),
            (&[("origin", "https://auth.example.com:443")][..], true),
            (&[("origin", "https://AUTH.example.com")][..], true),
            (&[("origin", "http://auth.example.com")][..], false),
            (&[("origin", "https://auth.example.com:8443")][..], false),
            (&[("origin", "https://evil-auth.example.com")][..], false),
            (&[("origin", "https://auth.example.com.evil.example")][..], false),
            (&[("origin", "null")][..], false),
            (&[("origin", "")][..], false),
            (&[("origin", "data:text/html,x")][..], false),
        ] {
            assert_eq!(is_ours(&Method::POST, true, lines), passes, "{lines:?}");
            assert!(is_ours(&Method::GET, true, lines), "reading is harmless");
            assert!(is_ours(&Method::POST, false, lines), "without a cookie there is nobody to act for");
        }
        assert!(!is_ours(&Method::DELETE, true, &[(site, "cross-site")]));
    }

    #[test]
    fn only_protocol_endpoints_take_forms_of_other_sites() {
        let paths = CrossSitePaths::default();
        for path in ["/application/o/token/", "/application/o/token", "/application/o/demo/end-session/"] {
            assert!(paths.contains(path), "{path}");
        }
        for path in [
            "/",
            "/if/flow/a/",
            "/application/o/",
            "/application/o/token/x",
            "/application/o/a/b/end-session/",
            "//application/o/token",
            "/APPLICATION/o/token",
        ] {
            assert!(!paths.contains(path), "{path}");
        }
    }
}

//! The browser binding: 256 random bits in a cookie, which tie plans and step tokens to one browser.

use actix_web::{FromRequest, HttpMessage as _, HttpRequest, HttpResponse, dev::Payload};
use countersign_flows::BrowserSecret;
use countersign_types::Secret;

use super::Arrival;
use crate::{
    App, WebError,
    cookies::{self, Cookies},
};

/// The browser's binding secret, read or fresh. Nothing is set until [`Browser::keep`] is asked to.
#[derive(Clone)]
pub struct Browser {
    secret: BrowserSecret,
    is_new: bool,
    cookies: Cookies,
}

/// base64url of 32 bytes.
const SECRET_CHARACTERS: usize = 43;

impl Browser {
    /// The secret.
    pub const fn secret(&self) -> &BrowserSecret {
        &self.secret
    }

    /// Whether the browser had none yet, or none that we made.
    pub const fn is_new(&self) -> bool {
        self.is_new
    }

    /// Lets the browser keep the secret, if it does not have it already.
    pub fn keep(&self, response: &mut HttpResponse) {
        if self.is_new {
            cookies::add(response, &self.cookies.browser(&self.secret));
        }
    }

    fn of(request: &HttpRequest) -> Result<Self, WebError> {
        if let Some(known) = request.extensions().get::<Self>() {
            return Ok(known.clone());
        }
        let app = App::shared(request)?;
        let arrival = Arrival::found(request).ok_or_else(|| WebError::internal("the edge was not passed"))?;
        let cookies = arrival.cookies();
        let sent = request.cookie(cookies.browser_name()).filter(|cookie| is_secret(cookie.value()));
        let browser = match sent {
            Some(cookie) => Self { secret: Secret::from(cookie.value()), is_new: false, cookies },
            None => {
                let (secret, _) = countersign_crypto::new_token(app.rng());
                Self { secret, is_new: true, cookies }
            }
        };
        request.extensions_mut().insert(browser.clone());
        Ok(browser)
    }
}

impl FromRequest for Browser {
    type Error = WebError;
    type Future = std::future::Ready<Result<Self, WebError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(Self::of(request))
    }
}

pub(super) fn is_secret(value: &str) -> bool {
    value.len() == SECRET_CHARACTERS
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

//! The headers that every response carries.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue},
};

use super::csp::{Csp, NO_PAGE};
use crate::{App, request::Arrival};

/// Two years, as browsers' preload lists ask for at least one; subdomains are not ours to speak for.
const HSTS: &str = "max-age=63072000";
const PERMISSIONS: &str = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()";

/// Adds them. What a handler has set already stays.
pub(super) fn apply<B>(
    arrival: &Arrival,
    request: Option<&HttpRequest>,
    app: &App,
    response: &mut HttpResponse<B>,
) {
    let kind = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_page = kind.starts_with("text/html");
    let policy = if is_page {
        let own = response.extensions().get::<Csp>().map(Csp::header);
        own.unwrap_or_else(|| Csp::new().header())
    } else {
        NO_PAGE.to_owned()
    };
    // Forms of a page under `no-referrer` would be sent with `Origin: null`; to others neither says a word.
    let referrer = if is_page { "same-origin" } else { "no-referrer" };
    remember_language(arrival, app, is_page, response);
    let headers = response.headers_mut();
    let mut set = |name: &'static str, value: &str| {
        let name = HeaderName::from_static(name);
        if let (false, Ok(value)) = (headers.contains_key(&name), HeaderValue::from_str(value)) {
            headers.insert(name, value);
        }
    };
    set("content-security-policy", &policy);
    set("referrer-policy", referrer);
    set("x-content-type-options", "nosniff");
    set("x-frame-options", "DENY");
    set("cross-origin-opener-policy", "same-origin");
    set("permissions-policy", PERMISSIONS);
    set("x-request-id", &arrival.request_id);
    set("x-authentik-id", &arrival.request_id);
    if arrival.is_https {
        set("strict-transport-security", HSTS);
    }
    let is_asset = request.is_some_and(|request| request.path().starts_with(crate::assets::PREFIX));
    if !is_asset {
        set(CACHE_CONTROL.as_str(), "no-store");
    }
}

/// A language chosen by `?locale=` stays chosen with this browser.
fn remember_language<B>(arrival: &Arrival, app: &App, is_page: bool, response: &mut HttpResponse<B>) {
    let (true, Some(chosen)) = (is_page, arrival.wishes.chosen.as_deref()) else { return };
    let known = app.catalogues().locales().find(|language| language.tag.eq_ignore_ascii_case(chosen));
    if let Some(language) = known
        && arrival.wishes.remembered.as_deref() != Some(language.tag.as_str())
        && let Ok(value) = HeaderValue::from_str(&arrival.cookies().locale(&language.tag).to_string())
    {
        response.headers_mut().append(actix_web::http::header::SET_COOKIE, value);
    }
}

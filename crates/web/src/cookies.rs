//! Our cookies: their names and attributes, decided in one place (RFC 6265bis §4.1.3.2).
//!
//! On HTTPS every name carries `__Host-` and only that name is read: a neighbour on another subdomain, or
//! anyone on plain HTTP, cannot plant one.

use actix_web::{
    HttpResponse,
    cookie::{Cookie, SameSite, time::Duration},
};
use countersign_flows::{DeviceCookie, SessionChange};
use countersign_types::{Secret, Span};

const SESSION: &str = "countersign_session";
const BROWSER: &str = "countersign_browser";
const DEVICE: &str = "countersign_device";
const LOCALE: &str = "countersign_locale";

/// Languages and browser bindings outlive the window.
const LONG: Duration = Duration::days(365);

/// Makes cookies for one request's scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cookies {
    is_https: bool,
}

impl Cookies {
    /// For a request whose browser spoke HTTPS, or did not.
    pub const fn new(is_https: bool) -> Self {
        Self { is_https }
    }

    /// Name of the session cookie.
    pub const fn session_name(self) -> &'static str {
        if self.is_https { "__Host-countersign_session" } else { SESSION }
    }

    /// Name of the browser binding.
    pub const fn browser_name(self) -> &'static str {
        if self.is_https { "__Host-countersign_browser" } else { BROWSER }
    }

    /// Name of what the browser is known by.
    pub const fn device_name(self) -> &'static str {
        if self.is_https { "__Host-countersign_device" } else { DEVICE }
    }

    /// Name of the chosen language.
    pub const fn locale_name(self) -> &'static str {
        if self.is_https { "__Host-countersign_locale" } else { LOCALE }
    }

    /// Carries a session, for as long as the browser is open unless a span is given.
    pub fn session(self, token: &Secret<String>, max_age: Option<Span>) -> Cookie<'static> {
        let mut cookie = self.cookie(self.session_name(), token.expose().clone());
        if let Some(span) = max_age {
            cookie.set_max_age(Duration::seconds(span.as_secs()));
        }
        cookie
    }

    /// Binds flows to one browser.
    pub fn browser(self, secret: &Secret<String>) -> Cookie<'static> {
        self.cookie(self.browser_name(), secret.expose().clone())
    }

    /// Makes the browser known to whoever signed in with it.
    pub fn device(self, device: &DeviceCookie) -> Cookie<'static> {
        let mut cookie = self.cookie(self.device_name(), device.value.expose().clone());
        cookie.set_max_age(Duration::seconds(device.max_age.as_secs()));
        cookie
    }

    /// Remembers the language chosen with this browser.
    pub fn locale(self, tag: &str) -> Cookie<'static> {
        let mut cookie = self.cookie(self.locale_name(), tag.to_owned());
        cookie.set_max_age(LONG);
        cookie
    }

    /// Ends the session with this browser: both names, since the scheme may have changed since.
    pub fn clear_session(self) -> Vec<Cookie<'static>> {
        let mut cleared = vec![removal(SESSION, self.is_https)];
        if self.is_https {
            cleared.push(removal(self.session_name(), true));
        }
        cleared
    }

    /// Does to a response what became of the session.
    pub fn apply(self, change: &SessionChange, response: &mut HttpResponse) {
        let cookies = match change {
            SessionChange::Keep => Vec::new(),
            SessionChange::Set { token, max_age, device } => std::iter::once(self.session(token, *max_age))
                .chain(device.as_ref().map(|device| self.device(device)))
                .collect(),
            SessionChange::Clear => self.clear_session(),
        };
        for cookie in cookies {
            add(response, &cookie);
        }
    }

    fn cookie(self, name: &'static str, value: String) -> Cookie<'static> {
        Cookie::build(name, value)
            .path("/")
            .http_only(true)
            .secure(self.is_https)
            .same_site(SameSite::Lax)
            .finish()
    }
}

/// Adds a cookie to a response. Its value is of our making, so that it always fits a header.
pub fn add(response: &mut HttpResponse, cookie: &Cookie<'_>) {
    if let Err(error) = response.add_cookie(cookie) {
        tracing::error!(name = cookie.name(), %error, "a cookie does not fit a header");
    }
}

fn removal(name: &'static str, is_https: bool) -> Cookie<'static> {
    let mut cookie =
        Cookie::build(name, "").path("/").http_only(true).secure(is_https).same_site(SameSite::Lax).finish();
    cookie.make_removal();
    cookie
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> Secret<String> {
        Secret::from("value")
    }

    #[test]
    fn a_session_cookie_on_https_is_bound_to_the_host() {
        let cookie = Cookies::new(true).session(&token(), None).to_string();
        assert_eq!(cookie, "__Host-countersign_session=value; HttpOnly; SameSite=Lax; Secure; Path=/");
    }

    #[test]
    fn a_session_cookie_on_http_works_too() {
        let cookie = Cookies::new(false).session(&token(), Some(Span::from_days(30))).to_string();
        assert_eq!(cookie, "countersign_session=value; HttpOnly; SameSite=Lax; Path=/; Max-Age=2592000");
    }

    #[test]
    fn signing_out_clears_both_names() {
        let names: Vec<_> = Cookies::new(true).clear_session().iter().map(|c| c.name().to_owned()).collect();
        assert_eq!(names, ["countersign_session", "__Host-countersign_session"]);
        let mut response = HttpResponse::Ok().finish();
        Cookies::new(false).apply(&SessionChange::Clear, &mut response);
        let header = response.headers().get("set-cookie").unwrap().to_str().unwrap();
        assert!(header.starts_with("countersign_session=;") && header.contains("Max-Age=0"), "{header}");
    }
}

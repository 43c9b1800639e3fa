//! Whether the rail is folded to icons: a cookie of this browser, turned round by a button.

use actix_web::{
    HttpRequest, HttpResponse,
    cookie::{Cookie, SameSite, time::Duration},
};
use countersign_web::{WebError, add_cookie, safe_next, see_other};

use crate::cx::{ConsoleForm, Permit};

const COOKIE: &str = "countersign_rail";

/// Whether the rail shows icons only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Folded(pub(crate) bool);

impl Folded {
    pub(crate) fn of(request: &HttpRequest) -> Self {
        Self(request.cookie(COOKIE).is_some_and(|cookie| cookie.value() == "icons"))
    }
}

/// `POST /if/admin/~rail/`: folds or unfolds, and back to where the button stood.
pub(crate) async fn fold(form: ConsoleForm) -> Result<HttpResponse, WebError> {
    let ConsoleForm { cx, body } = form;
    let fields = body.read(Permit::own()).await?;
    let value = if fields.only("rail")? == Some("icons") { "icons" } else { "words" };
    let cookie = Cookie::build(COOKIE, value)
        .path("/if/admin/")
        .http_only(true)
        .secure(cx.facts.is_https())
        .same_site(SameSite::Lax)
        .max_age(Duration::days(365))
        .finish();
    let next = fields.only("next")?.and_then(safe_next);
    let mut response = see_other(next.unwrap_or("/if/admin/"));
    add_cookie(&mut response, &cookie);
    Ok(response)
}

//! Which columns a list has: the place's own, or those that somebody chose with this browser.

use actix_web::{
    HttpRequest, HttpResponse,
    cookie::{Cookie, SameSite, time::Duration},
};
use countersign_resource::{Descriptor, FieldInfo};
use countersign_web::{WebError, add_cookie, see_other};

use super::{find::At, places::Place};
use crate::cx::{ConsoleCx, ConsoleForm};

const COOKIE: &str = "countersign_columns";
/// Most bytes of the cookie: what was chosen last stays.
const MAX_BYTES: usize = 2_000;
/// Most columns of a list.
const MAX_COLUMNS: usize = 6;

/// Names of the columns beside the name.
pub(crate) fn of(request: &HttpRequest, place: &Place) -> Vec<String> {
    let kept = request.cookie(COOKIE).map(|cookie| cookie.value().to_owned()).unwrap_or_default();
    let own = kept.split('!').find_map(|entry| entry.strip_prefix(&tag(place)));
    match own {
        Some(names) => {
            names.split('.').filter(|name| is_name(name)).map(str::to_owned).take(MAX_COLUMNS).collect()
        }
        None => place.columns.iter().map(|name| (*name).to_owned()).collect(),
    }
}

/// `POST <place>~columns/`.
pub(crate) async fn keep(
    request: HttpRequest,
    form: ConsoleForm,
    At(place): At,
) -> Result<HttpResponse, WebError> {
    let names: Vec<&str> =
        form.fields.values("column").filter(|name| is_name(name)).take(MAX_COLUMNS).collect();
    let kept = request.cookie(COOKIE).map(|cookie| cookie.value().to_owned()).unwrap_or_default();
    let mut value = format!("{}{}", tag(&place), names.join("."));
    for entry in kept.split('!').filter(|entry| !entry.is_empty() && !entry.starts_with(&tag(&place))) {
        if value.len() + entry.len() < MAX_BYTES {
            value = format!("{value}!{entry}");
        }
    }
    let cookie = Cookie::build(COOKIE, value)
        .path("/if/admin/")
        .http_only(true)
        .secure(form.cx.facts.is_https())
        .same_site(SameSite::Lax)
        .max_age(Duration::days(365))
        .finish();
    let mut response = see_other(&place.path);
    add_cookie(&mut response, &cookie);
    Ok(response)
}

/// Fields that can be columns: what stands in one line.
pub(crate) fn possible(kind: &Descriptor) -> impl Iterator<Item = &FieldInfo> {
    kind.fields.iter().filter(|field| {
        let is_short = !matches!(field.widget.as_str(), "json" | "expression" | "css" | "pem" | "hidden");
        field.path.is_top_level() && !field.secret && is_short
    })
}

/// How the cookie names a place.
fn tag(place: &Place) -> String {
    let path = place.path.trim_start_matches("/if/admin/").trim_end_matches('/');
    format!("{}=", path.replace('/', "_"))
}

/// A name of a field, and nothing that could end a cookie.
fn is_name(name: &str) -> bool {
    (1..=60).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Whether the reader may see any kind of a place.
pub(crate) fn may_see(cx: &ConsoleCx, place: &Place) -> bool {
    place.models.iter().any(|model| {
        let (app, name) = model.split_once('.').unwrap_or(("", model));
        cx.may_somewhere(&format!("{app}.view_{name}"))
    })
}

//! `/if/admin/`: the first pages of administrators. The console moves in here.

use actix_web::HttpResponse;
use askama::Template;
use countersign_web::{PageCx, Superuser, WebError};

use crate::house::House;

pub(crate) mod diagnostics;

#[derive(Template)]
#[template(path = "portal/admin.html")]
struct AdminPage<'a> {
    cx: &'a PageCx,
    house: House,
}

/// Where an administrator begins.
pub(crate) async fn overview(_: Superuser, cx: PageCx) -> Result<HttpResponse, WebError> {
    cx.render(&AdminPage { cx: &cx, house: House::of(&cx, "admin") })
}

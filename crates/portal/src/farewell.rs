//! `/if/session-end/` and `/if/session-end/<application>/`: says what was signed out of, and what is left.

use actix_web::{HttpRequest, HttpResponse, web::Path};
use askama::Template;
use countersign_web::{App, PageCx, WebError};

use crate::{frame::Frame, launch};

#[derive(Template)]
#[template(path = "portal/farewell.html")]
struct FarewellPage<'a> {
    cx: &'a PageCx,
    page: Farewell,
}

/// What was signed out of, and what is left.
struct Farewell {
    title: String,
    text: String,
    /// Whether somebody is still signed in here, and may sign out here too.
    is_signed_in: bool,
    ways: Vec<(String, String)>,
    frame: Frame,
}

/// After signing out here.
pub(crate) async fn from_us(cx: PageCx) -> Result<HttpResponse, WebError> {
    say(&cx, "/if/session-end/", None)
}

/// After signing out of an application. Its name is told to nobody who is not signed in.
pub(crate) async fn from_application(
    request: HttpRequest,
    slug: Path<String>,
    cx: PageCx,
) -> Result<HttpResponse, WebError> {
    let snapshot = App::shared(&request)?.snapshot().await?;
    let application = snapshot.application_by_slug(&slug).filter(|_| cx.subject.is_some());
    let known = application.map(|application| (application.name.as_str(), launch::address(application)));
    say(&cx, request.path(), known)
}

fn say(cx: &PageCx, url: &str, application: Option<(&str, String)>) -> Result<HttpResponse, WebError> {
    let brand = cx.brand.title.as_str();
    let is_signed_in = cx.subject.is_some();
    let (title, text, ways) = match (application, is_signed_in) {
        (Some((name, launch)), _) => (
            cx.t_with("portal-farewell-app-title", "app", name),
            cx.t_with("portal-farewell-app-text", "brand", brand),
            vec![
                (cx.t("portal-farewell-library"), "/if/user/".to_owned()),
                (cx.t_with("portal-farewell-again", "app", name), launch),
            ],
        ),
        (None, true) => (
            cx.t("portal-farewell-still-title"),
            cx.t_with("portal-farewell-app-text", "brand", brand),
            vec![(cx.t("portal-farewell-library"), "/if/user/".to_owned())],
        ),
        (None, false) => (
            cx.t("portal-farewell-title"),
            cx.t("portal-farewell-text"),
            vec![(cx.t("action-sign-in"), "/".to_owned())],
        ),
    };
    cx.render(&FarewellPage {
        cx,
        page: Farewell { title, text, is_signed_in, ways, frame: Frame::at(url, cx) },
    })
}

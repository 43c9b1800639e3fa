//! To the page of a flow: as anybody would, or as oneself, inspected or not.

use actix_web::{
    FromRequest as _, HttpRequest, HttpResponse,
    cookie::{Cookie, SameSite, time::Duration},
    web::Path,
};
use countersign_flows::{FlowRequest, PendingUser, Start, inspector::INSPECT_FLOW, keys};
use countersign_model::FlowId;
use countersign_web::{BoundedQuery, Browser, MaybeSession, WebError, add_cookie, encode_next, found};

use super::{address, viewed};
use crate::cx::ConsoleCx;

/// The query of the flow's page at which the inspected run goes on that this browser began last. It is kept for
/// the inspector alone; the record itself belongs to the browser's binding as well.
const COOKIE: &str = "countersign_inspected";
/// As long as a record is kept.
const KEPT: Duration = Duration::hours(1);

/// `GET …/<slug>/run/`: `?as=me` hands over who is signed in as the one who goes through. What is handed over is
/// bound to this browser; it proves nothing, so that a flow that asks for a password still asks. `?inspect=yes`
/// records the run and leads to its record afterwards.
pub(super) async fn run(
    request: HttpRequest,
    cx: ConsoleCx,
    slug: Path<String>,
    BoundedQuery(query): BoundedQuery,
) -> Result<HttpResponse, WebError> {
    let viewed = viewed(&cx, &slug).await?;
    let flow = cx.snapshot.flow(FlowId(viewed.id)).ok_or_else(WebError::not_found)?;
    let is_inspected = query.first("inspect").is_some();
    if is_inspected {
        cx.require(INSPECT_FLOW, Some(viewed.id))?;
    }
    let browser = Browser::extract(&request).await?;
    let mut start = Start::default();
    if query.first("as") == Some("me") {
        start = start.with(&keys::PENDING_USER, &PendingUser::Known { id: cx.session.subject.user.id });
    }
    let asked = FlowRequest {
        slug: viewed.key.clone(),
        query: String::new(),
        browser: browser.secret().clone(),
        session_key: MaybeSession::key(&request),
        facts: cx.facts.to_request_facts(),
    };
    let page = address(&viewed.key);
    let record = format!("{page}inspector/");
    let next = if is_inspected { record.as_str() } else { page.as_str() };
    let mut to = cx.app.executor().address(flow, &start, Some(next), &asked)?;
    if is_inspected {
        to.push_str("&inspector=1");
    }
    let mut response = found(&to);
    browser.keep(&mut response);
    if let Some((_, query)) = to.split_once('?').filter(|_| is_inspected) {
        let cookie = Cookie::build(COOKIE, encode_next(query))
            .path(record)
            .http_only(true)
            .secure(cx.facts.is_https())
            .same_site(SameSite::Lax)
            .max_age(KEPT)
            .finish();
        add_cookie(&mut response, &cookie);
    }
    Ok(response)
}

/// The query of the inspected run that this browser began last, of the flow whose inspector is asked for.
pub(super) fn begun_last(request: &HttpRequest) -> Option<String> {
    request.cookie(COOKIE).map(|cookie| cookie.value().to_owned())
}

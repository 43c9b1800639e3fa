//! To the page of a flow: as anybody would, or as oneself.

use actix_web::{FromRequest as _, HttpRequest, HttpResponse, web::Path};
use countersign_flows::{FlowRequest, PendingUser, Start, keys};
use countersign_model::FlowId;
use countersign_web::{BoundedQuery, Browser, MaybeSession, WebError, found};

use super::{address, viewed};
use crate::cx::ConsoleCx;

/// `GET …/<slug>/run/`: `?as=me` hands over who is signed in as the one who goes through. What is handed over is
/// bound to this browser; it proves nothing, so that a flow that asks for a password still asks.
pub(super) async fn run(
    request: HttpRequest,
    cx: ConsoleCx,
    slug: Path<String>,
    BoundedQuery(query): BoundedQuery,
) -> Result<HttpResponse, WebError> {
    let viewed = viewed(&cx, &slug).await?;
    let flow = cx.snapshot.flow(FlowId(viewed.id)).ok_or_else(WebError::not_found)?;
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
    let to = cx.app.executor().address(flow, &start, Some(&address(&viewed.key)), &asked)?;
    let mut response = found(&to);
    browser.keep(&mut response);
    Ok(response)
}

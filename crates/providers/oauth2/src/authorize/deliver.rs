//! Answers by form (OAuth 2.0 Form Post Response Mode).
//!
//! A flow can only end in an address, so that the answer waits there, sealed and for the session that it
//! belongs to. The page has a button; a small module presses it where scripts run.

use actix_web::HttpResponse;
use askama::Template;
use countersign_crypto::Sealer;
use countersign_model::LiveSession;
use countersign_oauth2::Delivery;
use countersign_types::{Span, Timestamp};
use countersign_web::{BoundedQuery, Csp, MaybeSession, PageCx, WebError, encode_next};
use serde::{Deserialize, Serialize};

use crate::{call::Call, client::endpoint};

const PURPOSE: &str = "oauth2 form post";
/// For how long an answer waits to which the browser is sent at once.
pub(super) const AT_ONCE: Span = Span::from_mins(2);
/// For how long one waits to which it is sent when a flow has ended.
pub(super) const AFTER_A_FLOW: Span = Span::from_mins(90);
/// An answer is shorter.
const MAX_SEALED: usize = 16 * 1024;

/// An answer that waits for its browser.
#[derive(Serialize, Deserialize)]
struct Waiting {
    action: String,
    fields: Vec<(String, String)>,
    expires: Timestamp,
}

/// Where the answer waits.
pub(super) fn address(
    sealer: &Sealer,
    live: &LiveSession,
    action: String,
    fields: Vec<(&'static str, String)>,
    now: Timestamp,
    lifetime: Span,
) -> String {
    let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let waiting = Waiting { action, fields, expires: now.plus(lifetime) };
    // Texts and a number always have a JSON form; an empty one opens to nothing.
    let plain = serde_json::to_vec(&waiting).unwrap_or_default();
    let sealed = sealer.seal_text(PURPOSE, live.session.id.raw().as_bytes(), &plain);
    format!("{}?r={}", endpoint("", "deliver"), encode_next(&sealed))
}

/// `GET /application/o/deliver/`.
pub(crate) async fn get(
    call: Call,
    MaybeSession(session): MaybeSession,
    BoundedQuery(query): BoundedQuery,
    cx: PageCx,
) -> Result<HttpResponse, WebError> {
    let expired = || WebError::invalid().titled("error-expired-title").saying("error-expired-text");
    let live = session.ok_or_else(expired)?;
    let sealed = query.only("r")?.filter(|sealed| sealed.len() <= MAX_SEALED).ok_or_else(expired)?;
    let plain = call.sealer().open_text(PURPOSE, live.session.id.raw().as_bytes(), sealed);
    let waiting: Waiting =
        plain.ok().and_then(|plain| serde_json::from_slice(&plain).ok()).ok_or_else(expired)?;
    if waiting.expires <= call.now {
        return Err(expired());
    }
    render(&call, cx, &waiting.action, &waiting.fields)
}

/// The page of an answer that need not wait: an error before anything was run.
pub(super) fn page(
    call: &Call,
    delivery: Delivery,
    session: Option<&LiveSession>,
) -> Result<HttpResponse, WebError> {
    let Delivery::FormPost { action, fields } = delivery else {
        return Err(WebError::internal("an answer by redirect has no page"));
    };
    let fields: Vec<_> = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let cx = PageCx::new(&call.app, call.facts.clone(), Some(&call.snapshot), session);
    render(call, cx, &action, &fields)
}

#[derive(Template)]
#[template(path = "oauth2/form_post.html")]
struct FormPost<'a> {
    cx: &'a PageCx,
    action: &'a str,
    fields: &'a [(String, String)],
    script: String,
}

fn render(
    call: &Call,
    cx: PageCx,
    action: &str,
    fields: &[(String, String)],
) -> Result<HttpResponse, WebError> {
    let cx = cx.with_csp(Csp::new().form_action(action));
    let script = call.app.assets().url("js/form-post.js");
    cx.render(&FormPost { cx: &cx, action, fields, script })
}

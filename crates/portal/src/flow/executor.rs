//! `/api/v3/flows/executor/<slug>/?query=…`: the JSON face of the same flows.
//!
//! The body is JSON, which other sites cannot send without asking first; the edge compares the origin besides.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web::Path,
};
use countersign_flows::{FlowError, Reply, ReplyKind, Response, SessionChange};
use countersign_types::ErrorKind;
use countersign_web::{BoundedJson, BoundedQuery, MaybeSession, WebError};
use serde_json::Value;

use super::{Visit, json};
use crate::frame::without_locale;

/// The question in hand.
pub(crate) async fn show(
    request: HttpRequest,
    slug: Path<String>,
    query: BoundedQuery,
) -> Result<HttpResponse, WebError> {
    let visit = visit(&request, &slug, &query).await?;
    let reply = visit.question().await;
    respond(&request, &visit, reply).await
}

/// Answers it.
pub(crate) async fn answer(
    request: HttpRequest,
    slug: Path<String>,
    query: BoundedQuery,
    body: BoundedJson,
) -> Result<HttpResponse, WebError> {
    let visit = visit(&request, &slug, &query).await?;
    visit.throttle()?;
    let BoundedJson(fields) = body;
    let component = fields.get("component").and_then(Value::as_str).map(str::to_owned);
    let reply = match (component, Response::from_json(fields)) {
        (Some(component), Some(response)) => {
            Box::pin(visit.app.executor().answer(&visit.flow, None, Some(&component), response)).await
        }
        _ => Err(FlowError::Malformed),
    };
    respond(&request, &visit, reply).await
}

async fn visit(request: &HttpRequest, slug: &str, query: &BoundedQuery) -> Result<Visit, WebError> {
    let query = query.0.only("query")?.unwrap_or_default();
    Visit::of(request, slug, without_locale(query)).await
}

async fn respond(
    request: &HttpRequest,
    visit: &Visit,
    reply: Result<Reply, FlowError>,
) -> Result<HttpResponse, WebError> {
    let words = visit.facts.localizer(&visit.app);
    let (body, session, status) = match reply {
        Ok(Reply { kind, session }) => {
            let body = match &kind {
                ReplyKind::Challenge(shown) | ReplyKind::NextChallenge(shown) => {
                    json::challenge(shown, &words)
                }
                ReplyKind::Redirect { to } => json::redirect(to),
                ReplyKind::Denied(denied) => {
                    let MaybeSession(live) =
                        <MaybeSession as actix_web::FromRequest>::extract(request).await?;
                    json::denied(denied, live.as_ref().map(|live| &live.subject.user), &words)
                }
            };
            (body, session, StatusCode::OK)
        }
        Err(error) => {
            let kind = error.kind();
            // Not visible, malformed and busy have the shapes of the API, with their status and headers.
            if matches!(kind, ErrorKind::NotFound | ErrorKind::Unavailable | ErrorKind::Throttled) {
                return Err(error.into());
            }
            let (key, status) = words_of(&error);
            if status.is_server_error() {
                tracing::error!(request_id = visit.facts.request_id, %error, "a flow could not be run");
            }
            let message = words.t_args(key, &[("id", visit.facts.request_id.as_str().into())]);
            (json::flow_error(&visit.facts.request_id, &message), SessionChange::Keep, status)
        }
    };
    let mut response =
        HttpResponse::build(status).insert_header((header::CACHE_CONTROL, "no-store")).json(body);
    visit.settle(&session, &mut response);
    Ok(response)
}

fn words_of(error: &FlowError) -> (&'static str, StatusCode) {
    match error {
        FlowError::Stale => ("error-stale-text", StatusCode::CONFLICT),
        FlowError::Malformed => ("error-bad-request-text", StatusCode::BAD_REQUEST),
        FlowError::BadStart => ("error-expired-text", StatusCode::BAD_REQUEST),
        FlowError::NotFound | FlowError::Stage(_) | FlowError::Store(_) => {
            ("error-internal-text", StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}

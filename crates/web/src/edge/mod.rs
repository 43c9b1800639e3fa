//! The edge: what every request passes, in one place, so that no route can forget it.
//!
//! ```text
//! arrival: identifier, client, scheme, host ─ bad host 400, long address 414
//! first CSRF lock ─ 403
//! a body that does not arrive in time ─ 400
//! handler, metered; a panic is caught ─ 500
//! errors in the shape of the surface
//! content coding · security headers · identifier
//! one line in the log, three metrics
//! ```

mod coding;
mod csp;
mod headers;
mod log;
mod meter;
mod patience;
mod routes;

use std::{any::Any, panic::AssertUnwindSafe, sync::Arc};

use actix_web::{
    Error, HttpMessage as _, HttpRequest, HttpResponse,
    body::{BodySize, BoxBody, EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    error::InternalError,
    http::{
        Method, StatusCode,
        header::{ALLOW, CACHE_CONTROL},
    },
    middleware::Next,
};
use countersign_store::CostMeter;
use countersign_types::ErrorKind;
use futures_util::FutureExt as _;

use crate::{
    App, BadHost, MaybeSession, Surface, WebError,
    csrf::Crossing,
    encoding::Coding,
    request::Arrival,
    surface::{Asked, respond},
};

pub use csp::Csp;
use log::Line;
pub(crate) use log::SignedInUser;
pub use log::{RouteName, describe_metrics};
use meter::Metered;
pub(crate) use routes::Routes;

/// What a request came to.
enum Outcome<B> {
    Response(ServiceResponse<B>),
    /// The request is gone with its handler, unless it never reached one.
    Failed(WebError, Option<HttpRequest>),
}

/// The edge, as a middleware: `App::new().wrap(from_fn(edge))`, outermost.
pub async fn edge(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let app = App::shared(request.request())?;
    let (arrival, host) = Arrival::of(request.request(), app.settings(), app.rng());
    let arrival = Arc::new(arrival);
    request.extensions_mut().insert(Arc::clone(&arrival));
    let asked = Asked::of(request.request());
    let coding = Coding::wanted(request.headers());
    patience::limit(&mut request, app.settings().limits.body_time);
    let mut line = Line::begin(request.request(), &app, &arrival);
    let cost = Arc::new(CostMeter::default());
    if request.method() == Method::HEAD {
        // Routed as GET; the protocol's encoder leaves the body out (RFC 9110 §9.3.2).
        request.head_mut().method = Method::GET;
    }

    let outcome = match admit(&app, &arrival, host, request.request()) {
        Err(error) => Outcome::Failed(error, Some(request.into_parts().0)),
        Ok(()) => {
            let handled = AssertUnwindSafe(next.call(request)).catch_unwind();
            let (result, cpu) = Metered::new(CostMeter::scope(Arc::clone(&cost), handled)).await;
            line.cpu = cpu;
            settle(result)
        }
    };
    let (carrier, mut response) = finish(&app, &arrival, asked, outcome).await;
    if let Some(request) = &carrier {
        line.sender(request);
    }
    coding::apply(coding, &mut response);
    headers::apply(&arrival, carrier.as_ref(), &app, &mut response);
    line.end(&response, cost.cost());
    match carrier {
        Some(request) => Ok(ServiceResponse::new(request, response)),
        None => {
            Err(InternalError::from_response("the handler is gone", response.map_into_boxed_body()).into())
        }
    }
}

/// What is refused before any handler sees it.
fn admit(
    app: &App,
    arrival: &Arrival,
    host: Result<(), BadHost>,
    request: &HttpRequest,
) -> Result<(), WebError> {
    let uri = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    if uri > app.settings().limits.uri_bytes {
        return Err(WebError::of_status(StatusCode::URI_TOO_LONG));
    }
    let lines = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len());
    if lines.sum::<usize>() > app.settings().limits.header_bytes {
        return Err(WebError::of_status(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE));
    }
    // Probes come from machines that need not know our name.
    if !request.path().starts_with("/-/health/") {
        host?;
    }
    let cookies = arrival.cookies();
    let crossing = Crossing {
        method: request.method(),
        headers: request.headers(),
        has_our_cookie: [cookies.session_name(), cookies.browser_name()]
            .iter()
            .any(|name| request.cookie(name).is_some()),
        base_url: &arrival.base_url,
    };
    if !crossing.is_ours() && !app.settings().cross_site_paths.contains(request.path()) {
        return Err(WebError::denied().coded("csrf").caused_by("a form of another site"));
    }
    Ok(())
}

type Caught<B> = Result<Result<ServiceResponse<B>, Error>, Box<dyn Any + Send>>;

fn settle<B>(result: Caught<B>) -> Outcome<B> {
    match result {
        Ok(Ok(response)) => Outcome::Response(response),
        Ok(Err(error)) => Outcome::Failed(of_framework(&error), None),
        Err(panic) => {
            let words = panic.downcast_ref::<&str>().copied().map(ToOwned::to_owned);
            let words = words.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
            Outcome::Failed(WebError::internal(format!("panic: {words}")), None)
        }
    }
}

/// An error of the framework, or of a middleware below, by its status.
fn of_framework(error: &Error) -> WebError {
    WebError::of_status(error.as_response_error().status_code()).caused_by(error.to_string())
}

type Answer<B> = HttpResponse<EitherBody<B, BoxBody>>;

/// The response, with errors in the shape of their surface.
async fn finish<B: MessageBody + 'static>(
    app: &App,
    arrival: &Arrival,
    asked: Asked,
    outcome: Outcome<B>,
) -> (Option<HttpRequest>, Answer<B>) {
    let (request, response) = match outcome {
        Outcome::Response(response) => response.into_parts(),
        Outcome::Failed(error, carrier) => {
            report(&error, arrival);
            return (carrier, respond(app, arrival, &asked, &error).await.map_into_right_body());
        }
    };
    // Only now the routing is known, and with it the surface of the scope.
    let session = request.extensions().get::<MaybeSession>().and_then(|found| found.0.clone());
    let asked = Asked { surface: Surface::of(&request), session, ..asked };
    let ours = response.error().and_then(|error| error.as_error::<WebError>());
    let shown = match ours {
        Some(error) => {
            report(error, arrival);
            respond(app, arrival, &asked, error).await
        }
        None if is_bare_error(&response) => {
            let error = match response.error() {
                Some(error) => of_framework(error),
                None => WebError::of_status(response.status()),
            };
            report(&error, arrival);
            let mut shown = respond(app, arrival, &asked, &error).await;
            if let Some(allowed) = response.headers().get(ALLOW) {
                shown.headers_mut().insert(ALLOW, allowed.clone());
            }
            shown
        }
        None => return (Some(request), response.map_into_left_body()),
    };
    (Some(request), shown.map_into_right_body())
}

/// An error that no handler of ours wrote a response for: the framework's 404, 405, 413 and the like. A handler
/// that means an empty one says how it may be kept.
fn is_bare_error<B: MessageBody>(response: &HttpResponse<B>) -> bool {
    let status = response.status();
    let is_empty = matches!(response.body().size(), BodySize::None | BodySize::Sized(0));
    (status.is_client_error() || status.is_server_error())
        && (is_empty || response.error().is_some())
        && !response.headers().contains_key(CACHE_CONTROL)
}

/// Causes are logged once, here.
fn report(error: &WebError, arrival: &Arrival) {
    let Some(cause) = &error.problem().cause else { return };
    let request_id = arrival.request_id.as_str();
    match error.kind() {
        ErrorKind::Internal => tracing::error!(request_id, %cause, "a request failed"),
        ErrorKind::Unavailable => tracing::warn!(request_id, %cause, "a request could not be served"),
        kind => tracing::debug!(request_id, ?kind, %cause, "a request was refused"),
    }
}

//! The edge: what every request passes, in one place, so that no route can forget it.
//!
//! ```text
//! arrival: identifier, client, scheme, host ─ bad host 400, long address 414
//! first CSRF lock ─ 403
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

use std::{panic::AssertUnwindSafe, sync::Arc};

use actix_web::{
    Error, HttpMessage as _, HttpRequest, HttpResponse,
    body::{BoxBody, EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    error::InternalError,
    middleware::Next,
};
use countersign_store::CostMeter;
use countersign_types::ErrorKind;
use futures_util::FutureExt as _;

use crate::{
    App, WebError,
    csrf::Crossing,
    encoding::Coding,
    request::Arrival,
    surface::{Asked, respond},
};

pub use csp::Csp;
use log::Line;
pub(crate) use log::SignedInUser;
pub use log::describe_metrics;
use meter::Metered;

/// What a handler came to.
enum Outcome<B> {
    Response(ServiceResponse<B>),
    Failed(WebError),
}

/// The edge, as a middleware: `App::new().wrap(from_fn(edge))`, outermost.
pub async fn edge(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let app = App::shared(request.request())?;
    let (arrival, host) = Arrival::of(request.request(), app.settings(), app.rng());
    let arrival = Arc::new(arrival);
    request.extensions_mut().insert(Arc::clone(&arrival));
    let asked = Asked::of(request.request());
    let coding = Coding::wanted(request.headers());
    let mut line = Line::begin(request.request(), &arrival);
    let cost = Arc::new(CostMeter::default());

    let (outcome, cpu) = match admit(&app, &arrival, host.is_ok(), request.request()) {
        Err(error) => (Outcome::Failed(error), None),
        Ok(()) => {
            let handled = AssertUnwindSafe(next.call(request)).catch_unwind();
            let (result, cpu) = Metered::new(CostMeter::scope(Arc::clone(&cost), handled)).await;
            (settle(result), cpu)
        }
    };
    line.cpu = cpu;
    let (carrier, mut response) = finish(&app, &arrival, asked, outcome).await;
    if let Some(request) = &carrier {
        line.route(request);
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
fn admit(app: &App, arrival: &Arrival, is_host: bool, request: &HttpRequest) -> Result<(), WebError> {
    let uri = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    if uri > app.settings().limits.uri_bytes {
        return Err(WebError::of_status(actix_web::http::StatusCode::URI_TOO_LONG));
    }
    // Probes come from machines that need not know our name.
    if !is_host && !request.path().starts_with("/-/health/") {
        return Err(WebError::invalid());
    }
    let cookies = arrival.cookies();
    let crossing = Crossing {
        method: request.method(),
        headers: request.headers(),
        has_our_cookie: request.cookie(cookies.session_name()).is_some()
            || request.cookie(cookies.browser_name()).is_some(),
        base_url: &arrival.base_url,
    };
    if !crossing.is_ours() && !app.settings().cross_site_paths.contains(request.path()) {
        return Err(WebError::denied().coded("csrf").caused_by("a form of another site"));
    }
    Ok(())
}

type Caught<B> = Result<Result<ServiceResponse<B>, Error>, Box<dyn std::any::Any + Send>>;

fn settle<B>(result: Caught<B>) -> Outcome<B> {
    match result {
        Ok(Ok(response)) => Outcome::Response(response),
        Ok(Err(error)) => Outcome::Failed(as_web_error(error)),
        Err(panic) => {
            let words = panic
                .downcast_ref::<&str>()
                .map(|words| (*words).to_owned())
                .or_else(|| panic.downcast_ref::<String>().cloned());
            Outcome::Failed(WebError::internal(format!("panic: {}", words.unwrap_or_default())))
        }
    }
}

/// An error of the framework by its status; ours as it is.
fn as_web_error(error: Error) -> WebError {
    let status = error.as_response_error().status_code();
    WebError::of_status(status).caused_by(error.to_string())
}

/// The response, with errors in the shape of their surface.
async fn finish<B: MessageBody + 'static>(
    app: &App,
    arrival: &Arrival,
    mut asked: Asked,
    outcome: Outcome<B>,
) -> (Option<HttpRequest>, HttpResponse<EitherBody<B, BoxBody>>) {
    let (carrier, error) = match outcome {
        Outcome::Failed(error) => (None, error),
        Outcome::Response(response) => {
            let (request, response) = response.into_parts();
            let is_ours = response.error().is_some_and(|error| error.as_error::<WebError>().is_some());
            if !is_ours && !is_bare_error(&response) {
                return (Some(request), response.map_into_left_body());
            }
            asked = Asked::of(&request);
            match response.error().and_then(|error| error.as_error::<WebError>()) {
                Some(error) => {
                    report(error, arrival);
                    let shown = respond(app, arrival, &asked, error).await;
                    return (Some(request), shown.map_into_right_body());
                }
                None => {
                    let cause = response.error().map(ToString::to_string);
                    let error = WebError::of_status(response.status());
                    (Some(request), if let Some(cause) = cause { error.caused_by(cause) } else { error })
                }
            }
        }
    };
    report(&error, arrival);
    (carrier, respond(app, arrival, &asked, &error).await.map_into_right_body())
}

/// An error status that no handler of ours wrote a body for: the framework's 404, 405, 413 and the like.
fn is_bare_error<B: MessageBody>(response: &HttpResponse<B>) -> bool {
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    let is_ours = response.headers().contains_key(actix_web::http::header::CACHE_CONTROL);
    let is_probe = status == actix_web::http::StatusCode::SERVICE_UNAVAILABLE && response.error().is_none();
    is_error
        && !is_ours
        && !is_probe
        && (response.error().is_some()
            || matches!(
                response.body().size(),
                actix_web::body::BodySize::None | actix_web::body::BodySize::Sized(0)
            ))
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

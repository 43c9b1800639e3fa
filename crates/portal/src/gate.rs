//! While the house waits for its owner, every page leads to the initial set-up.

use actix_web::{
    Error, HttpResponse,
    body::{BoxBody, EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{Method, header::ACCEPT},
    middleware::Next,
};
use countersign_store::Snapshot;
use countersign_web::{App, found, setup};

/// The page of the initial set-up.
pub(crate) const SETUP: &str = "/if/flow/initial-setup/";

/// Slug of that flow.
const SLUG: &str = "initial-setup";

/// Pages that stay what they are: the set-up itself and what it needs.
const EXEMPT: [&str; 6] = [SETUP, "/flows/-/cancel/", "/-/", "/static/", "/api/", "/recovery/"];

/// Whether the set-up is open, and there is a flow to do it with.
pub(crate) fn is_open(snapshot: &Snapshot) -> bool {
    setup::is_open(snapshot) && snapshot.flow_by_slug(SLUG).is_some()
}

/// The gate, as a middleware inside the edge: `App::new().wrap(from_fn(lead_to_setup)).wrap(from_fn(edge))`.
pub async fn lead_to_setup(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<EitherBody<BoxBody, impl MessageBody>>, Error> {
    if is_page(&request) {
        let app = App::shared(request.request())?;
        if is_open(&*app.snapshot().await?) {
            let response: HttpResponse = found(SETUP);
            return Ok(request.into_response(response).map_into_left_body());
        }
    }
    Ok(next.call(request).await?.map_into_right_body())
}

/// Whether somebody looks at a page: programs get the answers of their protocol.
fn is_page(request: &ServiceRequest) -> bool {
    let path = request.path();
    let accepts_page = || {
        let accept = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok());
        accept.is_some_and(|accept| accept.contains("text/html"))
    };
    matches!(*request.method(), Method::GET | Method::HEAD)
        && !EXEMPT.iter().any(|exempt| path.starts_with(exempt))
        && (path.starts_with("/if/") || accepts_page())
}

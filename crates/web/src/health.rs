//! Probes: alive, and ready for work.

use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header::CACHE_CONTROL},
};
use countersign_store::Store;

use crate::App;

/// A database that takes longer to say "yes" is not ready.
const PATIENCE: Duration = Duration::from_secs(2);

/// `/-/health/live/`: this process answers.
pub(crate) async fn live() -> HttpResponse {
    empty(StatusCode::OK)
}

/// `/-/health/ready/`: the database answers too, has the tables of this program, and we are
/// not about to end.
pub(crate) async fn ready(request: HttpRequest) -> HttpResponse {
    let is_ready = match App::of(&request) {
        Some(app) => !app.is_draining() && (app.store().is_ready() || answers(app.store()).await),
        None => false,
    };
    empty(if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE })
}

async fn answers(store: &Store) -> bool {
    matches!(tokio::time::timeout(PATIENCE, store.ping()).await, Ok(Ok(()))) && store.is_ready()
}

fn empty(status: StatusCode) -> HttpResponse {
    HttpResponse::build(status).insert_header((CACHE_CONTROL, "no-store")).finish()
}

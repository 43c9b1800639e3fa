//! Probes: alive, and ready for work.

use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse};

use crate::App;

/// A database that takes longer to say "yes" is not ready.
const PATIENCE: Duration = Duration::from_secs(2);

/// `/-/health/live/`: this process answers.
pub(crate) async fn live() -> HttpResponse {
    HttpResponse::Ok().finish()
}

/// `/-/health/ready/`: the database answers too, and has the tables of this program.
pub(crate) async fn ready(request: HttpRequest) -> HttpResponse {
    let Some(app) = App::of(&request) else { return HttpResponse::ServiceUnavailable().finish() };
    let store = app.store();
    let is_ready = store.is_ready()
        || tokio::time::timeout(PATIENCE, store.ping())
            .await
            .is_ok_and(|pong| pong.is_ok() && store.is_ready());
    if is_ready { HttpResponse::Ok().finish() } else { HttpResponse::ServiceUnavailable().finish() }
}

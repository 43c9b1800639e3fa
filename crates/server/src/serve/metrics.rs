//! Prometheus metrics, on a listener of their own.

use std::time::Duration;

use actix_web::{HttpResponse, web};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

/// How often what was measured is summed up. Until then every single value is kept, scraped or not.
const UPKEEP: Duration = Duration::from_secs(5);

/// Begins to count. Must be called on a runtime of actix. Several servers in one process (in tests) share the first one's counters.
pub(super) fn begin() -> PrometheusHandle {
    let recorder = PrometheusBuilder::new().build_recorder();
    let handle = recorder.handle();
    if metrics::set_global_recorder(recorder).is_err() {
        tracing::debug!("metrics are counted elsewhere in this process");
    }
    countersign_web::describe_metrics();
    actix_rt::spawn(keep_up(handle.clone()));
    handle
}

async fn keep_up(handle: PrometheusHandle) {
    let mut clock = actix_rt::time::interval(UPKEEP);
    loop {
        clock.tick().await;
        handle.run_upkeep();
    }
}

/// The routes of the metrics listener.
pub(super) fn routes(config: &mut web::ServiceConfig, handle: PrometheusHandle) {
    config
        .app_data(web::Data::new(handle))
        .route("/metrics", web::get().to(render))
        .route("/-/metrics", web::get().to(render))
        .route("/-/metrics/", web::get().to(render));
}

async fn render(handle: web::Data<PrometheusHandle>) -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(handle.render())
}

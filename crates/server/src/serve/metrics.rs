//! Prometheus metrics, on a listener of their own.

use actix_web::{HttpResponse, web};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

/// Begins to count. Several servers in one process (in tests) share the first one's counters.
pub(super) fn begin() -> PrometheusHandle {
    let recorder = PrometheusBuilder::new().build_recorder();
    let handle = recorder.handle();
    if metrics::set_global_recorder(recorder).is_err() {
        tracing::debug!("metrics are counted elsewhere in this process");
    }
    countersign_web::describe_metrics();
    handle
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

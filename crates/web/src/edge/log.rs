//! One line for each request with what it cost, and three metrics. Never a query string, a code, a token or a
//! body: paths are those of the routes.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use actix_web::{
    HttpMessage as _, HttpRequest, HttpResponse,
    body::{BodySize, MessageBody},
};
use countersign_store::Cost;
use countersign_types::ClientAddr;

use crate::{App, request::Arrival};

const METHODS: [&str; 7] = ["GET", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"];
const REQUESTS: &str = "countersign_http_requests_total";
const SECONDS: &str = "countersign_http_request_duration_seconds";
const IN_FLIGHT: &str = "countersign_http_requests_in_flight";

/// The route that a handler of many found by itself. Put it among the extensions of the request.
#[derive(Clone, Debug)]
pub struct RouteName(pub String);

/// Integer key of the user whose session the request came with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SignedInUser(pub(crate) i64);

/// What the line will say.
pub(super) struct Line {
    started: Instant,
    method: &'static str,
    route: Arc<str>,
    client: Option<ClientAddr>,
    request_id: String,
    user: Option<i64>,
    pub(super) cpu: Duration,
}

impl Line {
    pub(super) fn begin(request: &HttpRequest, app: &App, arrival: &Arrival) -> Self {
        metrics::gauge!(IN_FLIGHT).increment(1.0);
        Self {
            started: Instant::now(),
            method: method_of(request),
            route: app.routes().of(request),
            client: arrival.client,
            request_id: arrival.request_id.clone(),
            user: None,
            cpu: Duration::ZERO,
        }
    }

    /// Notes who sent it, and where it was led.
    pub(super) fn sender(&mut self, request: &HttpRequest) {
        if let Some(RouteName(route)) = request.extensions_mut().remove::<RouteName>() {
            self.route = route.into();
        }
        self.user = request.extensions().get::<SignedInUser>().map(|user| user.0);
    }

    pub(super) fn end<B: MessageBody>(&self, response: &HttpResponse<B>, cost: Cost) {
        let elapsed = self.started.elapsed();
        let status = response.status().as_u16();
        let bytes = match response.body().size() {
            BodySize::Sized(bytes) => bytes,
            BodySize::None | BodySize::Stream => 0,
        };
        let route = || Arc::clone(&self.route);
        metrics::counter!(REQUESTS, "method" => self.method, "route" => route(), "status" => status.to_string())
            .increment(1);
        metrics::histogram!(SECONDS, "method" => self.method, "route" => route())
            .record(elapsed.as_secs_f64());
        tracing::info!(
            target: "request",
            method = self.method,
            route = &*self.route,
            status,
            bytes,
            ms = millis(elapsed),
            cpu_us = u64::try_from(self.cpu.as_micros()).unwrap_or(u64::MAX),
            reads = cost.reads,
            writes = cost.writes,
            queries = cost.queries,
            rows = cost.rows,
            db_ms = millis(Duration::from_micros(cost.db_micros)),
            client = self.client.map(tracing::field::display),
            user = self.user,
            request_id = self.request_id,
        );
    }
}

/// A request that the client gave up ends here too.
impl Drop for Line {
    fn drop(&mut self) {
        metrics::gauge!(IN_FLIGHT).decrement(1.0);
    }
}

/// Methods that nobody registered are one: labels must not grow with what strangers send.
fn method_of(request: &HttpRequest) -> &'static str {
    let method = request.method().as_str();
    METHODS.into_iter().find(|known| *known == method).unwrap_or("OTHER")
}

fn millis(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}

/// Describes the metrics, once, after a recorder was installed.
pub fn describe_metrics() {
    metrics::describe_counter!(REQUESTS, "Requests answered, by method, route and status.");
    metrics::describe_histogram!(
        SECONDS,
        metrics::Unit::Seconds,
        "Time to answer a request, by method and route."
    );
    metrics::describe_gauge!(IN_FLIGHT, "Requests under way.");
}

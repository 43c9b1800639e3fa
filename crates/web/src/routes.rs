//! The routes of the kit itself: assets and probes.

use actix_web::web::{self, ServiceConfig};

use crate::{assets, health};

/// Adds the kit's routes.
pub fn routes(config: &mut ServiceConfig) {
    // By prefix, so that requests for other addresses pass by a single comparison.
    config.service(web::scope("/static").route("/{path:.*}", web::get().to(assets::serve))).configure(probes);
}

/// Adds the probes alone, for a listener that serves nothing else.
pub fn probes(config: &mut ServiceConfig) {
    config
        .route("/-/health/live", web::get().to(health::live))
        .route("/-/health/live/", web::get().to(health::live))
        .route("/-/health/ready", web::get().to(health::ready))
        .route("/-/health/ready/", web::get().to(health::ready));
}

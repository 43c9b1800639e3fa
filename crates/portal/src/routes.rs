//! The routes of the portal. Every address ends in a slash; without it, the browser is sent to the one with it.

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse, Resource, Route,
    http::header::LOCATION,
    web::{self, Data, ServiceConfig, get, post},
};

use countersign_web::{glance, nothing_done};

use crate::{
    Portal, farewell,
    flow::{cancel, configure, default, executor, page},
    launch, library, notifications, recovery, robots, root, settings,
};

/// The routes, with the portal's seams: `App::new().configure(routes(portal))`.
pub fn routes(portal: Arc<Portal>) -> impl Fn(&mut ServiceConfig) + Clone {
    let portal = Data::from(portal);
    move |config| {
        config.app_data(portal.clone()).route("/", get().to(root::root));
        config.route("/robots.txt", get().to(robots::robots));
        config.route("/favicon.ico", get().to(robots::favicon));
        flows(config);
        people(config);
    }
}

fn flows(config: &mut ServiceConfig) {
    at(
        config,
        "/if/flow/{slug}/",
        [glance().to(page::glance), get().to(page::show), post().to(page::answer)],
    );
    at(
        config,
        "/api/v3/flows/executor/{slug}/",
        [glance().to(page::glance), get().to(executor::show), post().to(executor::answer)],
    );
    at(config, "/flows/-/default/authentication/", [get().to(default::authentication)]);
    at(
        config,
        "/flows/-/default/invalidation/",
        [get().to(default::invalidation), post().to(default::sign_out)],
    );
    at(
        config,
        "/flows/-/cancel/",
        [glance().to(nothing_done), get().to(cancel::cancel), post().to(cancel::cancel)],
    );
    at(config, "/flows/-/configure/{stage}/", [get().to(configure::configure)]);
}

fn people(config: &mut ServiceConfig) {
    at(config, "/if/user/", [get().to(library::library)]);
    at(config, "/if/user/settings/", [get().to(settings::show)]);
    at(config, "/if/user/settings/preferences/", [post().to(settings::preferences::save)]);
    at(config, "/if/user/settings/sessions/end-others/", [post().to(settings::sessions::end_others)]);
    at(config, "/if/user/settings/sessions/{id}/end/", [post().to(settings::sessions::end)]);
    at(config, "/if/user/settings/consents/{id}/revoke/", [post().to(settings::consents::revoke)]);
    at(config, notifications::HERE, [get().to(notifications::show)]);
    at(config, "/if/user/notifications/seen/", [post().to(notifications::all_seen)]);
    at(config, "/if/user/notifications/{id}/seen/", [post().to(notifications::seen)]);
    at(config, "/if/user/notifications/{id}/delete/", [post().to(notifications::delete)]);
    at(config, "/application/launch/{slug}/", [get().to(launch::launch)]);
    at(config, "/if/session-end/", [get().to(farewell::from_us)]);
    at(config, "/if/session-end/{slug}/", [get().to(farewell::from_application)]);
    at(config, "/recovery/use-token/{key}/", [get().to(recovery::ask), post().to(recovery::use_up)]);
}

/// Registers an address, and a redirect from the same without its slash.
fn at<const N: usize>(config: &mut ServiceConfig, path: &str, routes: [Route; N]) {
    config.service(routes.into_iter().fold(web::resource(path), Resource::route));
    config.service(web::resource(path.trim_end_matches('/')).to(with_slash));
}

/// 308 keeps the method (RFC 9110 §15.4.9).
async fn with_slash(request: HttpRequest) -> HttpResponse {
    let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
    let to = format!("{}/{query}", request.uri().path());
    HttpResponse::PermanentRedirect().insert_header((LOCATION, to)).finish()
}

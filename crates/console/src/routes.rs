//! The routes of the console. Every address ends in a slash; without it, the browser is sent to the one with it.

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse, Resource, Route,
    http::header::LOCATION,
    web::{self, Data, ServiceConfig, get, post},
};

use countersign_web::WebError;

use crate::{Console, generic, generic::search, impersonation, modules::MODULES, rail};

/// Below this stand all pages but one. Other paths pass by a single comparison.
const BELOW: &str = "/if/admin";

/// The routes: `App::new().configure(routes(console))`.
pub fn routes(console: Arc<Console>) -> impl Fn(&mut ServiceConfig) + Clone {
    let console = Data::from(console);
    move |config| {
        config.app_data(console.clone());
        config.service(web::resource("/if/user/impersonation/end/").post(impersonation::end));
        let pages = |config: &mut ServiceConfig| {
            at(config, "/if/admin/~rail/", [post().to(rail::fold)]);
            at(config, "/if/admin/search/", [get().to(search::show)]);
            for module in MODULES {
                (module.routes)(config);
            }
            generic::routes(config, &console);
        };
        config.service(web::scope(BELOW).configure(pages).default_service(web::to(otherwise)));
    }
}

/// Registers an address below `/if/admin/`. Without its slash at the end the browser is sent to it.
pub(crate) fn at<const N: usize>(config: &mut ServiceConfig, path: &str, routes: [Route; N]) {
    let below = path.strip_prefix(BELOW).unwrap_or(path);
    config.service(routes.into_iter().fold(web::resource(below), Resource::route));
}

/// No page: perhaps it is one with a slash. 308 keeps the method (RFC 9110 §15.4.9).
async fn otherwise(request: HttpRequest) -> Result<HttpResponse, WebError> {
    if request.path().ends_with('/') {
        return Err(WebError::not_found());
    }
    let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
    let to = format!("{}/{query}", request.uri().path());
    Ok(HttpResponse::PermanentRedirect().insert_header((LOCATION, to)).finish())
}

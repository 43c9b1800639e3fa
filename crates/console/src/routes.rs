//! The routes of the console. Every address ends in a slash; without it, the browser is sent to the one with it.

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse, Resource, Route,
    http::header::LOCATION,
    web::{self, Data, ServiceConfig, get, post},
};

use crate::{Console, generic, generic::places::Place, generic::search, modules::MODULES, rail};

/// The routes: `App::new().configure(routes(console))`.
pub fn routes(console: Arc<Console>) -> impl Fn(&mut ServiceConfig) + Clone {
    let console = Data::from(console);
    move |config| {
        config.app_data(console.clone());
        at(config, "/if/admin/~rail/", [post().to(rail::fold)]);
        at(config, "/if/admin/search/", [get().to(search::show)]);
        for module in MODULES {
            (module.routes)(config);
        }
        generic::routes(config, &console);
    }
}

/// Registers an address, and a redirect from the same without its slash.
pub(crate) fn at<const N: usize>(config: &mut ServiceConfig, path: &str, routes: [Route; N]) {
    config.service(routes.into_iter().fold(web::resource(path), Resource::route));
    config.service(web::resource(path.trim_end_matches('/')).to(with_slash));
}

/// Registers an address below a place; handlers find the place with `generic::At`.
pub(crate) fn at_place(config: &mut ServiceConfig, place: &Arc<Place>, rest: &str, routes: Vec<Route>) {
    let path = format!("{}{rest}", place.path);
    let resource = web::resource(path.as_str()).app_data(Arc::clone(place));
    config.service(routes.into_iter().fold(resource, Resource::route));
    config.service(web::resource(path.trim_end_matches('/')).to(with_slash));
}

/// 308 keeps the method (RFC 9110 §15.4.9).
pub(crate) async fn with_slash(request: HttpRequest) -> HttpResponse {
    let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
    let to = format!("{}/{query}", request.uri().path());
    HttpResponse::PermanentRedirect().insert_header((LOCATION, to)).finish()
}

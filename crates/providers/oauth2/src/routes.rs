//! The addresses, as authentik has them.

use std::sync::Arc;

use actix_web::{guard, web};
use countersign_web::{Surface, glance, nothing_done};

use crate::{
    authorize, cors, discovery, end_session, introspect, jwks, revoke, state::OAuth2, token, userinfo,
};

/// Adds the endpoints. Those that all clients share come first, so that no slug hides them.
pub fn routes(state: Arc<OAuth2>) -> impl FnOnce(&mut web::ServiceConfig) {
    move |config| {
        config.app_data(web::Data::from(state));
        for path in ["/application/o/authorize/", "/application/o/authorize"] {
            config.service(
                web::resource(path)
                    .route(glance().to(nothing_done))
                    .route(web::get().to(authorize::get))
                    .route(web::post().to(authorize::post)),
            );
        }
        config.service(web::resource("/application/o/deliver/").route(web::get().to(authorize::deliver)));
        for path in ["/application/o/token/", "/application/o/token"] {
            config.service(called(path).route(web::post().to(token::post)));
        }
        for path in ["/application/o/userinfo/", "/application/o/userinfo"] {
            config.service(
                called(path).route(web::get().to(userinfo::get)).route(web::post().to(userinfo::post)),
            );
        }
        for path in ["/application/o/introspect/", "/application/o/introspect"] {
            config.service(called(path).route(web::post().to(introspect::post)));
        }
        for path in ["/application/o/revoke/", "/application/o/revoke"] {
            config.service(called(path).route(web::post().to(revoke::post)));
        }
        // By prefix, so that requests for other addresses pass all of them by a single comparison.
        config.service(web::scope("/application/o").configure(of_applications));
        let metadata = web::scope("/.well-known/oauth-authorization-server/application/o");
        config.service(metadata.configure(|config| {
            for path in ["/{slug}/", "/{slug}"] {
                config.service(called(path).route(web::get().to(discovery::get)));
            }
        }));
    }
}

fn of_applications(config: &mut web::ServiceConfig) {
    for path in ["/{slug}/.well-known/openid-configuration", "/{slug}/.well-known/openid-configuration/"] {
        config.service(called(path).route(web::get().to(discovery::get)));
    }
    for path in ["/{slug}/jwks/", "/{slug}/jwks"] {
        config.service(called(path).route(web::get().to(jwks::get)));
    }
    for path in ["/{slug}/end-session/", "/{slug}/end-session"] {
        config.service(
            web::resource(path)
                .route(glance().to(nothing_done))
                .route(web::get().to(end_session::get))
                .route(web::post().to(end_session::post)),
        );
    }
    for path in ["/{slug}/", "/{slug}"] {
        config.service(web::resource(path).route(web::get().to(discovery::issuer)));
    }
}

/// An endpoint that applications call, from scripts too.
fn called(path: &str) -> actix_web::Resource {
    web::resource(path)
        .app_data(Surface::OAuth)
        .route(web::route().guard(guard::Options()).to(cors::preflight))
}

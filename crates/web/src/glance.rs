//! HEAD where GET does something: a glance must change nothing (RFC 9110 §9.2.1).
//!
//! Elsewhere HEAD is routed as GET and the answer loses its body. Where looking at a page signs somebody in or out, writes a
//! code or forgets an answer, nothing of it is done: the head says that the place is there.

use std::sync::Arc;

use actix_web::{
    HttpResponse, Route,
    guard::fn_guard,
    http::header::{CACHE_CONTROL, CONTENT_TYPE},
    web,
};

use crate::request::Arrival;

/// A route for HEAD. It stands before that for GET, which takes it otherwise.
pub fn glance() -> Route {
    web::route().guard(fn_guard(|call| {
        call.req_data().get::<Arc<Arrival>>().is_some_and(|arrival| arrival.is_glance)
    }))
}

/// What a glance at a place finds that is there, whatever would happen to whoever looks.
pub async fn nothing_done() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .finish()
}

//! Redirects.

use actix_web::{HttpResponse, http::header};

/// After a form was sent: the browser fetches the target with GET (RFC 9110 §15.4.4, RFC 9700 §4.12).
pub fn see_other(to: &str) -> HttpResponse {
    to_location(HttpResponse::SeeOther(), to)
}

/// Answer to a GET.
pub fn found(to: &str) -> HttpResponse {
    to_location(HttpResponse::Found(), to)
}

fn to_location(mut response: actix_web::HttpResponseBuilder, to: &str) -> HttpResponse {
    response.insert_header((header::LOCATION, to)).insert_header((header::CACHE_CONTROL, "no-store")).finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_answered_with_303() {
        let response = see_other("/if/user/");
        assert_eq!(response.status(), 303);
        assert_eq!(response.headers().get("location").unwrap(), "/if/user/");
        assert_eq!(found("/").status(), 302);
    }
}

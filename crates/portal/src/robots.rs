//! `/robots.txt` and `/favicon.ico`: what browsers and search engines ask for unasked.

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, ContentType},
};
use countersign_web::{PageCx, found};

/// Sign-in pages belong in no index.
pub(crate) async fn robots() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(ContentType::plaintext())
        .insert_header((CACHE_CONTROL, "public, max-age=86400"))
        .body("User-agent: *\nDisallow: /\n")
}

/// Our mark.
const MARK: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 24 24\" fill=\"#0b5d75\">\
    <path d=\"M11 2.05V8h3v8h-3v5.95a10 10 0 0 1 0-19.9z\"/>\
    <path d=\"M13 2.05V6h3v12h-3v3.95a10 10 0 0 0 0-19.9z\" opacity=\".55\"/></svg>";

/// The brand's icon, else our mark.
pub(crate) async fn favicon(cx: PageCx) -> HttpResponse {
    match cx
        .brand
        .favicon
        .as_deref()
        .filter(|icon| countersign_web::picture_address(icon).is_some() && !icon.starts_with("data:"))
    {
        Some(icon) => found(icon),
        None => HttpResponse::Ok()
            .insert_header(("content-type", "image/svg+xml"))
            .insert_header((CACHE_CONTROL, "public, max-age=86400"))
            .body(MARK),
    }
}

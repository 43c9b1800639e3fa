//! Content coding of what handlers made: pages, and JSON that is long.

use actix_web::{
    HttpResponse,
    body::{BodySize, BoxBody, EitherBody, MessageBody},
    http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderValue, VARY},
};

use crate::encoding::{Coding, Effort, MAX_BYTES, WORTHWHILE_BYTES};

/// Codes a response whose body is at hand and worth it. Streams and what is coded already stay as they are.
pub(super) fn apply<B: MessageBody + 'static>(
    coding: Coding,
    response: &mut HttpResponse<EitherBody<B, BoxBody>>,
) {
    let is_text = response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|kind| kind.starts_with("text/html") || kind.starts_with("application/json"));
    let BodySize::Sized(size) = response.body().size() else { return };
    let is_worth_it = usize::try_from(size).is_ok_and(|size| (WORTHWHILE_BYTES..=MAX_BYTES).contains(&size));
    if !is_text || !is_worth_it || response.headers().contains_key(CONTENT_ENCODING) {
        return;
    }
    response.headers_mut().append(VARY, HeaderValue::from_static("accept-encoding"));
    let Some(token) = coding.token() else { return };
    let body = std::mem::replace(response, HttpResponse::new(response.status()).map_into_right_body());
    let (head, body) = body.into_parts();
    let (body, is_coded): (BoxBody, bool) = match body.try_into_bytes() {
        Ok(bytes) => match coding.encode(&bytes, Effort::Now) {
            Some(coded) => (BoxBody::new(coded), true),
            None => (BoxBody::new(bytes), false),
        },
        Err(body) => (BoxBody::new(body), false),
    };
    *response = head.set_body(body).map_into_right_body();
    if is_coded {
        response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static(token));
    }
}

//! Which scripts may call (Fetch §3.2): those from the origins of registered redirect URIs.
//!
//! No credentials are allowed: the endpoints look at no cookie. The authorization endpoint answers no
//! preflight and sets none of these headers (RFC 9700 §2.6).

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{
        ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
        ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, HeaderValue, ORIGIN, VARY,
    },
};
use countersign_registry::ProviderSpec as _;
use uuid::Uuid;

use crate::{
    call::Call,
    client::{Client, ClientError},
    spec::OAuth2Provider,
};

/// The origins of all clients, for requests that do not say which client they are from.
struct AllOrigins(Vec<String>);

/// Lets a script read the answer, if it is one of the client's; of any client's where none is known.
pub(crate) fn allow(
    call: &Call,
    client: Option<&Client>,
    request: &HttpRequest,
    response: &mut HttpResponse,
) {
    response.headers_mut().append(VARY, HeaderValue::from_static("Origin"));
    let Some(origin) = request.headers().get(ORIGIN) else { return };
    let is_known = origin.to_str().is_ok_and(|origin| match client {
        Some(client) => client.origins.iter().any(|known| known == origin),
        None => all(call).iter().any(|known| known == origin),
    });
    if is_known {
        let headers = response.headers_mut();
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("WWW-Authenticate"));
    }
}

/// Answers a preflight.
pub(crate) async fn preflight(request: HttpRequest, call: Call) -> HttpResponse {
    let mut response = HttpResponse::NoContent().finish();
    allow(&call, None, &request, &mut response);
    let headers = response.headers_mut();
    if headers.contains_key(ACCESS_CONTROL_ALLOW_ORIGIN) {
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST"));
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("Authorization, Content-Type"));
        headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    }
    response
}

fn all(call: &Call) -> Vec<String> {
    let built = call.snapshot.memo::<AllOrigins, ClientError>(Uuid::nil(), || {
        let mut origins = Vec::new();
        let ours = call.snapshot.providers().iter().filter(|provider| provider.kind == OAuth2Provider::MODEL);
        for provider in ours {
            // A provider that cannot be used has no scripts either.
            if let Ok(client) = Client::of(&call.snapshot, call.sealer(), provider) {
                origins.extend(client.origins.iter().cloned());
            }
        }
        Ok(AllOrigins(origins))
    });
    built.map(|origins| origins.0.clone()).unwrap_or_default()
}

//! Answers of the endpoints that applications call themselves (RFC 6749 §5, RFC 6750 §3).

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, PRAGMA, RETRY_AFTER, WWW_AUTHENTICATE},
    },
};
use countersign_oauth2::{ErrorCode, ErrorResponse, OAuthError};
use countersign_types::{ErrorKind, Span};
use countersign_web::{Facts, WebError};
use serde::Serialize;

/// Why a call came to nothing.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// An error as the protocol names it.
    Protocol(OAuthError),
    /// The same, and how the caller should have authenticated (RFC 9110 §11.6.1).
    Challenge(OAuthError, &'static str),
    /// Too often; later again.
    Throttled(Span),
    /// A fault of ours, or of those we depend on.
    Fault(WebError),
}

impl From<OAuthError> for Refusal {
    fn from(error: OAuthError) -> Self {
        Self::Protocol(error)
    }
}

/// Everything that the web kit can show can be shown here.
macro_rules! faults {
    ($($error:ty),+ $(,)?) => {$(
        impl From<$error> for Refusal {
            fn from(error: $error) -> Self {
                Self::Fault(error.into())
            }
        }
    )+};
}

faults!(WebError, countersign_store::StoreError, countersign_web::KeyRingError, crate::client::ClientError);

impl Refusal {
    /// The JSON object of RFC 6749 §5.2. Causes go to the log, with the request's id.
    pub(crate) fn respond(self, facts: &Facts) -> HttpResponse {
        match self {
            Self::Protocol(error) => error_response(&error, facts),
            Self::Challenge(error, challenge) => {
                let mut response = error_response(&error, facts);
                if let Ok(challenge) = challenge.parse() {
                    response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
                }
                response
            }
            Self::Throttled(span) => {
                let error =
                    OAuthError::new(ErrorCode::TemporarilyUnavailable, "too many attempts; try again later");
                let body = ErrorResponse::new(&error).with_request_id(&facts.request_id);
                with_retry(json(StatusCode::TOO_MANY_REQUESTS, &body), span)
            }
            Self::Fault(fault) => {
                let request_id = facts.request_id.as_str();
                let error = match fault.kind() {
                    ErrorKind::Unavailable | ErrorKind::Throttled => {
                        tracing::warn!(request_id, error = %fault, "an OAuth 2 call could not be served");
                        OAuthError::new(ErrorCode::TemporarilyUnavailable, "try again in a moment")
                    }
                    _ => {
                        tracing::error!(request_id, error = %fault, "an OAuth 2 call failed");
                        OAuthError::new(ErrorCode::ServerError, "the fault is on our side")
                    }
                };
                let response = error_response(&error, facts);
                if error.code == ErrorCode::TemporarilyUnavailable {
                    return with_retry(response, Span::from_secs(5));
                }
                response
            }
        }
    }
}

fn error_response(error: &OAuthError, facts: &Facts) -> HttpResponse {
    let status = StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::BAD_REQUEST);
    json(status, &ErrorResponse::new(error).with_request_id(&facts.request_id))
}

fn with_retry(mut response: HttpResponse, span: Span) -> HttpResponse {
    if let Ok(secs) = span.as_secs().max(1).to_string().parse() {
        response.headers_mut().insert(RETRY_AFTER, secs);
    }
    response
}

/// A JSON body that nobody keeps (RFC 6749 §5.1).
pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> HttpResponse {
    HttpResponse::build(status)
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((PRAGMA, "no-cache"))
        .json(body)
}

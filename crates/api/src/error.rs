//! How a call fails, and what the client is told.

use std::fmt;

use actix_web::{
    HttpResponse,
    http::{StatusCode, header::CACHE_CONTROL},
};
use countersign_registry::{ResourceError, SeamError, Usage};
use countersign_store::StoreError;
use countersign_types::{FieldErrors, Text};
use countersign_web::{BodyError, WebError};
use serde_json::json;

/// How a call fails.
#[derive(Debug)]
pub enum ApiError {
    /// The registry refused, or failed.
    Resource(ResourceError),
    /// Anything else.
    Web(WebError),
}

impl ApiError {
    /// There is no such thing, or the caller may not know that there is.
    pub fn not_found() -> Self {
        Self::Web(WebError::not_found())
    }

    /// The caller may not.
    pub fn denied() -> Self {
        Self::Web(WebError::denied())
    }

    /// A complaint about one field, or about the whole when the path is empty.
    pub fn field(path: impl Into<String>, code: &'static str, message: impl Into<Text>) -> Self {
        Self::from(FieldErrors::one(path, code, message))
    }

    /// A fault of ours.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Web(WebError::internal(cause))
    }

    /// The response; most are shaped by the edge.
    pub(crate) fn into_response(self) -> Result<HttpResponse, WebError> {
        match self {
            Self::Web(error) => Err(error),
            Self::Resource(ResourceError::Fields(errors)) => Err(WebError::fields(errors)),
            Self::Resource(ResourceError::InUse(users)) => {
                Ok(in_use("in_use", "Others still need this object.", &users))
            }
            Self::Resource(ResourceError::WouldOpen(users)) => Ok(in_use(
                "would_open",
                "This is the last that guards others. Say may_open=true to delete it.",
                &users,
            )),
            Self::Resource(ResourceError::Stale) => Ok(stale()),
            Self::Resource(error) => Err(WebError::new(error.kind()).caused_by(error)),
        }
    }
}

/// Others need the object; they are named so that a client can do something about it.
fn in_use(code: &str, detail: &str, users: &[Usage]) -> HttpResponse {
    let users: Vec<_> = users.iter().map(crate::crud::usage).collect();
    HttpResponse::build(StatusCode::CONFLICT)
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(json!({ "detail": detail, "code": code, "used_by": users }))
}

/// The object is another than the one that `If-Match` names (RFC 9110 §13.1.1).
fn stale() -> HttpResponse {
    HttpResponse::build(StatusCode::PRECONDITION_FAILED)
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(json!({ "detail": "The object has changed meanwhile.", "code": "stale" }))
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Resource(error) => error.fmt(f),
            Self::Web(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ApiError {}

impl From<ResourceError> for ApiError {
    fn from(error: ResourceError) -> Self {
        Self::Resource(error)
    }
}

impl From<FieldErrors> for ApiError {
    fn from(errors: FieldErrors) -> Self {
        Self::Resource(ResourceError::Fields(errors))
    }
}

impl From<WebError> for ApiError {
    fn from(error: WebError) -> Self {
        Self::Web(error)
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self::Resource(ResourceError::from(error))
    }
}

impl From<BodyError> for ApiError {
    fn from(error: BodyError) -> Self {
        Self::Web(error.into())
    }
}

impl From<SeamError> for ApiError {
    fn from(error: SeamError) -> Self {
        match error {
            SeamError::NotFound => Self::not_found(),
            SeamError::Resource(error) => Self::Resource(error),
            SeamError::Failed(kind, words) => Self::Web(WebError::new(kind).saying(Text::literal(words))),
        }
    }
}

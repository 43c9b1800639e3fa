//! Bodies and queries, bounded and strict. What is malformed is an error of the sender, never of ours.

mod json;
pub mod multipart;
mod pairs;

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{CONTENT_LENGTH, CONTENT_TYPE},
    web::{Bytes, BytesMut},
};
use countersign_types::{ErrorKind, JsonObject};
use futures_util::{StreamExt as _, future::LocalBoxFuture};
use serde::de::DeserializeOwned;

use crate::{App, Limits, WebError};

pub use pairs::Pairs;

/// A body or query cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// It is not of the type that the endpoint takes.
    #[error("the content type is not {0}")]
    ContentType(&'static str),
    /// It is longer than the bound.
    #[error("the body is longer than {0} bytes")]
    TooLong(usize),
    /// It has more fields than the bound.
    #[error("there are too many fields")]
    TooManyFields,
    /// It does not parse.
    #[error("the body or query is malformed")]
    Malformed,
    /// A field that may stand once stands twice.
    #[error("“{0}” was sent more than once")]
    Duplicate(String),
    /// The connection ended before the body did.
    #[error("the body did not arrive")]
    Incomplete,
}

impl BodyError {
    /// How a surface shows it.
    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::TooLong(_) | Self::TooManyFields => ErrorKind::TooLarge,
            Self::ContentType(_) | Self::Malformed | Self::Duplicate(_) | Self::Incomplete => {
                ErrorKind::Invalid
            }
        }
    }
}

/// The fields of a form.
#[derive(Debug)]
pub struct BoundedForm(pub Pairs);

/// The parameters of the query.
#[derive(Debug)]
pub struct BoundedQuery(pub Pairs);

/// A JSON object.
#[derive(Debug)]
pub struct BoundedJson(pub JsonObject);

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

impl BoundedJson {
    /// The object as a type of the caller's.
    pub fn into<T: DeserializeOwned>(self) -> Result<T, BodyError> {
        serde_json::from_value(serde_json::Value::Object(self.0)).map_err(|_| BodyError::Malformed)
    }
}

impl FromRequest for BoundedForm {
    type Error = WebError;
    type Future = LocalBoxFuture<'static, Result<Self, WebError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let limits = limits_of(request);
        let declared = declared(request, FORM);
        let payload = payload.take();
        Box::pin(async move {
            let body = collect(declared?, payload, limits.form_bytes).await?;
            Ok(Self(Pairs::parse(&body, limits.form_fields)?))
        })
    }
}

impl FromRequest for BoundedQuery {
    type Error = WebError;
    type Future = std::future::Ready<Result<Self, WebError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let pairs = Pairs::parse(request.query_string().as_bytes(), limits_of(request).form_fields);
        std::future::ready(pairs.map(Self).map_err(WebError::from))
    }
}

impl FromRequest for BoundedJson {
    type Error = WebError;
    type Future = LocalBoxFuture<'static, Result<Self, WebError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let limits = limits_of(request);
        let declared = declared(request, JSON);
        let payload = payload.take();
        Box::pin(async move {
            let body = collect(declared?, payload, limits.json_bytes).await?;
            Ok(Self(json::parse(&body, &limits)?))
        })
    }
}

/// A body of another media type as it is, within the bound of JSON bodies.
pub async fn bounded_body(
    request: &HttpRequest,
    payload: &mut Payload,
    media_type: &'static str,
) -> Result<Bytes, WebError> {
    let limit = limits_of(request).json_bytes;
    Ok(collect(declared(request, media_type)?, payload.take(), limit).await?)
}

fn limits_of(request: &HttpRequest) -> Limits {
    App::of(request).map(|app| app.settings().limits).unwrap_or_default()
}

/// The length that the sender promises, after the content type was compared.
fn declared(request: &HttpRequest, wanted: &'static str) -> Result<Option<usize>, BodyError> {
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let media_type = header(CONTENT_TYPE).and_then(|value| value.split(';').next()).map(str::trim);
    if !media_type.is_some_and(|found| found.eq_ignore_ascii_case(wanted)) {
        return Err(BodyError::ContentType(wanted));
    }
    Ok(header(CONTENT_LENGTH).and_then(|length| length.parse().ok()))
}

async fn collect(declared: Option<usize>, mut payload: Payload, limit: usize) -> Result<Bytes, BodyError> {
    if declared.is_some_and(|length| length > limit) {
        return Err(BodyError::TooLong(limit));
    }
    let mut body = BytesMut::with_capacity(declared.unwrap_or(1024).min(limit));
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| BodyError::Incomplete)?;
        if body.len() + chunk.len() > limit {
            return Err(BodyError::TooLong(limit));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

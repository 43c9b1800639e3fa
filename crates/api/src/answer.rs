//! What handlers return.

use actix_web::{
    HttpRequest, HttpResponse,
    cookie::Cookie,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderName, HeaderValue, IF_NONE_MATCH, SET_COOKIE},
    },
};
use countersign_crypto::digest_hex;
use serde::Serialize;
use serde_json::Value;

use crate::ApiError;

/// What a handler answers.
#[derive(Debug)]
pub struct Answer {
    status: StatusCode,
    body: Body,
    headers: Vec<(HeaderName, HeaderValue)>,
}

#[derive(Debug)]
enum Body {
    Empty,
    Json(Vec<u8>),
    Other { media_type: &'static str, bytes: Vec<u8> },
}

impl Answer {
    /// 200 with this.
    pub fn json(body: &impl Serialize) -> Result<Self, ApiError> {
        let bytes = serde_json::to_vec(body).map_err(ApiError::internal)?;
        Ok(Self { status: StatusCode::OK, body: Body::Json(bytes), headers: Vec::new() })
    }

    /// 201 with this.
    pub fn created(body: &impl Serialize) -> Result<Self, ApiError> {
        Ok(Self { status: StatusCode::CREATED, ..Self::json(body)? })
    }

    /// 204.
    pub const fn empty() -> Self {
        Self { status: StatusCode::NO_CONTENT, body: Body::Empty, headers: Vec::new() }
    }

    /// 200 with something that is not JSON.
    pub fn other(media_type: &'static str, bytes: impl Into<Vec<u8>>) -> Self {
        let body = Body::Other { media_type, bytes: bytes.into() };
        Self { status: StatusCode::OK, body, headers: Vec::new() }
    }

    /// With another status.
    #[must_use]
    pub const fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// With one more header; a value that no header can have is left out.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((name, value));
        }
        self
    }

    /// With a cookie for the browser.
    #[must_use]
    pub fn cookie(self, cookie: &Cookie<'_>) -> Self {
        self.header(SET_COOKIE, &cookie.to_string())
    }

    /// With the version of the object shown, which `If-Match` may name, and the digest of what is shown, which
    /// `If-None-Match` goes by besides (RFC 9110 §8.8.3): read-only attributes change without the object.
    #[must_use]
    pub fn version(self, version: &str) -> Self {
        let shown = match &self.body {
            Body::Json(bytes) => digest_hex(&String::from_utf8_lossy(bytes)),
            Body::Empty | Body::Other { .. } => String::new(),
        };
        let shown = shown.get(..16).unwrap_or_default().to_owned();
        self.header(ETAG, &format!("\"{version}.{shown}\""))
    }

    /// 304 without a body to who has exactly this already (RFC 9110 §13.1.2).
    #[must_use]
    pub(crate) fn unless_known(self, request: &HttpRequest) -> Self {
        let Some((_, tag)) = self.headers.iter().find(|(name, _)| *name == ETAG) else { return self };
        let own = tag.to_str().unwrap_or_default();
        let known = request.headers().get_all(IF_NONE_MATCH).filter_map(|value| value.to_str().ok());
        // Weak comparison: the mark of weakness does not count (§8.8.3.2).
        let is_own = |other: &str| other == "*" || other.strip_prefix("W/").unwrap_or(other) == own;
        if known.flat_map(|tags| tags.split(',')).any(|tag| is_own(tag.trim())) {
            return Self { status: StatusCode::NOT_MODIFIED, body: Body::Empty, ..self };
        }
        self
    }

    pub(crate) fn into_response(self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        // Answers are somebody's; only validators may be kept.
        response.insert_header((CACHE_CONTROL, "no-store"));
        for (name, value) in self.headers {
            response.insert_header((name, value));
        }
        match self.body {
            Body::Empty => response.finish(),
            Body::Json(bytes) => response.insert_header((CONTENT_TYPE, "application/json")).body(bytes),
            Body::Other { media_type, bytes } => {
                response.insert_header((CONTENT_TYPE, media_type)).body(bytes)
            }
        }
    }
}

/// A page of results, as clients of authentik's API read it.
#[derive(Debug, Serialize)]
pub struct Page {
    /// Where it stands in the list.
    pub pagination: Pagination,
    /// What is on it.
    pub results: Vec<Value>,
    /// Words for completing a query; we have none.
    pub autocomplete: serde_json::Map<String, Value>,
}

/// Where a page stands in its list.
#[derive(Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Pagination {
    /// Number of the next page; 0 when this is the last.
    pub next: u64,
    /// Number of the page before; 0 when this is the first.
    pub previous: u64,
    /// How many results there are altogether.
    pub count: u64,
    /// Number of this page, from 1.
    pub current: u64,
    /// How many pages there are; at least 1.
    pub total_pages: u64,
    /// Position of the first result on this page, from 1.
    pub start_index: u64,
    /// Position of the last result on this page.
    pub end_index: u64,
}

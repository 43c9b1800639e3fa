//! Errors at the edge: what a handler returns, and the status that each kind of failure has. How they look is
//! the surface's ([`crate::Surface`]).

use std::fmt;

use actix_web::{HttpResponse, ResponseError, http::StatusCode};
use countersign_crypto::HashError;
use countersign_flows::{FlowError, StageError};
use countersign_store::StoreError;
use countersign_types::{ErrorKind, FieldErrors, Span, Text};

use crate::{BadHost, BodyError, KeyRingError};

/// A request that came to nothing. Any fault without a mapping is ours: 500.
pub struct WebError(Box<Problem>);

/// What a surface renders.
pub(crate) struct Problem {
    pub(crate) kind: ErrorKind,
    pub(crate) status: StatusCode,
    pub(crate) title: Option<Text>,
    pub(crate) text: Option<Text>,
    pub(crate) code: Option<&'static str>,
    pub(crate) fields: FieldErrors,
    pub(crate) retry_after: Option<Span>,
    pub(crate) ways: Vec<WayOn>,
    pub(crate) authenticate: Option<String>,
    pub(crate) cause: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// A way on from an error page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WayOn {
    /// Key of the message on the link.
    pub label: &'static str,
    /// Where it leads.
    pub href: String,
}

/// How long to wait when nothing better is known.
const DEFAULT_RETRY: Span = Span::from_secs(5);

impl WebError {
    /// An error of some kind, with the words and the status of that kind.
    pub fn new(kind: ErrorKind) -> Self {
        let retry_after =
            matches!(kind, ErrorKind::Throttled | ErrorKind::Unavailable).then_some(DEFAULT_RETRY);
        Self(Box::new(Problem {
            kind,
            status: status_of(kind),
            title: None,
            text: None,
            code: None,
            fields: FieldErrors::default(),
            retry_after,
            ways: Vec::new(),
            authenticate: None,
            cause: None,
        }))
    }

    /// There is no such thing.
    pub fn not_found() -> Self {
        Self::new(ErrorKind::NotFound)
    }

    /// Nobody is signed in. A page that is fetched leads to the sign-in flow and back.
    pub fn unauthenticated() -> Self {
        Self::new(ErrorKind::Unauthenticated)
    }

    /// Somebody is signed in who may not.
    pub fn denied() -> Self {
        Self::new(ErrorKind::Denied)
    }

    /// The request is malformed.
    pub fn invalid() -> Self {
        Self::new(ErrorKind::Invalid)
    }

    /// A document fails rules, field by field.
    pub fn fields(errors: FieldErrors) -> Self {
        let mut error = Self::invalid();
        error.0.fields = errors;
        error
    }

    /// Too often.
    pub fn throttled(retry_after: Span) -> Self {
        let mut error = Self::new(ErrorKind::Throttled);
        error.0.retry_after = Some(retry_after);
        error
    }

    /// A form whose token is of another session, or none.
    pub fn expired_form() -> Self {
        Self::denied().titled("error-expired-title").saying("error-expired-text").coded("csrf")
    }

    /// A fault of ours.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::new(ErrorKind::Internal).caused_by(cause)
    }

    /// What went wrong, for the log only.
    #[must_use]
    pub fn caused_by(mut self, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    /// Another heading than that of the kind.
    #[must_use]
    pub fn titled(mut self, title: impl Into<Text>) -> Self {
        self.0.title = Some(title.into());
        self
    }

    /// Other words than those of the kind.
    #[must_use]
    pub fn saying(mut self, text: impl Into<Text>) -> Self {
        self.0.text = Some(text.into());
        self
    }

    /// A machine-readable reason: `error` of OAuth (RFC 6749 §5.2), `code` of the REST API.
    #[must_use]
    pub fn coded(mut self, code: &'static str) -> Self {
        self.0.code = Some(code);
        self
    }

    /// A way on from the page; the first is the primary one.
    #[must_use]
    pub fn way_on(mut self, label: &'static str, href: impl Into<String>) -> Self {
        self.0.ways.push(WayOn { label, href: href.into() });
        self
    }

    /// `WWW-Authenticate` (RFC 9110 §11.6.1).
    #[must_use]
    pub fn authenticate(mut self, challenge: impl Into<String>) -> Self {
        self.0.authenticate = Some(challenge.into());
        self
    }

    /// What kind it is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    pub(crate) fn problem(&self) -> &Problem {
        &self.0
    }

    /// What a bare status of the framework means.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        let kind = match status {
            StatusCode::NOT_FOUND => ErrorKind::NotFound,
            StatusCode::UNAUTHORIZED => ErrorKind::Unauthenticated,
            StatusCode::FORBIDDEN => ErrorKind::Denied,
            StatusCode::CONFLICT => ErrorKind::Conflict,
            StatusCode::PAYLOAD_TOO_LARGE
            | StatusCode::URI_TOO_LONG
            | StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => ErrorKind::TooLarge,
            StatusCode::TOO_MANY_REQUESTS => ErrorKind::Throttled,
            StatusCode::SERVICE_UNAVAILABLE => ErrorKind::Unavailable,
            status if status.is_client_error() => ErrorKind::Invalid,
            _ => ErrorKind::Internal,
        };
        let mut error = Self::new(kind);
        if kind != ErrorKind::Internal {
            error.0.status = status;
        }
        if status == StatusCode::METHOD_NOT_ALLOWED {
            error =
                error.titled("error-method-title").saying("error-method-text").coded("method_not_allowed");
        }
        error
    }
}

/// The status of each kind.
pub(crate) const fn status_of(kind: ErrorKind) -> StatusCode {
    match kind {
        ErrorKind::NotFound => StatusCode::NOT_FOUND,
        ErrorKind::Unauthenticated => StatusCode::UNAUTHORIZED,
        ErrorKind::Denied => StatusCode::FORBIDDEN,
        ErrorKind::Invalid => StatusCode::BAD_REQUEST,
        ErrorKind::Conflict => StatusCode::CONFLICT,
        ErrorKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorKind::Throttled => StatusCode::TOO_MANY_REQUESTS,
        ErrorKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// Domain errors meet HTTP here, once: by their kind, with themselves as the cause.
macro_rules! by_kind {
    ($($error:ty),+ $(,)?) => {$(
        impl From<$error> for WebError {
            fn from(error: $error) -> Self {
                Self::new(error.kind()).caused_by(error)
            }
        }
    )+};
}

by_kind!(StoreError, BodyError, KeyRingError);

impl From<HashError> for WebError {
    fn from(error: HashError) -> Self {
        let mut shown = Self::new(error.kind());
        if let HashError::Busy { retry_after_secs } = error {
            shown.0.retry_after = Some(Span::from_secs(retry_after_secs.into()));
        }
        shown.caused_by(error)
    }
}

impl From<StageError> for WebError {
    fn from(error: StageError) -> Self {
        match error {
            StageError::Hash(error) => error.into(),
            error => Self::new(error.kind()).caused_by(error),
        }
    }
}

impl From<FlowError> for WebError {
    fn from(error: FlowError) -> Self {
        let shown = match &error {
            FlowError::Stage(StageError::Hash(busy)) => return Self::from(*busy),
            FlowError::Stale => {
                Self::new(error.kind()).titled("error-stale-title").saying("error-stale-text")
            }
            FlowError::BadStart => {
                Self::new(error.kind()).titled("error-expired-title").saying("error-expired-text")
            }
            _ => Self::new(error.kind()),
        };
        shown.caused_by(error)
    }
}

impl From<BadHost> for WebError {
    fn from(error: BadHost) -> Self {
        Self::invalid().caused_by(error)
    }
}

impl From<askama::Error> for WebError {
    fn from(error: askama::Error) -> Self {
        Self::internal(error)
    }
}

impl fmt::Debug for WebError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebError")
            .field("kind", &self.0.kind)
            .field("cause", &self.0.cause)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for WebError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.cause {
            Some(cause) => write!(f, "{:?}: {cause}", self.0.kind),
            None => write!(f, "{:?}", self.0.kind),
        }
    }
}

/// The body is the surface's, which the edge renders.
impl ResponseError for WebError {
    fn status_code(&self) -> StatusCode {
        self.0.status
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.0.status)
    }
}

//! Errors as the protocols name them.

use std::borrow::Cow;

use countersign_types::ErrorKind;
use serde::Serialize;

/// Declares the codes, so that name, status and kind stand side by side.
macro_rules! error_codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $status:literal, $kind:ident;)+) => {
        /// The value of `error`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
        pub enum ErrorCode {
            $($(#[$doc])* #[serde(rename = $text)] $name,)+
        }

        impl ErrorCode {
            /// As it stands on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// HTTP status of an answer that is not a redirect.
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status,)+ }
            }

            /// What a surface makes of it.
            pub const fn kind(self) -> ErrorKind {
                match self { $(Self::$name => ErrorKind::$kind,)+ }
            }
        }
    };
}

error_codes! {
    /// Malformed, or a parameter given twice (RFC 6749 §4.1.2.1, §5.2).
    InvalidRequest = "invalid_request", 400, Invalid;
    /// The client did not prove who it is (RFC 6749 §5.2).
    InvalidClient = "invalid_client", 401, Unauthenticated;
    /// The code or refresh token is worth nothing (RFC 6749 §5.2).
    InvalidGrant = "invalid_grant", 400, Invalid;
    /// The client may not do this.
    UnauthorizedClient = "unauthorized_client", 400, Denied;
    /// The grant type is not known or not enabled.
    UnsupportedGrantType = "unsupported_grant_type", 400, Invalid;
    /// The response type is not known or not enabled.
    UnsupportedResponseType = "unsupported_response_type", 400, Invalid;
    /// The scope is malformed or more than was granted.
    InvalidScope = "invalid_scope", 400, Invalid;
    /// The resource is unknown (RFC 8707 §2).
    InvalidTarget = "invalid_target", 400, Invalid;
    /// The user or a policy refused.
    AccessDenied = "access_denied", 403, Denied;
    /// A fault of ours.
    ServerError = "server_error", 500, Internal;
    /// Too much to do; later again.
    TemporarilyUnavailable = "temporarily_unavailable", 503, Unavailable;
    /// `prompt=none`, but the user has to do something (OpenID Connect Core §3.1.2.6).
    InteractionRequired = "interaction_required", 400, Invalid;
    /// `prompt=none`, but nobody is signed in.
    LoginRequired = "login_required", 400, Unauthenticated;
    /// `prompt=none`, but several accounts are signed in.
    AccountSelectionRequired = "account_selection_required", 400, Invalid;
    /// `prompt=none`, but consent is missing.
    ConsentRequired = "consent_required", 400, Invalid;
    /// Request objects are not supported.
    RequestNotSupported = "request_not_supported", 400, Invalid;
    /// Request objects by reference are not supported.
    RequestUriNotSupported = "request_uri_not_supported", 400, Invalid;
    /// Registration inside a request is not supported.
    RegistrationNotSupported = "registration_not_supported", 400, Invalid;
    /// The access token is worth nothing (RFC 6750 §3.1).
    InvalidToken = "invalid_token", 401, Unauthenticated;
    /// The access token does not reach so far (RFC 6750 §3.1).
    InsufficientScope = "insufficient_scope", 403, Denied;
    /// Tokens of this type are not revoked here (RFC 7009 §2.2.1).
    UnsupportedTokenType = "unsupported_token_type", 400, Invalid;
}

/// An error with what a developer should know about it. Never holds a secret or what a stranger sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {description}", code.as_str())]
pub struct OAuthError {
    /// The code.
    pub code: ErrorCode,
    /// For the developer of the client, in English.
    pub description: Cow<'static, str>,
}

impl OAuthError {
    /// An error.
    pub fn new(code: ErrorCode, description: impl Into<Cow<'static, str>>) -> Self {
        Self { code, description: description.into() }
    }

    /// `invalid_request`.
    pub fn invalid_request(description: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::InvalidRequest, description)
    }

    /// What a surface makes of it.
    pub fn kind(&self) -> ErrorKind {
        self.code.kind()
    }

    /// Value of `WWW-Authenticate` of a protected resource (RFC 6750 §3). `None` asks for a token without
    /// saying more, as befits a request that brought none.
    pub fn www_authenticate(realm: &str, error: Option<&Self>) -> String {
        let mut value = format!("Bearer realm=\"{}\"", printable(realm));
        if let Some(error) = error {
            let description = printable(&error.description);
            value.push_str(&format!(
                ", error=\"{}\", error_description=\"{description}\"",
                error.code.as_str()
            ));
        }
        value
    }
}

/// The JSON of an error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ErrorResponse {
    /// The code.
    pub error: ErrorCode,
    /// For the developer; printable ASCII without quotes and backslashes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_description: Option<String>,
    /// Where there is more to read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_uri: Option<String>,
    /// `state` of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// The issuer (RFC 9207).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iss: Option<String>,
    /// To find the request in the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

impl ErrorResponse {
    /// The JSON of this error.
    pub fn new(error: &OAuthError) -> Self {
        let description = printable(&error.description);
        Self {
            error: error.code,
            error_description: (!description.is_empty()).then_some(description),
            error_uri: None,
            state: None,
            iss: None,
            request_id: None,
        }
    }

    /// With the request's id.
    #[must_use]
    pub fn with_request_id(mut self, id: impl Into<String>) -> Self {
        self.request_id = Some(id.into());
        self
    }
}

/// RFC 6749 §5.2 lets a description hold `%x20-21 / %x23-5B / %x5D-7E` only; at most 512 characters.
pub(crate) fn printable(text: &str) -> String {
    let legal = |c: char| matches!(c, ' '..='~') && c != '"' && c != '\\';
    text.chars().take(512).map(|c| if legal(c) { c } else { '\'' }).collect()
}

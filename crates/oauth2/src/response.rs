//! The authorization response (RFC 6749 §4.1.2, RFC 9207, OAuth 2.0 Form Post Response Mode).

use url::form_urlencoded;

use crate::{OAuthError, ResponseMode, error::printable};

/// What goes back to the client through the browser.
#[derive(Clone)]
pub struct AuthorizationResponse {
    fields: Vec<(&'static str, String)>,
}

/// How it goes there.
#[derive(Clone, PartialEq, Eq)]
pub enum Delivery {
    /// By a redirect (303 after a form) to this URL.
    Redirect(String),
    /// By a form that the browser posts.
    FormPost {
        /// Where to.
        action: String,
        /// Hidden fields.
        fields: Vec<(&'static str, String)>,
    },
}

/// It carries codes, which do not belong in a log.
impl std::fmt::Debug for AuthorizationResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.fields.iter().map(|(name, _)| name)).finish()
    }
}

impl std::fmt::Debug for Delivery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Redirect(_) => "Redirect(…)",
            Self::FormPost { .. } => "FormPost(…)",
        })
    }
}

impl AuthorizationResponse {
    /// A code.
    pub fn code(code: impl Into<String>, state: Option<&str>, issuer: &str) -> Self {
        Self { fields: vec![("code", code.into())] }.ended(state, issuer)
    }

    /// An error.
    pub fn error(error: &OAuthError, state: Option<&str>, issuer: &str) -> Self {
        let mut fields = vec![("error", error.code.as_str().to_owned())];
        let description = printable(&error.description);
        if !description.is_empty() {
            fields.push(("error_description", description));
        }
        Self { fields }.ended(state, issuer)
    }

    /// `state` as it came and `iss`, against mix-up (RFC 9207 §2).
    fn ended(mut self, state: Option<&str>, issuer: &str) -> Self {
        self.fields.extend(state.map(|state| ("state", state.to_owned())));
        self.fields.push(("iss", issuer.to_owned()));
        self
    }

    /// On its way to a redirect URI that a [`RedirectUriMatcher`](crate::RedirectUriMatcher) has let pass. The
    /// query that the URI has already stays (RFC 6749 §3.1.2).
    pub fn deliver(self, mode: ResponseMode, redirect_uri: &str) -> Delivery {
        let separator = match mode {
            ResponseMode::FormPost => {
                return Delivery::FormPost { action: redirect_uri.to_owned(), fields: self.fields };
            }
            ResponseMode::Fragment => "#",
            ResponseMode::Query if !redirect_uri.contains('?') => "?",
            ResponseMode::Query if redirect_uri.ends_with(['?', '&']) => "",
            ResponseMode::Query => "&",
        };
        let fields = form_urlencoded::Serializer::new(String::new()).extend_pairs(self.fields).finish();
        Delivery::Redirect(format!("{redirect_uri}{separator}{fields}"))
    }
}

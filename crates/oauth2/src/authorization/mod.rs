//! The authorization request (RFC 6749 §4.1.1, OpenID Connect Core §3.1.2.1), read in two phases.
//!
//! ```text
//! Params ─▶ Target (client_id, redirect_uri) ── error: shown on a page, never redirected (RFC 9700 §4.11)
//!             │ client found, redirect URI matched by the caller
//!             ▼
//!           AuthorizationRequest ── error: RedirectableError, goes back to the client
//! ```

mod types;

use crate::{ErrorCode, OAuthError, Params, PkceChallenge, ScopeSet};

pub use types::{Prompt, ResponseMode, ResponseType};

const MAX_NONCE_LEN: usize = 1024;
const MAX_WORDS: usize = 16;
const MAX_WORD_LEN: usize = 256;

/// Who asks and where the answer is to go. Until both are known to belong together nothing is redirected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The client.
    pub client_id: String,
    /// Where the answer goes; none when the client leaves it out, having registered just one.
    pub redirect_uri: Option<String>,
}

impl Target {
    /// First phase. The error is for a page.
    pub fn parse(params: &Params) -> Result<Self, OAuthError> {
        let client_id = params.required("client_id")?;
        if client_id.len() > 255 || client_id.contains(char::is_control) {
            return Err(OAuthError::invalid_request("client_id is malformed"));
        }
        let redirect_uri = params.get("redirect_uri").map(str::to_owned);
        Ok(Self { client_id: client_id.to_owned(), redirect_uri })
    }
}

/// What the client wants, once it is known where an answer may go.
#[derive(Clone, Debug)]
pub struct AuthorizationRequest {
    /// What comes back.
    pub response_type: ResponseType,
    /// How it comes back.
    pub response_mode: ResponseMode,
    /// What the client wants to reach; none for all it may.
    pub scope: Option<ScopeSet>,
    /// Goes along.
    pub state: Option<String>,
    /// Goes into the ID token.
    pub nonce: Option<String>,
    /// What the user is to be asked.
    pub prompt: Prompt,
    /// How many seconds ago the user may have proved who he is.
    pub max_age: Option<u32>,
    /// Whom to sign in.
    pub login_hint: Option<String>,
    /// An ID token of ours about whom to sign in. To be verified.
    pub id_token_hint: Option<String>,
    /// Languages of the pages, the most wanted first.
    pub ui_locales: Vec<String>,
    /// Authentication contexts, the most wanted first.
    pub acr_values: Vec<String>,
    /// PKCE.
    pub code_challenge: Option<PkceChallenge>,
    /// Thumbprint of the DPoP key that the code is to be bound to (RFC 9449 §10).
    pub dpop_jkt: Option<String>,
    /// Resources that the access token is for (RFC 8707).
    pub resources: Vec<String>,
}

/// An error that goes back to the client.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{error}")]
pub struct RedirectableError {
    /// What is wrong.
    pub error: OAuthError,
    /// How it goes back.
    pub response_mode: ResponseMode,
    /// `state` of the request.
    pub state: Option<String>,
}

impl RedirectableError {
    /// What a surface makes of it.
    pub fn kind(&self) -> countersign_types::ErrorKind {
        self.error.kind()
    }
}

impl AuthorizationRequest {
    /// Second phase. `claims` is not supported and ignored, as OpenID Connect Core §5.5 allows.
    pub fn parse(params: &Params) -> Result<Self, Box<RedirectableError>> {
        let state = params.get("state").map(str::to_owned);
        // Errors go the way that the client asked for, as far as that can be read.
        let response_type = params.get("response_type").and_then(ResponseType::parse);
        let by_type = response_type.map_or(ResponseMode::Query, ResponseType::default_mode);
        let asked = params.get("response_mode").map(ResponseMode::parse);
        let response_mode = asked.flatten().unwrap_or(by_type);
        let failed = |error| {
            Box::new(RedirectableError {
                error,
                response_mode: response_mode.safe_for(by_type),
                state: state.clone(),
            })
        };

        refuse_request_objects(params).map_err(failed)?;
        params.required("response_type").map_err(failed)?;
        let response_type = response_type.ok_or_else(|| {
            failed(OAuthError::new(ErrorCode::UnsupportedResponseType, "this response_type is not supported"))
        })?;
        if asked == Some(None) {
            return Err(failed(OAuthError::invalid_request("this response_mode is not supported")));
        }
        if response_mode != response_mode.safe_for(by_type) {
            return Err(failed(OAuthError::invalid_request("tokens are not returned in a query")));
        }
        Self::read(params, response_type, response_mode, state.clone()).map_err(failed)
    }

    fn read(
        params: &Params,
        response_type: ResponseType,
        response_mode: ResponseMode,
        state: Option<String>,
    ) -> Result<Self, OAuthError> {
        let text = |name: &str| params.get(name).map(str::to_owned);
        let nonce = text("nonce");
        if nonce.as_ref().is_some_and(|nonce| nonce.len() > MAX_NONCE_LEN) {
            return Err(OAuthError::invalid_request("nonce is too long"));
        }
        if response_type.id_token && nonce.is_none() {
            return Err(OAuthError::invalid_request("nonce is missing"));
        }
        let max_age = params.get("max_age").map(str::parse::<u32>).transpose();
        Ok(Self {
            response_type,
            response_mode,
            scope: params.get("scope").map(str::parse).transpose()?,
            state,
            nonce,
            prompt: Prompt::parse(params.get("prompt").unwrap_or_default())?,
            max_age: max_age
                .map_err(|_| OAuthError::invalid_request("max_age is not a number of seconds"))?,
            login_hint: text("login_hint"),
            id_token_hint: text("id_token_hint"),
            ui_locales: words(params.get("ui_locales")),
            acr_values: words(params.get("acr_values")),
            code_challenge: PkceChallenge::parse(
                params.get("code_challenge"),
                params.get("code_challenge_method"),
            )?,
            dpop_jkt: thumbprint(params.get("dpop_jkt"))?,
            resources: resources(params)?,
        })
    }
}

fn refuse_request_objects(params: &Params) -> Result<(), OAuthError> {
    let refused = [
        ("request", ErrorCode::RequestNotSupported, "request is not supported"),
        ("request_uri", ErrorCode::RequestUriNotSupported, "request_uri is not supported"),
        ("registration", ErrorCode::RegistrationNotSupported, "registration is not supported"),
    ];
    for (name, code, description) in refused {
        if params.get(name).is_some() {
            return Err(OAuthError::new(code, description));
        }
    }
    Ok(())
}

/// A SHA-256 in base64url.
fn thumbprint(value: Option<&str>) -> Result<Option<String>, OAuthError> {
    let legal = |value: &&str| PkceChallenge::from_stored(value).is_some();
    match value {
        Some(value) if !legal(&value) => Err(OAuthError::invalid_request("dpop_jkt is not a thumbprint")),
        value => Ok(value.map(str::to_owned)),
    }
}

/// RFC 8707 §2: absolute URIs without fragment.
fn resources(params: &Params) -> Result<Vec<String>, OAuthError> {
    let resources: Vec<String> = params.all("resource").map(str::to_owned).collect();
    let legal = |resource: &String| {
        resource.len() <= 2048 && !resource.contains('#') && url::Url::parse(resource).is_ok()
    };
    if resources.len() > MAX_WORDS || !resources.iter().all(legal) {
        return Err(OAuthError::new(
            ErrorCode::InvalidTarget,
            "resource is an absolute URI without fragment",
        ));
    }
    Ok(resources)
}

/// Wishes separated by spaces; those beyond the bounds are not granted.
pub(crate) fn words(value: Option<&str>) -> Vec<String> {
    let words = value.unwrap_or_default().split(' ');
    words.filter(|word| (1..=MAX_WORD_LEN).contains(&word.len())).take(MAX_WORDS).map(str::to_owned).collect()
}

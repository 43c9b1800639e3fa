//! A request on its way through the checks: each fills in what the later ones stand on.

use std::sync::Arc;

use countersign_oauth2::{
    AuthorizationRequest, AuthorizationResponse, ErrorCode, OAuthError, Params, ResponseMode, ScopeSet,
};
use countersign_types::JsonObject;
use countersign_web::WebError;
use serde_json::json;

use crate::{call::Call, client::Client};

/// A request that is being checked.
pub(super) struct Draft<'a> {
    pub(super) call: &'a Call,
    pub(super) params: &'a Params,
    client: Option<Arc<Client>>,
    redirect_uri: Option<String>,
    request: Option<AuthorizationRequest>,
    scope: Option<ScopeSet>,
    /// How errors go back, as soon as that is known.
    pub(super) mode: ResponseMode,
    pub(super) state: Option<String>,
}

/// Where answers go and how. Exists only for a redirect URI that belongs to the client.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) redirect_uri: String,
    pub(super) mode: ResponseMode,
    pub(super) state: Option<String>,
    pub(super) issuer: String,
}

/// A request that has passed every check.
pub(super) struct Validated {
    pub(super) client: Arc<Client>,
    pub(super) request: AuthorizationRequest,
    pub(super) scope: ScopeSet,
    pub(super) answer: Answer,
}

impl Validated {
    /// What policies of the application find in the context.
    pub(super) fn seen_by_policies(&self) -> JsonObject {
        let Self { request, answer, scope, .. } = self;
        let challenge = request.code_challenge.as_ref();
        JsonObject::from_iter([
            ("oauth_grant_type".to_owned(), json!("authorization_code")),
            ("oauth_response_type".to_owned(), json!(request.response_type.to_string())),
            ("oauth_scopes".to_owned(), scope.iter().collect()),
            ("oauth_redirect_uri".to_owned(), json!(answer.redirect_uri)),
            ("oauth_max_age".to_owned(), json!(request.max_age)),
            ("oauth_code_challenge".to_owned(), json!(challenge.map(|challenge| challenge.as_str()))),
            ("oauth_code_challenge_method".to_owned(), json!(challenge.map(|_| "S256"))),
        ])
    }
}

/// Why a request goes no further.
pub(super) enum Stop {
    /// Shown on a page.
    Page(OAuthError),
    /// Sent back.
    Redirect(Answer, OAuthError),
    /// A fault of ours.
    Fault(WebError),
}

/// What a check says.
pub(super) enum Refused {
    /// The request is wrong.
    Request(OAuthError),
    /// A fault of ours.
    Fault(WebError),
}

impl From<OAuthError> for Refused {
    fn from(error: OAuthError) -> Self {
        Self::Request(error)
    }
}

impl<'a> Draft<'a> {
    pub(super) fn new(call: &'a Call, params: &'a Params) -> Self {
        Self {
            call,
            params,
            client: None,
            redirect_uri: None,
            request: None,
            scope: None,
            mode: ResponseMode::Query,
            state: params.get("state").map(str::to_owned),
        }
    }

    pub(super) fn client(&self) -> Result<&Arc<Client>, Refused> {
        self.client.as_ref().ok_or_else(out_of_order)
    }

    pub(super) fn set_client(&mut self, client: Arc<Client>) {
        self.client = Some(client);
    }

    pub(super) fn set_redirect_uri(&mut self, uri: String) {
        self.redirect_uri = Some(uri);
    }

    pub(super) fn request(&self) -> Result<&AuthorizationRequest, Refused> {
        self.request.as_ref().ok_or_else(out_of_order)
    }

    pub(super) fn set_request(&mut self, request: AuthorizationRequest) {
        self.mode = request.response_mode;
        self.request = Some(request);
    }

    pub(super) fn set_scope(&mut self, scope: ScopeSet) {
        self.scope = Some(scope);
    }

    /// Where answers go; none before the redirect URI is known to be the client's.
    pub(super) fn answer(&self) -> Option<Answer> {
        Some(Answer {
            redirect_uri: self.redirect_uri.clone()?,
            mode: self.mode,
            state: self.state.clone(),
            issuer: self.client.as_ref()?.issuer(self.call.base_url()),
        })
    }

    /// The whole, once every check has passed.
    pub(super) fn finish(self) -> Result<Validated, Refused> {
        let answer = self.answer().ok_or_else(out_of_order)?;
        let (Some(client), Some(request), Some(scope)) = (self.client, self.request, self.scope) else {
            return Err(out_of_order());
        };
        Ok(Validated { client, request, scope, answer })
    }
}

impl Answer {
    /// An error on its way to the client.
    pub(super) fn error(&self, error: &OAuthError) -> (AuthorizationResponse, ResponseMode, &str) {
        let answer = AuthorizationResponse::error(error, self.state.as_deref(), &self.issuer);
        (answer, self.mode, &self.redirect_uri)
    }
}

/// The table of checks is wrong: a fault that must not let anything pass.
fn out_of_order() -> Refused {
    Refused::Fault(WebError::internal(OAuthError::new(ErrorCode::ServerError, "the checks are out of order")))
}

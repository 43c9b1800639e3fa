//! Logout that an application starts (OpenID Connect RP-Initiated Logout §2).

use crate::Params;

/// A request to end the session. Nothing in it is proven: the hint has to be verified, the URI matched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EndSessionRequest {
    /// An ID token of ours, perhaps expired.
    pub id_token_hint: Option<String>,
    /// Who asks.
    pub client_id: Option<String>,
    /// Where to go afterwards.
    pub post_logout_redirect_uri: Option<String>,
    /// Goes along.
    pub state: Option<String>,
    /// Whom to sign out.
    pub logout_hint: Option<String>,
    /// Languages of the page, the most wanted first.
    pub ui_locales: Vec<String>,
}

impl EndSessionRequest {
    /// Reads query or form; there is nothing that must be given.
    pub fn parse(params: &Params) -> Self {
        let text = |name: &str| params.get(name).map(str::to_owned);
        Self {
            id_token_hint: text("id_token_hint"),
            client_id: text("client_id"),
            post_logout_redirect_uri: text("post_logout_redirect_uri"),
            state: text("state"),
            logout_hint: text("logout_hint"),
            ui_locales: crate::authorization::words(params.get("ui_locales")),
        }
    }
}

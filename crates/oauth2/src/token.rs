//! The token endpoint and its siblings, introspection (RFC 7662) and revocation (RFC 7009).

use countersign_types::{JsonObject, Secret};
use serde::Serialize;

use crate::{Audience, ErrorCode, OAuthError, Params, PkceVerifier, ScopeSet};

/// A request for tokens. Who asks is read by [`ClientAuthentication`](crate::ClientAuthentication).
#[derive(Debug)]
pub enum TokenRequest {
    /// `grant_type=authorization_code` (RFC 6749 §4.1.3).
    AuthorizationCode {
        /// The code.
        code: Secret<String>,
        /// Has to be that of the authorization request, when given.
        redirect_uri: Option<String>,
        /// PKCE.
        code_verifier: Option<PkceVerifier>,
    },
    /// `grant_type=refresh_token` (RFC 6749 §6).
    RefreshToken {
        /// The refresh token.
        refresh_token: Secret<String>,
        /// A subset of what was granted; none for all of it.
        scope: Option<ScopeSet>,
    },
    /// `grant_type=client_credentials` (RFC 6749 §4.4).
    ClientCredentials {
        /// What is asked for; none for all the client may have.
        scope: Option<ScopeSet>,
    },
}

impl TokenRequest {
    /// Reads the form.
    pub fn parse(form: &Params) -> Result<Self, OAuthError> {
        let scope = || form.get("scope").map(str::parse::<ScopeSet>).transpose();
        match form.required("grant_type")? {
            "authorization_code" => Ok(Self::AuthorizationCode {
                code: form.required("code")?.into(),
                redirect_uri: form.get("redirect_uri").map(str::to_owned),
                code_verifier: code_verifier(form)?,
            }),
            "refresh_token" => Ok(Self::RefreshToken {
                refresh_token: form.required("refresh_token")?.into(),
                scope: scope()?,
            }),
            "client_credentials" => Ok(Self::ClientCredentials { scope: scope()? }),
            _ => Err(OAuthError::new(ErrorCode::UnsupportedGrantType, "this grant_type is not supported")),
        }
    }

    /// The value of `grant_type`.
    pub fn grant_type(&self) -> &'static str {
        match self {
            Self::AuthorizationCode { .. } => "authorization_code",
            Self::RefreshToken { .. } => "refresh_token",
            Self::ClientCredentials { .. } => "client_credentials",
        }
    }
}

fn code_verifier(form: &Params) -> Result<Option<PkceVerifier>, OAuthError> {
    let malformed = || OAuthError::invalid_request("code_verifier is 43 to 128 unreserved characters");
    form.get("code_verifier").map(|verifier| PkceVerifier::parse(verifier).ok_or_else(malformed)).transpose()
}

/// The answer to a [`TokenRequest`] (RFC 6749 §5.1). Goes out with `Cache-Control: no-store`.
#[derive(Clone, Serialize)]
pub struct TokenResponse {
    /// The access token.
    pub access_token: String,
    /// `Bearer`.
    pub token_type: &'static str,
    /// Its life in seconds.
    pub expires_in: i64,
    /// The refresh token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// What was granted.
    pub scope: String,
    /// The ID token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token: Option<String>,
}

/// Tokens do not belong in a log.
impl std::fmt::Debug for TokenResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenResponse")
            .field("scope", &self.scope)
            .field("expires_in", &self.expires_in)
            .finish_non_exhaustive()
    }
}

/// A question about a token: introspection and revocation.
#[derive(Debug)]
pub struct TokenQuery {
    /// The token.
    pub token: Secret<String>,
    /// What the client takes it for. A hint only.
    pub token_type_hint: Option<String>,
}

impl TokenQuery {
    /// Reads the form.
    pub fn parse(form: &Params) -> Result<Self, OAuthError> {
        Ok(Self {
            token: form.required("token")?.into(),
            token_type_hint: form.get("token_type_hint").map(str::to_owned),
        })
    }
}

/// The answer of introspection (RFC 7662 §2.2). About a token that is worth nothing it says only that.
#[derive(Clone, Debug, Default, Serialize)]
pub struct IntrospectionResponse {
    /// Whether the token is worth anything.
    pub active: bool,
    /// What it reaches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// Whom it was given to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// Who stands behind it, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// `Bearer` for access tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_type: Option<&'static str>,
    /// Until when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exp: Option<i64>,
    /// Since when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iat: Option<i64>,
    /// Not before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nbf: Option<i64>,
    /// Who stands behind it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub: Option<String>,
    /// For whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aud: Option<Audience>,
    /// By whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iss: Option<String>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jti: Option<String>,
    /// Further claims.
    #[serde(flatten)]
    pub extra: JsonObject,
}

impl IntrospectionResponse {
    /// What is said about a token that is worth nothing, is of another client, or never existed.
    pub fn inactive() -> Self {
        Self::default()
    }
}

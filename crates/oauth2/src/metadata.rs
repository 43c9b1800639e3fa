//! What the provider says about itself (OpenID Connect Discovery §3, RFC 8414 §2, RFC 9207 §3).

use serde::Serialize;

/// The discovery document. What is none is left out; an empty list is said.
#[derive(Clone, Debug, Serialize)]
pub struct ProviderMetadata {
    /// Issuer, as in `iss`.
    pub issuer: String,
    /// Authorization endpoint.
    pub authorization_endpoint: String,
    /// Token endpoint.
    pub token_endpoint: String,
    /// UserInfo endpoint.
    pub userinfo_endpoint: String,
    /// RP-initiated logout.
    pub end_session_endpoint: String,
    /// Introspection (RFC 7662).
    pub introspection_endpoint: String,
    /// Revocation (RFC 7009).
    pub revocation_endpoint: String,
    /// Device authorization (RFC 8628).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_authorization_endpoint: Option<String>,
    /// Key set.
    pub jwks_uri: String,
    /// Response types.
    pub response_types_supported: Vec<&'static str>,
    /// Response modes.
    pub response_modes_supported: Vec<&'static str>,
    /// Grant types.
    pub grant_types_supported: Vec<&'static str>,
    /// Algorithms of ID tokens: that of the provider.
    pub id_token_signing_alg_values_supported: Vec<&'static str>,
    /// `public`.
    pub subject_types_supported: Vec<&'static str>,
    /// Ways to authenticate at the token endpoint.
    pub token_endpoint_auth_methods_supported: Vec<&'static str>,
    /// Ways to authenticate at the introspection endpoint.
    pub introspection_endpoint_auth_methods_supported: Vec<&'static str>,
    /// Ways to authenticate at the revocation endpoint.
    pub revocation_endpoint_auth_methods_supported: Vec<&'static str>,
    /// Authentication contexts.
    pub acr_values_supported: Vec<String>,
    /// Scopes.
    pub scopes_supported: Vec<String>,
    /// Claims.
    pub claims_supported: Vec<String>,
    /// The parameter `claims`.
    pub claims_parameter_supported: bool,
    /// The parameter `request`.
    pub request_parameter_supported: bool,
    /// The parameter `request_uri`, which counts as supported when nothing is said.
    pub request_uri_parameter_supported: bool,
    /// PKCE: S256.
    pub code_challenge_methods_supported: Vec<&'static str>,
    /// `prompt` (Initiating User Registration §4).
    pub prompt_values_supported: Vec<&'static str>,
    /// Languages of the pages.
    pub ui_locales_supported: Vec<String>,
    /// `iss` in authorization responses (RFC 9207).
    pub authorization_response_iss_parameter_supported: bool,
    /// Back-channel logout.
    pub backchannel_logout_supported: bool,
    /// With `sid`.
    pub backchannel_logout_session_supported: bool,
    /// Front-channel logout.
    pub frontchannel_logout_supported: bool,
    /// With `sid`.
    pub frontchannel_logout_session_supported: bool,
}

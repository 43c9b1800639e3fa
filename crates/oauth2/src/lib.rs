//! Wire types of OAuth 2.0 and OpenID Connect: what is read from requests and written into answers.
//!
//! Pure: no I/O, no clock, no random source, no storage. Owns syntax, bounds, and the rules that need nothing
//! but the message itself. Does not own who may do what, nor what a scope means. RFC 6749, 6750, 7009, 7636,
//! 7662, 8252, 8414, 8707, 9068, 9207, 9700; OpenID Connect Core, Discovery, RP-Initiated Logout, Form Post.

mod authorization;
mod bearer;
mod claims;
mod client_auth;
mod error;
mod logout;
mod metadata;
mod params;
mod pkce;
mod redirect_uri;
mod response;
mod scope;
mod token;

pub use authorization::{
    AuthorizationRequest, Prompt, RedirectableError, ResponseMode, ResponseType, Target,
};
pub use bearer::bearer_token;
pub use claims::{AccessTokenClaims, Audience, ExtraClaims, IdTokenClaims};
pub use client_auth::{ClientAuthentication, ClientSecret};
pub use error::{ErrorCode, ErrorResponse, OAuthError};
pub use logout::EndSessionRequest;
pub use metadata::ProviderMetadata;
pub use params::{Params, ParamsError};
pub use pkce::{PkceChallenge, PkceVerifier, check_pkce};
pub use redirect_uri::{
    MatchingMode, RedirectUri, RedirectUriError, RedirectUriMatcher, RedirectUriType, RegistrationError,
    check_redirect_uri,
};
pub use response::{AuthorizationResponse, Delivery};
pub use scope::{ScopeError, ScopeSet};
pub use token::{IntrospectionResponse, TokenQuery, TokenRequest, TokenResponse};

#[cfg(test)]
mod tests;

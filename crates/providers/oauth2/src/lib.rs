//! Floor 5: what we are to applications that speak OAuth 2.0 and OpenID Connect.
//!
//! Owns the kind `authentik_providers_oauth2.oauth2provider` and its scope mappings, the endpoints below
//! `/application/o/`, the tokens, and the stage that ends an authorization. Does not own the wire (crate
//! `oauth2`), the rows (store), who a person is (flows) or what a policy says (policies).
//!
//! | file | what |
//! |---|---|
//! | [`authorize`] | checks and reasons as tables, then the flow |
//! | [`token`] and `grants/` | what all grants share, and a file for each |
//! | `tokens/` | codes, access, ID and refresh tokens |
//! | `client/` | a provider made ready for use, once per configuration |
//!
//! RFC 6749, 6750, 7009, 7517, 7636, 7662, 8414, 9068, 9207, 9700; OpenID Connect Core, Discovery,
//! RP-Initiated Logout, Form Post Response Mode.

mod access;
mod audit;
mod authenticate;
mod authorize;
mod call;
mod claims;
mod client;
mod cors;
mod discovery;
mod documents;
mod end_session;
mod failures;
mod grants;
mod introspect;
mod jwks;
mod respond;
mod revocations;
mod revoke;
mod routes;
mod setup;
mod spec;
mod state;
mod statements;
mod subject;
mod token;
mod tokens;
mod userinfo;

use countersign_crypto::Sealer;
use countersign_model::Provider;
use countersign_store::Snapshot;

pub use authorize::{FULFILMENT, Fulfilment, REQUIRED_CONSENT};
pub use routes::routes;
pub use setup::{PreviewedClaims, SetupError, SetupUrls, preview, setup_urls};
pub use spec::{
    ClientType, GrantType, IssuerMode, LogoutMethod, OAuth2Provider, ScopeMapping, SigningKeyChoice, SubMode,
};
pub use state::OAuth2;
pub use statements::Statements;
pub use tokens::subject_of_access_token;

/// Slugs that an application with such a provider cannot have: they are names of endpoints.
pub const RESERVED_SLUGS: &[&str] = client::RESERVED_SLUGS;

/// Where an application's tile leads when nobody says more: the origin of its first redirect URI.
pub fn launch_url(snapshot: &Snapshot, sealer: &Sealer, provider: &Provider) -> Option<String> {
    client::Client::of(snapshot, sealer, provider).ok()?.home()
}

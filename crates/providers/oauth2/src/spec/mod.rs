//! What administrators configure: the provider and its scope mappings.

mod fields;
mod provider;
mod scope_mapping;
mod signing_key;

pub use fields::{ClientType, GrantType, IssuerMode, LogoutMethod, SubMode};
pub(crate) use provider::MAX_ACCESS;
pub use provider::OAuth2Provider;
pub use scope_mapping::ScopeMapping;
pub use signing_key::SigningKeyChoice;

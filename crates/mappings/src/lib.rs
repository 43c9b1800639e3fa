//! Property mappings: what providers tell applications about a user, and what sources make of what they learn.
//!
//! Owns the mappings as administrators set them. Whoever speaks the protocol evaluates them; mappings of scopes are in
//! the room of OAuth 2.0, those of notifications in the room of notifications.

mod plain;
mod rac;
mod saml;

pub use plain::{
    GoogleWorkspaceMapping, KerberosSourceMapping, LdapSourceMapping, MicrosoftEntraMapping,
    OAuthSourceMapping, PlexSourceMapping, RadiusMapping, SamlSourceMapping, ScimMapping, ScimSourceMapping,
    TelegramSourceMapping,
};
pub use rac::RacMapping;
pub use saml::SamlMapping;

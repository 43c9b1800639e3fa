//! The small vocabularies of a provider's document. Spellings are authentik's.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whether the application can keep a secret (RFC 6749 §2.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClientType {
    /// It runs where its users cannot look: on a server.
    #[default]
    Confidential,
    /// It runs in a browser or on a device of its users. PKCE is required.
    Public,
}

/// A way to tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum GrantType {
    /// A person signs in.
    #[serde(rename = "authorization_code")]
    AuthorizationCode,
    /// Tokens in the front channel. Accepted here for documents of other houses, never granted (RFC 9700
    /// §2.1.2).
    #[serde(rename = "implicit")]
    Implicit,
    /// Code and tokens at once. Accepted here, never granted.
    #[serde(rename = "hybrid")]
    Hybrid,
    /// Tokens are renewed without the person.
    #[serde(rename = "refresh_token")]
    RefreshToken,
    /// The application acts for itself.
    #[serde(rename = "client_credentials")]
    ClientCredentials,
    /// A person's password in the hands of the application. Accepted here, never granted (RFC 9700 §2.4).
    #[serde(rename = "password")]
    Password,
    /// A code typed on another device. Accepted here; there is no such endpoint yet.
    #[serde(rename = "urn:ietf:params:oauth:grant-type:device_code")]
    DeviceCode,
    /// One token for another. Accepted here; not granted yet.
    #[serde(rename = "urn:ietf:params:oauth:grant-type:token-exchange")]
    TokenExchange,
}

/// What an application knows a user by: `sub`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SubMode {
    /// A hash of the integer key and of this installation: says nothing, never changes.
    #[default]
    HashedUserId,
    /// The integer key.
    UserId,
    /// The UUID.
    UserUuid,
    /// The user name, which may change.
    UserUsername,
    /// The e-mail address, which may change and need not be unique.
    UserEmail,
    /// The attribute `upn`; without one, the user name.
    UserUpn,
}

/// What tokens name as their issuer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum IssuerMode {
    /// One issuer for all applications: our own address.
    Global,
    /// One for each application, by its slug.
    #[default]
    PerProvider,
}

/// How an application hears of a sign-out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LogoutMethod {
    /// By a request of ours.
    #[default]
    Backchannel,
    /// By a frame in the user's browser.
    Frontchannel,
}

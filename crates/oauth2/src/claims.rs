//! Claims of ID tokens (OpenID Connect Core §2) and access tokens (after RFC 9068).

use countersign_types::JsonObject;
use serde::{Deserialize, Serialize};

/// For whom a token is: one, or several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Audience {
    /// One.
    One(String),
    /// Several.
    Several(Vec<String>),
}

impl Audience {
    /// Whether it is for this one.
    pub fn contains(&self, audience: &str) -> bool {
        match self {
            Self::One(one) => one == audience,
            Self::Several(several) => several.iter().any(|one| one == audience),
        }
    }
}

/// Claims that scope mappings bring. They cannot take the place of those that the protocol gives a meaning.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ExtraClaims(JsonObject);

/// What mappings may not set.
const RESERVED: [&str; 21] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "auth_time",
    "nonce",
    "acr",
    "amr",
    "azp",
    "at_hash",
    "c_hash",
    "sid",
    "scope",
    "client_id",
    "uid",
    "grant_id",
    "cnf",
    "act",
];

impl ExtraClaims {
    /// Keeps those that are not reserved.
    pub fn new(mut claims: JsonObject) -> Self {
        claims.retain(|name, _| !RESERVED.contains(&name.as_str()));
        Self(claims)
    }

    /// The claims.
    pub fn as_object(&self) -> &JsonObject {
        &self.0
    }
}

/// Claims of an ID token.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IdTokenClaims {
    /// Issuer.
    pub iss: String,
    /// The user.
    pub sub: String,
    /// The client.
    pub aud: Audience,
    /// Until when, seconds.
    pub exp: i64,
    /// Since when, seconds.
    pub iat: i64,
    /// When the user last proved who he is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<i64>,
    /// How well he proved it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// By what means (RFC 8176).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amr: Option<Vec<String>>,
    /// Of the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// Binds the access token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_hash: Option<String>,
    /// Binds the code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub c_hash: Option<String>,
    /// Whom it was given to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub azp: Option<String>,
    /// The session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jti: Option<String>,
    /// Of the scope mappings.
    #[serde(flatten)]
    pub extra: ExtraClaims,
}

/// Claims of an access token: those of the ID token and what it reaches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccessTokenClaims {
    /// Issuer.
    pub iss: String,
    /// The user, or the service account of the client.
    pub sub: String,
    /// The client, and resources.
    pub aud: Audience,
    /// Until when, seconds.
    pub exp: i64,
    /// Since when, seconds.
    pub iat: i64,
    /// Its name.
    pub jti: String,
    /// Whom it was given to.
    pub azp: String,
    /// The same under the name that RFC 9068 gives it.
    pub client_id: String,
    /// What it reaches.
    pub scope: String,
    /// The grant behind it; none for client credentials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant_id: Option<String>,
    /// The user's stable identifier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    /// When the user last proved who he is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<i64>,
    /// How well he proved it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// By what means.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amr: Option<Vec<String>>,
    /// The session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// Of the scope mappings.
    #[serde(flatten)]
    pub extra: ExtraClaims,
}

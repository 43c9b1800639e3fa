//! How a client says who it is (RFC 6749 §2.3.1, OpenID Connect Core §9).

use base64::{Engine, engine::general_purpose::STANDARD};
use countersign_types::Secret;

use crate::{ErrorCode, OAuthError, Params, bearer::split_scheme, params::form_decode};

/// What the client brought.
#[derive(Debug)]
pub enum ClientAuthentication {
    /// `client_secret_basic`.
    Basic {
        /// Who it says it is.
        client_id: String,
        /// Its proof.
        client_secret: ClientSecret,
    },
    /// `client_secret_post`.
    Post {
        /// Who it says it is.
        client_id: String,
        /// Its proof.
        client_secret: ClientSecret,
    },
    /// Nothing but a name, as public clients do.
    None {
        /// Who it says it is.
        client_id: String,
    },
}

/// A client secret as it was sent. RFC 6749 §2.3.1 has it form-encoded inside Basic; many clients send it as
/// it is. Both readings count, as both take knowing the secret.
#[derive(Debug)]
pub struct ClientSecret {
    decoded: Secret<String>,
    raw: Secret<String>,
}

impl ClientSecret {
    /// Whether it is this secret. Constant time; an empty secret is no secret.
    pub fn matches(&self, secret: &Secret<String>) -> bool {
        let decoded = secret.ct_eq(self.decoded.expose());
        let raw = secret.ct_eq(self.raw.expose());
        !secret.is_empty() && (decoded | raw)
    }
}

impl ClientAuthentication {
    /// Reads the `Authorization` header and the form. More than one way at a time is an error (RFC 6749 §2.3).
    /// An `Authorization` of another scheme is not about the client.
    pub fn extract(authorization: Option<&str>, form: &Params) -> Result<Self, OAuthError> {
        if form.get("client_assertion").is_some() || form.get("client_assertion_type").is_some() {
            return Err(invalid_client("client assertions are not supported"));
        }
        let named = form.get("client_id");
        let posted = form.get("client_secret");
        let basic = match authorization.map(split_scheme) {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("basic") => Some(read_basic(rest)?),
            _ => None,
        };
        match (basic, posted) {
            (Some(_), Some(_)) => {
                Err(OAuthError::invalid_request("the client authenticates in more than one way"))
            }
            (Some((client_id, client_secret)), None) => {
                if named.is_some_and(|named| named != client_id) {
                    return Err(OAuthError::invalid_request(
                        "client_id is not that of the Authorization header",
                    ));
                }
                Ok(Self::Basic { client_id, client_secret })
            }
            (None, Some(secret)) => {
                let client_id = named.ok_or_else(|| invalid_client("client_id is missing"))?.to_owned();
                let client_secret = ClientSecret { decoded: secret.into(), raw: secret.into() };
                Ok(Self::Post { client_id, client_secret })
            }
            (None, None) => {
                let client_id = named.ok_or_else(|| invalid_client("the client does not say who it is"))?;
                Ok(Self::None { client_id: client_id.to_owned() })
            }
        }
    }

    /// Who it says it is.
    pub fn client_id(&self) -> &str {
        match self {
            Self::Basic { client_id, .. } | Self::Post { client_id, .. } | Self::None { client_id } => {
                client_id
            }
        }
    }

    /// Its proof, if it brought one.
    pub fn client_secret(&self) -> Option<&ClientSecret> {
        match self {
            Self::Basic { client_secret, .. } | Self::Post { client_secret, .. } => Some(client_secret),
            Self::None { .. } => None,
        }
    }
}

fn read_basic(encoded: &str) -> Result<(String, ClientSecret), OAuthError> {
    let malformed = || invalid_client("the Authorization header is malformed");
    if encoded.len() > 4096 {
        return Err(malformed());
    }
    let bytes = STANDARD.decode(encoded).map_err(|_| malformed())?;
    let text = String::from_utf8(bytes).map_err(|_| malformed())?;
    let (id, secret) = text.split_once(':').ok_or_else(malformed)?;
    let client_id = form_decode(id.as_bytes()).ok_or_else(malformed)?;
    if client_id.is_empty() || client_id.contains(char::is_control) {
        return Err(malformed());
    }
    let decoded = form_decode(secret.as_bytes()).unwrap_or_else(|| secret.to_owned());
    Ok((client_id, ClientSecret { decoded: decoded.into(), raw: secret.into() }))
}

fn invalid_client(description: &'static str) -> OAuthError {
    OAuthError::new(ErrorCode::InvalidClient, description)
}

//! Signed statements that expressions ask for: about a user (`ak_create_jwt`) or what else they like
//! (`ak_create_jwt_raw`).
//!
//! They are of the type `JWT` and belong to no grant: none of our own endpoints takes one for an access token
//! (RFC 9068 §4), while whoever knows the provider's published keys can verify it.

use std::sync::Arc;

use countersign_crypto::Sealer;
use countersign_model::Subject;
use countersign_policies::{Says, TokenMint, TokenOrder};
use countersign_store::Snapshot;
use countersign_types::{Clock, JsonObject, Rng, random_uuid};
use countersign_web::KeyRing;
use serde::Serialize;
use serde_json::Value;

use crate::{client::Client, subject::sub};

/// Makes them.
pub struct Statements {
    sealer: Sealer,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
}

/// What one says (RFC 7519 §4.1).
#[derive(Serialize)]
struct Claims<'a> {
    iss: String,
    aud: &'a str,
    azp: &'a str,
    iat: i64,
    exp: i64,
    jti: String,
    #[serde(flatten)]
    said: JsonObject,
}

impl Statements {
    /// Statements that are signed with the keys of providers.
    pub const fn new(sealer: Sealer, clock: Arc<dyn Clock>, rng: Arc<dyn Rng>) -> Self {
        Self { sealer, clock, rng }
    }
}

impl TokenMint for Statements {
    fn mint(&self, snapshot: &Arc<Snapshot>, order: TokenOrder<'_>) -> Result<String, String> {
        let TokenOrder { says, provider, validity, base_url } = order;
        let found = snapshot.providers().iter().find(|known| known.name == provider);
        let found = found.ok_or_else(|| format!("there is no provider '{provider}'"))?;
        let client = Client::of(snapshot, &self.sealer, found).map_err(|error| error.to_string())?;
        let sub = |subject: &Subject| sub(client.sub_mode, &subject.user, snapshot);
        let said = match says {
            Says::User { subject, scopes } => {
                let asked = scopes.join(" ").parse().map_err(|_| "these are no scopes".to_owned())?;
                let scope = client.grantable(Some(asked)).to_string();
                JsonObject::from_iter([
                    ("sub".to_owned(), sub(subject).into()),
                    ("scope".to_owned(), scope.into()),
                ])
            }
            Says::Claims { claims, subject } => {
                // Somebody else's would be his signature.
                let own = subject.map(|subject| Value::from(sub(subject)));
                if claims.get("sub").is_some_and(|about| Some(about) != own.as_ref()) {
                    return Err("sub can only be the user of the request".to_owned());
                }
                claims
            }
        };
        let now = self.clock.now();
        let key = client.signing_key_of(KeyRing::new(&self.sealer), snapshot, now);
        let key = key.map_err(|error| error.to_string())?;
        let claims = Claims {
            iss: client.issuer(base_url),
            aud: &client.client_id,
            azp: &client.client_id,
            iat: now.as_secs(),
            exp: now.plus(validity).as_secs(),
            jti: random_uuid(&*self.rng).simple().to_string(),
            said,
        };
        key.sign_jwt(Some("JWT"), &claims).map_err(|error| error.to_string())
    }
}

//! What whoever sets a provider up wants to see: the addresses for the application's side, and what the
//! application would learn about somebody.

use std::sync::Arc;

use countersign_crypto::Sealer;
use countersign_model::{Provider, Subject};
use countersign_policies::{Expressions, RequestFacts};
use countersign_store::Snapshot;
use countersign_types::JsonObject;
use serde_json::json;

use crate::{
    claims,
    client::{Client, ClientError, endpoint},
    subject::sub,
};

/// Addresses by name, in the order in which people need them; none as long as no application belongs to the
/// provider, by whose slug they are told apart.
pub type SetupUrls = Vec<(&'static str, Option<String>)>;

/// The addresses of a provider's endpoints.
pub fn setup_urls(
    snapshot: &Snapshot,
    sealer: &Sealer,
    provider: &Provider,
    base_url: &str,
) -> Result<SetupUrls, SetupError> {
    let client = match Client::of(snapshot, sealer, provider) {
        Ok(client) => Some(client),
        Err(ClientError::NoApplication(_)) => None,
        Err(error) => return Err(SetupError(error)),
    };
    let own = |name: &str| client.as_ref().map(|client| client.own_endpoint(base_url, name));
    Ok(vec![
        ("issuer", client.as_ref().map(|client| client.issuer(base_url))),
        ("authorize", Some(endpoint(base_url, "authorize"))),
        ("token", Some(endpoint(base_url, "token"))),
        ("user_info", Some(endpoint(base_url, "userinfo"))),
        ("provider_info", own(".well-known/openid-configuration")),
        ("logout", own("end-session/")),
        ("jwks", own("jwks/")),
    ])
}

/// What an application would learn about somebody.
#[derive(Clone, Debug, Default)]
pub struct PreviewedClaims {
    /// The claims of an ID token with every scope, those that depend on the moment left out.
    pub claims: JsonObject,
    /// Scopes whose mappings failed and brought nothing, with the reason.
    pub failures: Vec<(String, String)>,
}

/// What an application would learn about a user.
pub async fn preview(
    snapshot: &Snapshot,
    sealer: &Sealer,
    expressions: &Expressions,
    provider: &Provider,
    subject: &Arc<Subject>,
    facts: &RequestFacts,
) -> Result<PreviewedClaims, SetupError> {
    let client = Client::of(snapshot, sealer, provider).map_err(SetupError)?;
    let (brought, failures) = claims::tried(expressions, facts, &client, subject).await;
    let mut claims = JsonObject::from_iter([
        ("iss".to_owned(), json!(client.issuer(&facts.base_url))),
        ("sub".to_owned(), json!(sub(client.sub_mode, &subject.user, snapshot))),
        ("aud".to_owned(), json!(client.client_id)),
    ]);
    for (name, value) in brought {
        // What the protocol says cannot be replaced by a mapping.
        claims.entry(name).or_insert(value);
    }
    Ok(PreviewedClaims { claims, failures })
}

/// A provider cannot be used as it is.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct SetupError(ClientError);

impl SetupError {
    /// What a surface makes of it.
    pub const fn kind(&self) -> countersign_types::ErrorKind {
        match self.0 {
            // An administrator asks, and can do something about it.
            ClientError::NoApplication(_) | ClientError::ReservedSlug(_) | ClientError::Stored { .. } => {
                countersign_types::ErrorKind::Invalid
            }
            _ => self.0.kind(),
        }
    }
}

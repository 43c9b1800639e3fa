//! Accounts of machines: a user, a token to come in with, and on demand a group of its own.

use countersign_model::{TokenIntent, UserType};
use countersign_store::Tx;
use countersign_types::{JsonObject, RawId, Secret};
use serde_json::{Value, json};

use super::USER;
use crate::{ResourceError, WriteCx};

/// What is asked for.
#[derive(Clone, Debug)]
pub struct NewServiceAccount {
    /// Unique name.
    pub name: String,
    /// Whether it gets a group of its name.
    pub create_group: bool,
    /// Whether its token expires.
    pub expiring: bool,
}

/// What was made.
#[derive(Debug)]
pub struct ServiceAccount {
    /// The user.
    pub user: RawId,
    /// His token's identifier.
    pub identifier: String,
    /// The token, which is shown once.
    pub token: Secret<String>,
    /// The group.
    pub group: Option<RawId>,
}

/// Makes a service account. Every object is made as the registry makes it, with its permissions.
pub fn create_service_account(
    tx: &mut Tx<'_>,
    cx: WriteCx<'_>,
    wanted: &NewServiceAccount,
) -> Result<ServiceAccount, ResourceError> {
    let group = if wanted.create_group {
        let document = document(json!({ "name": wanted.name }));
        Some(cx.registry.create(tx, cx, "authentik_core.group", &document)?.id)
    } else {
        None
    };
    let user = document(json!({
        "username": wanted.name,
        "name": wanted.name,
        "type": UserType::ServiceAccount.as_str(),
        "path": "goauthentik.io/service-accounts",
        "attributes": { "goauthentik.io/user/token-expires": wanted.expiring },
        "groups": group.iter().map(RawId::to_string).collect::<Vec<_>>(),
    }));
    let user = cx.registry.create(tx, cx, USER, &user)?.id;
    let identifier = format!("service-account-{}-password", slug_of(&wanted.name));
    let token = document(json!({
        "identifier": identifier,
        "intent": TokenIntent::AppPassword.as_str(),
        "user": user.to_string(),
        "expiring": wanted.expiring,
    }));
    let token = cx.registry.create(tx, cx, "authentik_core.token", &token)?;
    let value = token.generated.into_iter().find(|(name, _)| name == "key").map(|(_, value)| value);
    let value = value.ok_or_else(|| ResourceError::Damaged("a token without a value".to_owned()))?;
    Ok(ServiceAccount { user, identifier, token: value, group })
}

/// A name as it may stand in an identifier.
fn slug_of(name: &str) -> String {
    let fits = |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' };
    name.chars().take(150).map(fits).collect()
}

fn document(value: Value) -> JsonObject {
    match value {
        Value::Object(document) => document,
        _ => JsonObject::new(),
    }
}

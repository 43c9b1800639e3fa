//! The value of a token, chosen by somebody.

use countersign_authz::Permission;
use countersign_crypto::digest;
use countersign_model::{EventAction, TokenId};
use countersign_store::{Tx, tokens};
use countersign_types::Secret;

use crate::{ResourceError, WriteCx, audit::ROOM, hot::MIN_KEY, reach};

const TOKEN: &str = "authentik_core.token";
const SET_KEY: Permission = Permission::named("authentik_core.set_token_key");
/// Longer values are no token of ours.
const MAX_KEY: usize = 1_024;

/// Gives a token another value, which is kept as its digest. Whoever knows it acts as the owner: the actor must
/// hold what the owner may do.
pub fn set_token_key(
    tx: &mut Tx<'_>,
    cx: WriteCx<'_>,
    id: TokenId,
    key: &Secret<String>,
) -> Result<(), ResourceError> {
    let object = Some(id.raw());
    if !cx.actor.may(&Permission::view(TOKEN), object) {
        return Err(ResourceError::NotFound);
    }
    let token = tokens::by_id(tx, id)?.ok_or(ResourceError::NotFound)?;
    if !cx.actor.may(&SET_KEY, object) {
        return Err(ResourceError::Denied);
    }
    reach::user(tx, cx.actor, token.user)?;
    match key.expose().len() {
        length if length < MIN_KEY => {
            return Err(ResourceError::field("key", "min_length", "resource-error-token-too-short"));
        }
        length if length > MAX_KEY => {
            return Err(ResourceError::field("key", "max_length", "resource-error-token-too-long"));
        }
        _ => {}
    }
    let identifier = token.identifier.clone();
    tokens::update(tx, &countersign_model::Token { key: digest(key.expose()), ..token })?;
    let draft = cx.event(EventAction::SecretRotate, ROOM).about(TOKEN, &identifier, id.to_string());
    Ok(countersign_events::record(tx, draft)?)
}

//! Links that let somebody in once who cannot sign in himself.

use countersign_authz::Permission;
use countersign_crypto::new_token;
use countersign_model::{EventAction, Token, TokenId, TokenIntent, UserId};
use countersign_store::{Tx, tokens};
use countersign_types::{Secret, Span};

use super::{account, event};
use crate::{ResourceError, WriteCx};

/// The longest that a link may live.
const LONGEST: Span = Span::from_days(7);

/// Makes a link for an account and takes the place of earlier ones; the path below our own address, which is
/// shown once. It lives at most a week.
pub fn recovery_link(
    tx: &mut Tx<'_>,
    cx: WriteCx<'_>,
    user: UserId,
    lifetime: Span,
) -> Result<Secret<String>, ResourceError> {
    let permission = Permission::named("authentik_core.reset_user_password");
    let target = account(tx, cx, user, &permission)?;
    if !target.is_active {
        return Err(ResourceError::field("user", "inactive", "resource-error-user-inactive"));
    }
    tokens::delete_of_user(tx, user, TokenIntent::Recovery)?;
    let (token, key) = new_token(tx.rng());
    let id = TokenId::random(tx.rng());
    let row = Token {
        id,
        identifier: format!("recovery-{id}"),
        key,
        intent: TokenIntent::Recovery,
        user,
        description: "Recovery link".to_owned(),
        expires: Some(tx.now().plus(lifetime.min(LONGEST))),
        managed: None,
        created: tx.now(),
        last_used: None,
        permissions: None,
    };
    tokens::create(tx, &row)?;
    let made = event(cx, EventAction::SecretRotate, &target).with("what", "recovery_link");
    countersign_events::record(tx, made)?;
    Ok(Secret::new(format!("/recovery/use-token/{}/", token.expose())))
}

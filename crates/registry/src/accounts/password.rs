//! Setting somebody's password.

use countersign_authz::Permission;
use countersign_model::{EventAction, User, UserId};
use countersign_store::{Tx, sessions, tokens, users};
use countersign_types::{Digest, Secret};

use super::{account, event};
use crate::{
    ResourceError, WriteCx,
    hot::{close_setup, is_hash},
};

const RESET: Permission = Permission::named("authentik_core.reset_user_password");
/// Shorter ones are refused; what else a password must be is decided by policies of flows.
const MIN: usize = 8;
/// Longer ones would cost more to hash than they are worth.
const MAX: usize = 1_024;

/// Gives an account another password. Whoever knew the old one loses what he got by it: sessions, what was
/// granted in them, and recovery links.
pub fn set_password(
    tx: &mut Tx<'_>,
    cx: WriteCx<'_>,
    user: UserId,
    password: &Secret<String>,
) -> Result<(), ResourceError> {
    set_password_here(tx, cx, user, password, None)
}

/// The same, from a session that goes on if it is the user's own.
pub fn set_password_here(
    tx: &mut Tx<'_>,
    cx: WriteCx<'_>,
    user: UserId,
    password: &Secret<String>,
    here: Option<&Digest>,
) -> Result<(), ResourceError> {
    let target = account(tx, cx, user, &RESET)?;
    let length = password.expose().chars().count();
    if length < MIN {
        return Err(ResourceError::field("password", "min_length", "resource-error-password-too-short"));
    }
    if length > MAX {
        return Err(ResourceError::field("password", "max_length", "resource-error-password-too-long"));
    }
    let hash = cx.prepared.hash(password)?;
    replace(tx, cx, &target, &hash, here)
}

/// Gives an account a password that was hashed elsewhere. What a password must be was decided there.
pub fn set_password_hash(
    tx: &mut Tx<'_>,
    cx: WriteCx<'_>,
    user: UserId,
    hash: &Secret<String>,
) -> Result<(), ResourceError> {
    let target = account(tx, cx, user, &RESET)?;
    if !is_hash(hash) {
        return Err(ResourceError::field("password", "invalid", "resource-error-unknown-hash"));
    }
    replace(tx, cx, &target, hash, None)
}

fn replace(
    tx: &mut Tx<'_>,
    cx: WriteCx<'_>,
    target: &User,
    hash: &Secret<String>,
    here: Option<&Digest>,
) -> Result<(), ResourceError> {
    let user = target.id;
    users::set_password(tx, user, Some(hash.expose()))?;
    sessions::delete_of_user(tx, user, here)?;
    tokens::delete_of_user(tx, user, countersign_model::TokenIntent::Recovery)?;
    close_setup(tx, user)?;
    let after = User { password: Some(hash.clone()), ..target.clone() };
    cx.tell_changed(tx, target, &after)?;
    Ok(countersign_events::record(tx, event(cx, EventAction::PasswordSet, target))?)
}

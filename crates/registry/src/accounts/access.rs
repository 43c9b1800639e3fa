//! Taking back what somebody holds: sessions, consents, what applications were granted. Each is deleted as an
//! object of its kind, with its permission and its event; here it is made sure that it is his.

use countersign_model::{ConsentId, GrantId, SessionId, UserId};
use countersign_store::{Change, Tx, applications, consents, grants, sessions};

use crate::{ResourceError, WriteCx};

const SESSION: &str = "authentik_core.authenticatedsession";
const CONSENT: &str = "authentik_core.userconsent";
const ACCESS_TOKEN: &str = "authentik_providers_oauth2.accesstoken";
const REFRESH_TOKEN: &str = "authentik_providers_oauth2.refreshtoken";

/// Permission to see what applications were granted in a user's name.
pub const VIEW_GRANTS: &str = "authentik_providers_oauth2.view_refreshtoken";
/// Permission to take it back.
pub const REVOKE_GRANTS: &str = "authentik_providers_oauth2.delete_refreshtoken";

/// Ends a session of a user, with what was granted for as long as it lasts.
pub fn end_session(
    tx: &mut Tx<'_>,
    cx: WriteCx<'_>,
    user: UserId,
    session: SessionId,
) -> Result<(), ResourceError> {
    let is_his = sessions::by_id(tx, session)?.is_some_and(|found| found.user == user);
    if is_his {
        cx.registry.get(SESSION)?.delete(tx, cx, session.raw())
    } else {
        Err(ResourceError::NotFound)
    }
}

/// Takes a user's consent back, and what the application was granted by it.
pub fn revoke_consent(
    tx: &mut Tx<'_>,
    cx: WriteCx<'_>,
    user: UserId,
    consent: ConsentId,
) -> Result<(), ResourceError> {
    let found = consents::of_user(tx, user)?.into_iter().find(|found| found.id == consent);
    let found = found.ok_or(ResourceError::NotFound)?;
    cx.registry.get(CONSENT)?.delete(tx, cx, consent.raw())?;
    let provider = applications::by_id(tx, found.application)?.and_then(|application| application.provider);
    for grant in grants::of_user(tx, user)? {
        if Some(grant.provider) == provider {
            grants::revoke(tx, grant.id)?;
        }
    }
    tx.change(Change::User(user));
    Ok(())
}

/// Revokes what an application was granted by a user: its access and refresh tokens.
pub fn revoke_grant(
    tx: &mut Tx<'_>,
    cx: WriteCx<'_>,
    user: UserId,
    grant: GrantId,
) -> Result<(), ResourceError> {
    let found = grants::live(tx, grant)?.filter(|found| found.user == user);
    let found = found.ok_or(ResourceError::NotFound)?;
    let model = if found.refresh_generation > 0 { REFRESH_TOKEN } else { ACCESS_TOKEN };
    cx.registry.get(model)?.delete(tx, cx, grant.raw())
}

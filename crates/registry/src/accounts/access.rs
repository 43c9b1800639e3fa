//! Taking back what somebody holds: sessions, consents, what applications were granted.

use countersign_authz::Permission;
use countersign_model::{ConsentId, EventAction, GrantId, SessionId, User, UserId};
use countersign_store::{Tx, consents, grants, sessions, users};
use countersign_types::RawId;
use serde_json::json;

use crate::{ResourceError, WriteCx};

const END_SESSION: Permission = Permission::named("authentik_core.delete_authenticatedsession");
const REVOKE_CONSENT: Permission = Permission::named("authentik_core.delete_userconsent");
/// A grant is what access and refresh tokens, and the code that brings them, come from.
const REVOKE_GRANT: [Permission; 3] = [
    Permission::named("authentik_providers_oauth2.delete_refreshtoken"),
    Permission::named("authentik_providers_oauth2.delete_accesstoken"),
    Permission::named("authentik_providers_oauth2.delete_authorizationcode"),
];

/// Ends a session of a user, with what was granted for as long as it lasts.
pub fn end_session(
    tx: &mut Tx<'_>,
    cx: WriteCx<'_>,
    user: UserId,
    session: SessionId,
) -> Result<(), ResourceError> {
    permit(cx, &END_SESSION, session.raw())?;
    let found = sessions::by_id(tx, session)?.filter(|found| found.user == user);
    let found = found.ok_or(ResourceError::NotFound)?;
    sessions::end(tx, &found.key)?;
    record(tx, cx, user, "authenticatedsession", "authentik_core", &session.to_string())
}

/// Takes a user's consent back, and what the application was granted by it.
pub fn revoke_consent(
    tx: &mut Tx<'_>,
    cx: WriteCx<'_>,
    user: UserId,
    consent: ConsentId,
) -> Result<(), ResourceError> {
    permit(cx, &REVOKE_CONSENT, consent.raw())?;
    let found = consents::of_user(tx, user)?.into_iter().find(|found| found.id == consent);
    let found = found.ok_or(ResourceError::NotFound)?;
    consents::delete(tx, consent)?;
    let application = countersign_store::applications::by_id(tx, found.application)?;
    let provider = application.and_then(|application| application.provider);
    for grant in grants::of_user(tx, user)? {
        if Some(grant.provider) == provider {
            grants::revoke(tx, grant.id)?;
        }
    }
    record(tx, cx, user, "userconsent", "authentik_core", &consent.to_string())
}

/// Revokes what an application was granted by a user: its access and refresh tokens.
pub fn revoke_grant(
    tx: &mut Tx<'_>,
    cx: WriteCx<'_>,
    user: UserId,
    grant: GrantId,
) -> Result<(), ResourceError> {
    if !REVOKE_GRANT.iter().any(|permission| cx.actor.may(permission, Some(grant.raw()))) {
        return Err(ResourceError::Denied);
    }
    let is_his = grants::by_id(tx, grant)?.is_some_and(|found| found.user == user);
    if !is_his || !grants::revoke(tx, grant)? {
        return Err(ResourceError::NotFound);
    }
    record(tx, cx, user, "refreshtoken", "authentik_providers_oauth2", &grant.to_string())
}

fn permit(cx: WriteCx<'_>, permission: &Permission, object: RawId) -> Result<(), ResourceError> {
    if cx.actor.may(permission, Some(object)) { Ok(()) } else { Err(ResourceError::Denied) }
}

fn record(
    tx: &mut Tx<'_>,
    cx: WriteCx<'_>,
    user: UserId,
    model: &str,
    app: &str,
    pk: &str,
) -> Result<(), ResourceError> {
    let owner = users::by_id(tx, user)?.map(|user: User| user.username).unwrap_or_default();
    let mut draft = countersign_events::EventDraft::new(EventAction::ModelDeleted, "countersign.registry")
        .with("model", json!({ "app": app, "model_name": model, "name": owner, "pk": pk }));
    draft.user = cx.actor.event_user();
    draft.client_ip = cx.client_ip.map(str::to_owned);
    Ok(countersign_events::record(tx, draft)?)
}

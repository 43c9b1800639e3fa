//! Acting as somebody else, with a reason that the trail keeps.
//!
//! The administrator's own session stays what it is and waits; the browser gets another one, of the other
//! user, that names its impersonator. It is short, ends when his own ends, and when it ends the browser gets
//! his own again under a fresh key.
//!
//! ```text
//! own session ──begin──▶ session of the other, impersonator = who and which session ──end──▶ own session, new key
//! ```

use countersign_authz::{Actor, Permission};
use countersign_crypto::new_token;
use countersign_events::EventDraft;
use countersign_model::{
    EventAction, EventUser, Impersonation, LiveSession, Session, SessionId, UserId, UserType,
};
use countersign_store::{Tx, sessions};
use countersign_types::{JsonObject, Secret, Span};

use super::{USER, account, event};
use crate::{ResourceError, SystemSettings, WriteCx, audit::ROOM};

/// Acting as somebody else ends after so long, if not before.
const LONGEST: Span = Span::from_hours(4);
/// Characters of a reason.
const MAX_REASON: usize = 500;

/// A session begun: what the browser is to hold.
#[derive(Debug)]
pub struct Begun {
    /// Bearer value of the session.
    pub token: Secret<String>,
    /// The session.
    pub session: SessionId,
}

/// Begins a session as another user. Refused for oneself, for who is not active, for machines of our own, for
/// whoever may do more than the actor, while acting as somebody already, where settings turn it off, and
/// without a reason unless settings say that none is needed.
pub fn begin_impersonation(
    tx: &mut Tx<'_>,
    cx: WriteCx<'_>,
    own: &LiveSession,
    user: UserId,
    reason: &str,
) -> Result<Begun, ResourceError> {
    let reason = reason.trim();
    let settings = SystemSettings::read(tx)?;
    if !settings.impersonation {
        return Err(ResourceError::Denied);
    }
    if reason.is_empty() && settings.impersonation_require_reason {
        return Err(ResourceError::field("reason", "required", "resource-error-required"));
    }
    if reason.chars().count() > MAX_REASON {
        return Err(ResourceError::field("reason", "max_length", "resource-error-reason-too-long"));
    }
    let Actor::User(identity) = cx.actor else { return Err(ResourceError::Denied) };
    if own.session.impersonator.is_some() || identity.impersonator.is_some() {
        return Err(ResourceError::field("reason", "invalid", "resource-error-impersonating-already"));
    }
    let target = account(tx, cx, user, &Permission::named("authentik_core.impersonate"))?;
    let is_ours = target.user_type == UserType::InternalServiceAccount;
    if user == own.subject.user.id || !target.is_active || is_ours {
        return Err(ResourceError::field("reason", "invalid", "resource-error-impersonate-nobody"));
    }
    // What was true when the request was read may not be true any more.
    let alive = sessions::by_key(tx, &own.session.key)?.filter(|session| session.user == own.subject.user.id);
    let Some(alive) = alive else { return Err(ResourceError::Denied) };
    let (token, key) = new_token(tx.rng());
    let session = Session {
        key,
        id: SessionId::random(tx.rng()),
        user,
        created: tx.now(),
        authenticated_at: tx.now(),
        last_used: tx.now(),
        expires: tx.now().plus(LONGEST).min(alive.expires),
        auth_method: "impersonation".to_owned(),
        auth_method_args: JsonObject::new(),
        last_ip: alive.last_ip.clone(),
        last_user_agent: alive.last_user_agent.clone(),
        impersonator: Some(Impersonation {
            by: own.subject.user.id,
            user: EventUser::of(&own.subject.user),
            session: alive.id,
            reason: reason.to_owned(),
        }),
        binding: alive.binding,
    };
    sessions::create(tx, &session)?;
    let started = event(cx, EventAction::ImpersonationStarted, &target).with("reason", reason);
    countersign_events::record(tx, started)?;
    Ok(Begun { token, session: session.id })
}

/// Ends acting as somebody else. The browser gets the impersonator's own session back, if that still lives.
pub fn end_impersonation(
    tx: &mut Tx<'_>,
    acting: &LiveSession,
    client_ip: Option<&str>,
) -> Result<Option<Begun>, ResourceError> {
    let Some(impersonation) = &acting.session.impersonator else { return Err(ResourceError::NotFound) };
    if sessions::end(tx, &acting.session.key)?.is_none() {
        return Err(ResourceError::NotFound);
    }
    let user = &acting.subject.user;
    let mut ended = EventDraft::new(EventAction::ImpersonationEnded, ROOM).about(
        USER,
        &user.username,
        user.id.to_string(),
    );
    ended.user = Some(impersonation.user.clone());
    ended.client_ip = client_ip.map(str::to_owned);
    countersign_events::record(tx, ended)?;
    let own = sessions::by_id(tx, impersonation.session)?;
    let Some(own) = own.filter(|own| own.user == impersonation.by) else { return Ok(None) };
    let (token, key) = new_token(tx.rng());
    let renewed = Session { key, last_used: tx.now(), ..own.clone() };
    let is_renewed = sessions::rotate(tx, &own.key, &renewed)?;
    Ok(is_renewed.then_some(Begun { token, session: own.id }))
}

//! `authentik_stages_user_login.userloginstage`: a session begins.
//!
//! Only for an active account of which this plan holds a [`proof`]: no order of stages that an administrator
//! may think of signs somebody in who has only said his name.

mod spec;

use std::sync::Arc;

use async_trait::async_trait;
use countersign_crypto::new_token;
use countersign_flows::{
    Button, Challenge, DeviceCookie, EffectError, NewSession, Node, Outcome, Response, Stage, StageCx,
    StageError, StageKind, Step, Unbindable, bind, keys,
};
use countersign_mail::{Notices, Occasion};
use countersign_model::{
    ConfigObject, EventAction, Session, SessionBinding, SessionId, Subject, User, UserType,
};
use countersign_store::{sessions, users};
use countersign_types::{FieldErrors, Secret, Span, Text};
use serde_json::Value;

pub use self::spec::UserLoginStage;
use crate::{proof, trail};

/// Who says so in the audit trail.
const APP: &str = "countersign.stages.user_login";
/// How long the row of a session lives whose cookie goes with the browser.
const BROWSER_SESSION: Span = Span::from_hours(24);
/// What the details of a sign-in call a browser that was used before.
const KNOWN_DEVICE: &str = "known_device";
/// Name of the field.
const REMEMBER: &str = "remember_me";

impl StageKind for UserLoginStage {
    fn build(self, _: &ConfigObject) -> Result<Arc<dyn Stage>, StageError> {
        Ok(Arc::new(self))
    }
}

/// Whether the session outlives the browser.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Remember {
    Yes,
    No,
}

#[async_trait]
impl Stage for UserLoginStage {
    async fn enter(&self, cx: &mut StageCx<'_>) -> Result<Step, StageError> {
        if proved(cx).is_none() {
            return Ok(Step::Done(denial(cx)));
        }
        if self.remember_me_offset.is_zero() {
            return Ok(Step::Done(self.sign_in(cx, Remember::No)));
        }
        Ok(Challenge::new("ak-stage-user-login")
            .titled("stages-user-login-remember-title")
            .to(cx.pending_view())
            .node(Node::Paragraph(Text::key("stages-user-login-remember-text")))
            .node(Button {
                label: Text::key("stages-user-login-remember-yes"),
                value: Some((REMEMBER, "true".to_owned())),
                primary: true,
                danger: false,
            })
            .node(Button::secondary("stages-user-login-remember-no", REMEMBER, "false"))
            .into())
    }

    async fn answer(&self, cx: &mut StageCx<'_>, response: &Response) -> Result<Outcome, StageError> {
        let remember = match response.value(REMEMBER) {
            Some(Value::Bool(true)) => Remember::Yes,
            Some(Value::Bool(false)) => Remember::No,
            Some(Value::String(text)) if text == "true" => Remember::Yes,
            Some(Value::String(text)) if text == "false" => Remember::No,
            _ => return Ok(Outcome::Retry(FieldErrors::one(REMEMBER, "required", "field-required"))),
        };
        Ok(self.sign_in(cx, remember))
    }
}

/// Whoever goes through the flow, if he may sign in and proved who he is.
fn proved(cx: &StageCx<'_>) -> Option<Arc<Subject>> {
    let subject = cx.pending.as_ref()?;
    let user = &subject.user;
    let may = user.is_active && user.user_type != UserType::InternalServiceAccount;
    (may && proof::holds(cx.context, user.id)).then(|| Arc::clone(subject))
}

/// Why not. Who proved whose account it is may know that it waits to be activated.
fn denial(cx: &StageCx<'_>) -> Outcome {
    let own = cx.pending.as_ref().filter(|subject| proof::holds(cx.context, subject.user.id));
    let is_waiting = own.is_some_and(|subject| !subject.user.is_active);
    Outcome::Deny(Text::key(if is_waiting {
        "stages-user-login-inactive"
    } else {
        "stages-user-login-denied"
    }))
}

/// Where sessions are bound, and nothing tells to what, none begins. The trail says what is missing.
fn unbound(cx: &mut StageCx<'_>, why: Unbindable) -> Outcome {
    let event =
        trail::draft(cx, EventAction::ConfigurationError, APP).with("message", format!("no session: {why}"));
    cx.effect(move |tx| Ok(countersign_events::record(tx, event.clone())?));
    Outcome::Deny(Text::key("stages-user-login-unbound"))
}

impl UserLoginStage {
    fn sign_in(&self, cx: &mut StageCx<'_>, remember: Remember) -> Outcome {
        let Some(subject) = proved(cx) else { return denial(cx) };
        let binding = match self.binding(cx) {
            Ok(binding) => binding,
            Err(why) => return unbound(cx, why),
        };
        let (token, session) = self.session(cx, &subject, remember, binding);
        let max_age = self.cookie_age(remember);
        let (user, key) = (subject.user.id, session.key);
        let event = trail::draft(cx, EventAction::Login, APP)
            .with("auth_method", session.auth_method.as_str())
            .with("auth_method_args", Value::Object(session.auth_method_args.clone()))
            .with("session", session.id.to_string());
        cx.services.policies.reputations().succeeded(&subject.user.username, cx.facts.client);
        let end_others = self.terminate_other_sessions;
        let stranger = self.stranger(cx, &subject.user);
        let device = self.device(cx, &subject.user);
        cx.begin_session(NewSession { token, session, max_age, device });
        cx.effect(move |tx| {
            // What was true when the request was read may not be true any more.
            let user = users::by_id(tx, user)?.filter(|user| user.is_active);
            let Some(user) = user else {
                return Err(EffectError::Deny(Text::key("stages-user-login-denied")));
            };
            if end_others {
                sessions::delete_of_user(tx, user.id, Some(&key))?;
            }
            // Who never signed in before knows that he does now.
            if let Some((notices, occasion)) = stranger.as_ref().filter(|_| user.last_login.is_some()) {
                notices.signed_in(tx, &user, occasion)?;
            }
            users::record_login(tx, user.id)?;
            Ok(countersign_events::record(tx, event.clone().by(&user))?)
        });
        Outcome::Next
    }

    /// Who tells the person of a browser that is not known, and of what: nobody where browsers are not told apart,
    /// and of nothing where the account was signed in with this one already.
    fn stranger(&self, cx: &StageCx<'_>, user: &User) -> Option<(Notices, Occasion)> {
        let is_own = cx.session.is_some_and(|live| live.subject.user.id == user.id);
        let is_strange = !self.remember_device.is_zero() && !is_own && !cx.facts.devices.knows(user);
        is_strange.then(|| (cx.services.mail.notices(), trail::occasion(cx)))
    }

    /// What the session is bound to.
    fn binding(&self, cx: &StageCx<'_>) -> Result<Option<SessionBinding>, Unbindable> {
        bind(cx.services.policies.atlas(), cx.facts.client, self.network_binding, self.geoip_binding)
    }

    /// What the browser keeps to be known by.
    fn device(&self, cx: &StageCx<'_>, user: &User) -> Option<DeviceCookie> {
        let max_age = self.remember_device;
        let until = cx.now.plus(max_age);
        let value = || Secret::new(cx.facts.devices.with(&cx.services.sealer, user, until));
        (!max_age.is_zero()).then(|| DeviceCookie { value: value(), max_age })
    }

    fn session(
        &self,
        cx: &StageCx<'_>,
        subject: &Subject,
        remember: Remember,
        binding: Option<SessionBinding>,
    ) -> (Secret<String>, Session) {
        let rng = &*cx.services.rng;
        let (token, key) = new_token(rng);
        // Who proves again who he is goes on with the session that applications know him by.
        let own = cx.session.map(|live| &live.session).filter(|session| session.user == subject.user.id);
        let lifetime = self.cookie_age(remember).unwrap_or(BROWSER_SESSION);
        let mut auth_method_args = cx.context.get(&keys::AUTH_METHOD_ARGS).unwrap_or_default();
        let is_known = cx.facts.devices.knows(&subject.user);
        auth_method_args.insert(KNOWN_DEVICE.to_owned(), Value::Bool(is_known));
        let session = Session {
            key,
            id: own.map_or_else(|| SessionId::random(rng), |session| session.id),
            user: subject.user.id,
            created: own.map_or(cx.now, |session| session.created),
            authenticated_at: cx.now,
            last_used: cx.now,
            expires: cx.now.plus(lifetime),
            auth_method: cx.context.get(&keys::AUTH_METHOD).unwrap_or_else(|| "token".to_owned()),
            auth_method_args,
            last_ip: cx.facts.client.map(|client| client.to_string()).unwrap_or_default(),
            last_user_agent: cx.facts.user_agent.clone(),
            impersonator: None,
            binding,
        };
        (token, session)
    }

    /// How long the browser keeps the cookie; none for until it is closed.
    fn cookie_age(&self, remember: Remember) -> Option<Span> {
        let offset = if remember == Remember::Yes { self.remember_me_offset } else { Span::ZERO };
        let age = Span::from_micros(self.session_duration.as_micros().saturating_add(offset.as_micros()));
        (!age.is_zero()).then_some(age)
    }
}

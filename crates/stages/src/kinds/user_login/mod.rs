//! `authentik_stages_user_login.userloginstage`: a session begins.
//!
//! Only for an active account of which this plan holds a [`proof`]: no order of stages that an administrator
//! may think of signs somebody in who has only said his name.

use std::sync::Arc;

use async_trait::async_trait;
use countersign_crypto::new_token;
use countersign_flows::{
    Button, Challenge, EffectError, NewSession, Node, Outcome, Response, Stage, StageCx, StageError,
    StageKind, Step, keys,
};
use countersign_model::{ConfigObject, EventAction, Family, Session, SessionId, Subject, UserType};
use countersign_resource::ConfigKind;
use countersign_store::{sessions, users};
use countersign_types::{FieldErrors, Secret, Span, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{proof, trail};

/// Who says so in the audit trail.
const APP: &str = "countersign.stages.user_login";
/// How long the row of a session lives whose cookie goes with the browser.
const BROWSER_SESSION: Span = Span::from_hours(24);
/// Longest session that may be configured.
const LONGEST: Span = Span::from_days(366);
/// Name of the field.
const REMEMBER: &str = "remember_me";

/// What of the network a session is bound to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NetworkBinding {
    /// Nothing.
    #[default]
    NoBinding,
    /// The autonomous system.
    BindAsn,
    /// And the network.
    BindAsnNetwork,
    /// And the address.
    BindAsnNetworkIp,
}

/// What of the place a session is bound to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GeoIpBinding {
    /// Nothing.
    #[default]
    NoBinding,
    /// The continent.
    BindContinent,
    /// And the country.
    BindContinentCountry,
    /// And the city.
    BindContinentCountryCity,
}

/// Signs in whoever goes through the flow.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct UserLoginStage {
    /// How long the session lasts. `seconds=0`: until the browser is closed, 24 hours at most.
    #[serde(default)]
    pub session_duration: Span,
    /// End the user's other sessions.
    #[serde(default)]
    pub terminate_other_sessions: bool,
    /// Ask whether to stay signed in, and add this to the session if so. `seconds=0` does not ask.
    #[serde(default)]
    pub remember_me_offset: Span,
    /// Bind the session to the network that it began in.
    #[serde(default)]
    #[schemars(extend("x-advanced" = true))]
    pub network_binding: NetworkBinding,
    /// Bind the session to the place that it began in.
    #[serde(default)]
    #[schemars(extend("x-advanced" = true))]
    pub geoip_binding: GeoIpBinding,
    /// How long the device is known afterwards. Kept for imported configurations: devices are not told apart
    /// yet.
    #[serde(default = "thirty_days")]
    #[schemars(extend("x-advanced" = true))]
    pub remember_device: Span,
}

const fn thirty_days() -> Span {
    Span::from_days(30)
}

impl ConfigKind for UserLoginStage {
    const MODEL: &'static str = "authentik_stages_user_login.userloginstage";
    const FAMILY: Family = Family::Stage;
    const COMPONENT: &'static str = "ak-stage-user-login-form";
    const VERBOSE_NAME: &'static str = "User Login Stage";

    fn validate(&self) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::default();
        for (name, span) in [
            ("session_duration", self.session_duration),
            ("remember_me_offset", self.remember_me_offset),
            ("remember_device", self.remember_device),
        ] {
            if span < Span::ZERO || span > LONGEST {
                errors.push(name, "invalid", "stages-user-login-duration");
            }
        }
        if self.network_binding != NetworkBinding::NoBinding {
            errors.push("network_binding", "invalid", "stages-user-login-binding-missing");
        }
        if self.geoip_binding != GeoIpBinding::NoBinding {
            errors.push("geoip_binding", "invalid", "stages-user-login-binding-missing");
        }
        errors.into_result()
    }
}

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

impl UserLoginStage {
    fn sign_in(&self, cx: &mut StageCx<'_>, remember: Remember) -> Outcome {
        let Some(subject) = proved(cx) else { return denial(cx) };
        let (token, session) = self.session(cx, &subject, remember);
        let max_age = self.cookie_age(remember);
        let (user, key) = (subject.user.id, session.key);
        let event = trail::draft(cx, EventAction::Login, APP)
            .with("auth_method", session.auth_method.as_str())
            .with("auth_method_args", Value::Object(session.auth_method_args.clone()))
            .with("session", session.id.to_string());
        cx.services.policies.reputations().succeeded(&subject.user.username, cx.facts.client);
        let end_others = self.terminate_other_sessions;
        cx.begin_session(NewSession { token, session, max_age });
        cx.effect(move |tx| {
            // What was true when the request was read may not be true any more.
            let user = users::by_id(tx, user)?.filter(|user| user.is_active);
            let Some(user) = user else {
                return Err(EffectError::Deny(Text::key("stages-user-login-denied")));
            };
            if end_others {
                sessions::delete_of_user(tx, user.id, Some(&key))?;
            }
            users::record_login(tx, user.id)?;
            Ok(countersign_events::record(tx, event.clone().by(&user))?)
        });
        Outcome::Next
    }

    fn session(&self, cx: &StageCx<'_>, subject: &Subject, remember: Remember) -> (Secret<String>, Session) {
        let rng = &*cx.services.rng;
        let (token, key) = new_token(rng);
        // Who proves again who he is goes on with the session that applications know him by.
        let own = cx.session.map(|live| &live.session).filter(|session| session.user == subject.user.id);
        let lifetime = self.cookie_age(remember).unwrap_or(BROWSER_SESSION);
        let session = Session {
            key,
            id: own.map_or_else(|| SessionId::random(rng), |session| session.id),
            user: subject.user.id,
            created: own.map_or(cx.now, |session| session.created),
            authenticated_at: cx.now,
            last_used: cx.now,
            expires: cx.now.plus(lifetime),
            auth_method: cx.context.get(&keys::AUTH_METHOD).unwrap_or_else(|| "token".to_owned()),
            auth_method_args: cx.context.get(&keys::AUTH_METHOD_ARGS).unwrap_or_default(),
            last_ip: cx.facts.client.map(|client| client.to_string()).unwrap_or_default(),
            last_user_agent: cx.facts.user_agent.clone(),
            impersonator: None,
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

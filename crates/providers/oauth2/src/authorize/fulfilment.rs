//! The stage that ends an authorization: the grant and its code are written in the same unit of work in which
//! the flow ends, or not at all.
//!
//! What was asked travels sealed with the plan. Minutes may lie between the request and the last answer, so
//! that everything is looked at again: client, redirect URI and scopes before, and inside the unit session,
//! user and provider as they are in the database at that moment.

use std::sync::Arc;

use async_trait::async_trait;
use countersign_flows::{EffectError, Outcome, Response, Stage, StageCx, StageError, Step};
use countersign_model::{AuthorizationCode, Grant, GrantId, LiveSession, ProviderId, UserId};
use countersign_oauth2::{
    AuthorizationResponse, Delivery, PkceChallenge, RedirectUriType, ResponseMode, ScopeSet,
};
use countersign_store::{Tx, codes, grants, providers, sessions, users};
use countersign_types::{Text, Timestamp};
use serde::{Deserialize, Serialize};

use super::{deliver, draft::Validated};
use crate::{audit, call::Call, client::Client, spec::GrantType};

/// What was asked, validated.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Order {
    provider: ProviderId,
    user: UserId,
    redirect_uri: String,
    response_mode: String,
    state: Option<String>,
    nonce: Option<String>,
    scope: String,
    code_challenge: Option<String>,
    issuer: String,
    /// The user must have proved who he is since then: `max_age` does not stop counting at the consent page.
    authenticated_since: Timestamp,
}

impl Order {
    pub(super) fn of(_: &Call, valid: &Validated, live: &LiveSession) -> Self {
        let request = &valid.request;
        Self {
            provider: valid.client.id,
            user: live.subject.user.id,
            redirect_uri: valid.answer.redirect_uri.clone(),
            response_mode: request.response_mode.as_str().to_owned(),
            state: request.state.clone(),
            nonce: request.nonce.clone(),
            scope: valid.scope.to_string(),
            code_challenge: request.code_challenge.as_ref().map(|challenge| challenge.as_str().to_owned()),
            issuer: valid.answer.issuer.clone(),
            authenticated_since: live.session.authenticated_at,
        }
    }
}

/// The stage. Appended to authorization flows under the name [`FULFILMENT`](super::FULFILMENT).
#[derive(Clone, Copy, Debug, Default)]
pub struct Fulfilment;

#[async_trait]
impl Stage for Fulfilment {
    async fn enter(&self, cx: &mut StageCx<'_>) -> Result<Step, StageError> {
        Ok(Step::Done(self.fulfil(cx)?))
    }

    async fn answer(&self, cx: &mut StageCx<'_>, _: &Response) -> Result<Outcome, StageError> {
        self.fulfil(cx)
    }
}

impl Fulfilment {
    fn fulfil(&self, cx: &mut StageCx<'_>) -> Result<Outcome, StageError> {
        let order: Order = serde_json::from_value(cx.appended.clone()).map_err(|error| broken(cx, &error))?;
        let Some(live) = cx.session.filter(|live| live.subject.user.is_active).cloned() else {
            return Ok(Outcome::Deny(Text::key("oauth2-denied-session")));
        };
        let is_same = live.subject.user.id == order.user;
        if !is_same || live.session.authenticated_at < order.authenticated_since {
            return Ok(Outcome::Deny(Text::key("oauth2-denied-other-user")));
        }
        let Some(client) = self.client_of(cx, &order) else {
            return Ok(Outcome::Deny(Text::key("oauth2-denied-changed")));
        };
        let (token, key) = countersign_crypto::new_token(&*cx.services.rng);
        let issue = Issue::of(cx, &order, &live, Arc::clone(&client), key);
        cx.effect(move |tx| issue.write(tx));
        let answer = AuthorizationResponse::code(token.expose(), order.state.as_deref(), &order.issuer);
        let mode = ResponseMode::parse(&order.response_mode).unwrap_or(ResponseMode::Query);
        Ok(Outcome::Redirect(match answer.deliver(mode, &order.redirect_uri) {
            Delivery::Redirect(to) => to,
            Delivery::FormPost { action, fields } => {
                deliver::address(&cx.services.sealer, &live, action, fields, cx.now, deliver::AT_ONCE)
            }
        }))
    }

    /// The client as it is now, if it would still be given what was asked.
    fn client_of(&self, cx: &StageCx<'_>, order: &Order) -> Option<Arc<Client>> {
        let provider = cx.snapshot.provider(order.provider)?;
        let client = Client::of(cx.snapshot, &cx.services.sealer, provider).ok()?;
        let scope: ScopeSet = order.scope.parse().ok()?;
        let granted = client.grantable(Some(scope.clone()));
        let challenge = order.code_challenge.as_deref().map(PkceChallenge::from_stored);
        let stands = client.may(GrantType::AuthorizationCode)
            && client.redirect_uris.check(RedirectUriType::Authorization, &order.redirect_uri).is_ok()
            && scope.is_subset(&granted)
            && !matches!(challenge, Some(None));
        stands.then_some(client)
    }
}

fn broken(cx: &StageCx<'_>, error: &serde_json::Error) -> StageError {
    StageError::Configuration { stage: cx.stage_name.to_owned(), problem: error.to_string() }
}

/// What is written.
struct Issue {
    client: Arc<Client>,
    live: LiveSession,
    grant: Grant,
    code: AuthorizationCode,
    scope: ScopeSet,
    flow: String,
    from: Option<countersign_types::ClientAddr>,
}

impl Issue {
    fn of(
        cx: &StageCx<'_>,
        order: &Order,
        live: &LiveSession,
        client: Arc<Client>,
        key: countersign_types::Digest,
    ) -> Self {
        let id = GrantId::random(&*cx.services.rng);
        let code_expires = cx.now.plus(client.code_validity);
        Self {
            grant: Grant {
                id,
                provider: client.id,
                user: live.subject.user.id,
                session: Some(live.session.id),
                scope: order.scope.clone(),
                auth_time: live.session.authenticated_at,
                nonce: order.nonce.clone(),
                auth_method: live.session.auth_method.clone(),
                created: cx.now,
                refresh_generation: 0,
                refresh_key: None,
                // As long as a code may be used, and then as long as the access token that it brings lives.
                expires: code_expires.plus(client.access_validity),
                revoked: None,
            },
            code: AuthorizationCode {
                key,
                grant: id,
                provider: client.id,
                redirect_uri: order.redirect_uri.clone(),
                code_challenge: order.code_challenge.clone(),
                expires: code_expires,
                consumed: None,
            },
            scope: order.scope.parse().unwrap_or_default(),
            flow: cx.flow.slug.to_string(),
            from: cx.facts.client,
            live: live.clone(),
            client,
        }
    }

    fn write(&self, tx: &mut Tx<'_>) -> Result<(), EffectError> {
        let denied = |key: &'static str| Err(EffectError::Deny(Text::key(key)));
        let session = sessions::by_key(tx, &self.live.session.key)?;
        if session.is_none_or(|session| session.user != self.grant.user) {
            return denied("oauth2-denied-session");
        }
        if !users::by_id(tx, self.grant.user)?.is_some_and(|user| user.is_active) {
            return denied("oauth2-denied-session");
        }
        let provider = providers::by_id(tx, self.client.id)?;
        if provider.is_none_or(|provider| provider.config != self.client.stored) {
            return denied("oauth2-denied-changed");
        }
        grants::create(tx, &self.grant)?;
        codes::create(tx, &self.code)?;
        if sessions::is_due(&self.live.session, tx.now()) {
            sessions::touch(tx, &self.live.session.key)?;
        }
        let event =
            audit::authorized(&self.client, &self.live.subject.user, &self.scope, "authorization_code");
        let event = event.from(self.from).through(self.live.session.behind());
        countersign_events::record(tx, event.with("flow", self.flow.as_str()))?;
        Ok(())
    }
}

//! The person before us: what is known of him, the way to the sign-in page, the way through the flow.

use actix_web::HttpResponse;
use countersign_flows::{FlowRequest, ReplyKind, Start, keys};
use countersign_model::{Flow, FlowDesignation, FlowId, LiveSession};
use countersign_oauth2::{Delivery, ErrorCode, OAuthError, Params};
use countersign_store::Snapshot;
use countersign_types::{Text, Timestamp};
use countersign_web::{MaybeSession, WebError, encode_next};

use super::{
    FULFILMENT, REQUIRED_CONSENT, Visit, deliver,
    draft::Validated,
    fulfilment::Order,
    interaction::{HintVerdict, Situation},
    marker,
};
use crate::{
    call::Call,
    client::{Client, endpoint, origin_of},
    subject::sub,
    tokens::read_hint,
};

/// Where the way through the authorization flow ended.
pub(super) enum Ended {
    /// Nobody had to be asked: here is where the answer is.
    At(String),
    /// Somebody has to be asked, on this page.
    Asks(String),
    /// The flow refused.
    Denied(Vec<String>),
}

/// What is known of the person.
pub(super) struct Person<'v> {
    session: Option<&'v LiveSession>,
    now: Timestamp,
    /// When the request was first made, if the person comes back from the sign-in page.
    since: Option<Timestamp>,
    hint: HintVerdict,
}

impl<'v> Person<'v> {
    pub(super) fn of(visit: &'v Visit, params: &Params, valid: &Validated) -> Self {
        let call = &visit.call;
        let since = marker::open(call.sealer(), params, visit.browser.secret(), call.now);
        let session = visit.session.as_ref();
        Self { session, now: call.now, since, hint: hint(call, valid, session) }
    }

    /// Whether he has proved who he is since the request was first made.
    fn is_fresh(&self) -> bool {
        let proved = self.session.map(|live| live.session.authenticated_at);
        self.since.zip(proved).is_some_and(|(since, proved)| proved >= since)
    }

    /// Whether he comes back from the sign-in page without having signed in anew: sending him there again
    /// would go in circles.
    pub(super) fn has_returned_in_vain(&self) -> bool {
        self.session.is_some() && self.since.is_some() && !self.is_fresh()
    }

    pub(super) fn situation<'a>(&'a self, valid: &'a Validated) -> Situation<'a> {
        Situation {
            request: &valid.request,
            session: self.session,
            now: self.now,
            is_fresh: self.is_fresh(),
            hint: self.hint,
        }
    }
}

fn hint(call: &Call, valid: &Validated, session: Option<&LiveSession>) -> HintVerdict {
    let Some(token) = &valid.request.id_token_hint else { return HintVerdict::Fits };
    let Some(hint) = read_hint(call, &valid.client, token) else { return HintVerdict::Unreadable };
    let Some(live) = session else { return HintVerdict::Fits };
    let signed_in = sub(valid.client.sub_mode, &live.subject.user, &call.snapshot);
    if hint.sub == signed_in { HintVerdict::Fits } else { HintVerdict::SomebodyElse }
}

/// What a login hint may be at most; longer ones are no names.
const MAX_LOGIN_HINT: usize = 255;
/// The longest request that can be carried to the sign-in page and back.
pub(super) const MAX_CARRIED: usize = 4096;

impl Visit {
    /// To the sign-in flow, with the way back here.
    pub(super) fn send_to_sign_in(
        &self,
        params: &Params,
        valid: &Validated,
    ) -> Result<HttpResponse, WebError> {
        let call = &self.call;
        let flow =
            sign_in_flow(call, &valid.client).ok_or_else(|| no_flow(&valid.client, "authentication"))?;
        let mut start = begun_by(&valid.client, &valid.answer.redirect_uri);
        let hint = valid.request.login_hint.as_deref().map(str::trim).filter(|hint| is_name(hint));
        if let Some(hint) = hint {
            start = start.with(&keys::PENDING_USER_IDENTIFIER, &hint.to_owned());
        }
        let mark = marker::seal(call.sealer(), params, self.browser.secret(), call.now);
        let carried =
            params.pairs().filter(|(name, _)| *name != marker::NAME).chain([(marker::NAME, mark.as_str())]);
        let next = format!("{}?{}", endpoint("", "authorize"), marker::query(carried));
        if next.len() > MAX_CARRIED {
            let shown = WebError::new(countersign_types::ErrorKind::TooLarge).titled("oauth2-error-title");
            return Err(shown.saying("oauth2-error-too-long").coded(ErrorCode::InvalidRequest.as_str()));
        }
        let to = call.app.executor().address(flow, &start, Some(&next), &self.flow_request())?;
        Ok(self.redirect(&in_the_wanted_language(to, valid)))
    }

    /// Through the authorization flow, as far as nobody must be asked. With implicit consent, or consent on
    /// file, that is all the way: one writing unit.
    pub(super) async fn run_authorization_flow(
        &self,
        valid: &Validated,
        live: &LiveSession,
    ) -> Result<Ended, WebError> {
        let (call, client) = (&self.call, &valid.client);
        let flow = client.authorization_flow.and_then(|id| call.snapshot.flow(id));
        let flow = flow.ok_or_else(|| no_flow(client, "authorization"))?;
        let order = serde_json::to_value(Order::of(call, valid, live)).map_err(WebError::internal)?;
        let mut start = begun_by(client, &valid.answer.redirect_uri)
            .with(&keys::CONSENT_PERMISSIONS, &permissions(valid))
            .with(&keys::CONSENT_FORCED, &valid.request.prompt.consent)
            .with(&keys::CONSENT_REFUSED, &self.refusal(valid, live));
        if valid.request.prompt.consent {
            start = start.then(REQUIRED_CONSENT, serde_json::Value::Null);
        }
        let start = start.then(FULFILMENT, order);
        let reply = Box::pin(call.app.executor().begin(flow, start, &self.flow_request())).await?;
        Ok(match reply.kind {
            ReplyKind::Redirect { to } if is_flow_page(&to) => Ended::Asks(in_the_wanted_language(to, valid)),
            ReplyKind::Redirect { to } => Ended::At(to),
            ReplyKind::Denied(denied) => {
                let localizer = call.facts.localizer(&call.app);
                let said = denied.messages.iter().map(|text: &Text| localizer.text(text));
                Ended::Denied(said.collect())
            }
            ReplyKind::Challenge(shown) | ReplyKind::NextChallenge(shown) => Ended::Asks(shown.info.url),
        })
    }

    /// Where the browser goes when the user says no: back to the application, which hears of it.
    fn refusal(&self, valid: &Validated, live: &LiveSession) -> String {
        let error = OAuthError::new(ErrorCode::AccessDenied, "the user refused");
        let (answer, mode, redirect_uri) = valid.answer.error(&error);
        match answer.deliver(mode, redirect_uri) {
            Delivery::Redirect(to) => to,
            Delivery::FormPost { action, fields } => deliver::address(
                self.call.sealer(),
                live,
                action,
                fields,
                self.call.now,
                deliver::AFTER_A_FLOW,
            ),
        }
    }

    fn flow_request(&self) -> FlowRequest {
        FlowRequest {
            slug: String::new(),
            query: String::new(),
            browser: self.browser.secret().clone(),
            session_key: MaybeSession::key(&self.request),
            facts: self.call.facts.to_request_facts(),
        }
    }
}

/// What every flow that we begin is told.
pub(crate) fn begun_by(client: &Client, leads_to: &str) -> Start {
    let mut start = Start::default();
    for (name, value) in client.context() {
        start.context.set_value(name, value);
    }
    // A scheme of a native application has no origin; the address itself names the scheme.
    let origin = origin_of(leads_to).unwrap_or_else(|| leads_to.to_owned());
    start.with(&keys::FORM_ORIGINS, &vec![origin])
}

/// The scopes that have a word for the user.
fn permissions(valid: &Validated) -> Vec<(String, String)> {
    let asked = valid.client.scopes.iter().filter(|scope| valid.scope.contains(&scope.name));
    let worded = asked.filter(|scope| !scope.description.is_empty());
    worded.map(|scope| (scope.name.clone(), scope.description.clone())).collect()
}

/// The client's own, else the brand's, else the first there is.
fn sign_in_flow<'s>(call: &'s Call, client: &Client) -> Option<&'s Flow> {
    let snapshot: &Snapshot = &call.snapshot;
    let brands = || snapshot.brand_for(&call.facts.host).and_then(|brand| brand.flow_authentication);
    let named = |id: FlowId| snapshot.flow(id);
    let first = || snapshot.flows().iter().find(|flow| flow.designation == FlowDesignation::Authentication);
    client.authentication_flow.or_else(brands).and_then(named).or_else(first)
}

fn no_flow(client: &Client, which: &str) -> WebError {
    WebError::internal(format!("the provider “{}” has no {which} flow", client.name))
}

fn is_name(hint: &str) -> bool {
    !hint.is_empty() && hint.chars().count() <= MAX_LOGIN_HINT && !hint.chars().any(char::is_control)
}

fn is_flow_page(to: &str) -> bool {
    to.starts_with("/if/flow/") || to.starts_with("/flows/")
}

/// `ui_locales` of the request counts on our pages too.
fn in_the_wanted_language(to: String, valid: &Validated) -> String {
    if valid.request.ui_locales.is_empty() {
        return to;
    }
    let separator = if to.contains('?') { '&' } else { '?' };
    format!("{to}{separator}ui_locales={}", encode_next(&valid.request.ui_locales.join(" ")))
}

/// Model label of the stage that asks for consent.
const CONSENT_STAGE: &str = "authentik_stages_consent.consentstage";

impl Client {
    /// What `prompt=none` gets when the authorization flow has to ask (OpenID Connect Core §3.1.2.6).
    pub(super) fn asking(&self, call: &Call) -> ErrorCode {
        let bindings =
            self.authorization_flow.map(|flow| call.snapshot.stage_bindings(flow)).unwrap_or_default();
        let asks_consent = bindings
            .iter()
            .filter_map(|binding| call.snapshot.object(binding.stage))
            .any(|stage| stage.kind == CONSENT_STAGE);
        if asks_consent { ErrorCode::ConsentRequired } else { ErrorCode::InteractionRequired }
    }
}

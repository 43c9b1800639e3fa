//! `/application/o/<slug>/end-session/` (OpenID Connect RP-Initiated Logout), GET and POST.
//!
//! Nothing in the request is proven but what a verified hint says. Where to go afterwards has to be registered
//! for it, whoever asks; that the user is asked first, the flow's own stages see to.

use actix_web::{HttpRequest, HttpResponse, http::Method, web::Path};
use countersign_flows::{FlowRequest, Key, ReplyKind, keys};
use countersign_model::Flow;
use countersign_oauth2::{EndSessionRequest, ErrorCode, OAuthError, Params, RedirectUriType};
use countersign_types::{ErrorKind, Text};
use countersign_web::{BoundedForm, Browser, MaybeSession, WebError, found, see_other};

use crate::{authenticate, authorize::begun_by, call::Call, client::Client, subject::sub, tokens::read_hint};

pub(crate) async fn get(
    request: HttpRequest,
    call: Call,
    browser: Browser,
    session: MaybeSession,
    slug: Path<String>,
) -> Result<HttpResponse, WebError> {
    let params = Params::parse(request.query_string().as_bytes()).map_err(|error| page(&error.into()))?;
    Farewell { request, call, browser, session }.serve(&slug, &params).await
}

pub(crate) async fn post(
    request: HttpRequest,
    call: Call,
    browser: Browser,
    session: MaybeSession,
    slug: Path<String>,
    form: BoundedForm,
) -> Result<HttpResponse, WebError> {
    let params = authenticate::params(form).map_err(|error| page(&error))?;
    // A form of another site comes without cookies (SameSite=Lax): who is signed in shows when it is asked
    // again as a GET.
    if session.0.is_none() {
        let query =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(params.pairs()).finish();
        return Ok(see_other(&format!("{}?{query}", request.path())));
    }
    Farewell { request, call, browser, session }.serve(&slug, &params).await
}

/// Tells the stage that signs out whether the user is known to want it; if not, it asks.
const CONFIRMED: Key<bool> = Key::new("goauthentik.io/stages/user_logout/confirmed");

struct Farewell {
    request: HttpRequest,
    call: Call,
    browser: Browser,
    session: MaybeSession,
}

impl Farewell {
    async fn serve(&self, slug: &str, params: &Params) -> Result<HttpResponse, WebError> {
        let client = self.call.client_by_slug(slug)?;
        let asked = EndSessionRequest::parse(params);
        if asked.client_id.as_ref().is_some_and(|id| *id != client.client_id) {
            return Err(page(&OAuthError::new(
                ErrorCode::InvalidClient,
                "client_id is that of another application",
            )));
        }
        let leads_to = self.leads_to(&client, &asked)?;
        let flow = self.flow(&client).ok_or_else(|| WebError::internal("there is no sign-out flow"))?;
        let start = begun_by(&client, &leads_to)
            .with(&keys::REDIRECT, &leads_to)
            .with(&CONFIRMED, &self.is_proven(&client, &asked));
        let request = FlowRequest {
            slug: String::new(),
            query: String::new(),
            browser: self.browser.secret().clone(),
            session_key: MaybeSession::key(&self.request),
            facts: self.call.facts.to_request_facts(),
        };
        let reply = Box::pin(self.call.app.executor().begin(flow, start, &request)).await?;
        let to = match reply.kind {
            ReplyKind::Redirect { to } => to,
            ReplyKind::Challenge(shown) | ReplyKind::NextChallenge(shown) => shown.info.url,
            ReplyKind::Denied(denied) => return Err(self.refused(&denied.messages)),
        };
        let mut response = match *self.request.method() {
            Method::GET => found(&to),
            _ => see_other(&to),
        };
        self.browser.keep(&mut response);
        self.call.facts.cookies().apply(&reply.session, &mut response);
        Ok(response)
    }

    /// Where the browser goes in the end: an address registered for it, with the `state` that came, or our own
    /// page that says so.
    fn leads_to(&self, client: &Client, asked: &EndSessionRequest) -> Result<String, WebError> {
        let Some(uri) = &asked.post_logout_redirect_uri else {
            return Ok(format!("/if/session-end/{}/", client.application.slug));
        };
        if let Err(reason) = client.redirect_uris.check(RedirectUriType::Logout, uri) {
            return Err(page(&OAuthError::invalid_request(reason.to_string())));
        }
        let Some(state) = &asked.state else { return Ok(uri.clone()) };
        let state = url::form_urlencoded::Serializer::new(String::new()).append_pair("state", state).finish();
        let separator = if uri.contains('?') { '&' } else { '?' };
        Ok(format!("{uri}{separator}{state}"))
    }

    /// Whether the application has shown that it means whoever is signed in here.
    fn is_proven(&self, client: &Client, asked: &EndSessionRequest) -> bool {
        let Some(live) = &self.session.0 else { return true };
        let hint = asked.id_token_hint.as_deref().and_then(|token| read_hint(&self.call, client, token));
        hint.is_some_and(|hint| {
            hint.sub == sub(client.sub_mode, &live.subject.user, &self.call.snapshot)
                && hint.sid.is_none_or(|sid| sid == live.session.id.to_string())
        })
    }

    /// The client's own, else the brand's.
    fn flow(&self, client: &Client) -> Option<&Flow> {
        let snapshot = &self.call.snapshot;
        let brands = || snapshot.brand_for(&self.call.facts.host).and_then(|brand| brand.flow_invalidation);
        client.invalidation_flow.or_else(brands).and_then(|id| snapshot.flow(id))
    }

    fn refused(&self, messages: &[Text]) -> WebError {
        let shown = WebError::denied();
        match messages.first() {
            Some(message) => shown.saying(message.clone()),
            None => shown,
        }
    }
}

/// Errors are shown: nobody is sent to an address that is not registered.
fn page(error: &OAuthError) -> WebError {
    let shown = WebError::new(ErrorKind::Invalid).titled("oauth2-error-title").coded(error.code.as_str());
    shown
        .saying(Text::key("oauth2-error-logout").with("detail", error.description.to_string()))
        .caused_by(error.clone())
}

//! `/application/o/authorize/` (RFC 6749 §4.1.1, OpenID Connect Core §3.1.2), GET and POST.
//!
//! ```text
//! parameters ─▶ checks (a table) ─┬─ page: client or redirect URI wrong, nothing is redirected
//!                                 ├─ redirect: an error goes back to the client
//!                                 ▼
//!               must the person act? (a table) ── sign-in flow, and back here
//!                                 ▼
//!               application's policies ── a page that says no
//!                                 ▼
//!               authorization flow, ending in the fulfilment stage ── code, state, iss
//! ```

mod checks;
mod deliver;
mod draft;
mod fulfilment;
mod interaction;
mod marker;
mod person;

use actix_web::{HttpRequest, HttpResponse, http::Method};
use countersign_model::LiveSession;
use countersign_oauth2::{AuthorizationResponse, Delivery, ErrorCode, OAuthError, Params};
use countersign_types::{ErrorKind, Text};
use countersign_web::{BoundedForm, Browser, MaybeSession, WebError, found, see_other};

use self::draft::{Draft, Stop, Validated};
use crate::{access, authenticate, call::Call, client::endpoint};

pub(crate) use deliver::get as deliver;
pub use fulfilment::Fulfilment;
pub(crate) use person::begun_by;

/// Name under which plans know the stage that ends an authorization.
pub const FULFILMENT: &str = "oauth2-fulfilment";
/// Name under which a stage has to be appended that asks for consent unless the flow has done so.
pub const REQUIRED_CONSENT: &str = "oauth2-required-consent";

/// A request with everything around it.
pub(crate) struct Visit {
    pub(crate) call: Call,
    pub(crate) request: HttpRequest,
    pub(crate) browser: Browser,
    pub(crate) session: Option<LiveSession>,
}

pub(crate) async fn get(
    request: HttpRequest,
    call: Call,
    browser: Browser,
    MaybeSession(session): MaybeSession,
) -> Result<HttpResponse, WebError> {
    let params = Params::parse(request.query_string().as_bytes());
    let params = params.map_err(|error| page(&OAuthError::from(error)))?;
    Visit { call, request, browser, session }.serve(&params).await
}

pub(crate) async fn post(
    request: HttpRequest,
    call: Call,
    browser: Browser,
    MaybeSession(session): MaybeSession,
    form: BoundedForm,
) -> Result<HttpResponse, WebError> {
    let params = authenticate::params(form).map_err(|error| page(&error))?;
    // A form of another site comes without cookies (SameSite=Lax): who is signed in shows when it is asked
    // again as a GET.
    if session.is_none() {
        let again = format!("{}?{}", endpoint("", "authorize"), marker::query(params.pairs()));
        if again.len() <= person::MAX_CARRIED {
            return Ok(see_other(&again));
        }
    }
    Visit { call, request, browser, session }.serve(&params).await
}

impl Visit {
    async fn serve(&self, params: &Params) -> Result<HttpResponse, WebError> {
        match checks::run(Draft::new(&self.call, params)) {
            Ok(valid) => Box::pin(self.authorize(params, valid)).await,
            Err(Stop::Page(error)) => Err(page(&error)),
            Err(Stop::Fault(fault)) => Err(fault),
            Err(Stop::Redirect(answer, error)) => self.send(answer.error(&error), None),
        }
    }

    async fn authorize(&self, params: &Params, valid: Validated) -> Result<HttpResponse, WebError> {
        let asked = valid.request.prompt;
        let fails = |code, description| {
            self.send(valid.answer.error(&OAuthError::new(code, description)), self.session.as_ref())
        };
        let person = person::Person::of(self, params, &valid);
        if let Some(need) = interaction::need_user(&person.situation(&valid)) {
            if asked.none || person.has_returned_in_vain() {
                return fails(need.error(), need.description());
            }
            return match need.prompt {
                interaction::PromptFor::Login => self.send_to_sign_in(params, &valid),
            };
        }
        let Some(session) = &self.session else { return self.send_to_sign_in(params, &valid) };
        let verdict =
            access::ask(&self.call, &valid.client, &session.subject, valid.seen_by_policies()).await;
        if !verdict.passing {
            if asked.none {
                return fails(ErrorCode::AccessDenied, "the user may not use this application");
            }
            return Err(refused(&verdict.messages));
        }
        match self.run_authorization_flow(&valid, session).await? {
            person::Ended::At(to) => Ok(self.redirect(&to)),
            person::Ended::Asks(_) if asked.none => {
                fails(valid.client.asking(&self.call), "the user has to act")
            }
            person::Ended::Asks(to) => Ok(self.redirect(&to)),
            person::Ended::Denied(_) if asked.none => fails(ErrorCode::AccessDenied, "the flow refused"),
            person::Ended::Denied(messages) => Err(refused(&messages)),
        }
    }

    /// Sends an answer to the client, the way it asked for.
    fn send(
        &self,
        (answer, mode, redirect_uri): (AuthorizationResponse, countersign_oauth2::ResponseMode, &str),
        session: Option<&LiveSession>,
    ) -> Result<HttpResponse, WebError> {
        match answer.deliver(mode, redirect_uri) {
            Delivery::Redirect(to) => Ok(self.redirect(&to)),
            form @ Delivery::FormPost { .. } => deliver::page(&self.call, form, session),
        }
    }

    /// After a form 303, so that the browser does not send it on (RFC 9700 §4.12); the cookie that binds
    /// flows goes along.
    fn redirect(&self, to: &str) -> HttpResponse {
        let mut response = match *self.request.method() {
            Method::GET => found(to),
            _ => see_other(to),
        };
        self.browser.keep(&mut response);
        response
    }
}

/// An error that must not be redirected (RFC 9700 §4.11.2).
fn page(error: &OAuthError) -> WebError {
    let text = match error.code {
        ErrorCode::InvalidClient => "oauth2-error-client",
        ErrorCode::InvalidRequest if error.description.contains("redirect") => "oauth2-error-redirect-uri",
        _ => "oauth2-error-request",
    };
    let shown = WebError::new(ErrorKind::Invalid).titled("oauth2-error-title").coded(error.code.as_str());
    shown.saying(Text::key(text).with("detail", error.description.to_string())).caused_by(error.clone())
}

/// A page that says no, in the words of administrators where they left some.
fn refused(messages: &[String]) -> WebError {
    let shown = WebError::denied().titled("oauth2-denied-title");
    match messages.is_empty() {
        true => shown.saying("oauth2-denied-text"),
        false => shown.saying(Text::literal(messages.join(" "))),
    }
}

/// The table of checks, for people.
#[cfg(test)]
pub(crate) fn table() -> Vec<String> {
    checks::CHECKS.iter().map(checks::Check::line).collect()
}

impl std::fmt::Debug for Visit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Visit").field("signed_in", &self.session.is_some()).finish_non_exhaustive()
    }
}

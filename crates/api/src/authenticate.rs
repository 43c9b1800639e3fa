//! Who calls: a bearer token of ours, an access token of one of our providers, or the session of a browser.
//!
//! A request with an `Authorization` header goes by that alone: a bad token is not made good by a cookie.
//! A browser's session needs, for whatever changes something, the token of its forms in a header besides
//! (`X-authentik-CSRF`): a cookie comes along from anywhere, a header does not.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use actix_web::{FromRequest as _, HttpRequest, http::header::AUTHORIZATION};
use countersign_authz::{Identity, Rights};
use countersign_model::{LiveSession, RolePermission, Token, TokenId, TokenIntent};
use countersign_store::tokens;
use countersign_types::{Span, Timestamp};
use countersign_web::{App, Facts, MaybeSession, WebError, csrf};
use moka::sync::Cache;

use crate::{Api, ApiError};

/// The header with which a browser's script shows that it is ours; the name is authentik's.
const CSRF_HEADER: &str = "x-authentik-csrf";
/// What an access token of one of our providers must have been given.
const SCOPE: &str = "goauthentik.io/api";
/// How far behind the time of last use may be.
const USE_INTERVAL: Span = Span::from_mins(5);
/// Longer values are no token of ours.
const MAX_TOKEN: usize = 8192;

/// Who calls.
#[derive(Default)]
pub(crate) struct Caller {
    /// Nobody when neither token nor session came.
    pub(crate) identity: Option<Arc<Identity>>,
    /// The session of a browser.
    pub(crate) session: Option<LiveSession>,
}

/// Finds out who calls. A token that is none is refused, and too many of them are slowed down.
pub(crate) async fn caller(request: &HttpRequest, app: &Arc<App>, api: &Api) -> Result<Caller, ApiError> {
    let Some(header) = request.headers().get(AUTHORIZATION) else {
        return of_session(request, app).await;
    };
    let token = header.to_str().ok().and_then(bearer).filter(|token| token.len() <= MAX_TOKEN);
    let identity = match token {
        Some(token) => of_token(request, app, api, token).await?,
        None => None,
    };
    match identity {
        Some(identity) => Ok(Caller { identity: Some(Arc::new(identity)), session: None }),
        None => {
            let facts = Facts::extract(request).await?;
            api.failed_tokens().check(facts.client, app.now()).map_err(WebError::from)?;
            Err(invalid_token())
        }
    }
}

/// RFC 6750 §3.1.
fn invalid_token() -> ApiError {
    let challenge = "Bearer realm=\"countersign\", error=\"invalid_token\"";
    WebError::unauthenticated()
        .saying("api-error-token")
        .coded("authentication_failed")
        .authenticate(challenge)
        .into()
}

/// The value behind `Bearer`, whose case does not matter (RFC 9110 §11.1).
fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.trim().split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

async fn of_token(
    request: &HttpRequest,
    app: &Arc<App>,
    api: &Api,
    token: &str,
) -> Result<Option<Identity>, ApiError> {
    let snapshot = app.snapshot().await?;
    // Tokens of ours have no dots, JWTs have two (RFC 7519 §3).
    if token.contains('.') {
        let subject = api.access_tokens().subject_of(request, token, SCOPE).await?;
        let subject = subject.filter(|subject| subject.user.is_active);
        return Ok(subject.map(|subject| Identity::new(subject, snapshot.roles())));
    }
    let kept = app.store().token(&countersign_crypto::digest(token)).await?;
    let Some(kept) = kept.filter(|kept| kept.intent == TokenIntent::Api) else { return Ok(None) };
    let Some(subject) = app.store().subject(kept.user).await?.filter(|subject| subject.user.is_active) else {
        return Ok(None);
    };
    api.token_uses().note(app, &kept);
    let identity = Identity::new(subject, snapshot.roles());
    Ok(Some(match scope(&kept) {
        Some(scope) => identity.within(scope),
        None => identity,
    }))
}

/// What of its owner's rights a token carries; none for all of them.
fn scope(token: &Token) -> Option<Rights> {
    let permissions = token.permissions.as_ref()?.iter();
    Some(permissions.map(|name| RolePermission { permission: name.clone(), object: None }).collect())
}

async fn of_session(request: &HttpRequest, app: &Arc<App>) -> Result<Caller, ApiError> {
    let MaybeSession(found) = MaybeSession::extract(request).await?;
    let Some(session) = found else { return Ok(Caller::default()) };
    if !request.method().is_safe() {
        let token = request.headers().get(CSRF_HEADER).and_then(|value| value.to_str().ok());
        if !token.is_some_and(|token| csrf::is_token_of(app.sealer(), &session, token)) {
            return Err(WebError::denied().saying("api-error-csrf").coded("csrf").into());
        }
    }
    let snapshot = app.snapshot().await?;
    let identity = Identity::new(Arc::clone(&session.subject), snapshot.roles());
    let identity = match &session.session.impersonator {
        Some(impersonation) => identity.used_by(impersonation.user.clone()),
        None => identity,
    };
    Ok(Caller { identity: Some(Arc::new(identity)), session: Some(session) })
}

/// When tokens were last used, so that noting it costs a write every few minutes and no request waits for it.
pub(crate) struct TokenUses {
    noted: Cache<TokenId, Arc<AtomicI64>>,
}

/// Tokens remembered.
const MOST: u64 = 10_000;

impl Default for TokenUses {
    fn default() -> Self {
        Self { noted: Cache::new(MOST) }
    }
}

impl TokenUses {
    /// Notes a use, beside the request.
    fn note(&self, app: &App, token: &Token) {
        let (id, now) = (token.id, app.now());
        if !self.is_due(token, now) {
            return;
        }
        let store = app.store().clone();
        drop(actix_web::rt::spawn(async move {
            if let Err(error) = store.write(move |tx| tokens::touch(tx, id)).await {
                tracing::warn!(%error, "the use of a token could not be noted");
            }
        }));
    }

    fn is_due(&self, token: &Token, now: Timestamp) -> bool {
        let kept = token.last_used.map_or(i64::MIN, Timestamp::as_micros);
        let noted = self.noted.get_with(token.id, || Arc::new(AtomicI64::new(kept)));
        let before = now.minus(USE_INTERVAL).as_micros();
        let step = |last: i64| (last <= before).then_some(now.as_micros());
        noted.fetch_update(Ordering::AcqRel, Ordering::Acquire, step).is_ok()
    }
}

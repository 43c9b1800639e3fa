//! Who sent a request: the session cookie's digest, the live session of that digest, its user.
//!
//! A row that has expired, a user who is inactive and a place that the session is not bound to make no session. What the cookie holds beyond our own
//! form is no session either, and is never looked up.

use std::ops::Deref;

use actix_web::{FromRequest, HttpMessage as _, HttpRequest, dev::Payload};
use countersign_model::LiveSession;
use countersign_store::{StoreError, Tx, sessions};
use countersign_types::Digest;
use futures_util::future::LocalBoxFuture;

use super::{Arrival, browser::is_secret};
use crate::{App, WebError, edge::SignedInUser};

/// The session of a request, if it has one.
#[derive(Clone, Debug)]
pub struct MaybeSession(pub Option<LiveSession>);

/// The session of a request that needs one. Without one the answer is "sign in first".
#[derive(Clone, Debug)]
pub struct Session(pub LiveSession);

/// The session of an administrator without limits. Anybody else is refused.
#[derive(Clone, Debug)]
pub struct Superuser(pub LiveSession);

impl MaybeSession {
    /// Digest of the session cookie, whether or not it is alive: what flows go by.
    pub fn key(request: &HttpRequest) -> Option<Digest> {
        let arrival = Arrival::found(request)?;
        let cookie = request.cookie(arrival.cookies().session_name())?;
        is_secret(cookie.value()).then(|| countersign_crypto::digest(cookie.value()))
    }

    async fn of(request: &HttpRequest) -> Result<Self, WebError> {
        if let Some(known) = request.extensions().get::<Self>() {
            return Ok(known.clone());
        }
        let found = match Self::key(request) {
            Some(key) => {
                let arrival =
                    Arrival::found(request).ok_or_else(|| WebError::internal("the edge was not passed"))?;
                App::shared(request)?.live_session(&key, &arrival).await?
            }
            None => None,
        };
        if let Some(live) = &found {
            request.extensions_mut().insert(SignedInUser(live.subject.user.pk));
        }
        let session = Self(found);
        request.extensions_mut().insert(session.clone());
        Ok(session)
    }
}

impl FromRequest for MaybeSession {
    type Error = WebError;
    type Future = LocalBoxFuture<'static, Result<Self, WebError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { Self::of(&request).await })
    }
}

impl FromRequest for Session {
    type Error = WebError;
    type Future = LocalBoxFuture<'static, Result<Self, WebError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            MaybeSession::of(&request).await?.0.map(Self).ok_or_else(WebError::unauthenticated)
        })
    }
}

impl FromRequest for Superuser {
    type Error = WebError;
    type Future = LocalBoxFuture<'static, Result<Self, WebError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let session = Session::extract(request);
        Box::pin(async move {
            let Session(live) = session.await?;
            if live.subject.is_superuser() { Ok(Self(live)) } else { Err(WebError::denied()) }
        })
    }
}

impl Deref for Session {
    type Target = LiveSession;

    fn deref(&self) -> &LiveSession {
        &self.0
    }
}

impl Deref for Superuser {
    type Target = LiveSession;

    fn deref(&self) -> &LiveSession {
        &self.0
    }
}

/// Notes that a session was used, inside a write that happens anyway, at most once a minute.
pub fn touch_if_due(tx: &mut Tx<'_>, session: &countersign_model::Session) -> Result<(), StoreError> {
    if sessions::is_due(session, tx.now()) {
        sessions::touch(tx, &session.key)?;
    }
    Ok(())
}

//! `authorization_code` (RFC 6749 §4.1.3, RFC 7636 §4.5, RFC 9700 §2.1.1, §4.5).
//!
//! One writing unit: the code is consumed first, whoever brings it; then it is looked at. What was brought by
//! the wrong client, for another redirect URI or without its verifier has leaked, and is used up with that.

use std::sync::Arc;

use async_trait::async_trait;
use countersign_crypto::digest;
use countersign_model::{AuthorizationCode, Grant as GrantEntity, Session};
use countersign_oauth2::{PkceChallenge, PkceVerifier, ScopeSet, TokenRequest, check_pkce};
use countersign_store::{StoreError, Tx, codes, grants, users};
use countersign_types::{Digest, Secret, Timestamp};

use super::{Grant, Granted, invalid_grant, session_of};
use crate::{
    audit,
    client::{Client, OFFLINE_ACCESS},
    respond::Refusal,
    spec::GrantType,
    token::Exchange,
    tokens::{Bearer, RefreshToken},
};

pub(super) struct AuthorizationCodeGrant;

/// What was brought.
struct Brought {
    key: Digest,
    redirect_uri: Option<String>,
    verifier: Option<PkceVerifier>,
}

/// What the unit of work comes to. Every case but a failing database is `Ok`, so that what was consumed or
/// revoked stays so.
enum Redeemed {
    Good(Box<Granted>),
    Refused(&'static str),
}

#[async_trait(?Send)]
impl Grant for AuthorizationCodeGrant {
    async fn exchange(&self, cx: &Exchange, asked: TokenRequest) -> Result<Bearer, Refusal> {
        let TokenRequest::AuthorizationCode { code, redirect_uri, code_verifier } = asked else {
            return Err(invalid_grant("this is not a code"));
        };
        let brought = Brought { key: digest(code.expose()), redirect_uri, verifier: code_verifier };
        let unit = Unit::of(cx, brought);
        match cx.call.app.store().write(move |tx| unit.redeem(tx)).await? {
            Redeemed::Refused(why) => Err(invalid_grant(why)),
            Redeemed::Good(granted) => {
                let scope: ScopeSet = granted.grant.scope.parse().unwrap_or_default();
                let nonce = granted.grant.nonce.clone();
                Ok(granted.bearer(scope, nonce))
            }
        }
    }
}

/// The unit of work with what it needs, so that it can be run again as a whole.
struct Unit {
    client: Arc<Client>,
    app: Arc<countersign_web::App>,
    from: Option<countersign_types::ClientAddr>,
    brought: Brought,
}

impl Unit {
    fn of(cx: &Exchange, brought: Brought) -> Self {
        Self {
            client: Arc::clone(&cx.client),
            app: Arc::clone(&cx.call.app),
            from: cx.call.facts.client,
            brought,
        }
    }

    fn redeem(&self, tx: &mut Tx<'_>) -> Result<Redeemed, StoreError> {
        let code = match codes::consume(tx, &self.brought.key)? {
            codes::CodeUse::Fresh(code) => code,
            codes::CodeUse::Reused(_) => {
                self.report(
                    tx,
                    "An authorization code was used a second time; what it brought was revoked.",
                )?;
                return Ok(Redeemed::Refused("the code was used before"));
            }
            codes::CodeUse::Dead => return Ok(Redeemed::Refused("the code is unknown or has expired")),
        };
        if let Err(why) = self.check(&code) {
            grants::revoke(tx, code.grant)?;
            self.report(tx, why)?;
            return Ok(Redeemed::Refused(why));
        }
        let Some(grant) = grants::live(tx, code.grant)?.filter(|grant| grant.provider == self.client.id)
        else {
            return Ok(Redeemed::Refused("what the code stood for was withdrawn"));
        };
        let session = session_of(tx, &grant)?;
        let lives = session.as_ref().is_some_and(|session| session.user == grant.user);
        let session_ended = grant.session.is_some() && !lives;
        let subject = users::subject(tx, grant.user)?.filter(|subject| subject.user.is_active);
        let (false, Some(subject)) = (session_ended, subject) else {
            grants::revoke(tx, grant.id)?;
            return Ok(Redeemed::Refused("the user is no longer signed in"));
        };
        let refresh_token = self.first_refresh(tx, &grant)?;
        let scope = grant.scope.parse().unwrap_or_default();
        let event =
            audit::authorized(&self.client, &subject.user, &scope, "authorization_code").from(self.from);
        countersign_events::record(tx, event.through(session.as_ref().and_then(Session::behind)))?;
        Ok(Redeemed::Good(Box::new(Granted { grant, subject: Arc::new(subject), refresh_token })))
    }

    /// Client, redirect URI and proof key: all three have to be those of the authorization request.
    fn check(&self, code: &AuthorizationCode) -> Result<(), &'static str> {
        if code.provider != self.client.id {
            return Err("the code was issued to another client");
        }
        // RFC 6749 §4.1.3 wants it repeated, OAuth 2.1 §10.2 does not: when it is given, it counts.
        if self.brought.redirect_uri.as_ref().is_some_and(|uri| *uri != code.redirect_uri) {
            return Err("redirect_uri is not that of the authorization request");
        }
        let challenge = match code.code_challenge.as_deref().map(PkceChallenge::from_stored) {
            Some(None) => return Err("the code cannot be checked"),
            challenge => challenge.flatten(),
        };
        check_pkce(challenge.as_ref(), self.brought.verifier.as_ref())
            .map_err(|_| "code_verifier does not fit the authorization request")
    }

    fn first_refresh(
        &self,
        tx: &mut Tx<'_>,
        grant: &GrantEntity,
    ) -> Result<Option<Secret<String>>, StoreError> {
        let wanted = grant.scope.split(' ').any(|scope| scope == OFFLINE_ACCESS);
        if !wanted || !self.client.may(GrantType::RefreshToken) {
            return Ok(None);
        }
        let (token, key) = RefreshToken::make(grant.id, 1, self.app.sealer(), tx.rng());
        let kept = grants::first_refresh(tx, grant.id, &key, grant_expiry(&self.client, tx.now()))?;
        Ok(kept.then_some(token))
    }

    fn report(&self, tx: &mut Tx<'_>, message: &'static str) -> Result<(), StoreError> {
        countersign_events::record(tx, audit::suspicious(&self.client, message, self.from))
    }
}

/// Until when a grant with a refresh token is kept: as long as anything that names it lives.
pub(super) fn grant_expiry(client: &Client, now: Timestamp) -> Timestamp {
    now.plus(client.refresh_validity.max(client.access_validity))
}

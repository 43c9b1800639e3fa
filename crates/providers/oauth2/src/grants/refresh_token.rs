//! `refresh_token` (RFC 6749 §6, RFC 9700 §2.2.2, §4.14.2): every use makes a new token, an old one ends the
//! family. No grace: who sends a token twice cannot be told from a thief.

use std::sync::Arc;

use async_trait::async_trait;
use countersign_model::{Grant as GrantEntity, Session};
use countersign_oauth2::{ErrorCode, OAuthError, ScopeSet, TokenRequest};
use countersign_store::{
    StoreError, Tx,
    grants::{self, Refreshed, Rotation},
    users,
};
use countersign_types::{Secret, Span};

use super::{Grant, Granted, authorization_code::grant_expiry, invalid_grant, session_of};
use crate::{
    access, audit,
    client::Client,
    respond::Refusal,
    spec::ClientType,
    token::Exchange,
    tokens::{Bearer, RefreshToken},
};

pub(super) struct RefreshTokenGrant;

/// What the unit of work comes to. Every case but a failing database is `Ok`, so that what was revoked stays so.
enum Renewed {
    Good(Box<Granted>),
    Refused(&'static str),
    TooMuch,
}

#[async_trait(?Send)]
impl Grant for RefreshTokenGrant {
    async fn exchange(&self, cx: &Exchange, asked: TokenRequest) -> Result<Bearer, Refusal> {
        let TokenRequest::RefreshToken { refresh_token, scope } = asked else {
            return Err(invalid_grant("this is not a refresh token"));
        };
        let Some(presented) = RefreshToken::parse(refresh_token.expose(), cx.call.sealer()) else {
            return Err(invalid_grant("the refresh token is malformed"));
        };
        let unit = Unit {
            client: Arc::clone(&cx.client),
            app: Arc::clone(&cx.call.app),
            snapshot: Arc::clone(&cx.call.snapshot),
            from: cx.call.facts.client,
            presented,
            narrowed: scope.clone(),
        };
        match cx.call.app.store().write(move |tx| unit.renew(tx)).await? {
            Renewed::Refused(why) => Err(invalid_grant(why)),
            Renewed::TooMuch => Err(OAuthError::new(ErrorCode::InvalidScope, "more than was granted").into()),
            Renewed::Good(granted) => {
                let whole: ScopeSet = granted.grant.scope.parse().unwrap_or_default();
                // What the provider offers no longer is granted no longer.
                let scope = cx.client.grantable(Some(scope.unwrap_or(whole)));
                // OpenID Connect Core §12.2: the ID token of a refresh has no nonce.
                let mut bearer = granted.bearer(scope, None);
                bearer.refresh_token.get_or_insert_with(|| refresh_token.expose().clone());
                Ok(bearer)
            }
        }
    }
}

struct Unit {
    client: Arc<Client>,
    app: Arc<countersign_web::App>,
    snapshot: Arc<countersign_store::Snapshot>,
    from: Option<countersign_types::ClientAddr>,
    presented: RefreshToken,
    narrowed: Option<ScopeSet>,
}

impl Unit {
    fn renew(&self, tx: &mut Tx<'_>) -> Result<Renewed, StoreError> {
        let before = grants::live(tx, self.presented.grant)?.filter(|grant| grant.provider == self.client.id);
        let Some(before) = before else { return Ok(Renewed::Refused("the refresh token is worth nothing")) };
        // Asking for more than was granted is a mistake of the client, not the use of its token.
        let granted: ScopeSet = before.scope.parse().unwrap_or_default();
        if self.narrowed.as_ref().is_some_and(|narrowed| !narrowed.is_subset(&granted)) {
            return Ok(Renewed::TooMuch);
        }
        let (grant, refresh_token) = match self.keeps(tx, &before) {
            true => (before, None),
            false => match self.rotate(tx)? {
                Ok((grant, token)) => (grant, Some(token)),
                Err(why) => return Ok(Renewed::Refused(why)),
            },
        };
        let subject = users::subject(tx, grant.user)?.filter(|subject| subject.user.is_active);
        let subject = subject
            .filter(|subject| access::is_still_let_in(&self.snapshot, &self.client, subject, tx.now()));
        let Some(subject) = subject else {
            grants::revoke(tx, grant.id)?;
            return Ok(Renewed::Refused("the user may no longer use the application"));
        };
        let scope = grant.scope.parse().unwrap_or_default();
        let event = audit::authorized(&self.client, &subject.user, &scope, "refresh_token").from(self.from);
        let session = session_of(tx, &grant)?;
        countersign_events::record(tx, event.through(session.as_ref().and_then(Session::behind)))?;
        Ok(Renewed::Good(Box::new(Granted { grant, subject: Arc::new(subject), refresh_token })))
    }

    /// Whether the token in force is long from its end, so that a confidential client keeps it.
    fn keeps(&self, tx: &Tx<'_>, grant: &GrantEntity) -> bool {
        let threshold = self.client.refresh_threshold;
        threshold > Span::ZERO
            && self.client.client_type == ClientType::Confidential
            && grant.refresh_generation == self.presented.generation
            && grant.refresh_key.is_some_and(|key| key.ct_eq(&self.presented.key))
            && grant.expires.since(tx.now()) > threshold
    }

    fn rotate(
        &self,
        tx: &mut Tx<'_>,
    ) -> Result<Result<(GrantEntity, Secret<String>), &'static str>, StoreError> {
        let RefreshToken { grant, generation, key: presented } = self.presented;
        let next_generation = generation.saturating_add(1);
        let (token, next) = RefreshToken::make(grant, next_generation, self.app.sealer(), tx.rng());
        let expires = grant_expiry(&self.client, tx.now());
        let rotation = Rotation { grant, provider: self.client.id, generation, presented, next, expires };
        match grants::rotate_refresh(tx, &rotation)? {
            Refreshed::Rotated(grant) => Ok(Ok((grant, token))),
            Refreshed::Reused(_) => {
                let message =
                    "A refresh token was used a second time; everything that came of it was revoked.";
                countersign_events::record(tx, audit::suspicious(&self.client, message, self.from))?;
                Ok(Err("the refresh token was used before"))
            }
            Refreshed::Dead => Ok(Err("the refresh token is worth nothing")),
        }
    }
}

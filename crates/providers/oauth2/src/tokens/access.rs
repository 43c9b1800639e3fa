//! Checking access tokens: signature, purpose, grant, and that the user is still one. No trip when warm.

use std::sync::Arc;

use actix_web::{FromRequest as _, HttpRequest};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_crypto::{Expired, MAX_JWT_LEN, VerifyOptions};
use countersign_model::{GrantId, Subject, UserId};
use countersign_oauth2::{AccessTokenClaims, ScopeSet};
use countersign_types::Span;
use countersign_web::WebError;
use serde::Deserialize;

use super::bearer::ACCESS_TOKEN;
use crate::{call::Call, client::Client};

/// An access token that is worth something.
pub(crate) struct Verified {
    pub(crate) client: Arc<Client>,
    pub(crate) subject: Arc<Subject>,
    pub(crate) claims: AccessTokenClaims,
    pub(crate) scope: ScopeSet,
    pub(crate) grant: GrantId,
}

/// Why an access token is not accepted.
#[derive(Debug)]
pub(crate) enum TokenFault {
    /// It is worth nothing, for whatever reason.
    Dead,
    /// That could not be found out.
    Fault(WebError),
}

impl<E: Into<WebError>> From<E> for TokenFault {
    fn from(error: E) -> Self {
        Self::Fault(error.into())
    }
}

/// What is read before anything is verified: only to find the keys with which to verify. What it says has no
/// weight until then.
#[derive(Deserialize)]
struct Peek {
    iss: String,
    azp: String,
}

/// Checks a token as one of our access tokens.
pub(crate) async fn verify_access(call: &Call, token: &str) -> Result<Verified, TokenFault> {
    let peek = peek(token).ok_or(TokenFault::Dead)?;
    let client = call.client(&peek.azp).map_err(|_| TokenFault::Dead)?;
    if !client.is_issuer(&peek.iss) {
        return Err(TokenFault::Dead);
    }
    let keys = client.verifying_keys(&call.app, &call.snapshot, call.now)?;
    let options = VerifyOptions {
        issuer: &peek.iss,
        audience: Some(&client.client_id),
        typ: Some(ACCESS_TOKEN),
        now: call.now,
        leeway: Span::ZERO,
        algorithms: &[client.signing.algorithm()],
        expired: Expired::Refused,
    };
    let claims: AccessTokenClaims = keys.verify(token, &options).map_err(|_| TokenFault::Dead)?;
    if claims.azp != client.client_id || claims.client_id != client.client_id {
        return Err(TokenFault::Dead);
    }
    let id =
        |text: Option<&String>| text.and_then(|text| text.parse::<uuid::Uuid>().ok()).ok_or(TokenFault::Dead);
    let grant = GrantId(id(claims.grant_id.as_ref())?);
    let user = UserId(id(claims.uid.as_ref())?);
    let store = call.app.store();
    if call.state.revocations.contains(store, grant).await? {
        return Err(TokenFault::Dead);
    }
    let subject = store.subject(user).await?.filter(|subject| subject.user.is_active);
    let scope = claims.scope.parse().map_err(|_| TokenFault::Dead)?;
    Ok(Verified { client, subject: subject.ok_or(TokenFault::Dead)?, claims, scope, grant })
}

/// Whose access token it is, if it is worth something here and now and was given this scope: for surfaces of
/// the house that take tokens of its own providers.
pub async fn subject_of_access_token(
    request: &HttpRequest,
    token: &str,
    scope: &str,
) -> Result<Option<Arc<Subject>>, WebError> {
    let call = Call::extract(request).await?;
    match verify_access(&call, token).await {
        Ok(verified) => Ok(verified.scope.contains(scope).then_some(verified.subject)),
        Err(TokenFault::Dead) => Ok(None),
        Err(TokenFault::Fault(error)) => Err(error),
    }
}

fn peek(token: &str) -> Option<Peek> {
    if token.len() > MAX_JWT_LEN {
        return None;
    }
    let payload = token.split('.').nth(1)?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
}

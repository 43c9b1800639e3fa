//! Minting: an access token and, for OpenID Connect, an ID token about the same thing.

use std::sync::Arc;

use countersign_crypto::{SigningKey, half_hash};
use countersign_events::Recording;
use countersign_model::{GrantId, SessionId, Subject};
use countersign_oauth2::{
    AccessTokenClaims, Audience, ErrorCode, ExtraClaims, IdTokenClaims, OAuthError, ScopeSet, TokenResponse,
};
use countersign_types::{Timestamp, random_uuid};

use crate::{
    call::Call,
    claims,
    client::{Client, OPENID},
    subject::{ACR, amr, sub},
};

/// What tokens are about.
pub(crate) struct Bearer {
    /// The user, or the service account of the client.
    pub(crate) subject: Arc<Subject>,
    /// What they reach.
    pub(crate) scope: ScopeSet,
    /// By which they can be revoked.
    pub(crate) grant: GrantId,
    /// How the user signed in; none when nobody did.
    pub(crate) signed_in: Option<SignedIn>,
    /// Goes along with the access token.
    pub(crate) refresh_token: Option<String>,
    /// What is being written meanwhile: nobody receives the tokens before it is.
    pub(crate) recording: Option<Recording>,
}

/// How the user signed in.
pub(crate) struct SignedIn {
    pub(crate) session: Option<SessionId>,
    pub(crate) auth_time: Timestamp,
    pub(crate) auth_method: String,
    pub(crate) nonce: Option<String>,
}

/// Name of access tokens in JOSE headers (RFC 9068 §2.1).
pub(crate) const ACCESS_TOKEN: &str = "at+jwt";

/// Mints the tokens of a response. The key is passed in: it was found before anything was consumed.
pub(crate) async fn mint(
    call: &Call,
    client: &Client,
    key: &SigningKey,
    bearer: Bearer,
) -> Result<TokenResponse, OAuthError> {
    let common = Common::of(call, client, &bearer);
    let extra = match client.claims_in_id_token {
        true => ExtraClaims::new(claims::of_scopes(call, client, &bearer.subject, &bearer.scope).await),
        false => ExtraClaims::default(),
    };
    let unsigned = |error| {
        tracing::error!(provider = client.name, %error, "a token could not be signed");
        OAuthError::new(ErrorCode::ServerError, "the token could not be made")
    };
    let access_token =
        key.sign_jwt(Some(ACCESS_TOKEN), &common.access(&bearer, extra.clone())).map_err(unsigned)?;
    let id_token = match &bearer.signed_in {
        Some(signed_in) if bearer.scope.contains(OPENID) => {
            let at_hash = half_hash(key.algorithm(), &access_token);
            Some(key.sign_jwt(Some("JWT"), &common.id(signed_in, at_hash, extra)).map_err(unsigned)?)
        }
        _ => None,
    };
    Ok(TokenResponse {
        access_token,
        token_type: "Bearer",
        expires_in: client.access_validity.as_secs(),
        refresh_token: bearer.refresh_token,
        scope: bearer.scope.to_string(),
        id_token,
    })
}

/// What both tokens say.
struct Common {
    iss: String,
    sub: String,
    client_id: String,
    iat: i64,
    exp: i64,
    jti: String,
    auth_time: Option<i64>,
    acr: Option<String>,
    amr: Option<Vec<String>>,
    sid: Option<String>,
}

impl Common {
    fn of(call: &Call, client: &Client, bearer: &Bearer) -> Self {
        let signed_in = bearer.signed_in.as_ref();
        Self {
            iss: client.issuer(call.base_url()),
            sub: sub(client.sub_mode, &bearer.subject.user, &call.snapshot),
            client_id: client.client_id.clone(),
            iat: call.now.as_secs(),
            exp: call.now.plus(client.access_validity).as_secs(),
            jti: random_uuid(call.app.rng()).simple().to_string(),
            auth_time: signed_in.map(|signed_in| signed_in.auth_time.as_secs()),
            acr: signed_in.map(|_| ACR.to_owned()),
            amr: signed_in.and_then(|signed_in| amr(&signed_in.auth_method)),
            sid: signed_in.and_then(|signed_in| signed_in.session).map(|session| session.to_string()),
        }
    }

    fn access(&self, bearer: &Bearer, extra: ExtraClaims) -> AccessTokenClaims {
        AccessTokenClaims {
            iss: self.iss.clone(),
            sub: self.sub.clone(),
            aud: Audience::One(self.client_id.clone()),
            exp: self.exp,
            iat: self.iat,
            jti: self.jti.clone(),
            azp: self.client_id.clone(),
            client_id: self.client_id.clone(),
            scope: bearer.scope.to_string(),
            grant_id: Some(bearer.grant.to_string()),
            uid: Some(bearer.subject.user.id.to_string()),
            auth_time: self.auth_time,
            acr: self.acr.clone(),
            amr: self.amr.clone(),
            sid: self.sid.clone(),
            extra,
        }
    }

    fn id(self, signed_in: &SignedIn, at_hash: String, extra: ExtraClaims) -> IdTokenClaims {
        IdTokenClaims {
            iss: self.iss,
            sub: self.sub,
            aud: Audience::One(self.client_id.clone()),
            exp: self.exp,
            iat: self.iat,
            auth_time: self.auth_time,
            acr: self.acr,
            amr: self.amr,
            nonce: signed_in.nonce.clone(),
            at_hash: Some(at_hash),
            c_hash: None,
            azp: Some(self.client_id),
            sid: self.sid,
            jti: Some(self.jti),
            extra,
        }
    }
}

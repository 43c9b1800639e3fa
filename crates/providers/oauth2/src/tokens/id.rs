//! ID tokens that come back as hints (OpenID Connect Core §3.1.2.1, RP-Initiated Logout §2).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_crypto::{Expired, MAX_JWT_LEN, VerifyOptions};
use countersign_oauth2::IdTokenClaims;
use countersign_types::Span;
use serde::Deserialize;

use crate::{call::Call, client::Client};

/// What a hint says, once verified.
pub(crate) struct Hint {
    /// Whom it is about.
    pub(crate) sub: String,
    /// The session in which it was made.
    pub(crate) sid: Option<String>,
}

#[derive(Deserialize)]
struct Peek {
    iss: String,
}

/// Reads an ID token that we made for this client, expired or not; none for anything else.
pub(crate) fn read_hint(call: &Call, client: &Client, token: &str) -> Option<Hint> {
    if token.len() > MAX_JWT_LEN {
        return None;
    }
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    let Peek { iss } = serde_json::from_slice(&payload).ok()?;
    if !client.is_issuer(&iss) {
        return None;
    }
    let keys = client.verifying_keys(&call.app, &call.snapshot, call.now).ok()?;
    let options = VerifyOptions {
        issuer: &iss,
        audience: Some(&client.client_id),
        typ: None,
        now: call.now,
        leeway: Span::ZERO,
        algorithms: &[client.signing.algorithm()],
        expired: Expired::Accepted,
    };
    let claims: IdTokenClaims = keys.verify(token, &options).ok()?;
    Some(Hint { sub: claims.sub, sid: claims.sid })
}

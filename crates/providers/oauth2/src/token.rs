//! `POST /application/o/token/` (RFC 6749 §3.2). What all grants share stands here, so that no grant can
//! forget it: the form, the client, whether the grant is open to it, the key, and the answer.
//!
//! ```text
//! form ─▶ client ─▶ grant open? ─▶ key in force? ─▶ grant: consume, decide ─▶ mint ─▶ answer
//! ```

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use countersign_crypto::SigningKey;
use countersign_oauth2::{ErrorCode, OAuthError, TokenRequest, TokenResponse};
use countersign_web::{BoundedForm, WebError};

use crate::{
    authenticate::{self, PublicClients},
    call::Call,
    client::Client,
    cors, grants,
    respond::{Refusal, json},
    tokens::mint,
};

/// What a grant works with.
pub(crate) struct Exchange {
    pub(crate) call: Call,
    pub(crate) client: Arc<Client>,
}

pub(crate) async fn post(
    request: HttpRequest,
    call: Call,
    form: Result<BoundedForm, WebError>,
) -> HttpResponse {
    let mut caller = None;
    let outcome = serve(&request, &call, form, &mut caller).await;
    let mut response = match outcome {
        Ok(tokens) => json(StatusCode::OK, &tokens),
        Err(refusal) => refusal.respond(&call.facts),
    };
    cors::allow(&call, caller.as_deref(), &request, &mut response);
    response
}

async fn serve(
    request: &HttpRequest,
    call: &Call,
    form: Result<BoundedForm, WebError>,
    caller: &mut Option<Arc<Client>>,
) -> Result<TokenResponse, Refusal> {
    let form = authenticate::form(form)?;
    let client = authenticate::client(call, request, &form, PublicClients::Named)?;
    *caller = Some(Arc::clone(&client));
    let asked = TokenRequest::parse(&form)?;
    let grant = grants::of(&asked);
    if !client.may(grant.kind) {
        let description = "this grant type is not open to the client";
        return Err(OAuthError::new(ErrorCode::UnauthorizedClient, description).into());
    }
    // Nothing is consumed when nothing could be signed.
    let call = call.clone().with_key_of(&client).await?;
    let key: Arc<SigningKey> = client.signing_key(&call.app, &call.snapshot, call.now)?;
    let exchange = Exchange { call, client: Arc::clone(&client) };
    tracing::debug!(grant = grant.name, provider = client.name, "a client asks for tokens");
    let mut bearer = grant.exchange.exchange(&exchange, asked).await?;
    let recording = bearer.recording.take();
    let tokens = mint(&exchange.call, &client, &key, bearer).await?;
    if let Some(recording) = recording {
        recording.done().await?;
    }
    Ok(tokens)
}

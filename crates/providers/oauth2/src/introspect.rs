//! `POST /application/o/introspect/` (RFC 7662). A client learns about its own tokens; about all others it
//! hears that they are not active, which is all that it would hear of tokens that never were.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use countersign_model::{Grant, Subject};
use countersign_oauth2::{Audience, IntrospectionResponse, TokenQuery};
use countersign_store::{StoreError, Tx, grants, users};
use countersign_web::{BoundedForm, WebError};

use crate::{
    authenticate::{self, PublicClients},
    call::Call,
    client::Client,
    cors,
    respond::{Refusal, json},
    subject::sub,
    tokens::{RefreshToken, TokenFault, Verified, verify_access},
};

pub(crate) async fn post(
    request: HttpRequest,
    call: Call,
    form: Result<BoundedForm, WebError>,
) -> HttpResponse {
    let mut response = match serve(&request, &call, form).await {
        Ok(answer) => json(StatusCode::OK, &answer),
        Err(refusal) => refusal.respond(&call.facts),
    };
    cors::allow(&call, None, &request, &mut response);
    response
}

async fn serve(
    request: &HttpRequest,
    call: &Call,
    form: Result<BoundedForm, WebError>,
) -> Result<IntrospectionResponse, Refusal> {
    let form = authenticate::form(form)?;
    // RFC 7662 §2.1: without authentication the endpoint would tell strangers which tokens are alive.
    let client = authenticate::client(call, request, &form, PublicClients::Refused)?;
    let query = TokenQuery::parse(&form)?;
    match verify_access(call, query.token.expose()).await {
        Ok(verified) if verified.client.id == client.id => return Ok(about_access(verified)),
        Ok(_) => return Ok(IntrospectionResponse::inactive()),
        Err(TokenFault::Fault(fault)) => return Err(fault.into()),
        Err(TokenFault::Dead) => {}
    }
    match RefreshToken::parse(query.token.expose(), call.sealer()) {
        Some(token) => about_refresh(call, &client, token).await,
        None => Ok(IntrospectionResponse::inactive()),
    }
}

fn about_access(verified: Verified) -> IntrospectionResponse {
    let claims = verified.claims;
    let mut extra = claims.extra.as_object().clone();
    extra.extend(claims.sid.map(|sid| ("sid".to_owned(), sid.into())));
    extra.extend(claims.auth_time.map(|at| ("auth_time".to_owned(), at.into())));
    extra.extend(claims.acr.map(|acr| ("acr".to_owned(), acr.into())));
    IntrospectionResponse {
        active: true,
        scope: Some(claims.scope),
        client_id: Some(claims.client_id),
        username: Some(verified.subject.user.username.clone()),
        token_type: Some("Bearer"),
        exp: Some(claims.exp),
        iat: Some(claims.iat),
        nbf: None,
        sub: Some(claims.sub),
        aud: Some(claims.aud),
        iss: Some(claims.iss),
        jti: Some(claims.jti),
        extra,
    }
}

/// One reading unit: whether the generation that the token names is the one in force.
async fn about_refresh(
    call: &Call,
    client: &Arc<Client>,
    token: RefreshToken,
) -> Result<IntrospectionResponse, Refusal> {
    let own = Arc::clone(client);
    let found = call.app.store().look_up(move |tx| in_force(tx, &own, &token)).await?;
    let Some((grant, subject)) = found else { return Ok(IntrospectionResponse::inactive()) };
    Ok(IntrospectionResponse {
        active: true,
        scope: Some(grant.scope),
        client_id: Some(client.client_id.clone()),
        username: Some(subject.user.username.clone()),
        exp: Some(grant.expires.as_secs()),
        iat: Some(grant.created.as_secs()),
        sub: Some(sub(client.sub_mode, &subject.user, &call.snapshot)),
        aud: Some(Audience::One(client.client_id.clone())),
        iss: Some(client.issuer(call.base_url())),
        ..IntrospectionResponse::default()
    })
}

fn in_force(
    tx: &mut Tx<'_>,
    client: &Client,
    token: &RefreshToken,
) -> Result<Option<(Grant, Subject)>, StoreError> {
    let grant = grants::live(tx, token.grant)?.filter(|grant| {
        grant.provider == client.id
            && grant.refresh_generation == token.generation
            && grant.refresh_key.is_some_and(|key| key.ct_eq(&token.key))
    });
    let Some(grant) = grant else { return Ok(None) };
    let subject = users::subject(tx, grant.user)?.filter(|subject| subject.user.is_active);
    Ok(subject.map(|subject| (grant, subject)))
}

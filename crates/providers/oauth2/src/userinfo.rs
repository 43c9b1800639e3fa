//! `/application/o/userinfo/` (OpenID Connect Core §5.3), GET and POST. No trip when warm.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use countersign_oauth2::{ErrorCode, ExtraClaims, OAuthError, Params, bearer_token};
use countersign_types::JsonObject;
use countersign_web::{BoundedForm, WebError};

use crate::{
    authenticate::{self, authorization},
    call::Call,
    claims, cors,
    respond::{Refusal, json},
    tokens::{TokenFault, verify_access},
};

/// RFC 6750 §3.1: who brings no token hears no error code.
const NO_TOKEN: &str = "Bearer realm=\"userinfo\"";
const BAD_TOKEN: &str = "Bearer realm=\"userinfo\", error=\"invalid_token\", error_description=\"the access token is worth nothing\"";

pub(crate) async fn get(request: HttpRequest, call: Call) -> HttpResponse {
    answer(&request, &call, None).await
}

pub(crate) async fn post(
    request: HttpRequest,
    call: Call,
    form: Result<BoundedForm, WebError>,
) -> HttpResponse {
    // RFC 6750 §2.2 allows the token in a form. A body of another type, or none, is not looked at.
    let params = match form.map(authenticate::params) {
        Ok(Ok(params)) => Some(params),
        Ok(Err(error)) => return refused(&request, &call, error.into()),
        Err(_) => None,
    };
    answer(&request, &call, params.as_ref()).await
}

fn refused(request: &HttpRequest, call: &Call, refusal: Refusal) -> HttpResponse {
    let mut response = refusal.respond(&call.facts);
    cors::allow(call, None, request, &mut response);
    response
}

async fn answer(request: &HttpRequest, call: &Call, form: Option<&Params>) -> HttpResponse {
    match claims_of(request, call, form).await {
        Ok((client, claims)) => {
            let mut response = json(StatusCode::OK, &claims);
            cors::allow(call, Some(&client), request, &mut response);
            response
        }
        Err(refusal) => refused(request, call, refusal),
    }
}

async fn claims_of(
    request: &HttpRequest,
    call: &Call,
    form: Option<&Params>,
) -> Result<(std::sync::Arc<crate::client::Client>, JsonObject), Refusal> {
    let token = bearer_token(authorization(request)?, form)?;
    let Some(token) = token else {
        let error = OAuthError::new(ErrorCode::InvalidToken, "an access token is needed");
        return Err(Refusal::Challenge(error, NO_TOKEN));
    };
    let verified = verify_access(call, token.expose()).await.map_err(|fault| match fault {
        TokenFault::Dead => Refusal::Challenge(
            OAuthError::new(ErrorCode::InvalidToken, "the access token is worth nothing"),
            BAD_TOKEN,
        ),
        TokenFault::Fault(fault) => Refusal::Fault(fault),
    })?;
    let brought = claims::of_scopes(call, &verified.client, &verified.subject, &verified.scope).await;
    // The subject is the token's, whatever a mapping says (OpenID Connect Core §5.3.2).
    let mut claims = JsonObject::from_iter([("sub".to_owned(), verified.claims.sub.into())]);
    claims.extend(ExtraClaims::new(brought).as_object().clone());
    Ok((verified.client, claims))
}

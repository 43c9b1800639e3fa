//! Client authentication, shared by every endpoint that applications call themselves (RFC 6749 §2.3).
//!
//! A client that does not exist costs as much as one that does, and hears the same.

use std::sync::Arc;

use actix_web::{HttpRequest, http::header::AUTHORIZATION};
use countersign_oauth2::{ClientAuthentication, ErrorCode, OAuthError, Params};
use countersign_web::{BoundedForm, WebError};

use crate::{
    call::Call,
    client::{Client, ClientError},
    respond::Refusal,
    spec::ClientType,
};

/// What a client without a secret may do at an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PublicClients {
    /// A public client says who it is and that is enough.
    Named,
    /// Only who has proved who he is.
    Refused,
}

/// How it should have been done (RFC 7617 §2).
const BASIC: &str = "Basic realm=\"oauth2\", charset=\"UTF-8\"";

/// The parameters of a form: bounded, none twice.
pub(crate) fn params(form: BoundedForm) -> Result<Params, OAuthError> {
    Ok(Params::from_pairs(form.0.into_vec())?)
}

/// The form of a request, or why there is none, as the protocol says it.
pub(crate) fn form(form: Result<BoundedForm, WebError>) -> Result<Params, Refusal> {
    match form {
        Ok(form) => Ok(params(form)?),
        Err(error) => match error.kind() {
            countersign_types::ErrorKind::Invalid | countersign_types::ErrorKind::TooLarge => {
                Err(OAuthError::invalid_request("the body is not a form of at most 32 KiB").into())
            }
            _ => Err(error.into()),
        },
    }
}

/// Who calls.
pub(crate) fn client(
    call: &Call,
    request: &HttpRequest,
    form: &Params,
    public: PublicClients,
) -> Result<Arc<Client>, Refusal> {
    let authorization = authorization(request)?;
    let brought = ClientAuthentication::extract(authorization, form).map_err(challenged)?;
    let address = call.facts.client;
    if let Some(wait) = call.state.failures.refused(address, brought.client_id()) {
        return Err(Refusal::Throttled(wait));
    }
    let found = match call.client(brought.client_id()) {
        Ok(client) => Some(client),
        Err(ClientError::Unknown | ClientError::NoApplication(_) | ClientError::ReservedSlug(_)) => None,
        Err(error) => return Err(error.into()),
    };
    // The comparison comes first, whoever it is, and whether it counts is decided afterwards.
    let secret = found.as_ref().map_or(&call.state.nobodys_secret, |client| &client.secret);
    let proved = brought.client_secret().is_some_and(|sent| sent.matches(secret));
    let accepted = found.filter(|client| match client.client_type {
        ClientType::Confidential => proved,
        ClientType::Public => public == PublicClients::Named,
    });
    accepted.ok_or_else(|| {
        call.state.failures.count(address, brought.client_id());
        challenged(OAuthError::new(ErrorCode::InvalidClient, "the client did not authenticate"))
    })
}

/// The `Authorization` header, of which there may be one.
pub(crate) fn authorization(request: &HttpRequest) -> Result<Option<&str>, OAuthError> {
    let mut values = request.headers().get_all(AUTHORIZATION);
    let first = values.next();
    if values.next().is_some() {
        return Err(OAuthError::invalid_request("there is more than one Authorization header"));
    }
    let text = first.map(|value| value.to_str()).transpose();
    text.map_err(|_| OAuthError::invalid_request("the Authorization header is malformed"))
}

fn challenged(error: OAuthError) -> Refusal {
    match error.code {
        ErrorCode::InvalidClient => Refusal::Challenge(error, BASIC),
        _ => Refusal::Protocol(error),
    }
}

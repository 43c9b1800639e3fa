//! `client_credentials` (RFC 6749 §4.4): the application acts for itself, as a service account of its own.
//!
//! Nothing is written but the audit row, whose commit many requests share. The policies of the application
//! decide about the service account as about anybody, with `oauth_grant_type` and `oauth_scopes` in the context.

use std::sync::Arc;

use async_trait::async_trait;
use countersign_model::GrantId;
use countersign_oauth2::{ErrorCode, OAuthError, TokenRequest};
use countersign_types::JsonObject;
use serde_json::json;

use super::{Grant, invalid_grant, service_account};
use crate::{
    access, audit,
    client::{OFFLINE_ACCESS, OPENID},
    respond::Refusal,
    token::Exchange,
    tokens::Bearer,
};

pub(super) struct ClientCredentialsGrant;

#[async_trait(?Send)]
impl Grant for ClientCredentialsGrant {
    async fn exchange(&self, cx: &Exchange, asked: TokenRequest) -> Result<Bearer, Refusal> {
        let TokenRequest::ClientCredentials { scope } = asked else {
            return Err(invalid_grant("these are not client credentials"));
        };
        let (call, client) = (&cx.call, &cx.client);
        // Nobody signs in and nothing is renewed: these two scopes would promise it.
        let scope = client.grantable(scope).retain(|scope| scope != OPENID && scope != OFFLINE_ACCESS);
        let subject = service_account::of(call, client).await?;
        if !subject.user.is_active {
            return Err(invalid_grant("the service account is not active"));
        }
        let context = JsonObject::from_iter([
            ("oauth_grant_type".to_owned(), json!("client_credentials")),
            ("oauth_scopes".to_owned(), scope.iter().collect()),
        ]);
        if !access::ask(call, client, &subject, context).await.passing {
            return Err(OAuthError::new(ErrorCode::AccessDenied, "the application's policies refuse").into());
        }
        let event =
            audit::authorized(client, &subject.user, &scope, "client_credentials").from(call.facts.client);
        // Signing takes as long as much of a commit; both at once.
        let recording = Some(call.state.audit.begin(event)?);
        // There is no grant until somebody revokes the token; this is the name that it would have.
        let grant = GrantId::random(call.app.rng());
        let subject = Arc::clone(&subject);
        Ok(Bearer { subject, scope, grant, signed_in: None, refresh_token: None, recording })
    }
}

//! The ways to tokens: one row, one file each. What they share stands in [`crate::token`].

mod authorization_code;
mod client_credentials;
mod refresh_token;
mod service_account;

use std::sync::Arc;

use async_trait::async_trait;
use countersign_model::{Grant as GrantEntity, Session, Subject};
use countersign_oauth2::{ErrorCode, OAuthError, ScopeSet, TokenRequest};
use countersign_store::{StoreError, Tx, sessions};
use countersign_types::Secret;

use crate::{
    respond::Refusal,
    spec::GrantType,
    token::Exchange,
    tokens::{Bearer, SignedIn},
};

/// A way to tokens: consumes what was brought and decides what tokens are about.
#[async_trait(?Send)]
pub(crate) trait Grant: Sync {
    async fn exchange(&self, cx: &Exchange, asked: TokenRequest) -> Result<Bearer, Refusal>;
}

/// A row of the table.
pub(crate) struct GrantRow {
    /// Value of `grant_type`.
    pub(crate) name: &'static str,
    /// What the provider's configuration calls it.
    pub(crate) kind: GrantType,
    /// What it does.
    pub(crate) exchange: &'static dyn Grant,
}

/// Every way to tokens there is.
pub(crate) const GRANTS: [GrantRow; 3] = [
    GrantRow {
        name: "authorization_code",
        kind: GrantType::AuthorizationCode,
        exchange: &authorization_code::AuthorizationCodeGrant,
    },
    GrantRow {
        name: "refresh_token",
        kind: GrantType::RefreshToken,
        exchange: &refresh_token::RefreshTokenGrant,
    },
    GrantRow {
        name: "client_credentials",
        kind: GrantType::ClientCredentials,
        exchange: &client_credentials::ClientCredentialsGrant,
    },
];

/// The row of a request.
pub(crate) fn of(asked: &TokenRequest) -> &'static GrantRow {
    let [code, refresh, credentials] = &GRANTS;
    match asked {
        TokenRequest::AuthorizationCode { .. } => code,
        TokenRequest::RefreshToken { .. } => refresh,
        TokenRequest::ClientCredentials { .. } => credentials,
    }
}

/// What every grant says of something that is worth nothing, whatever the reason.
fn invalid_grant(description: &'static str) -> Refusal {
    OAuthError::new(ErrorCode::InvalidGrant, description).into()
}

/// The session in which a grant was made, if it goes on.
fn session_of(tx: &mut Tx<'_>, grant: &GrantEntity) -> Result<Option<Session>, StoreError> {
    grant.session.map_or(Ok(None), |session| sessions::by_id(tx, session))
}

/// A grant that stands, about somebody who is active.
struct Granted {
    grant: GrantEntity,
    subject: Arc<Subject>,
    refresh_token: Option<Secret<String>>,
}

impl Granted {
    /// What tokens are about.
    fn bearer(self, scope: ScopeSet, nonce: Option<String>) -> Bearer {
        let Self { grant, subject, refresh_token } = self;
        Bearer {
            subject,
            scope,
            grant: grant.id,
            signed_in: Some(SignedIn {
                session: grant.session,
                auth_time: grant.auth_time,
                auth_method: grant.auth_method,
                nonce,
            }),
            refresh_token: refresh_token.map(|token| token.expose().clone()),
            recording: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_grants() {
        let names = GRANTS.each_ref().map(|row| row.name);
        assert_eq!(names, ["authorization_code", "refresh_token", "client_credentials"]);
    }
}

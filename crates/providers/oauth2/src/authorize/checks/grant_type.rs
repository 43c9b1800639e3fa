//! The code grant is open to the client.

use countersign_oauth2::{ErrorCode, OAuthError};

use super::super::draft::{Draft, Refused};
use crate::spec::GrantType;

pub(super) fn check(draft: &mut Draft<'_>) -> Result<(), Refused> {
    if draft.client()?.may(GrantType::AuthorizationCode) {
        return Ok(());
    }
    Err(OAuthError::new(ErrorCode::UnauthorizedClient, "authorization_code is not open to the client").into())
}

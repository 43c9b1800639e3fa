//! Only codes are returned: no token ever stands in an address.

use countersign_oauth2::{ErrorCode, OAuthError, ResponseType};

use super::super::draft::{Draft, Refused};

pub(super) fn check(draft: &mut Draft<'_>) -> Result<(), Refused> {
    if draft.request()?.response_type == ResponseType::CODE {
        return Ok(());
    }
    Err(OAuthError::new(ErrorCode::UnsupportedResponseType, "response_type has to be code").into())
}

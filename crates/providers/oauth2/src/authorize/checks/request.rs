//! The request can be read: syntax, bounds, combinations.

use countersign_oauth2::AuthorizationRequest;

use super::super::draft::{Draft, Refused};

pub(super) fn check(draft: &mut Draft<'_>) -> Result<(), Refused> {
    match AuthorizationRequest::parse(draft.params) {
        Ok(request) => {
            draft.set_request(request);
            Ok(())
        }
        Err(refused) => {
            draft.mode = refused.response_mode;
            Err(refused.error.into())
        }
    }
}

//! A public client proves with its verifier that the code is its own: without a challenge anybody could use it.
//! That the challenge is S256, the request's own check says.

use countersign_oauth2::OAuthError;

use super::super::draft::{Draft, Refused};
use crate::spec::ClientType;

pub(super) fn check(draft: &mut Draft<'_>) -> Result<(), Refused> {
    let is_public = draft.client()?.client_type == ClientType::Public;
    if is_public && draft.request()?.code_challenge.is_none() {
        return Err(OAuthError::invalid_request("code_challenge is required of public clients").into());
    }
    Ok(())
}

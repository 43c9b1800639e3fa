//! The client exists and belongs to an application.

use countersign_oauth2::{ErrorCode, OAuthError, Target};

use super::super::draft::{Draft, Refused};
use crate::client::ClientError;

pub(super) fn check(draft: &mut Draft<'_>) -> Result<(), Refused> {
    let target = Target::parse(draft.params)?;
    match draft.call.client(&target.client_id) {
        Ok(client) => {
            draft.set_client(client);
            Ok(())
        }
        Err(
            error @ (ClientError::Unknown | ClientError::NoApplication(_) | ClientError::ReservedSlug(_)),
        ) => {
            tracing::info!(%error, "an authorization request names no client that can be used");
            Err(OAuthError::new(ErrorCode::InvalidClient, "client_id is not known").into())
        }
        Err(error) => Err(Refused::Fault(error.into())),
    }
}

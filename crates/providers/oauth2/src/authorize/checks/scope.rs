//! Scopes that the client does not have are passed over; no scope at all stands for all it has.
//!
//! `offline_access` needs the refresh grant: where that is not open, the scope promises nothing.

use super::super::draft::{Draft, Refused};
use crate::{client::OFFLINE_ACCESS, spec::GrantType};

pub(super) fn check(draft: &mut Draft<'_>) -> Result<(), Refused> {
    let client = draft.client()?;
    let renews = client.may(GrantType::RefreshToken);
    let scope = client.grantable(draft.request()?.scope.clone());
    let scope = scope.retain(|scope| scope != OFFLINE_ACCESS || renews);
    draft.set_scope(scope);
    Ok(())
}

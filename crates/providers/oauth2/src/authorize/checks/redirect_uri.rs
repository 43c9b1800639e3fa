//! The redirect URI is registered for the client. It is used afterwards exactly as it was compared.

use countersign_oauth2::{OAuthError, RedirectUriType, Target};

use super::super::draft::{Draft, Refused};

pub(super) fn check(draft: &mut Draft<'_>) -> Result<(), Refused> {
    let client = draft.client()?;
    let matcher = &client.redirect_uris;
    let uri = match Target::parse(draft.params)?.redirect_uri {
        Some(uri) => uri,
        // RFC 6749 §3.1.2.3: it may be left out where there is no choice.
        None => {
            let only = matcher.only(RedirectUriType::Authorization).map(str::to_owned);
            only.ok_or_else(|| OAuthError::invalid_request("redirect_uri is missing"))?
        }
    };
    if let Err(reason) = matcher.check(RedirectUriType::Authorization, &uri) {
        return Err(OAuthError::invalid_request(reason.to_string()).into());
    }
    draft.set_redirect_uri(uri);
    Ok(())
}

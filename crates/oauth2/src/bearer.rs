//! Access tokens in requests (RFC 6750 §2.1, §2.2). Never in the query (§2.3, RFC 9700 §4.3.2).

use countersign_types::Secret;

use crate::{OAuthError, Params};

/// As long as the longest token we make.
const MAX_TOKEN_LEN: usize = 16 * 1024;

/// The access token of the `Authorization` header or of the form; none when the request brings none. Pass the
/// form of POST requests of type `application/x-www-form-urlencoded` only.
pub fn bearer_token(
    authorization: Option<&str>,
    form: Option<&Params>,
) -> Result<Option<Secret<String>>, OAuthError> {
    let header = match authorization.map(split_scheme) {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("bearer") => Some(rest),
        _ => None,
    };
    let token = match (header, form.and_then(|form| form.get("access_token"))) {
        (Some(_), Some(_)) => {
            return Err(OAuthError::invalid_request("the access token is given in more than one way"));
        }
        (Some(token), None) | (None, Some(token)) => token,
        (None, None) => return Ok(None),
    };
    if !is_token(token) {
        return Err(OAuthError::invalid_request("the access token is malformed"));
    }
    Ok(Some(token.into()))
}

/// The scheme and what follows it.
pub(crate) fn split_scheme(authorization: &str) -> (&str, &str) {
    let (scheme, rest) = authorization.split_once(' ').unwrap_or((authorization, ""));
    (scheme, rest.trim_matches(' '))
}

/// `b64token` of RFC 6750 §2.1.
fn is_token(token: &str) -> bool {
    let body = token.trim_end_matches('=');
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
    !body.is_empty() && token.len() <= MAX_TOKEN_LEN && body.bytes().all(legal)
}

//! What a redirect URI may look like at all.

use url::{Host, Url};

use super::RedirectUriError;

const MAX_LEN: usize = 2048;
const FORBIDDEN_SCHEMES: [&str; 11] = [
    "javascript",
    "data",
    "vbscript",
    "file",
    "blob",
    "about",
    "filesystem",
    "view-source",
    "jar",
    "ws",
    "wss",
];
/// Hosts whose port is free (RFC 8252 §7.3); `localhost` is not among them (§8.3).
const LOOPBACK: [&str; 2] = ["http://127.0.0.1", "http://[::1]"];

/// Whether a URI could be redirected to, registered or not: absolute, printable ASCII, no fragment, no user
/// name, no scheme that runs code.
pub fn check_redirect_uri(uri: &str) -> Result<(), RedirectUriError> {
    let foreign = |byte: u8| !(0x21..=0x7e).contains(&byte) || b"\\\"<>^`{|}".contains(&byte);
    if uri.is_empty() || uri.len() > MAX_LEN || uri.bytes().any(foreign) {
        return Err(RedirectUriError::Malformed);
    }
    let parsed = Url::parse(uri).map_err(|_| RedirectUriError::Malformed)?;
    let scheme = parsed.scheme();
    if FORBIDDEN_SCHEMES.contains(&scheme) {
        return Err(RedirectUriError::Scheme);
    }
    if uri.contains('#') {
        return Err(RedirectUriError::Fragment);
    }
    // The parser forgives http:host and http:///host, which others read differently.
    let after_scheme = uri.get(scheme.len()..).unwrap_or_default();
    let is_web = matches!(scheme, "http" | "https" | "ftp");
    let authority =
        after_scheme.strip_prefix("://").map(|rest| rest.split(['/', '?']).next().unwrap_or_default());
    if is_web && authority.is_none_or(str::is_empty) {
        return Err(RedirectUriError::Malformed);
    }
    if authority.is_some_and(|authority| authority.contains('@')) || !parsed.username().is_empty() {
        return Err(RedirectUriError::UserInfo);
    }
    Ok(())
}

/// Whether what is sent there crosses a network unprotected.
pub(super) fn is_in_the_clear(uri: &str) -> bool {
    let Ok(parsed) = Url::parse(uri) else { return true };
    let is_loopback = match parsed.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    parsed.scheme() == "http" && !is_loopback
}

/// Whether the URI is what a browser makes of it: case, port, dot segments, escapes.
pub(super) fn is_normal(uri: &str) -> bool {
    let Ok(parsed) = Url::parse(uri) else {
        return false;
    };
    let normal = parsed.as_str();
    // A missing path and an empty one are the same.
    let is_same = normal == uri || normal.strip_suffix('/') == Some(uri);
    is_same && !hides_dot_segment(uri)
}

/// `%2e` and `%2f` are left alone by some readers and decoded by others.
fn hides_dot_segment(uri: &str) -> bool {
    let path = uri.split('?').next().unwrap_or_default().to_ascii_lowercase();
    ["%2e", "%2f", "%5c", "%00", "/../", "/./"].iter().any(|hidden| path.contains(hidden))
        || path.ends_with("/..")
        || path.ends_with("/.")
}

/// What stands before and after the port of a loopback address.
pub(super) fn split_loopback(uri: &str) -> Option<(&'static str, &str)> {
    LOOPBACK.into_iter().find_map(|host| {
        let rest = uri.strip_prefix(host)?;
        let rest = match rest.strip_prefix(':') {
            Some(port_and_rest) => {
                let digits = port_and_rest.bytes().take_while(u8::is_ascii_digit).count();
                let (port, rest) = port_and_rest.split_at_checked(digits)?;
                port.parse::<u16>().ok().filter(|port| *port > 0)?;
                rest
            }
            None => rest,
        };
        (rest.is_empty() || rest.starts_with(['/', '?'])).then_some((host, rest))
    })
}

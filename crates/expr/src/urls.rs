//! `urllib.parse`, as Python's own splits and quotes (RFC 3986 with the relaxations of everyday use).

use url::Url;

use crate::{HostError, Value};

/// Letters that are never quoted.
const UNRESERVED: &str = "_.-~";

/// `quote`, and `quote_plus` when a space becomes a plus sign.
pub(crate) fn quote(text: &str, safe: &str, plus: bool) -> Value {
    let mut quoted = String::with_capacity(text.len());
    for byte in text.bytes() {
        let letter = char::from(byte);
        if letter.is_ascii_alphanumeric()
            || UNRESERVED.contains(letter)
            || (byte.is_ascii() && safe.contains(letter))
        {
            quoted.push(letter);
        } else if plus && letter == ' ' {
            quoted.push('+');
        } else {
            quoted.push_str(&format!("%{byte:02X}"));
        }
    }
    Value::Str(quoted)
}

/// `unquote`, and `unquote_plus` when a plus sign stands for a space. What is not UTF-8 becomes `U+FFFD`.
pub(crate) fn unquote(text: &str, plus: bool) -> Value {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        let digit = |at: usize| behind.get(at).and_then(|byte| char::from(*byte).to_digit(16));
        match (*first, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
                rest = behind.get(2..).unwrap_or_default();
            }
            (b'+', ..) if plus => bytes.push(b' '),
            (byte, ..) => bytes.push(byte),
        }
    }
    Value::Str(String::from_utf8_lossy(&bytes).into_owned())
}

/// The parts of an address: scheme, authority, path, query, fragment; and of the authority user name, password, host and
/// port, each `None` where it is not there.
pub(crate) fn split(text: &str) -> Result<Value, HostError> {
    let text = text.trim_start_matches(|letter: char| letter <= ' ').replace(['\t', '\r', '\n'], "");
    let (scheme, rest) = match text.split_once(':') {
        Some((scheme, rest)) if is_scheme(scheme) => (scheme.to_lowercase(), rest.to_owned()),
        _ => (String::new(), text),
    };
    let (rest, fragment) = rest.split_once('#').unwrap_or((&rest, ""));
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, path) = match rest.strip_prefix("//") {
        Some(rest) => rest.split_at(rest.find('/').unwrap_or(rest.len())),
        None => ("", rest),
    };
    let (user, host) =
        authority.rsplit_once('@').map_or((None, authority), |(user, host)| (Some(user), host));
    let (username, password) = match user.map(|user| user.split_once(':').unwrap_or((user, ""))) {
        Some((name, password)) => (Some(name), Some(password).filter(|word| !word.is_empty())),
        None => (None, None),
    };
    let (host, port) = match host.strip_prefix('[') {
        Some(inside) => {
            let (host, after) =
                inside.split_once(']').ok_or_else(|| HostError::Value("Invalid IPv6 URL".to_owned()))?;
            (host, after.strip_prefix(':').unwrap_or_default())
        }
        None => host.split_once(':').unwrap_or((host, "")),
    };
    let port = match port {
        "" => None,
        port => {
            Some(port.parse::<u16>().map_err(|_| HostError::Value("Port out of range 0-65535".to_owned()))?)
        }
    };
    let text = |part: &str| Value::Str(part.to_owned());
    let some = |part: Option<String>| part.map_or(Value::None, Value::Str);
    Ok(Value::Tuple(vec![
        text(&scheme),
        text(authority),
        text(path),
        text(query),
        text(fragment),
        some(username.map(str::to_owned)),
        some(password.map(str::to_owned)),
        some(Some(host.to_lowercase()).filter(|host| !host.is_empty())),
        port.map_or(Value::None, |port| Value::Int(port.into())),
    ]))
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(|letter| letter.is_ascii_alphanumeric() || "+-.".contains(letter))
}

/// `urljoin`.
pub(crate) fn join(base: &str, reference: &str) -> Value {
    let joined = Url::parse(base).and_then(|base| base.join(reference));
    Value::Str(joined.map_or_else(|_| reference.to_owned(), String::from))
}

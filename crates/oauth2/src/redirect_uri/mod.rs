//! Where answers may go (RFC 9700 §4.1, RFC 8252 §7.3).
//!
//! `strict` compares the whole string, byte by byte. The one exception is the port of a loopback address
//! (`http://127.0.0.1`, `http://[::1]`), which native applications choose when they start.
//!
//! `regex` matches the whole string as well, and is read with care where mistakes are known to hurt: in the
//! authority a plain `.` is a dot, and a repeated one (`.*`) does not reach beyond the authority. The URI has
//! to be in normal form, so that what the pattern sees is what the browser goes to. A pattern that a foreign
//! host meets is refused when it is registered.

mod pattern;
mod syntax;

use countersign_types::ErrorKind;
use regex::Regex;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use syntax::check_redirect_uri;

const MAX_ENTRIES: usize = 256;

/// How a registered URI is compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum MatchingMode {
    /// As a whole string.
    #[default]
    Strict,
    /// As a pattern that the whole string has to meet.
    Regex,
}

/// What a registered URI is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RedirectUriType {
    /// Authorization responses.
    #[default]
    Authorization,
    /// The way back after logout.
    Logout,
}

/// A registered URI.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RedirectUri {
    /// How it is compared.
    #[serde(default)]
    pub matching_mode: MatchingMode,
    /// The URI, or the pattern.
    pub url: String,
    /// What it is for.
    #[serde(default)]
    pub redirect_uri_type: RedirectUriType,
}

/// Why no answer goes there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RedirectUriError {
    /// Not an absolute URI, too long, or with characters that have no place in one.
    #[error("the redirect URI is malformed")]
    Malformed,
    /// With a fragment (RFC 6749 §3.1.2).
    #[error("the redirect URI has a fragment")]
    Fragment,
    /// With a user name or password, which makes the host look like another.
    #[error("the redirect URI has a user name in it")]
    UserInfo,
    /// With a scheme that runs code or reads files.
    #[error("the redirect URI has a forbidden scheme")]
    Scheme,
    /// Codes would travel unprotected (RFC 9700 §2.6): `http` is for loopback addresses only.
    #[error("the redirect URI is http and not on a loopback address; use https")]
    Insecure,
    /// Not registered.
    #[error("the redirect URI is not registered for this application")]
    NotRegistered,
}

impl RedirectUriError {
    /// What a surface makes of it.
    pub fn kind(&self) -> ErrorKind {
        ErrorKind::Invalid
    }
}

/// Why a URI cannot be registered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegistrationError {
    /// No answer would ever go there.
    #[error("redirect_uris.{index}: {reason}")]
    Uri {
        /// Which of them, from 0.
        index: usize,
        /// Why.
        reason: RedirectUriError,
    },
    /// Not a regular expression, or one too large.
    #[error("redirect_uris.{index}: not a regular expression that can be used: {reason}")]
    Pattern {
        /// Which of them, from 0.
        index: usize,
        /// Why.
        reason: String,
    },
    /// Any host meets it, so that anybody could fetch codes.
    #[error("redirect_uris.{index}: the pattern matches foreign hosts; name the host in it")]
    TooWide {
        /// Which of them, from 0.
        index: usize,
    },
    /// Too many of them.
    #[error("at most {MAX_ENTRIES} redirect URIs")]
    TooMany,
}

impl RegistrationError {
    /// What a surface makes of it.
    pub fn kind(&self) -> ErrorKind {
        ErrorKind::Invalid
    }
}

/// The registered URIs of one provider, compiled once.
#[derive(Clone, Debug, Default)]
pub struct RedirectUriMatcher(Vec<Entry>);

#[derive(Clone, Debug)]
struct Entry {
    purpose: RedirectUriType,
    rule: Rule,
}

#[derive(Clone, Debug)]
enum Rule {
    Exact(String),
    /// What stands before and after the port of a loopback address.
    Loopback(&'static str, String),
    Pattern(Regex),
}

impl RedirectUriMatcher {
    /// Compiles the registered URIs.
    pub fn compile(registered: &[RedirectUri]) -> Result<Self, RegistrationError> {
        if registered.len() > MAX_ENTRIES {
            return Err(RegistrationError::TooMany);
        }
        let entries = registered.iter().enumerate().map(|(index, uri)| {
            let rule = match uri.matching_mode {
                MatchingMode::Strict => strict(&uri.url, uri.redirect_uri_type)
                    .map_err(|reason| RegistrationError::Uri { index, reason })?,
                MatchingMode::Regex => Rule::Pattern(pattern::compile(&uri.url, index)?),
            };
            Ok(Entry { purpose: uri.redirect_uri_type, rule })
        });
        entries.collect::<Result<_, _>>().map(Self)
    }

    /// Whether an answer may go there. The URI is used afterwards exactly as it was checked.
    pub fn check(&self, purpose: RedirectUriType, uri: &str) -> Result<(), RedirectUriError> {
        check_for(purpose, uri)?;
        let is_registered =
            self.0.iter().filter(|entry| entry.purpose == purpose).any(|entry| entry.rule.allows(uri));
        if is_registered { Ok(()) } else { Err(RedirectUriError::NotRegistered) }
    }

    /// The only URI of this purpose, for requests that leave it out (RFC 6749 §3.1.2.3).
    pub fn only(&self, purpose: RedirectUriType) -> Option<&str> {
        let mut entries = self.0.iter().filter(|entry| entry.purpose == purpose);
        match (entries.next().map(|entry| &entry.rule), entries.next()) {
            (Some(Rule::Exact(uri)), None) => Some(uri),
            _ => None,
        }
    }

    /// Whether nothing is registered for this purpose.
    pub fn is_empty(&self, purpose: RedirectUriType) -> bool {
        !self.0.iter().any(|entry| entry.purpose == purpose)
    }
}

/// What a URI has to be for its purpose, registered or not.
fn check_for(purpose: RedirectUriType, uri: &str) -> Result<(), RedirectUriError> {
    check_redirect_uri(uri)?;
    match purpose {
        RedirectUriType::Authorization if syntax::is_in_the_clear(uri) => Err(RedirectUriError::Insecure),
        RedirectUriType::Authorization | RedirectUriType::Logout => Ok(()),
    }
}

fn strict(uri: &str, purpose: RedirectUriType) -> Result<Rule, RedirectUriError> {
    check_for(purpose, uri)?;
    Ok(match syntax::split_loopback(uri) {
        Some((before, after)) => Rule::Loopback(before, after.to_owned()),
        None => Rule::Exact(uri.to_owned()),
    })
}

impl Rule {
    fn allows(&self, uri: &str) -> bool {
        match self {
            Self::Exact(registered) => registered == uri,
            Self::Loopback(before, after) => syntax::split_loopback(uri) == Some((*before, after.as_str())),
            Self::Pattern(regex) => syntax::is_normal(uri) && regex.is_match(uri),
        }
    }
}

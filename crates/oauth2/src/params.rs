//! Parameters as they come in queries and forms (`application/x-www-form-urlencoded`).
//!
//! Bounded; a parameter given twice is an error (RFC 6749 §3.1, §3.2), as two readers might take different
//! ones; an empty one is none; unknown ones are left alone.

use std::borrow::Cow;

use countersign_types::ErrorKind;
use percent_encoding::percent_decode;

use crate::{ErrorCode, OAuthError};

const MAX_TOTAL: usize = 32 * 1024;
const MAX_COUNT: usize = 64;
const MAX_NAME: usize = 128;
const MAX_VALUE: usize = 8 * 1024;
/// May be given several times (RFC 8707 §2).
const REPEATABLE: &str = "resource";

/// The parameters of one request.
#[derive(Clone, Default)]
pub struct Params(Vec<(String, String)>);

/// Why they cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParamsError {
    /// Too many, or too long.
    #[error("the parameters are too large")]
    TooLarge,
    /// Given twice.
    #[error("the parameter {0} is given more than once")]
    Duplicate(String),
    /// Not UTF-8 in percent-encoding, or with control characters.
    #[error("the parameters are not properly encoded")]
    Encoding,
}

impl ParamsError {
    /// What a surface makes of it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::TooLarge => ErrorKind::TooLarge,
            Self::Duplicate(_) | Self::Encoding => ErrorKind::Invalid,
        }
    }
}

impl From<ParamsError> for OAuthError {
    fn from(error: ParamsError) -> Self {
        Self::new(ErrorCode::InvalidRequest, error.to_string())
    }
}

/// Names only: values may be secrets.
impl std::fmt::Debug for Params {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

impl Params {
    /// Reads a query string (without `?`) or a form body.
    pub fn parse(encoded: &[u8]) -> Result<Self, ParamsError> {
        if encoded.len() > MAX_TOTAL {
            return Err(ParamsError::TooLarge);
        }
        let mut params = Self::default();
        for pair in encoded.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let name = form_decode(halves.next().unwrap_or_default()).ok_or(ParamsError::Encoding)?;
            let value = form_decode(halves.next().unwrap_or_default()).ok_or(ParamsError::Encoding)?;
            params.add(name, value)?;
        }
        Ok(params)
    }

    /// From pairs that are decoded already.
    pub fn from_pairs(
        pairs: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>,
    ) -> Result<Self, ParamsError> {
        let mut params = Self::default();
        for (name, value) in pairs {
            params.add(name.into(), value.into())?;
        }
        Ok(params)
    }

    fn add(&mut self, name: String, value: String) -> Result<(), ParamsError> {
        if self.0.len() >= MAX_COUNT || name.len() > MAX_NAME || value.len() > MAX_VALUE {
            return Err(ParamsError::TooLarge);
        }
        let foreign = |c: char| c.is_control() && !matches!(c, '\t' | '\r' | '\n');
        if name.contains(char::is_control) || value.contains(foreign) {
            return Err(ParamsError::Encoding);
        }
        if name != REPEATABLE && self.0.iter().any(|(known, _)| *known == name) {
            return Err(ParamsError::Duplicate(crate::error::printable(&name)));
        }
        self.0.push((name, value));
        Ok(())
    }

    /// The value; none when it is missing or empty (RFC 6749 §3.1).
    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs().find(|(known, value)| *known == name && !value.is_empty()).map(|(_, value)| value)
    }

    /// The values of a parameter that may be repeated.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(known, value)| known == name && !value.is_empty())
            .map(|(_, v)| v.as_str())
    }

    /// Names and values in the order given.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The value, or `invalid_request`.
    pub(crate) fn required(&self, name: &'static str) -> Result<&str, OAuthError> {
        self.get(name).ok_or_else(|| OAuthError::invalid_request(format!("{name} is missing")))
    }
}

/// One name or value: `+` is a space, `%` is followed by two hexadecimal digits, the result is UTF-8.
pub(crate) fn form_decode(encoded: &[u8]) -> Option<String> {
    for (at, _) in encoded.iter().enumerate().filter(|(_, byte)| **byte == b'%') {
        let digits = encoded.get(at + 1..at + 3)?;
        if !digits.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
    }
    let spaced: Vec<u8> = encoded.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    percent_decode(&spaced).decode_utf8().ok().map(Cow::into_owned)
}

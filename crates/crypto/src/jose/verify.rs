//! Checking tokens (RFC 7519 §7.2, RFC 8725).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_types::{ErrorKind, Span, Timestamp};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use super::{KeySet, MAX_JWT_LEN, SigningAlgorithm};

/// What a token has to be.
#[derive(Clone, Copy, Debug)]
pub struct VerifyOptions<'a> {
    /// `iss`, exactly.
    pub issuer: &'a str,
    /// One of `aud`; none where the caller checks it himself.
    pub audience: Option<&'a str>,
    /// `typ`, without `application/`; none for a plain token, which says `JWT` or nothing.
    pub typ: Option<&'a str>,
    /// The present moment.
    pub now: Timestamp,
    /// How far the clocks of others may be off.
    pub leeway: Span,
    /// Algorithms that are accepted here, beside having to be that of the key.
    pub algorithms: &'a [SigningAlgorithm],
    /// What to make of a token whose time has passed.
    pub expired: Expired,
}

/// What to make of a token whose time has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expired {
    /// It is worth nothing.
    Refused,
    /// It still says who it was about, as `id_token_hint` does (OpenID Connect RP-Initiated Logout §2).
    Accepted,
}

/// Why a token is worth nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JwtError {
    /// Longer than [`MAX_JWT_LEN`].
    #[error("the token is too long")]
    TooLong,
    /// Not three parts of base64url, or not JSON inside.
    #[error("the token is malformed")]
    Malformed,
    /// `none`, unknown, not accepted here, or not that of the key.
    #[error("the token's algorithm is not accepted")]
    Algorithm,
    /// The header demands an extension (`crit`, RFC 7515 §4.1.11); we know none.
    #[error("the token demands an extension that is not known")]
    Critical,
    /// No key of ours has this name.
    #[error("the token's key is not known")]
    UnknownKey,
    /// There are several keys and the token does not say which.
    #[error("the token does not name its key")]
    KeyNotNamed,
    /// The signature is wrong.
    #[error("the token's signature is wrong")]
    Signature,
    /// A token of another type (RFC 8725 §3.11).
    #[error("the token is of another type")]
    Type,
    /// Its time has passed, or it has no end.
    #[error("the token has expired")]
    Expired,
    /// Its time has not come.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// Of another issuer.
    #[error("the token is of another issuer")]
    Issuer,
    /// For somebody else.
    #[error("the token is for another audience")]
    Audience,
    /// Authentic, but its claims are not those expected.
    #[error("the token's claims are not those expected")]
    Claims,
}

impl JwtError {
    /// What a surface makes of it.
    pub fn kind(&self) -> ErrorKind {
        ErrorKind::Unauthenticated
    }
}

/// Derived, so that a member given twice is an error.
#[derive(Deserialize)]
struct Header {
    alg: String,
    typ: Option<String>,
    kid: Option<String>,
    #[serde(default, deserialize_with = "present")]
    crit: bool,
    #[serde(default, deserialize_with = "present")]
    b64: bool,
}

#[derive(Deserialize)]
struct Registered {
    iss: Option<String>,
    aud: Option<Audience>,
    exp: Option<Value>,
    nbf: Option<Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

/// Whatever its value, even null: the member is there.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    serde::de::IgnoredAny::deserialize(deserializer).map(|_| true)
}

impl KeySet {
    /// The claims of a token that one of these keys signed and that meets the options.
    pub fn verify<T: DeserializeOwned>(
        &self,
        token: &str,
        options: &VerifyOptions<'_>,
    ) -> Result<T, JwtError> {
        if token.len() > MAX_JWT_LEN {
            return Err(JwtError::TooLong);
        }
        let (message, signature) = token.rsplit_once('.').ok_or(JwtError::Malformed)?;
        let (header, claims) = message.split_once('.').ok_or(JwtError::Malformed)?;
        let header: Header = serde_json::from_slice(&decode(header)?).map_err(|_| JwtError::Malformed)?;
        let algorithm = SigningAlgorithm::by_name(&header.alg).ok_or(JwtError::Algorithm)?;
        if !options.algorithms.contains(&algorithm) {
            return Err(JwtError::Algorithm);
        }
        if header.crit || header.b64 {
            return Err(JwtError::Critical);
        }
        let key = self.select(header.kid.as_deref())?;
        if key.algorithm() != algorithm {
            return Err(JwtError::Algorithm);
        }
        let claims = decode(claims)?;
        decode(signature)?;
        if !key.is_authentic(message, signature) {
            return Err(JwtError::Signature);
        }
        check_type(header.typ.as_deref(), options.typ)?;
        let registered: Registered = serde_json::from_slice(&claims).map_err(|_| JwtError::Claims)?;
        check_claims(&registered, options)?;
        serde_json::from_slice(&claims).map_err(|_| JwtError::Claims)
    }
}

fn decode(part: &str) -> Result<Vec<u8>, JwtError> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| JwtError::Malformed)
}

fn check_type(found: Option<&str>, wanted: Option<&str>) -> Result<(), JwtError> {
    // RFC 7515 §4.1.9: a media type, compared without case, whose "application/" may be left out.
    let found = found.map(str::to_ascii_lowercase);
    let found = found.as_deref().map(|typ| typ.strip_prefix("application/").unwrap_or(typ));
    let agrees = match wanted {
        Some(wanted) => found.is_some_and(|found| found.eq_ignore_ascii_case(wanted)),
        None => found.is_none_or(|found| found == "jwt"),
    };
    if agrees { Ok(()) } else { Err(JwtError::Type) }
}

fn check_claims(claims: &Registered, options: &VerifyOptions<'_>) -> Result<(), JwtError> {
    let exp = numeric_date(claims.exp.as_ref())?.ok_or(JwtError::Expired)?;
    if options.expired == Expired::Refused && options.now >= exp.plus(options.leeway) {
        return Err(JwtError::Expired);
    }
    if numeric_date(claims.nbf.as_ref())?.is_some_and(|nbf| options.now.plus(options.leeway) < nbf) {
        return Err(JwtError::NotYetValid);
    }
    if claims.iss.as_deref() != Some(options.issuer) {
        return Err(JwtError::Issuer);
    }
    let is_for = |wanted: &str| match &claims.aud {
        Some(Audience::One(one)) => one == wanted,
        Some(Audience::Several(several)) => several.iter().any(|one| one == wanted),
        None => false,
    };
    if options.audience.is_some_and(|wanted| !is_for(wanted)) {
        return Err(JwtError::Audience);
    }
    Ok(())
}

/// RFC 7519 §2: seconds, perhaps with a fraction.
fn numeric_date(value: Option<&Value>) -> Result<Option<Timestamp>, JwtError> {
    match value {
        None => Ok(None),
        Some(Value::Number(number)) => {
            let secs = number.as_i64().or_else(|| number.as_f64().map(saturating_secs));
            secs.map(Timestamp::from_secs).map(Some).ok_or(JwtError::Claims)
        }
        Some(_) => Err(JwtError::Claims),
    }
}

/// A float cast to an integer stops at the ends of the range.
fn saturating_secs(secs: f64) -> i64 {
    secs.floor() as i64
}

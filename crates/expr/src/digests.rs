//! `hashlib` and the identifiers that are made of digests. The prelude hands bytes over as hexadecimal text.

use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

use crate::{HostError, Value};

fn hashed(name: &str, bytes: &[u8]) -> Result<Vec<u8>, HostError> {
    Ok(match name {
        "md5" => Md5::digest(bytes).to_vec(),
        "sha1" => Sha1::digest(bytes).to_vec(),
        "sha256" => Sha256::digest(bytes).to_vec(),
        "sha384" => Sha384::digest(bytes).to_vec(),
        "sha512" => Sha512::digest(bytes).to_vec(),
        _ => return Err(HostError::Value(format!("unsupported hash type {name}"))),
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Result<Vec<u8>, HostError> {
    let wrong = || HostError::Value("that is no hexadecimal text".to_owned());
    let digits: Vec<u32> =
        text.chars().map(|digit| digit.to_digit(16)).collect::<Option<_>>().ok_or_else(wrong)?;
    let bytes = digits.chunks(2).map(|pair| match pair {
        [high, low] => u8::try_from(high * 16 + low).map_err(|_| wrong()),
        _ => Err(wrong()),
    });
    bytes.collect()
}

/// The digest of bytes.
pub(crate) fn digest(name: &str, bytes: &str) -> Result<Value, HostError> {
    Ok(Value::Str(hex(&hashed(name, &unhex(bytes)?)?)))
}

/// The 32 digits of an identifier, however it is written.
pub(crate) fn uuid(text: &str) -> Result<Value, HostError> {
    let digits: String =
        text.trim_start_matches("urn:uuid:").trim_matches(['{', '}']).replace('-', "").to_lowercase();
    if digits.len() != 32 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return Err(HostError::Value("badly formed hexadecimal UUID string".to_owned()));
    }
    Ok(Value::Str(digits))
}

/// An identifier made of a name (RFC 9562 §5.3, §5.5).
pub(crate) fn uuid_of(name: &str, namespace: &str, of: &str) -> Result<Value, HostError> {
    let mut bytes = unhex(namespace)?;
    bytes.extend_from_slice(of.as_bytes());
    let mut id = hashed(name, &bytes)?;
    id.truncate(16);
    let version = if name == "md5" { 0x30 } else { 0x50 };
    if let Some(byte) = id.get_mut(6) {
        *byte = *byte & 0x0f | version;
    }
    if let Some(byte) = id.get_mut(8) {
        *byte = *byte & 0x3f | 0x80;
    }
    Ok(Value::Str(hex(&id)))
}

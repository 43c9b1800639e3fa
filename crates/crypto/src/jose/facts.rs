//! What a certificate says about itself, for people: whose it is, until when, and how it is recognised.
//!
//! A reader of just the fields needed (RFC 5280 §4.1). It trusts nothing and proves nothing: certificates are
//! shown here, never relied upon.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use countersign_types::Timestamp;

use super::certificate::parse_pem;

/// What a certificate says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFacts {
    /// Whose it is (RFC 4514): `CN=auth.example.com,O=Example`.
    pub subject: String,
    /// Who issued it, in the same form.
    pub issuer: String,
    /// From when it is valid.
    pub begins: Timestamp,
    /// Until when it is valid.
    pub expires: Timestamp,
    /// SHA-256 of it, as pairs of hexadecimal digits with colons.
    pub sha256: String,
    /// SHA-1 of it, by which older software names certificates.
    pub sha1: String,
}

impl CertificateFacts {
    /// Reads the first certificate of a PEM text.
    pub fn of_pem(pem: &str) -> Option<Self> {
        Self::of_der(&parse_pem(pem)?.into_iter().next()?)
    }

    /// Reads a certificate.
    pub fn of_der(der: &[u8]) -> Option<Self> {
        let certificate = Der(der).within(SEQUENCE)?.0;
        let mut fields = certificate.within(SEQUENCE)?.0;
        if fields.tag() == Some(VERSION) {
            fields = fields.next()?.2;
        }
        // Serial number, signature algorithm.
        for _ in 0..2 {
            fields = fields.next()?.2;
        }
        let (issuer, fields) = fields.within(SEQUENCE)?;
        let (validity, rest) = fields.within(SEQUENCE)?;
        let (subject, _) = rest.within(SEQUENCE)?;
        let (first, first_text, after) = validity.next()?;
        let (second, second_text, _) = after.next()?;
        Some(Self {
            subject: name(subject)?,
            issuer: name(issuer)?,
            begins: moment(first, first_text.0)?,
            expires: moment(second, second_text.0)?,
            sha256: fingerprint(digest(&SHA256, der).as_ref()),
            sha1: fingerprint(digest(&SHA1_FOR_LEGACY_USE_ONLY, der).as_ref()),
        })
    }
}

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const OBJECT_IDENTIFIER: u8 = 0x06;
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const BMP_STRING: u8 = 0x1e;
const UTF8_STRING: u8 = 0x0c;

/// Bytes of DER (X.690 §8.1).
#[derive(Clone, Copy)]
struct Der<'d>(&'d [u8]);

impl<'d> Der<'d> {
    fn tag(self) -> Option<u8> {
        self.0.first().copied()
    }

    /// Tag and content of the first value, and what follows it.
    fn next(self) -> Option<(u8, Self, Self)> {
        let (tag, rest) = self.0.split_first()?;
        let (first, rest) = rest.split_first()?;
        let (length, rest) = if *first < 0x80 {
            (usize::from(*first), rest)
        } else {
            let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f).min(5))?;
            if bytes.is_empty() || bytes.len() > 4 {
                return None;
            }
            (bytes.iter().fold(0_usize, |length, byte| length << 8 | usize::from(*byte)), rest)
        };
        let (content, rest) = rest.split_at_checked(length)?;
        Some((*tag, Self(content), Self(rest)))
    }

    /// The content of a value with this tag, and what follows it.
    fn within(self, wanted: u8) -> Option<(Self, Self)> {
        let (tag, content, rest) = self.next()?;
        (tag == wanted).then_some((content, rest))
    }
}

/// A name, the most particular part first.
fn name(mut parts: Der<'_>) -> Option<String> {
    let mut written = Vec::new();
    while !parts.0.is_empty() {
        let (mut set, rest) = parts.within(SET)?;
        parts = rest;
        let mut of_set = Vec::new();
        while !set.0.is_empty() {
            let (attribute, rest) = set.within(SEQUENCE)?;
            set = rest;
            let (kind, value) = attribute.within(OBJECT_IDENTIFIER)?;
            let (tag, value, _) = value.next()?;
            of_set.push(format!("{}={}", attribute_name(kind.0)?, escaped(&text(tag, value.0))));
        }
        written.push(of_set.join("+"));
    }
    written.reverse();
    Some(written.join(","))
}

fn attribute_name(identifier: &[u8]) -> Option<String> {
    Some(match identifier {
        [0x55, 0x04, 3] => "CN".to_owned(),
        [0x55, 0x04, 6] => "C".to_owned(),
        [0x55, 0x04, 7] => "L".to_owned(),
        [0x55, 0x04, 8] => "ST".to_owned(),
        [0x55, 0x04, 9] => "STREET".to_owned(),
        [0x55, 0x04, 10] => "O".to_owned(),
        [0x55, 0x04, 11] => "OU".to_owned(),
        other => dotted(other)?,
    })
}

/// An object identifier in numbers (X.690 §8.19).
fn dotted(identifier: &[u8]) -> Option<String> {
    let mut numbers: Vec<u64> = Vec::new();
    let mut number = 0_u64;
    for byte in identifier {
        number = number.checked_mul(128)? + u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            if numbers.is_empty() {
                let first = (number / 40).min(2);
                numbers.extend([first, number - first * 40]);
            } else {
                numbers.push(number);
            }
            number = 0;
        }
    }
    (!numbers.is_empty()).then(|| numbers.iter().map(u64::to_string).collect::<Vec<_>>().join("."))
}

fn text(tag: u8, bytes: &[u8]) -> String {
    match tag {
        UTF8_STRING => String::from_utf8_lossy(bytes).into_owned(),
        BMP_STRING => {
            let units: Vec<u16> = bytes
                .chunks_exact(2)
                .map(|pair| pair.iter().fold(0, |unit, byte| unit << 8 | u16::from(*byte)))
                .collect();
            String::from_utf16_lossy(&units)
        }
        _ => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}

/// RFC 4514 §2.4, without the hexadecimal form.
fn escaped(value: &str) -> String {
    let mut written = String::with_capacity(value.len());
    for (index, letter) in value.chars().enumerate() {
        let is_leading = index == 0 && matches!(letter, '#' | ' ');
        if is_leading || matches!(letter, '"' | '+' | ',' | ';' | '<' | '>' | '\\') {
            written.push('\\');
        }
        if !letter.is_control() {
            written.push(letter);
        }
    }
    written
}

/// A moment of a validity (RFC 5280 §4.1.2.5): years of two digits are of 1950 to 2049.
fn moment(tag: u8, digits: &[u8]) -> Option<Timestamp> {
    let digits = std::str::from_utf8(digits).ok()?.strip_suffix('Z')?;
    let (year, rest) = match tag {
        UTC_TIME => {
            let year: u16 = digits.get(..2)?.parse().ok()?;
            (if year < 50 { 2000 + year } else { 1900 + year }, digits.get(2..)?)
        }
        GENERALIZED_TIME => (digits.get(..4)?.parse().ok()?, digits.get(4..)?),
        _ => return None,
    };
    let part = |at: usize| rest.get(at..at + 2);
    let (month, day, hour, minute, second) = (part(0)?, part(2)?, part(4)?, part(6)?, part(8)?);
    Timestamp::parse(&format!("{year:04}-{month}-{day}T{hour}:{minute}:{second}Z"))
}

fn fingerprint(hash: &[u8]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_pretend_to_have_more_parts() {
        assert_eq!(escaped("Ada, O=Bank"), "Ada\\, O=Bank");
        assert_eq!(escaped("#a\n"), "\\#a");
    }

    #[test]
    fn truncated_certificates_are_no_certificates() {
        let whole = [0x30, 0x03, 0x02, 0x01];
        assert!(Der(&whole).next().is_none());
        assert!(Der(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]).next().is_none());
        assert!(Der(&[0x30, 0x80]).next().is_none());
        assert!(
            CertificateFacts::of_pem("-----BEGIN CERTIFICATE-----\nMAMCAQ==\n-----END CERTIFICATE-----")
                .is_none()
        );
    }
}

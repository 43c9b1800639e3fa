//! Key pairs that administrators bring, as PEM.

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rsa::KeyPair as RsaKeys,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use countersign_types::{ErrorKind, Secret};

use super::{SigningAlgorithm, SigningKey};

/// A longer text is no key and no chain of certificates that anybody uses.
const MAX_PEM: usize = 64 * 1024;

/// A key pair that was brought.
#[derive(Debug)]
pub struct ImportedKey {
    /// What it signs with.
    pub algorithm: SigningAlgorithm,
    /// Private key, PKCS#8 DER.
    pub pkcs8: Secret<Vec<u8>>,
    /// `kid`: the thumbprint of the public key (RFC 7638).
    pub kid: String,
}

/// Why a key pair is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// The private key cannot be used.
    #[error("not an RSA key of 2048 bits or more, nor an EC key on P-256, as PEM without a passphrase")]
    PrivateKey,
    /// The certificate is malformed or of another key.
    #[error("the certificate is not PEM or does not belong to the private key")]
    Certificate,
}

impl ImportError {
    /// What a surface makes of it.
    pub const fn kind(self) -> ErrorKind {
        ErrorKind::Invalid
    }
}

/// Reads a private key and the certificate that goes with it (PEM, leaf first).
pub fn import(certificate_pem: &str, key_pem: &Secret<String>) -> Result<ImportedKey, ImportError> {
    if certificate_pem.len() > MAX_PEM {
        return Err(ImportError::Certificate);
    }
    let (algorithm, pkcs8) = private_key(key_pem.expose()).ok_or(ImportError::PrivateKey)?;
    let key = SigningKey::from_pkcs8(algorithm, &pkcs8).map_err(|_| ImportError::PrivateKey)?;
    let key = key.with_certificate(certificate_pem).map_err(|_| ImportError::Certificate)?;
    let kid = key.kid().unwrap_or_default().to_owned();
    Ok(ImportedKey { algorithm, pkcs8, kid })
}

/// PKCS#8 (RFC 5958), PKCS#1 (RFC 8017 §A.1.2) or SEC 1 (RFC 5915).
fn private_key(pem: &str) -> Option<(SigningAlgorithm, Secret<Vec<u8>>)> {
    if pem.len() > MAX_PEM {
        return None;
    }
    if let Some(der) = section(pem, "PRIVATE KEY") {
        let known = [SigningAlgorithm::Rs256, SigningAlgorithm::Es256];
        let algorithm =
            known.into_iter().find(|algorithm| SigningKey::from_pkcs8(*algorithm, &der).is_ok())?;
        return Some((algorithm, der));
    }
    if let Some(der) = section(pem, "RSA PRIVATE KEY") {
        let keys = RsaKeys::from_der(der.expose()).ok()?;
        let pkcs8: Pkcs8V1Der<'_> = keys.as_der().ok()?;
        return Some((SigningAlgorithm::Rs256, Secret::new(pkcs8.as_ref().to_vec())));
    }
    let der = section(pem, "EC PRIVATE KEY")?;
    let keys = EcdsaKeyPair::from_private_key_der(&ECDSA_P256_SHA256_FIXED_SIGNING, der.expose()).ok()?;
    let pkcs8 = keys.to_pkcs8v1().ok()?;
    Some((SigningAlgorithm::Es256, Secret::new(pkcs8.as_ref().to_vec())))
}

/// The bytes between the lines of a PEM section (RFC 7468 §2).
fn section(pem: &str, label: &str) -> Option<Secret<Vec<u8>>> {
    let (_, after) = pem.split_once(&format!("-----BEGIN {label}-----"))?;
    let (body, _) = after.split_once(&format!("-----END {label}-----"))?;
    let body = Secret::new(body.split_ascii_whitespace().collect::<String>());
    STANDARD.decode(body.expose()).ok().map(Secret::new)
}

/// A private key (PKCS#8 DER) as PEM, for whoever may have it.
pub fn private_key_pem(pkcs8: &Secret<Vec<u8>>) -> Secret<String> {
    let body = Secret::new(STANDARD.encode(pkcs8.expose()));
    let mut pem = String::with_capacity(body.expose().len() + 128);
    pem.push_str("-----BEGIN PRIVATE KEY-----\n");
    for (index, letter) in body.expose().chars().enumerate() {
        if index > 0 && index % 64 == 0 {
            pem.push('\n');
        }
        pem.push(letter);
    }
    pem.push_str("\n-----END PRIVATE KEY-----\n");
    Secret::new(pem)
}

#[cfg(test)]
mod tests {
    use countersign_types::Span;

    use super::*;
    use crate::{CertificateFacts, SystemClock, SystemRng, generate};

    #[test]
    fn a_key_pair_that_was_exported_can_be_brought_back() {
        for algorithm in [SigningAlgorithm::Rs256, SigningAlgorithm::Es256] {
            let made = generate(algorithm, "auth.example.com", Span::from_days(30), &SystemClock, &SystemRng)
                .unwrap();
            let pem = private_key_pem(&made.pkcs8);
            let brought = import(&made.certificate_pem, &pem).unwrap();
            assert_eq!((brought.algorithm, brought.kid), (algorithm, made.kid));
            assert_eq!(brought.pkcs8.expose(), made.pkcs8.expose());
        }
    }

    #[test]
    fn a_certificate_of_another_key_is_refused() {
        let make =
            || generate(SigningAlgorithm::Es256, "a", Span::from_days(1), &SystemClock, &SystemRng).unwrap();
        let (one, other) = (make(), make());
        let key = private_key_pem(&one.pkcs8);
        assert_eq!(import(&other.certificate_pem, &key).unwrap_err(), ImportError::Certificate);
        assert_eq!(import("", &key).unwrap_err(), ImportError::Certificate);
        for key in
            ["", "-----BEGIN PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----\n!\n-----END PRIVATE KEY-----"]
        {
            assert_eq!(import(&one.certificate_pem, &key.into()).unwrap_err(), ImportError::PrivateKey);
        }
    }

    #[test]
    fn a_certificate_says_whose_it_is_and_until_when() {
        let made =
            generate(SigningAlgorithm::Es256, "auth, inc", Span::from_days(30), &SystemClock, &SystemRng)
                .unwrap();
        let facts = CertificateFacts::of_pem(&made.certificate_pem).unwrap();
        assert_eq!(facts.subject, "O=Countersign,CN=auth\\, inc");
        let span = facts.expires.since(facts.begins);
        assert_eq!(span, Span::from_days(30));
        assert_eq!(facts.sha256.len(), 32 * 3 - 1);
        assert_eq!(facts.sha1.len(), 20 * 3 - 1);
    }
}

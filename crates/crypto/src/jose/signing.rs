//! Signing keys, parsed once, and the tokens they sign (RFC 7515 §3.1 compact serialisation).
//!
//! `jsonwebtoken` verifies, and signs with client secrets. Private keys sign here, because the library parses
//! and checks them again at every signature, which costs more than the signature itself.

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_types::{ErrorKind, Secret};
use jsonwebtoken::{DecodingKey, EncodingKey};
use serde::Serialize;

use super::{
    MAX_JWT_LEN, SigningAlgorithm, VerifyingKey, certificate,
    jwk::{Jwk, PublicKey},
};

/// A shorter secret is no HS256 key (RFC 7518 §3.2).
const MIN_HMAC_SECRET_LEN: usize = 32;

/// A private or secret key, ready to sign.
pub struct SigningKey {
    algorithm: SigningAlgorithm,
    kid: Option<String>,
    material: Material,
    chain: Vec<Vec<u8>>,
}

enum Material {
    Rsa(Box<RsaKeyPair>),
    Ecdsa(Box<EcdsaKeyPair>),
    Hmac { key: EncodingKey, verifying: DecodingKey },
}

/// Why bytes are not a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not PKCS#8, or of another algorithm, or RSA below 2048 bits.
    #[error("the private key is not a PKCS#8 key of the algorithm it is used for")]
    Rejected,
    /// A client secret that is too short to sign with.
    #[error("a client secret of at least 32 characters is needed to sign with HS256")]
    SecretTooShort,
    /// The certificate is not PEM or is of another key.
    #[error("the certificate is malformed or does not belong to the private key")]
    Certificate,
}

impl KeyError {
    /// What a surface makes of it.
    pub fn kind(&self) -> ErrorKind {
        ErrorKind::Invalid
    }
}

/// Why a token was not signed.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// The claims are not JSON.
    #[error("the claims cannot be written: {0}")]
    Claims(#[from] serde_json::Error),
    /// The token would be longer than anybody accepts, ourselves included.
    #[error("the claims are too large for a token")]
    TooLarge,
    /// The library refused.
    #[error("the signature could not be made")]
    Signature,
}

impl SignError {
    /// What a surface makes of it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::TooLarge => ErrorKind::TooLarge,
            Self::Claims(_) | Self::Signature => ErrorKind::Internal,
        }
    }
}

#[derive(Serialize)]
struct Header<'a> {
    alg: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    typ: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<&'a str>,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey")
            .field("algorithm", &self.algorithm)
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}

impl SigningKey {
    /// From a PKCS#8 private key. The `kid` is the thumbprint of its public key (RFC 7638).
    pub fn from_pkcs8(algorithm: SigningAlgorithm, pkcs8: &Secret<Vec<u8>>) -> Result<Self, KeyError> {
        let material = match algorithm {
            SigningAlgorithm::Rs256 => {
                RsaKeyPair::from_pkcs8(pkcs8.expose()).map(|pair| Material::Rsa(Box::new(pair)))
            }
            SigningAlgorithm::Es256 => {
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.expose())
                    .map(|pair| Material::Ecdsa(Box::new(pair)))
            }
            SigningAlgorithm::Hs256 => return Err(KeyError::Rejected),
        }
        .map_err(|_| KeyError::Rejected)?;
        let mut key = Self { algorithm, kid: None, material, chain: Vec::new() };
        key.kid = Some(key.public().ok_or(KeyError::Rejected)?.thumbprint());
        Ok(key)
    }

    /// HS256 under a client secret. Such a key has no `kid` and is never published.
    pub fn from_client_secret(secret: &Secret<String>) -> Result<Self, KeyError> {
        if secret.expose().len() < MIN_HMAC_SECRET_LEN {
            return Err(KeyError::SecretTooShort);
        }
        let bytes = secret.expose().as_bytes();
        let material = Material::Hmac {
            key: EncodingKey::from_secret(bytes),
            verifying: DecodingKey::from_secret(bytes),
        };
        Ok(Self { algorithm: SigningAlgorithm::Hs256, kid: None, material, chain: Vec::new() })
    }

    /// With the `kid` under which the key is known already.
    #[must_use]
    pub fn with_kid(mut self, kid: impl Into<String>) -> Self {
        self.kid = Some(kid.into());
        self
    }

    /// With its certificate (PEM, leaf first), to be published as `x5c` and `x5t#S256`.
    pub fn with_certificate(mut self, pem: &str) -> Result<Self, KeyError> {
        let chain = certificate::parse_pem(pem).ok_or(KeyError::Certificate)?;
        let public_key = self.public_key_bytes().ok_or(KeyError::Certificate)?;
        if !certificate::carries(&chain, public_key) {
            return Err(KeyError::Certificate);
        }
        self.chain = chain;
        Ok(self)
    }

    /// The algorithm it signs with.
    pub fn algorithm(&self) -> SigningAlgorithm {
        self.algorithm
    }

    /// The `kid` of its tokens; none for a client secret.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// A token with these claims. `typ` is `JWT` or, for example, `at+jwt` (RFC 9068 §2.1).
    pub fn sign_jwt(&self, typ: Option<&str>, claims: &impl Serialize) -> Result<String, SignError> {
        let header = Header { alg: self.algorithm.name(), typ, kid: self.kid.as_deref() };
        let mut token = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&header)?);
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(serde_json::to_vec(claims)?, &mut token);
        let signature = self.sign(token.as_bytes()).ok_or(SignError::Signature)?;
        token.push('.');
        token.push_str(&signature);
        if token.len() > MAX_JWT_LEN {
            return Err(SignError::TooLarge);
        }
        Ok(token)
    }

    /// What checks its tokens.
    pub fn verifying_key(&self) -> Result<VerifyingKey, KeyError> {
        let key = match &self.material {
            Material::Rsa(pair) => {
                let public = pair.public_key();
                let modulus = public.modulus().big_endian_without_leading_zero();
                let exponent = public.exponent().big_endian_without_leading_zero();
                DecodingKey::from_rsa_raw_components(modulus, exponent)
            }
            Material::Ecdsa(pair) => match PublicKey::p256(pair.public_key().as_ref()) {
                Some(PublicKey::Ec { x, y, .. }) => {
                    DecodingKey::from_ec_components(&x, &y).map_err(|_| KeyError::Rejected)?
                }
                _ => return Err(KeyError::Rejected),
            },
            Material::Hmac { verifying, .. } => verifying.clone(),
        };
        let jwk = self.public().map(|public| Jwk {
            public,
            purpose: "sig",
            alg: self.algorithm.name(),
            kid: self.kid.clone().unwrap_or_default(),
            x5c: certificate::x5c(&self.chain),
            x5t_s256: certificate::thumbprint(&self.chain),
        });
        Ok(VerifyingKey { algorithm: self.algorithm, kid: self.kid.clone(), key, jwk })
    }

    /// The signature, base64url.
    fn sign(&self, message: &[u8]) -> Option<String> {
        match &self.material {
            Material::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).ok()?;
                Some(URL_SAFE_NO_PAD.encode(signature))
            }
            Material::Ecdsa(pair) => {
                let signature = pair.sign(&SystemRandom::new(), message).ok()?;
                Some(URL_SAFE_NO_PAD.encode(signature))
            }
            Material::Hmac { key, .. } => {
                jsonwebtoken::crypto::sign(message, key, self.algorithm.jose()).ok()
            }
        }
    }

    fn public_key_bytes(&self) -> Option<&[u8]> {
        match &self.material {
            Material::Rsa(pair) => Some(pair.public_key().as_ref()),
            Material::Ecdsa(pair) => Some(pair.public_key().as_ref()),
            Material::Hmac { .. } => None,
        }
    }

    fn public(&self) -> Option<PublicKey> {
        match &self.material {
            Material::Rsa(pair) => {
                let key = pair.public_key();
                Some(PublicKey::rsa(
                    key.modulus().big_endian_without_leading_zero(),
                    key.exponent().big_endian_without_leading_zero(),
                ))
            }
            Material::Ecdsa(pair) => PublicKey::p256(pair.public_key().as_ref()),
            Material::Hmac { .. } => None,
        }
    }
}

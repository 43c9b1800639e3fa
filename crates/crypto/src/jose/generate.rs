//! New key pairs with a self-signed certificate.

use countersign_types::{Clock, ErrorKind, Rng, Secret, Span};
use rcgen::{
    CertificateParams, DistinguishedName, DnType, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
    PKCS_RSA_SHA256, SanType, SerialNumber, date_time_ymd,
};

use super::{KeyError, SigningAlgorithm, SigningKey};

/// Certificates are made for at most so long.
const MAX_VALIDITY: Span = Span::from_days(36_525);
/// Most alternative names of one certificate.
const MAX_NAMES: usize = 100;

/// A key pair that was just made.
#[derive(Debug)]
pub struct GeneratedKey {
    /// Private key, PKCS#8 DER.
    pub pkcs8: Secret<Vec<u8>>,
    /// Self-signed certificate, PEM.
    pub certificate_pem: String,
    /// `kid`: the thumbprint of the public key (RFC 7638).
    pub kid: String,
}

/// Why no key was made.
#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    /// Key pairs are not of this algorithm.
    #[error("there are no {} key pairs", .0.name())]
    Symmetric(SigningAlgorithm),
    /// A name does not fit a certificate, or the validity is not positive or too long.
    #[error("the certificate's names or validity are out of bounds")]
    Bounds,
    /// The library refused.
    #[error("the certificate could not be made: {0}")]
    Certificate(#[from] rcgen::Error),
    /// The key made does not read back.
    #[error(transparent)]
    Key(#[from] KeyError),
}

impl GenerateError {
    /// What a surface makes of it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Symmetric(_) | Self::Bounds => ErrorKind::Invalid,
            Self::Certificate(_) | Self::Key(_) => ErrorKind::Internal,
        }
    }
}

/// Makes a key pair: RSA of 2048 bits for RS256, which takes some tenths of a second of CPU, or P-256.
///
/// The key itself comes from aws-lc's own random source, which takes no other; `rng` gives the serial number.
pub fn generate(
    algorithm: SigningAlgorithm,
    common_name: &str,
    validity: Span,
    clock: &dyn Clock,
    rng: &dyn Rng,
) -> Result<GeneratedKey, GenerateError> {
    generate_for(algorithm, common_name, &[], validity, clock, rng)
}

/// Like [`generate`], with the host names and addresses that the certificate is for besides.
pub fn generate_for(
    algorithm: SigningAlgorithm,
    common_name: &str,
    alternative_names: &[String],
    validity: Span,
    clock: &dyn Clock,
    rng: &dyn Rng,
) -> Result<GeneratedKey, GenerateError> {
    if alternative_names.len() > MAX_NAMES {
        return Err(GenerateError::Bounds);
    }
    if common_name.is_empty() || common_name.len() > 64 || validity <= Span::ZERO || validity > MAX_VALIDITY {
        return Err(GenerateError::Bounds);
    }
    let pair = KeyPair::generate_for(match algorithm {
        SigningAlgorithm::Rs256 => &PKCS_RSA_SHA256,
        SigningAlgorithm::Es256 => &PKCS_ECDSA_P256_SHA256,
        SigningAlgorithm::Hs256 => return Err(GenerateError::Symmetric(algorithm)),
    })?;
    let pkcs8 = Secret::new(pair.serialize_der());
    let mut parameters = parameters(common_name, validity, clock, rng);
    for name in alternative_names {
        parameters.subject_alt_names.push(match name.parse() {
            Ok(address) => SanType::IpAddress(address),
            // Names of other alphabets stand in certificates as IDNA writes them (RFC 5280 §7.2).
            Err(_) => SanType::DnsName(name.as_str().try_into().map_err(|_| GenerateError::Bounds)?),
        });
    }
    let certificate_pem = parameters.self_signed(&pair)?.pem();
    let key = SigningKey::from_pkcs8(algorithm, &pkcs8)?;
    let kid = key.kid().unwrap_or_default().to_owned();
    Ok(GeneratedKey { pkcs8, certificate_pem, kid })
}

fn parameters(common_name: &str, validity: Span, clock: &dyn Clock, rng: &dyn Rng) -> CertificateParams {
    let mut serial = [0_u8; 16];
    rng.fill(&mut serial);
    // A positive number that does not start with a zero byte (RFC 5280 §4.1.2.2).
    if let Some(first) = serial.first_mut() {
        *first = *first & 0x7f | 0x40;
    }
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common_name);
    name.push(DnType::OrganizationName, "Countersign");
    let epoch = date_time_ymd(1970, 1, 1);
    let now = Span::from_secs(clock.now().as_secs().clamp(0, 8_000_000_000));
    let mut parameters = CertificateParams::default();
    parameters.not_before = epoch + now.to_std();
    parameters.not_after = epoch + now.to_std() + Span::from_secs(validity.as_secs()).to_std();
    parameters.serial_number = Some(SerialNumber::from_slice(&serial));
    parameters.distinguished_name = name;
    parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    parameters
}

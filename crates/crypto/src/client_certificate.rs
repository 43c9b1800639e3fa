//! Certificates that clients present: what they say is believed when an authority that was named issued them, for
//! clients, and they are valid now (RFC 5280 §6). Revocation lists are not asked.

use std::time::Duration;

use countersign_types::Timestamp;
use percent_encoding::percent_decode_str;
use rustls_pki_types::{CertificateDer, UnixTime};
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert, KeyUsage, anchor_from_trusted_cert};
use x509_parser::prelude::{FromDer as _, GeneralName, X509Certificate};

use crate::{CertificateFacts, jose::parse_pem};

/// Most certificates of a chain.
const MAX_CHAIN: usize = 8;
/// Most bytes of a chain, however it is written.
const MAX_BYTES: usize = 32 * 1024;

/// A certificate as somebody presented it, with those above it. Nothing of it is believed yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresentedCertificate {
    chain: Vec<Vec<u8>>,
}

impl PresentedCertificate {
    /// From DER certificates, the client's own first; none for what no client presents.
    pub fn of_chain(chain: Vec<Vec<u8>>) -> Option<Self> {
        let bytes: usize = chain.iter().map(Vec::len).sum();
        let fits = (1..=MAX_CHAIN).contains(&chain.len()) && bytes <= MAX_BYTES;
        (fits && chain.iter().all(|der| !der.is_empty())).then_some(Self { chain })
    }

    /// From PEM, percent-encoded or not, as proxies put it into headers.
    pub fn of_pem(text: &str) -> Option<Self> {
        if text.len() > 3 * MAX_BYTES {
            return None;
        }
        let pem = percent_decode_str(text).decode_utf8().ok()?;
        Self::of_chain(parse_pem(&pem)?)
    }
}

/// Why a certificate is not believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateRefusal {
    /// It is none.
    #[error("it is no certificate")]
    Malformed,
    /// No authority is named, or none of them is one.
    #[error("no authority is named that could have issued it")]
    NoAuthority,
    /// It is not valid now.
    #[error("it is not valid now")]
    NotNow,
    /// It is not for clients.
    #[error("it is not for clients")]
    NotForClients,
    /// None of the authorities issued it.
    #[error("none of the authorities named issued it")]
    NotIssued,
}

/// What a certificate says that is believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertifiedClient {
    /// Whose it is, by whom, until when, and its fingerprints.
    pub facts: CertificateFacts,
    /// Serial number, decimal.
    pub serial: String,
    /// The common name, where there is just one.
    pub common_name: Option<String>,
    /// The e-mail address, where there is just one: that of the alternative names, else of the subject.
    pub email: Option<String>,
}

impl CertifiedClient {
    /// Believes a certificate, or says why not. Authorities are PEM texts; those that cannot be read are none.
    pub fn of(
        presented: &PresentedCertificate,
        authorities: &[&str],
        now: Timestamp,
    ) -> Result<Self, CertificateRefusal> {
        let Some((leaf, above)) = presented.chain.split_first() else {
            return Err(CertificateRefusal::Malformed);
        };
        let roots: Vec<CertificateDer<'static>> =
            authorities.iter().filter_map(|pem| parse_pem(pem)).flatten().map(CertificateDer::from).collect();
        let anchors: Vec<_> = roots.iter().filter_map(|root| anchor_from_trusted_cert(root).ok()).collect();
        if anchors.is_empty() {
            return Err(CertificateRefusal::NoAuthority);
        }
        let leaf = CertificateDer::from(leaf.as_slice());
        let above: Vec<_> = above.iter().map(|der| CertificateDer::from(der.as_slice())).collect();
        let entity = EndEntityCert::try_from(&leaf).map_err(|error| refused(&error))?;
        let seconds = u64::try_from(now.as_secs()).unwrap_or_default();
        let now = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        let usage = KeyUsage::client_auth();
        entity
            .verify_for_usage(ALL_VERIFICATION_ALGS, &anchors, &above, now, usage, None, None)
            .map_err(|error| refused(&error))?;
        Self::read(&leaf).ok_or(CertificateRefusal::Malformed)
    }

    fn read(der: &[u8]) -> Option<Self> {
        let (rest, certificate) = X509Certificate::from_der(der).ok()?;
        let names = certificate.subject_alternative_name().ok()?;
        let alternative = names.iter().flat_map(|names| &names.value.general_names);
        let mailboxes = alternative.filter_map(|name| match name {
            GeneralName::RFC822Name(mailbox) => Some((*mailbox).to_owned()),
            _ => None,
        });
        let subject = certificate.subject();
        let written = subject.iter_email().filter_map(|email| email.as_str().ok()).map(ToOwned::to_owned);
        let common_names = subject.iter_common_name().filter_map(|name| name.as_str().ok());
        rest.is_empty().then_some(())?;
        Some(Self {
            facts: CertificateFacts::of_der(der)?,
            serial: certificate.tbs_certificate.serial.to_string(),
            common_name: only(common_names.map(ToOwned::to_owned)),
            email: only(mailboxes).or_else(|| only(written)),
        })
    }
}

/// The only one: of several nobody knows which is meant.
fn only(mut values: impl Iterator<Item = String>) -> Option<String> {
    let first = values.next().filter(|value| !value.is_empty())?;
    values.next().is_none().then_some(first)
}

fn refused(error: &webpki::Error) -> CertificateRefusal {
    use webpki::Error;
    match error {
        Error::CertExpired { .. } | Error::CertNotValidYet { .. } | Error::InvalidCertValidity => {
            CertificateRefusal::NotNow
        }
        Error::RequiredEkuNotFoundContext(_) => CertificateRefusal::NotForClients,
        Error::BadDer | Error::BadDerTime | Error::TrailingData(_) => CertificateRefusal::Malformed,
        _ => CertificateRefusal::NotIssued,
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{
        BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
        KeyUsagePurpose, SanType, date_time_ymd,
    };

    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

    fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
    }

    fn client(issuer: &CertifiedIssuer<'_, KeyPair>, change: impl FnOnce(&mut CertificateParams)) -> String {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "ada");
        params.subject_alt_names = vec![SanType::Rfc822Name("ada@example.com".try_into().unwrap())];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        change(&mut params);
        params.signed_by(&KeyPair::generate().unwrap(), issuer).unwrap().pem()
    }

    fn certify(pem: &str, authorities: &[&str]) -> Result<CertifiedClient, CertificateRefusal> {
        CertifiedClient::of(&PresentedCertificate::of_pem(pem).unwrap(), authorities, NOW)
    }

    #[test]
    fn what_an_authority_issued_is_believed() {
        let ours = authority("ours");
        let certified = certify(&client(&ours, |_| {}), &["nonsense", &ours.pem()]).unwrap();
        assert_eq!(certified.common_name.as_deref(), Some("ada"));
        assert_eq!(certified.email.as_deref(), Some("ada@example.com"));
        assert_eq!(
            (certified.facts.subject.as_str(), certified.facts.issuer.as_str()),
            ("CN=ada", "CN=ours")
        );
        assert!(certified.serial.bytes().all(|digit| digit.is_ascii_digit()));
        let escaped =
            percent_encoding::utf8_percent_encode(&client(&ours, |_| {}), percent_encoding::NON_ALPHANUMERIC)
                .to_string();
        assert!(certify(&escaped, &[&ours.pem()]).is_ok());
    }

    #[test]
    fn a_certificate_of_another_authority_is_refused() {
        let (ours, theirs) = (authority("ours"), authority("theirs"));
        let namesake = authority("ours");
        for forged in [&theirs, &namesake] {
            let refused = certify(&client(forged, |_| {}), &[&ours.pem()]);
            assert_eq!(refused, Err(CertificateRefusal::NotIssued));
            // Bringing along who issued it makes it no better.
            let with_issuer = format!("{}{}", client(forged, |_| {}), forged.pem());
            assert_eq!(certify(&with_issuer, &[&ours.pem()]), Err(CertificateRefusal::NotIssued));
        }
        assert_eq!(certify(&client(&ours, |_| {}), &[]), Err(CertificateRefusal::NoAuthority));
    }

    #[test]
    fn a_client_cannot_issue_certificates() {
        let ours = authority("ours");
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "mallory");
        let key = KeyPair::generate().unwrap();
        let mallory = CertifiedIssuer::signed_by(params, key, &ours).unwrap();
        let chain = format!("{}{}", client(&mallory, |_| {}), mallory.pem());
        assert_eq!(certify(&chain, &[&ours.pem()]), Err(CertificateRefusal::NotIssued));
    }

    #[test]
    fn an_expired_certificate_is_refused() {
        let ours = authority("ours");
        let expired = client(&ours, |params| params.not_after = date_time_ymd(2020, 1, 1));
        assert_eq!(certify(&expired, &[&ours.pem()]), Err(CertificateRefusal::NotNow));
        let early = client(&ours, |params| params.not_before = date_time_ymd(2040, 1, 1));
        assert_eq!(certify(&early, &[&ours.pem()]), Err(CertificateRefusal::NotNow));
    }

    #[test]
    fn a_certificate_for_servers_is_refused() {
        let ours = authority("ours");
        let server = client(&ours, |params| {
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        });
        assert_eq!(certify(&server, &[&ours.pem()]), Err(CertificateRefusal::NotForClients));
    }

    #[test]
    fn of_two_names_none_is_meant() {
        let ours = authority("ours");
        let two = client(&ours, |params| {
            params.subject_alt_names.push(SanType::Rfc822Name("admin@example.com".try_into().unwrap()));
        });
        assert_eq!(certify(&two, &[&ours.pem()]).unwrap().email, None);
    }

    #[test]
    fn nonsense_is_no_certificate() {
        for text in [
            "",
            "%",
            "-----BEGIN CERTIFICATE-----",
            "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----",
        ] {
            assert_eq!(PresentedCertificate::of_pem(text), None, "{text}");
        }
        assert_eq!(PresentedCertificate::of_chain(vec![vec![0; MAX_BYTES + 1]]), None);
        assert_eq!(PresentedCertificate::of_chain(vec![Vec::new()]), None);
        let garbage = PresentedCertificate::of_chain(vec![vec![0x30, 3, 2, 1, 1]]).unwrap();
        let ours = authority("ours");
        let refused = CertifiedClient::of(&garbage, &[&ours.pem()], NOW).unwrap_err();
        assert_eq!(refused, CertificateRefusal::Malformed);
    }
}

//! Certificates that clients present: what they say is believed when an authority that was named issued them, for
//! clients, did not take them back, and they are valid now (RFC 5280 §6).

use std::{borrow::Borrow, time::Duration};

use countersign_types::Timestamp;
use percent_encoding::percent_decode_str;
use rustls_pki_types::{CertificateDer, UnixTime};
use webpki::EndEntityCert;
use x509_parser::prelude::{FromDer as _, GeneralName, X509Certificate};

use crate::{CertificateFacts, ClientAuthority, jose::parse_pem};

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
    /// Its authority took it back.
    #[error("its authority took it back")]
    Revoked,
    /// Its authority has revocation lists, and none that is for it and not out of date.
    #[error("no revocation list that is for it is valid now")]
    NoCurrentList,
}

impl CertificateRefusal {
    pub(crate) fn of(error: &webpki::Error) -> Self {
        use webpki::Error;
        match error {
            Error::CertExpired { .. } | Error::CertNotValidYet { .. } | Error::InvalidCertValidity => {
                Self::NotNow
            }
            Error::RequiredEkuNotFoundContext(_) => Self::NotForClients,
            Error::BadDer | Error::BadDerTime | Error::TrailingData(_) => Self::Malformed,
            Error::CertRevoked => Self::Revoked,
            Error::CrlExpired { .. }
            | Error::UnknownRevocationStatus
            | Error::InvalidCrlSignatureForPublicKey
            | Error::IssuerNotCrlSigner => Self::NoCurrentList,
            _ => Self::NotIssued,
        }
    }

    /// Whether it is its own authority that does not stand by a certificate: then nobody else's word helps.
    const fn is_final(&self) -> bool {
        matches!(self, Self::Revoked | Self::NoCurrentList)
    }
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
    /// Believes a certificate, or says why not.
    pub fn of(
        presented: &PresentedCertificate,
        authorities: &[impl Borrow<ClientAuthority>],
        now: Timestamp,
    ) -> Result<Self, CertificateRefusal> {
        let Some((leaf, above)) = presented.chain.split_first() else {
            return Err(CertificateRefusal::Malformed);
        };
        let leaf = CertificateDer::from(leaf.as_slice());
        let above: Vec<_> = above.iter().map(|der| CertificateDer::from(der.as_slice())).collect();
        let entity = EndEntityCert::try_from(&leaf).map_err(|error| CertificateRefusal::of(&error))?;
        let seconds = u64::try_from(now.as_secs()).unwrap_or_default();
        let now = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        let (mut is_believed, mut refusal) = (false, CertificateRefusal::NoAuthority);
        for authority in authorities {
            match authority.borrow().vouches(&entity, &above, now) {
                Ok(()) => is_believed = true,
                Err(why) if why.is_final() => return Err(why),
                Err(why) if refusal == CertificateRefusal::NoAuthority => refusal = why,
                Err(CertificateRefusal::NotIssued) => {}
                // It is this one that issued it.
                Err(why) => refusal = why,
            }
        }
        if is_believed { Self::read(&leaf).ok_or(CertificateRefusal::Malformed) } else { Err(refusal) }
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

#[cfg(test)]
mod tests {
    use rcgen::{
        BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer, DnType,
        ExtendedKeyUsagePurpose, IsCa, KeyIdMethod, KeyPair, KeyUsagePurpose, RevokedCertParams, SanType,
        SerialNumber, date_time_ymd,
    };

    use super::*;
    use crate::AuthorityError;

    const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

    fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
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
        certify_among(pem, &authorities.iter().map(|pem| (*pem).to_owned()).collect::<Vec<_>>())
    }

    fn certify_among(pem: &str, authorities: &[String]) -> Result<CertifiedClient, CertificateRefusal> {
        let authorities: Vec<_> =
            authorities.iter().filter_map(|pem| ClientAuthority::of_pem(pem).ok()).collect();
        CertifiedClient::of(&PresentedCertificate::of_pem(pem).unwrap(), &authorities, NOW)
    }

    /// A list of an authority that was issued and expires in these years.
    fn list(issuer: &CertifiedIssuer<'_, KeyPair>, revoked: &[u64], years: [i32; 2]) -> String {
        let revoked = revoked.iter().map(|serial| RevokedCertParams {
            serial_number: SerialNumber::from(*serial),
            revocation_time: date_time_ymd(2020, 1, 1),
            reason_code: None,
            invalidity_date: None,
        });
        let params = CertificateRevocationListParams {
            this_update: date_time_ymd(years[0], 1, 1),
            next_update: date_time_ymd(years[1], 1, 1),
            crl_number: SerialNumber::from(1),
            issuing_distribution_point: None,
            revoked_certs: revoked.collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        params.signed_by(issuer).unwrap().pem().unwrap()
    }

    fn numbered(issuer: &CertifiedIssuer<'_, KeyPair>, serial: u64) -> String {
        client(issuer, |params| params.serial_number = Some(SerialNumber::from(serial)))
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
        let ours = ClientAuthority::of_pem(&ours.pem()).unwrap();
        let refused = CertifiedClient::of(&garbage, &[ours], NOW).unwrap_err();
        assert_eq!(refused, CertificateRefusal::Malformed);
    }

    #[test]
    fn a_revoked_certificate_is_refused() {
        let ours = authority("ours");
        let with = |lists: &[String]| format!("{}{}", ours.pem(), lists.concat());
        let (stolen, kept) = (numbered(&ours, 7), numbered(&ours, 8));
        let listed = with(&[list(&ours, &[7], [2026, 2100])]);
        assert_eq!(certify(&stolen, &[&listed]), Err(CertificateRefusal::Revoked));
        assert!(certify(&kept, &[&listed]).is_ok());
        assert!(certify(&stolen, &[&ours.pem()]).is_ok(), "nobody took it back");
        // The same authority once more, without its list, makes it no better.
        for both in [[listed.clone(), ours.pem()], [ours.pem(), listed]] {
            assert_eq!(certify_among(&stolen, &both), Err(CertificateRefusal::Revoked));
        }
    }

    #[test]
    fn an_older_list_does_not_hide_a_newer_one() {
        let ours = authority("ours");
        let (old, new) = (list(&ours, &[], [2020, 2100]), list(&ours, &[7], [2026, 2100]));
        for lists in [[&*old, &*new], [&*new, &*old]] {
            let text = format!("{}{}", ours.pem(), lists.concat());
            assert_eq!(certify(&numbered(&ours, 7), &[&text]), Err(CertificateRefusal::Revoked));
        }
    }

    #[test]
    fn without_a_list_that_is_valid_now_nobody_is_believed() {
        let (ours, theirs, namesake) = (authority("ours"), authority("theirs"), authority("ours"));
        for (why, lists) in [
            ("out of date", list(&ours, &[], [2020, 2021])),
            ("somebody else's", list(&theirs, &[], [2026, 2100])),
            ("forged", list(&namesake, &[], [2026, 2100])),
        ] {
            let text = format!("{}{lists}", ours.pem());
            let refused = certify(&numbered(&ours, 7), &[&text]);
            assert_eq!(refused, Err(CertificateRefusal::NoCurrentList), "{why}");
        }
    }

    #[test]
    fn an_authority_with_a_list_that_cannot_be_read_is_none() {
        let ours = authority("ours");
        let whole = list(&ours, &[7], [2026, 2100]);
        let cut = whole.replacen('\n', "\nAAAA", 2);
        for broken in
            [cut, "-----BEGIN X509 CRL-----\nMAMCAQE=\n-----END X509 CRL-----".to_owned(), whole.repeat(17)]
        {
            let text = format!("{}{broken}", ours.pem());
            assert_eq!(ClientAuthority::of_pem(&text).unwrap_err(), AuthorityError::RevocationList);
            assert_eq!(certify(&numbered(&ours, 7), &[&text]), Err(CertificateRefusal::NoAuthority));
        }
        // Without its last line it is half a list, and not none.
        let half = format!("{}{}", ours.pem(), whole.split("-----END").next().unwrap());
        assert_eq!(ClientAuthority::of_pem(&half).unwrap_err(), AuthorityError::RevocationList);
    }
}

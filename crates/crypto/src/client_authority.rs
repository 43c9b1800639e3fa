//! Who issues certificates of clients, and which of them he took back (RFC 5280 §5).
//!
//! Both stand in one PEM text: the authority's own certificate, others above it, and its revocation lists. Of an
//! authority with lists every certificate on the way up must be spoken for by one that is not out of date; of one
//! without nobody asks. A list that is there and cannot be read makes it no authority: who was taken back is unknown.

use std::cmp::Reverse;

use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime};
use webpki::{
    ALL_VERIFICATION_ALGS, CertRevocationList, EndEntityCert, ExpirationPolicy, KeyUsage,
    OwnedCertRevocationList, RevocationOptionsBuilder, anchor_from_trusted_cert,
};
use x509_parser::{prelude::FromDer as _, revocation_list::CertificateRevocationList};

use crate::{
    CertificateRefusal,
    jose::{parse_pem, pem_sections},
};

/// Most bytes of the PEM text of an authority with its lists.
const MAX_TEXT: usize = 1024 * 1024;
/// Most lists of an authority.
const MAX_LISTS: usize = 16;

/// Why a text is no authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthorityError {
    /// There is no certificate in it, or one that is none.
    #[error("it is no certificate")]
    Certificate,
    /// A revocation list in it cannot be read, or there are too many.
    #[error("a revocation list cannot be read")]
    RevocationList,
}

/// Who issues certificates of clients.
#[derive(Debug)]
pub struct ClientAuthority {
    anchors: Vec<TrustAnchor<'static>>,
    /// The newest first: an older one does not know who was taken back since.
    lists: Vec<CertRevocationList<'static>>,
}

impl ClientAuthority {
    /// Reads the PEM text of certificates and revocation lists.
    pub fn of_pem(pem: &str) -> Result<Self, AuthorityError> {
        if pem.len() > MAX_TEXT {
            return Err(AuthorityError::RevocationList);
        }
        let certificates = parse_pem(pem).ok_or(AuthorityError::Certificate)?;
        let anchor = |der: Vec<u8>| {
            let certificate = CertificateDer::from(der);
            anchor_from_trusted_cert(&certificate).map(|anchor| anchor.to_owned()).ok()
        };
        let anchors: Vec<_> = certificates.into_iter().filter_map(anchor).collect();
        if anchors.is_empty() {
            return Err(AuthorityError::Certificate);
        }
        let lists = lists(pem).ok_or(AuthorityError::RevocationList)?;
        Ok(Self { anchors, lists })
    }

    /// Believes a certificate for clients, or says why not.
    pub(crate) fn vouches(
        &self,
        client: &EndEntityCert<'_>,
        above: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<(), CertificateRefusal> {
        let lists: Vec<_> = self.lists.iter().collect();
        let revocation = RevocationOptionsBuilder::new(&lists)
            .ok()
            .map(|options| options.with_expiration_policy(ExpirationPolicy::Enforce).build());
        let usage = KeyUsage::client_auth();
        client
            .verify_for_usage(ALL_VERIFICATION_ALGS, &self.anchors, above, now, usage, revocation, None)
            .map(drop)
            .map_err(|error| CertificateRefusal::of(&error))
    }
}

/// Whether the revocation lists that stand behind a certificate can be used.
pub fn are_revocation_lists_readable(pem: &str) -> bool {
    pem.len() <= MAX_TEXT && lists(pem).is_some()
}

/// The lists of a text, the newest first.
fn lists(pem: &str) -> Option<Vec<CertRevocationList<'static>>> {
    let sections = pem_sections(pem, "X509 CRL")?;
    if sections.len() > MAX_LISTS {
        return None;
    }
    let mut lists = sections.iter().map(|der| list(der)).collect::<Option<Vec<_>>>()?;
    lists.sort_by_key(|(issued, _)| Reverse(*issued));
    Some(lists.into_iter().map(|(_, list)| list).collect())
}

/// A list, and when it was issued.
fn list(der: &[u8]) -> Option<(i64, CertRevocationList<'static>)> {
    let (_, read) = CertificateRevocationList::from_der(der).ok()?;
    let list = OwnedCertRevocationList::from_der(der).ok()?;
    Some((read.last_update().timestamp(), CertRevocationList::Owned(list)))
}

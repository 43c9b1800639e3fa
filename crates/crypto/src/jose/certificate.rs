//! The certificate that goes with a signing key, as `x5c` and `x5t#S256` need it (RFC 7517 §4.7, §4.9).

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};

use crate::token::sha256;

/// A chain beyond this makes key sets that relying parties refuse.
const MAX_CHAIN: usize = 8;

/// The DER certificates of a PEM text, leaf first; none when there is none or one is malformed.
pub(crate) fn parse_pem(pem: &str) -> Option<Vec<Vec<u8>>> {
    let chain = pem_sections(pem, "CERTIFICATE")?;
    (!chain.is_empty() && chain.len() <= MAX_CHAIN).then_some(chain)
}

/// What stands in a PEM text under a label (RFC 7468 §2), in DER; none when one of them is malformed.
pub(crate) fn pem_sections(pem: &str, label: &str) -> Option<Vec<Vec<u8>>> {
    let (begin, end) = (format!("-----BEGIN {label}-----"), format!("-----END {label}-----"));
    let mut sections = Vec::new();
    let mut rest = pem;
    while let Some((_, after)) = rest.split_once(&begin) {
        let (body, after) = after.split_once(&end)?;
        let body: String = body.split_ascii_whitespace().collect();
        sections.push(STANDARD.decode(body).ok().filter(|der| !der.is_empty())?);
        rest = after;
    }
    Some(sections)
}

/// Whether the leaf carries this public key. The key's bytes stand in the certificate as they are, so that
/// finding them tells a mistaken pairing; it is no proof against forgery and need not be: the administrator
/// brings both.
pub(super) fn carries(chain: &[Vec<u8>], public_key: &[u8]) -> bool {
    chain.first().is_some_and(|leaf| leaf.windows(public_key.len().max(1)).any(|window| window == public_key))
}

/// The values of `x5c`.
pub(super) fn x5c(chain: &[Vec<u8>]) -> Vec<String> {
    chain.iter().map(|der| STANDARD.encode(der)).collect()
}

/// The value of `x5t#S256`.
pub(super) fn thumbprint(chain: &[Vec<u8>]) -> Option<String> {
    chain.first().map(|leaf| URL_SAFE_NO_PAD.encode(sha256(leaf)))
}

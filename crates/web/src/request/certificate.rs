//! The certificate that a client presented: to our own listener, or to a trusted proxy that says so in a header.
//!
//! One place is looked at and no other: a proxy that sets one header lets the others pass as a client sent them, and
//! certificates are no secrets, so that whoever may write the header may be anybody. Nothing is believed here: who
//! issued it is for the stage to find out.

use std::sync::Arc;

use actix_web::{HttpRequest, http::header::HeaderMap};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use countersign_crypto::PresentedCertificate;
use percent_encoding::percent_decode_str;

use super::{BadHost, Origin};

/// Where certificates of clients come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CertificateSource {
    /// From nowhere: nobody is asked for one.
    #[default]
    Nowhere,
    /// Our own HTTPS listener.
    Listener,
    /// `X-Forwarded-Client-Cert`, as Envoy writes it.
    Envoy,
    /// `ssl-client-cert`, as nginx writes it.
    Nginx,
    /// `X-Forwarded-TLS-Client-Cert`, as Traefik writes it.
    Traefik,
}

/// The certificate with which a connection began. The listener puts it there, after the client showed that it has
/// the key.
#[derive(Clone, Debug)]
pub struct PeerCertificate(pub Arc<PresentedCertificate>);

const FORWARDED: [&str; 2] = ["x-forwarded-for", "forwarded"];

/// The certificate of a request.
pub(super) fn presented(
    request: &HttpRequest,
    source: CertificateSource,
    origin: &Result<Origin, BadHost>,
) -> Option<Arc<PresentedCertificate>> {
    let origin = origin.as_ref().ok()?;
    if source == CertificateSource::Listener {
        // A proxy's own certificate says nothing of who is behind it.
        let is_behind = FORWARDED.iter().any(|name| request.headers().contains_key(*name));
        let own = request.conn_data::<PeerCertificate>().filter(|_| !is_behind);
        return own.map(|own| Arc::clone(&own.0));
    }
    if origin.is_proxied { of_header(request.headers(), source).map(Arc::new) } else { None }
}

fn of_header(headers: &HeaderMap, source: CertificateSource) -> Option<PresentedCertificate> {
    let (name, read): (_, fn(&str) -> Option<PresentedCertificate>) = match source {
        CertificateSource::Nowhere | CertificateSource::Listener => return None,
        CertificateSource::Envoy => ("x-forwarded-client-cert", envoy),
        CertificateSource::Nginx => ("ssl-client-cert", PresentedCertificate::of_pem),
        CertificateSource::Traefik => ("x-forwarded-tls-client-cert", traefik),
    };
    let mut lines = headers.get_all(name);
    let line = lines.next()?.to_str().ok()?;
    // Of two lines one was sent by somebody else.
    lines.next().is_none().then(|| read(line))?
}

/// The last element is the proxy's own, what stands before it was sent to it. `Chain` has the certificate and those
/// above it, `Cert` only the certificate.
fn envoy(line: &str) -> Option<PresentedCertificate> {
    let element = split(line, ',').pop()?;
    let pairs = split(element, ';');
    let value = |wanted: &str| {
        let found = pairs.iter().filter_map(|pair| pair.split_once('='));
        let mut found = found.filter(|(name, _)| name.trim().eq_ignore_ascii_case(wanted));
        let (_, value) = found.next()?;
        found.next().is_none().then(|| value.trim().trim_matches('"'))
    };
    PresentedCertificate::of_pem(value("chain").or_else(|| value("cert"))?)
}

/// Splits where no quotation marks stand around. One behind a backslash is part of what is quoted: names of
/// certificates are chosen by whoever has them.
fn split(text: &str, separator: char) -> Vec<&str> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    text.split(move |letter| {
        if letter == '"' && !is_escaped {
            is_quoted = !is_quoted;
        }
        is_escaped = letter == '\\' && !is_escaped;
        letter == separator && !is_quoted
    })
    .collect()
}

/// DER in base64, the client's own first, with commas between.
fn traefik(line: &str) -> Option<PresentedCertificate> {
    let line = percent_decode_str(line).decode_utf8().ok()?;
    let chain = line.split(',').map(|part| STANDARD.decode(part.trim()).ok());
    PresentedCertificate::of_chain(chain.collect::<Option<_>>()?)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    const DER: &[u8] = &[0x30, 3, 2, 1, 1];

    fn pem() -> String {
        format!("-----BEGIN CERTIFICATE-----%0A{}%0A-----END CERTIFICATE-----%0A", "MAMCAQE%3D")
            .replace(' ', "%20")
    }

    fn headers(lines: &[(&'static str, String)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, line) in lines {
            headers.append(HeaderName::from_static(name), HeaderValue::from_str(line).unwrap());
        }
        headers
    }

    #[test]
    fn each_proxy_is_read_as_it_writes() {
        let expected = PresentedCertificate::of_chain(vec![DER.to_vec()]);
        let two = PresentedCertificate::of_chain(vec![DER.to_vec(), DER.to_vec()]);
        let evil = "By=spiffe://a;Hash=0;Subject=\"CN=x\\\";Chain=\\\"forged\\\",Cert=\\\"forged\"";
        let envoy = format!("{evil};Cert=\"{}\"", pem());
        let forged = format!("Cert=\"forged\",Hash=1;Cert=\"{}\"", pem());
        for (source, name, line, expected) in [
            (CertificateSource::Envoy, "x-forwarded-client-cert", format!("Cert=\"{}\"", pem()), &expected),
            (CertificateSource::Envoy, "x-forwarded-client-cert", forged, &expected),
            (CertificateSource::Nginx, "ssl-client-cert", pem(), &expected),
            (CertificateSource::Traefik, "x-forwarded-tls-client-cert", "MAMCAQE=".to_owned(), &expected),
            (
                CertificateSource::Traefik,
                "x-forwarded-tls-client-cert",
                "MAMCAQE%3D,MAMCAQE%3D".to_owned(),
                &two,
            ),
        ] {
            assert_eq!(of_header(&headers(&[(name, line.clone())]), source), *expected, "{line}");
            assert!(expected.is_some());
        }
        let found = of_header(&headers(&[("x-forwarded-client-cert", envoy)]), CertificateSource::Envoy);
        assert_eq!(found, expected, "a name cannot bring a certificate along");
    }

    #[test]
    fn a_second_header_of_the_same_name_makes_it_nobodys() {
        let twice = headers(&[("ssl-client-cert", pem()), ("ssl-client-cert", pem())]);
        assert_eq!(of_header(&twice, CertificateSource::Nginx), None);
        let envoy = format!("Cert=\"{}\";Cert=\"{}\"", pem(), pem());
        assert_eq!(
            of_header(&headers(&[("x-forwarded-client-cert", envoy)]), CertificateSource::Envoy),
            None
        );
    }

    #[test]
    fn a_header_of_another_proxy_is_not_looked_at() {
        let other = headers(&[("x-forwarded-tls-client-cert", "MAMCAQE=".to_owned())]);
        for source in [CertificateSource::Nginx, CertificateSource::Envoy, CertificateSource::Nowhere] {
            assert_eq!(of_header(&other, source), None);
        }
        for line in ["", ",", "%%%", "-", "MAMCAQE=,", "é"] {
            assert_eq!(traefik(line), None, "{line}");
            assert_eq!(envoy(line), None, "{line}");
        }
    }
}

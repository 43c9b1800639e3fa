//! Content coding (RFC 9110 §8.4, §12.5.3): which, and the coding itself.
//!
//! Pages are small and made whole, so they are coded whole: the length is known and nothing is chunked.
//! What must not be guessed from the size of a page (CSRF and step tokens) is different in every response,
//! so that a BREACH oracle has nothing to converge on.

use std::io::Write as _;

use actix_web::http::header::HeaderMap;

/// A content coding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coding {
    /// As it is.
    Identity,
    /// `gzip`.
    Gzip,
    /// `br`.
    Brotli,
}

/// How hard to try.
#[derive(Clone, Copy)]
pub(crate) enum Effort {
    /// While somebody waits.
    Now,
    /// Once, for many.
    Once,
}

/// Below this the headers outweigh what is saved.
pub(crate) const WORTHWHILE_BYTES: usize = 860;
/// Beyond this a worker would be held too long.
pub(crate) const MAX_BYTES: usize = 2 * 1024 * 1024;

impl Coding {
    /// The token of `Content-Encoding`; none when there is no coding.
    pub(crate) const fn token(self) -> Option<&'static str> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some("gzip"),
            Self::Brotli => Some("br"),
        }
    }

    /// The best coding that the client names with a weight above 0.
    pub(crate) fn wanted(headers: &HeaderMap) -> Self {
        let Some(accepted) = headers.get("accept-encoding").and_then(|value| value.to_str().ok()) else {
            return Self::Identity;
        };
        let accepts = |token: &str| {
            accepted.split(',').take(16).any(|element| {
                let mut parts = element.split(';').map(str::trim);
                let is_named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(token));
                let refused = |weight: &str| {
                    weight.strip_prefix("q=").and_then(|q| q.parse::<f32>().ok()).is_none_or(|q| q <= 0.0)
                };
                is_named && !parts.next().is_some_and(refused)
            })
        };
        if accepts("br") {
            Self::Brotli
        } else if accepts("gzip") {
            Self::Gzip
        } else {
            Self::Identity
        }
    }

    /// Codes a body; none when it would not become shorter.
    pub(crate) fn encode(self, body: &[u8], effort: Effort) -> Option<Vec<u8>> {
        let coded = match self {
            Self::Identity => return None,
            Self::Gzip => {
                let level = if matches!(effort, Effort::Once) { 9 } else { 5 };
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(level));
                encoder.write_all(body).ok()?;
                encoder.finish().ok()?
            }
            Self::Brotli => {
                let quality = if matches!(effort, Effort::Once) { 11 } else { 4 };
                let mut encoder = brotli::CompressorWriter::new(Vec::new(), 4096, quality, 20);
                encoder.write_all(body).ok()?;
                encoder.into_inner()
            }
        };
        (coded.len() < body.len()).then_some(coded)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use actix_web::http::header::{ACCEPT_ENCODING, HeaderValue};

    use super::*;

    fn wanted(value: &str) -> Coding {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_str(value).unwrap());
        Coding::wanted(&headers)
    }

    #[test]
    fn only_what_the_client_names_is_used() {
        assert_eq!(Coding::wanted(&HeaderMap::new()), Coding::Identity);
        for (value, coding) in [
            ("gzip, deflate, br, zstd", Coding::Brotli),
            ("gzip", Coding::Gzip),
            ("GZIP;q=0.5", Coding::Gzip),
            ("br;q=0, gzip", Coding::Gzip),
            ("br; q=0.000", Coding::Identity),
            ("br;q=x", Coding::Identity),
            ("*", Coding::Identity),
            ("", Coding::Identity),
        ] {
            assert_eq!(wanted(value), coding, "{value}");
        }
    }

    #[test]
    fn what_is_coded_reads_back() {
        let body = "the same words again. ".repeat(200).into_bytes();
        for effort in [Effort::Now, Effort::Once] {
            let mut plain = Vec::new();
            let coded = Coding::Gzip.encode(&body, effort).unwrap();
            flate2::read::GzDecoder::new(&coded[..]).read_to_end(&mut plain).unwrap();
            assert_eq!(plain, body);
            plain.clear();
            let coded = Coding::Brotli.encode(&body, effort).unwrap();
            brotli::Decompressor::new(&coded[..], 4096).read_to_end(&mut plain).unwrap();
            assert_eq!(plain, body);
        }
        assert_eq!(Coding::Gzip.encode(b"x", Effort::Now), None);
    }
}

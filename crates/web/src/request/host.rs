//! The host by which we were called, made canonical once (RFC 9110 §7.2, RFC 3986 §3.2.2).
//!
//! Everything after this sees lower case, no trailing dot, and the port apart: comparisons elsewhere need no
//! second thought about case or dots.

use std::{fmt, net::Ipv6Addr};

/// A host name or address with the port, if one was named.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Authority {
    host: String,
    port: Option<u16>,
}

/// A text is not a host with an optional port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not a host name")]
pub struct BadHost;

/// The longest name there is in the DNS, in presentation form.
const MAX_NAME_BYTES: usize = 253;

impl Authority {
    /// Parses `host`, `host:port`, `[v6]` or `[v6]:port`. No user information, no international letters:
    /// browsers send those as `xn--…`.
    pub fn parse(text: &str) -> Result<Self, BadHost> {
        let (host, port) = match text.strip_prefix('[') {
            Some(rest) => {
                let (address, after) = rest.split_once(']').ok_or(BadHost)?;
                let address: Ipv6Addr = address.parse().map_err(|_| BadHost)?;
                (format!("[{address}]"), after.strip_prefix(':').or_else(|| after.is_empty().then_some("")))
            }
            None => {
                let (name, port) = text.split_once(':').unwrap_or((text, ""));
                (name_of(name)?, Some(port))
            }
        };
        Ok(Self { host, port: port_of(port.ok_or(BadHost)?)? })
    }

    /// The host alone: what brands are chosen by.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, if one was named.
    pub const fn port(&self) -> Option<u16> {
        self.port
    }

    /// `https://host:port`; a port that the scheme implies is left out.
    pub fn origin(&self, is_https: bool) -> String {
        let (scheme, implied) = if is_https { ("https", 443) } else { ("http", 80) };
        match self.port.filter(|port| *port != implied) {
            Some(port) => format!("{scheme}://{}:{port}", self.host),
            None => format!("{scheme}://{}", self.host),
        }
    }
}

impl fmt::Display for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            Some(port) => write!(f, "{}:{port}", self.host),
            None => f.write_str(&self.host),
        }
    }
}

fn name_of(name: &str) -> Result<String, BadHost> {
    let name = name.strip_suffix('.').unwrap_or(name);
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    if name.len() > MAX_NAME_BYTES || !name.split('.').all(is_label) {
        return Err(BadHost);
    }
    Ok(name.to_ascii_lowercase())
}

fn port_of(text: &str) -> Result<Option<u16>, BadHost> {
    if text.is_empty() {
        return Ok(None);
    }
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(BadHost);
    }
    match text.parse() {
        Ok(0) | Err(_) => Err(BadHost),
        Ok(port) => Ok(Some(port)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_canonical_after_parsing() {
        for (sent, host, port) in [
            ("auth.example.com", "auth.example.com", None),
            ("AUTH.Example.COM", "auth.example.com", None),
            ("auth.example.com.", "auth.example.com", None),
            ("Auth.Example.com.:8443", "auth.example.com", Some(8443)),
            ("localhost:9000", "localhost", Some(9000)),
            ("localhost:", "localhost", None),
            ("127.0.0.1:9000", "127.0.0.1", Some(9000)),
            ("[::1]", "[::1]", None),
            ("[0:0:0:0:0:0:0:1]:9000", "[::1]", Some(9000)),
            ("xn--bcher-kva.example", "xn--bcher-kva.example", None),
            ("under_score.internal", "under_score.internal", None),
        ] {
            let authority = Authority::parse(sent).unwrap();
            assert_eq!((authority.host(), authority.port()), (host, port), "{sent}");
        }
    }

    #[test]
    fn host_header_injection_is_refused() {
        let long_label = format!("{}.example", "a".repeat(64));
        let long_name = "a.".repeat(127) + "aa";
        for sent in [
            "",
            ".",
            "..",
            "a..b",
            ".example.com",
            "example.com..",
            "user@example.com",
            "example.com/evil",
            "example.com?x",
            "example.com#x",
            "example.com\\evil",
            "example.com evil.com",
            " example.com",
            "example.com\t",
            "example.com\r\nX: y",
            "exa\0mple.com",
            "example.com:port",
            "example.com:0",
            "example.com:65536",
            "example.com:+80",
            "example.com:80:80",
            "[::1",
            "[::1]x",
            "[evil]",
            "::1",
            "bücher.example",
            "ex%61mple.com",
            "<script>",
            "a,b",
            &long_label,
            &long_name,
        ] {
            assert_eq!(Authority::parse(sent), Err(BadHost), "{sent:?}");
        }
    }

    #[test]
    fn an_implied_port_is_left_out_of_the_origin() {
        let https = Authority::parse("example.com:443").unwrap();
        assert_eq!(https.origin(true), "https://example.com");
        assert_eq!(https.origin(false), "http://example.com:443");
    }
}

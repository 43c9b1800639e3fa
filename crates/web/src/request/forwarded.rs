//! What proxies say about the other end, and when they are believed.
//!
//! Forwarded headers count only when the peer itself is in `listen.trusted_proxy_cidrs`. The address list is
//! walked from the right, over hops that are trusted, to the first that is not: what stands left of it may
//! have been sent by anyone, and is not even looked at. Where that hop cannot be read, or the two families of
//! headers disagree, the client is nowhere ([`NOWHERE`]): neither at the proxy's address, which may be this
//! machine or a network that policies favour, nor without an address, so that nothing which asks for one is
//! skipped, nor an error.
//!
//! `X-Forwarded-Proto` and `X-Forwarded-Host` are taken from the right too: a chain of proxies must pass on
//! what the first of them saw.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use actix_web::http::header::{HOST, HeaderMap, HeaderValue};
use countersign_types::ClientAddr;
use ipnet::IpNet;
use serde::Serialize;

use super::{Authority, BadHost};

/// The networks whose forwarded headers are believed.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(Vec<IpNet>);

/// Who is at the other end of the connection itself.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    /// Address of the socket; none for connections that have none.
    pub address: Option<IpAddr>,
    /// Whether we ended TLS ourselves.
    pub is_tls: bool,
}

/// What a request's connection and headers come to.
#[derive(Clone, Debug)]
pub struct Origin {
    /// Where the request came from.
    pub client: Option<ClientAddr>,
    /// Whether the browser spoke HTTPS.
    pub is_https: bool,
    /// The host by which the browser called us; none where the request named none.
    pub authority: Option<Authority>,
    /// Whether forwarded headers were looked at.
    pub is_proxied: bool,
}

/// What came and what was made of it, for the administrators' diagnostics page.
#[derive(Clone, Debug, Serialize)]
pub struct Diagnostics {
    /// Address of the socket.
    pub peer: Option<String>,
    /// Whether that is a trusted proxy.
    pub peer_is_trusted: bool,
    /// Whether we ended TLS ourselves.
    pub own_tls: bool,
    /// Headers that proxies set, as they came.
    pub headers: Vec<(String, String)>,
    /// The address taken to be the client's.
    pub client: Option<String>,
    /// The scheme taken to be the browser's.
    pub scheme: &'static str,
    /// The host taken to be ours.
    pub host: Option<String>,
    /// The networks trusted.
    pub trusted_proxies: Vec<String>,
}

const X_FORWARDED_FOR: &str = "x-forwarded-for";
const X_FORWARDED_PROTO: &str = "x-forwarded-proto";
const X_FORWARDED_HOST: &str = "x-forwarded-host";
const FORWARDED: &str = "forwarded";

/// Where a client is whose proxy said nothing that can be believed: no network has this address.
const NOWHERE: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

/// Hops looked at from the right. No house has more proxies of its own in a row.
const MAX_HOPS: usize = 32;
/// Bytes of one hop: an element of `Forwarded` with all its parameters.
const MAX_HOP_BYTES: usize = 512;
/// Bytes of one header line that are shown.
const MAX_LINE_BYTES: usize = 2048;

impl TrustedProxies {
    /// From the networks configured.
    pub const fn new(networks: Vec<IpNet>) -> Self {
        Self(networks)
    }

    /// Whether an address belongs to a trusted proxy.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Decides where a request came from and by what address we were called.
    pub fn origin(&self, peer: Peer, headers: &HeaderMap) -> Result<Origin, BadHost> {
        let host = single(headers, HOST.as_str())?.map(Authority::parse).transpose()?;
        let peer_address = peer.address.map(|address| address.to_canonical());
        let Some(proxy) = peer_address.filter(|address| self.contains(*address)) else {
            return Ok(Origin {
                client: peer_address.map(ClientAddr),
                is_https: peer.is_tls,
                authority: host,
                is_proxied: false,
            });
        };
        let forwarded_host = last(headers, X_FORWARDED_HOST).map(Authority::parse).transpose()?;
        let is_https = match last(headers, X_FORWARDED_PROTO) {
            Some(scheme) => scheme.eq_ignore_ascii_case("https"),
            None => peer.is_tls,
        };
        Ok(Origin {
            client: Some(ClientAddr(self.client_behind(proxy, headers))),
            is_https,
            authority: forwarded_host.or(host),
            is_proxied: true,
        })
    }

    /// What came and what was made of it.
    pub fn diagnose(&self, peer: Peer, headers: &HeaderMap) -> Diagnostics {
        let origin = self.origin(peer, headers).ok();
        let shown = [
            HOST.as_str(),
            X_FORWARDED_FOR,
            X_FORWARDED_PROTO,
            X_FORWARDED_HOST,
            FORWARDED,
            "x-real-ip",
            "via",
        ];
        let lines = shown.iter().flat_map(|name| headers.get_all(*name).map(move |value| (*name, value)));
        Diagnostics {
            peer: peer.address.map(|address| address.to_string()),
            peer_is_trusted: peer.address.is_some_and(|address| self.contains(address)),
            own_tls: peer.is_tls,
            headers: lines
                .map(|(name, value)| {
                    let bytes = value.as_bytes().get(..MAX_LINE_BYTES).unwrap_or(value.as_bytes());
                    (name.to_owned(), String::from_utf8_lossy(bytes).into_owned())
                })
                .collect(),
            client: origin.as_ref().and_then(|origin| origin.client).map(|client| client.to_string()),
            scheme: if origin.as_ref().is_some_and(|origin| origin.is_https) { "https" } else { "http" },
            host: origin.and_then(|origin| origin.authority).map(|authority| authority.to_string()),
            trusted_proxies: self.0.iter().map(ToString::to_string).collect(),
        }
    }

    /// The first hop from the right that is no proxy of ours. When both header families are there and
    /// disagree, one of them was sent by somebody else: then neither is believed.
    fn client_behind(&self, proxy: IpAddr, headers: &HeaderMap) -> IpAddr {
        let x_forwarded = self.walk(headers, X_FORWARDED_FOR, hop_address);
        let forwarded = self.walk(headers, FORWARDED, |element| hop_address(forwarded_for(element)?));
        match (x_forwarded, forwarded) {
            (Walk::Absent, Walk::Absent) => proxy,
            (Walk::Reached(address), Walk::Absent) | (Walk::Absent, Walk::Reached(address)) => address,
            (Walk::Reached(one), Walk::Reached(other)) if one == other => one,
            _ => NOWHERE,
        }
    }

    fn walk(&self, headers: &HeaderMap, name: &str, address_of: impl Fn(&str) -> Option<IpAddr>) -> Walk {
        let mut reached = Walk::Absent;
        for hop in hops_from_the_right(headers, name).take(MAX_HOPS) {
            let Some(address) = hop.and_then(&address_of) else { return Walk::Unreadable };
            reached = Walk::Reached(address);
            if !self.contains(address) {
                break;
            }
        }
        reached
    }
}

enum Walk {
    Absent,
    Unreadable,
    Reached(IpAddr),
}

/// The elements of a list header over all its lines, the last first. One that is no text is none: only who
/// comes as far as to it is bothered.
fn hops_from_the_right<'h>(headers: &'h HeaderMap, name: &str) -> impl Iterator<Item = Option<&'h str>> {
    let lines: Vec<&HeaderValue> = headers.get_all(name).collect();
    lines.into_iter().rev().flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b',')).map(|hop| {
        let hop = hop.trim_ascii();
        if hop.len() > MAX_HOP_BYTES { None } else { std::str::from_utf8(hop).ok() }
    })
}

/// The value of a header that may stand only once.
fn single<'h>(headers: &'h HeaderMap, name: &str) -> Result<Option<&'h str>, BadHost> {
    let mut lines = headers.get_all(name);
    let first = lines.next();
    if lines.next().is_some() {
        return Err(BadHost);
    }
    first.map(|value| value.to_str().map_err(|_| BadHost)).transpose()
}

/// The last element of a header; none when absent, empty or not text.
fn last<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let text = headers.get_all(name).last()?.to_str().ok()?;
    text.rsplit(',').next().map(str::trim).filter(|element| !element.is_empty())
}

/// `192.0.2.1`, `192.0.2.1:443`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:443`.
fn hop_address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let address =
        bare.parse::<IpAddr>().or_else(|_| text.parse::<SocketAddr>().map(|socket| socket.ip())).ok()?;
    Some(address.to_canonical())
}

/// The `for` parameter of an element of `Forwarded` (RFC 7239 §4).
fn forwarded_for(element: &str) -> Option<&str> {
    element.split(';').map(str::trim).find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.eq_ignore_ascii_case("for").then(|| value.trim_matches('"'))
    })
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn proxies() -> TrustedProxies {
        TrustedProxies::new(vec!["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()])
    }

    fn headers(lines: &[(&str, &str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in lines {
            map.append(
                HeaderName::try_from(*name).unwrap(),
                HeaderValue::from_bytes(value.as_bytes()).unwrap(),
            );
        }
        map
    }

    fn origin(peer: &str, lines: &[(&str, &str)]) -> Origin {
        let peer = Peer { address: Some(peer.parse().unwrap()), is_tls: false };
        proxies().origin(peer, &headers(lines)).unwrap()
    }

    fn client(peer: &str, lines: &[(&str, &str)]) -> String {
        origin(peer, lines).client.unwrap().to_string()
    }

    /// CVE-2023-36456.
    #[test]
    fn spoofed_forwarded_headers_of_an_untrusted_peer_are_ignored() {
        let spoofed = [
            ("host", "auth.example.com"),
            ("x-forwarded-for", "127.0.0.1"),
            ("forwarded", "for=127.0.0.1;proto=https"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "evil.example"),
        ];
        let origin = origin("203.0.113.9", &spoofed);
        assert_eq!(origin.client.unwrap().to_string(), "203.0.113.9");
        assert!(!origin.is_https);
        assert_eq!(origin.authority.unwrap().host(), "auth.example.com");
    }

    #[test]
    fn what_stands_left_of_the_first_untrusted_hop_is_not_believed() {
        let spoofed = [("x-forwarded-for", "127.0.0.1, 198.51.100.7, 10.1.1.1")];
        assert_eq!(client("10.0.0.1", &spoofed), "198.51.100.7");
        let over_lines = [("x-forwarded-for", "127.0.0.1"), ("x-forwarded-for", "198.51.100.7")];
        assert_eq!(client("10.0.0.1", &over_lines), "198.51.100.7");
    }

    /// CVE-2024-47070.
    #[test]
    fn a_hop_that_cannot_be_read_is_nowhere_and_not_at_the_proxy() {
        for value in
            ["", "garbage", "198.51.100.7, x", "198.51.100.7,", "unknown", "1.2.3", "\u{e9}", "[::1", "a:b:c"]
        {
            assert_eq!(client("10.0.0.1", &[("x-forwarded-for", value)]), "0.0.0.0", "{value:?}");
        }
        let flood = "10.0.0.1,".repeat(5000);
        assert_eq!(client("10.0.0.1", &[("x-forwarded-for", &flood)]), "0.0.0.0");
    }

    /// Otherwise whoever sends garbage, or too much, would be taken for the proxy itself.
    #[test]
    fn garbage_left_of_the_hop_that_the_proxy_saw_changes_nothing() {
        let flood = format!("{}198.51.100.7", "127.0.0.1,".repeat(1000));
        let long = format!("{}, 198.51.100.7", "x".repeat(5000));
        for value in
            [flood.as_str(), &long, "\u{e9}, 198.51.100.7", ",,, 198.51.100.7", "unknown,198.51.100.7"]
        {
            assert_eq!(client("10.0.0.1", &[("x-forwarded-for", value)]), "198.51.100.7", "{value:?}");
        }
        let over_lines = [("x-forwarded-for", "\u{e9}"), ("x-forwarded-for", "198.51.100.7")];
        assert_eq!(client("10.0.0.1", &over_lines), "198.51.100.7");
    }

    #[test]
    fn ports_brackets_and_mapped_addresses_are_read() {
        for (value, address) in [
            ("198.51.100.7:4711", "198.51.100.7"),
            ("2001:db8::7", "2001:db8::7"),
            ("[2001:db8::7]", "2001:db8::7"),
            ("[2001:db8::7]:4711", "2001:db8::7"),
            ("::ffff:198.51.100.7", "198.51.100.7"),
        ] {
            assert_eq!(client("::ffff:10.0.0.1", &[("x-forwarded-for", value)]), address, "{value}");
        }
    }

    #[test]
    fn the_standard_header_is_read_and_a_disagreement_believes_neither() {
        let standard = ("forwarded", "for=\"[2001:db8::7]:4711\";proto=https, for=10.2.2.2");
        assert_eq!(client("10.0.0.1", &[standard]), "2001:db8::7");
        for own in ["198.51.100.7", "garbage"] {
            assert_eq!(client("10.0.0.1", &[standard, ("x-forwarded-for", own)]), "0.0.0.0");
            let sent_along = ("forwarded", "for=127.0.0.1");
            assert_eq!(client("10.0.0.1", &[sent_along, ("x-forwarded-for", own)]), "0.0.0.0");
        }
    }

    #[test]
    fn a_trusted_proxy_says_scheme_and_host() {
        let lines = [
            ("host", "backend:9000"),
            ("x-forwarded-proto", "http, https"),
            ("x-forwarded-host", "Auth.Example.com."),
        ];
        let origin = origin("10.0.0.1", &lines);
        assert!(origin.is_https);
        assert_eq!(origin.authority.unwrap().origin(true), "https://auth.example.com");
    }

    #[test]
    fn two_hosts_or_a_malformed_one_are_refused() {
        let peer = Peer { address: None, is_tls: true };
        for lines in [
            &[("host", "a.example"), ("host", "b.example")][..],
            &[("host", "a.example/x")][..],
            &[("host", "\u{e9}")][..],
        ] {
            assert!(proxies().origin(peer, &headers(lines)).is_err(), "{lines:?}");
        }
    }

    #[test]
    fn diagnostics_show_what_came_and_what_was_made_of_it() {
        let peer = Peer { address: Some("203.0.113.9".parse().unwrap()), is_tls: false };
        let seen = proxies().diagnose(peer, &headers(&[("x-forwarded-for", "127.0.0.1")]));
        assert!(!seen.peer_is_trusted);
        assert_eq!(seen.headers, [("x-forwarded-for".to_owned(), "127.0.0.1".to_owned())]);
        assert_eq!(seen.client.as_deref(), Some("203.0.113.9"));
    }
}

//! Where requests may go.

use std::{fmt, net::IpAddr, str::FromStr};

use ipnet::IpNet;
use url::{Host, Url};

use crate::{OutboundError, address::is_global};

/// A place that requests may go to: `https://api.example.com`, `api.example.com:8443`, `*.example.com`,
/// `http://10.1.2.3:8080`. Without a scheme it is HTTPS; without a port, that of the scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostRule {
    scheme: &'static str,
    /// A name in lower case or an address.
    host: String,
    /// Names below `host` are meant, not `host`.
    below: bool,
    port: u16,
}

impl FromStr for HostRule {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRONG: &str =
            "must be a host, such as https://api.example.com, api.example.com:8443 or *.example.com";
        let text = text.trim();
        let (scheme, rest) = match text.split_once("://") {
            Some(("https", rest)) => ("https", rest),
            Some(("http", rest)) => ("http", rest),
            Some(_) => return Err(WRONG),
            None => ("https", text),
        };
        let (below, rest) = rest.strip_prefix("*.").map_or((false, rest), |rest| (true, rest));
        if rest.contains(['/', '?', '#', '@', '*', '\\']) {
            return Err(WRONG);
        }
        let url = Url::parse(&format!("{scheme}://{rest}/")).map_err(|_| WRONG)?;
        let host = match url.host() {
            // Below a top-level domain is nearly everybody.
            Some(Host::Domain(name)) if below && !name.contains('.') => return Err(WRONG),
            Some(Host::Domain(name)) => name.trim_end_matches('.').to_owned(),
            Some(_) if below => return Err(WRONG),
            Some(Host::Ipv4(address)) => IpAddr::V4(address).to_string(),
            Some(Host::Ipv6(address)) => IpAddr::V6(address).to_canonical().to_string(),
            None => return Err(WRONG),
        };
        let port = url.port_or_known_default().ok_or(WRONG)?;
        Ok(Self { scheme, host, below, port })
    }
}

impl fmt::Display for HostRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let below = if self.below { "*." } else { "" };
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        write!(f, "{}://{below}{host}", self.scheme)?;
        let usual = if self.scheme == "https" { 443 } else { 80 };
        if self.port == usual { Ok(()) } else { write!(f, ":{}", self.port) }
    }
}

impl HostRule {
    fn allows(&self, scheme: &str, host: &str, port: u16) -> bool {
        let named = match self.below {
            false => host == self.host,
            true => host.strip_suffix(&self.host).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.')),
        };
        named && scheme == self.scheme && port == self.port
    }
}

/// Where requests may go: nowhere, until something is allowed.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// The places.
    pub hosts: Vec<HostRule>,
    /// Networks of this house that names of `hosts` may lead into. Without any, only addresses of the public Internet
    /// are reached, whatever a name leads to.
    pub networks: Vec<IpNet>,
}

impl Rules {
    /// Refuses what no rule allows. An address in the place of a name is judged as an address too.
    pub(crate) fn judge(&self, url: &Url) -> Result<(), OutboundError> {
        let refused =
            || OutboundError::Refused(url.host_str().unwrap_or("this address").chars().take(100).collect());
        if !url.username().is_empty() || url.password().is_some() {
            return Err(OutboundError::Invalid("an address holds no user name"));
        }
        let port = url.port_or_known_default().ok_or_else(refused)?;
        let (host, address) = match url.host() {
            Some(Host::Domain(name)) => (name.trim_end_matches('.').to_owned(), None),
            Some(Host::Ipv4(address)) => (address.to_string(), Some(IpAddr::V4(address))),
            Some(Host::Ipv6(address)) => {
                let address = IpAddr::V6(address);
                (address.to_canonical().to_string(), Some(address))
            }
            None => return Err(refused()),
        };
        let named = self.hosts.iter().any(|rule| rule.allows(url.scheme(), &host, port));
        if named && address.is_none_or(|address| self.permits(address)) { Ok(()) } else { Err(refused()) }
    }

    /// Whether a connection may go to an address.
    pub(crate) fn permits(&self, address: IpAddr) -> bool {
        let canonical = address.to_canonical();
        is_global(canonical) || self.networks.iter().any(|network| network.contains(&canonical))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(hosts: &[&str], networks: &[&str]) -> Rules {
        Rules {
            hosts: hosts.iter().map(|host| host.parse().unwrap()).collect(),
            networks: networks.iter().map(|network| network.parse().unwrap()).collect(),
        }
    }

    fn goes(rules: &Rules, address: &str) -> bool {
        Url::parse(address).is_ok_and(|url| rules.judge(&url).is_ok())
    }

    #[test]
    fn nothing_is_reached_that_is_not_allowed() {
        let nothing = Rules::default();
        assert!(!goes(&nothing, "https://example.com/"));
        let rules =
            rules(&["https://api.example.com", "*.partner.example", "http://plain.example:8080"], &[]);
        for allowed in [
            "https://api.example.com/x?y=z",
            "https://API.example.COM:443/",
            "https://api.example.com./",
            // The host ends at the backslash, and so does the connection.
            "https://api.example.com\\@evil.test/",
            "https://a.partner.example/",
            "https://a.b.partner.example/",
            "http://plain.example:8080/",
        ] {
            assert!(goes(&rules, allowed), "{allowed}");
        }
        for refused in [
            "http://api.example.com/",
            "https://api.example.com:8443/",
            "https://example.com/",
            "https://evil-api.example.com/",
            "https://api.example.com.evil.test/",
            "https://partner.example/",
            "https://evilpartner.example/",
            "https://api.example.com@evil.test/",
            "https://evil.test/@api.example.com",
            "https://user:word@api.example.com/",
            "https://evil.test#api.example.com",
            "ftp://api.example.com/",
            "file:///etc/passwd",
            "gopher://api.example.com/",
            "http://plain.example/",
        ] {
            assert!(!goes(&rules, refused), "{refused}");
        }
    }

    #[test]
    fn an_address_of_the_house_is_reached_only_where_its_network_is_named_too() {
        let hosts = ["http://10.1.2.3:8080", "http://127.0.0.1", "http://[::1]"];
        let address = "http://10.1.2.3:8080/";
        assert!(!goes(&rules(&hosts, &[]), address));
        assert!(goes(&rules(&hosts, &["10.1.2.0/24"]), address));
        // Other ways to write 127.0.0.1, with and without the network.
        for disguised in
            ["http://2130706433/", "http://0x7f.1/", "http://0177.0.0.1/", "http://[::ffff:7f00:1]/"]
        {
            assert!(!goes(&rules(&hosts, &[]), disguised), "{disguised}");
            assert!(goes(&rules(&hosts, &["127.0.0.0/8"]), disguised), "{disguised}");
        }
    }

    #[test]
    fn rules_are_shown_as_they_are_meant() {
        for (written, shown) in [
            ("API.example.com", "https://api.example.com"),
            ("api.example.com:8443", "https://api.example.com:8443"),
            ("http://[::1]:80", "http://[::1]"),
            ("*.example.com", "https://*.example.com"),
        ] {
            assert_eq!(written.parse::<HostRule>().unwrap().to_string(), shown);
        }
        for wrong in [
            "",
            "*",
            "*.com",
            "https://*",
            "a b",
            "ftp://a.test",
            "https://a.test/x",
            "x@a.test",
            "*.10.0.0.1",
        ] {
            assert!(wrong.parse::<HostRule>().is_err(), "{wrong}");
        }
    }
}

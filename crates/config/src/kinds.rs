//! Types that only settings have.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

use countersign_types::Span;

use crate::value::Value;

/// An address to listen on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListenAddr(SocketAddr);

impl ListenAddr {
    /// The address to bind.
    pub const fn socket(self) -> SocketAddr {
        self.0
    }

    /// Whether IPv4 should be taken on the same port too: the address is `[::]`.
    pub const fn wants_dual_stack(self) -> bool {
        matches!(self.0.ip(), IpAddr::V6(Ipv6Addr::UNSPECIFIED))
    }

    /// What to bind where the system has no IPv6: `0.0.0.0` for `[::]`, otherwise nothing.
    pub const fn ipv4_fallback(self) -> Option<SocketAddr> {
        if self.wants_dual_stack() {
            Some(SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), self.0.port()))
        } else {
            None
        }
    }
}

impl From<SocketAddr> for ListenAddr {
    fn from(socket: SocketAddr) -> Self {
        Self(socket)
    }
}

impl fmt::Display for ListenAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Value for ListenAddr {
    const SHAPE: &'static str = "address and port";
    const OFF: &'static [&'static str] = &["off"];

    fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if let Ok(socket) = text.parse() {
            return Ok(Self(socket));
        }
        let (host, port) = text.rsplit_once(':').unwrap_or(("", text));
        let ip = match host {
            "" | "*" => Some(IpAddr::V6(Ipv6Addr::UNSPECIFIED)),
            "localhost" => Some(IpAddr::V4(Ipv4Addr::LOCALHOST)),
            _ => None,
        };
        let is_number = port.bytes().all(|byte| byte.is_ascii_digit());
        match (ip, port.parse().ok().filter(|_| is_number)) {
            (Some(ip), Some(port)) => Ok(Self(SocketAddr::new(ip, port))),
            _ => Err("must be an address and port such as 127.0.0.1:9000, [::]:9000 or :9000".to_owned()),
        }
    }

    fn shown(&self) -> String {
        self.to_string()
    }
}

/// A public address: scheme, host and port of `http` or `https`, without a trailing slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpUrl(String);

impl HttpUrl {
    /// `https://id.example.com`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Value for HttpUrl {
    const SHAPE: &'static str = "address";
    const OFF: &'static [&'static str] = &["off"];

    fn parse(text: &str) -> Result<Self, String> {
        let complaint = || "must be an address such as https://id.example.com without a path".to_owned();
        let url = url::Url::parse(text.trim()).map_err(|_| complaint())?;
        let is_bare = url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        if !is_bare || !matches!(url.scheme(), "http" | "https") {
            return Err(complaint());
        }
        Ok(Self(url.origin().ascii_serialization()))
    }

    fn shown(&self) -> String {
        self.0.clone()
    }
}

/// So many in a span of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many.
    pub count: u32,
    /// In how long.
    pub per: Span,
}

/// Units of a rate.
const RATE_UNITS: [(&str, Span); 4] = [
    ("second", Span::from_secs(1)),
    ("minute", Span::from_mins(1)),
    ("hour", Span::from_hours(1)),
    ("day", Span::from_days(1)),
];

impl Value for Rate {
    const SHAPE: &'static str = "rate, such as `20/minute`";
    const OFF: &'static [&'static str] = &["off"];

    fn parse(text: &str) -> Result<Self, String> {
        let rate = text.split_once('/').and_then(|(count, unit)| {
            let count = count.trim().parse().ok().filter(|count| (1..=1_000_000).contains(count))?;
            let (_, per) = RATE_UNITS.into_iter().find(|(name, _)| *name == unit.trim())?;
            Some(Self { count, per })
        });
        rate.ok_or_else(|| "must be a rate such as 20/minute (second, minute, hour, day), or off".to_owned())
    }

    fn shown(&self) -> String {
        let unit = RATE_UNITS.iter().find(|(_, per)| *per == self.per).map_or("second", |(name, _)| name);
        format!("{}/{unit}", self.count)
    }
}

/// Declares a choice between words; the first spelling of a variant is the one shown.
macro_rules! choice {
    ($(#[$doc:meta])* $name:ident $shape:literal $complaint:literal {
        $($(#[$vdoc:meta])* $variant:ident = $word:literal $(| $other:literal)*;)+
    }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            $($(#[$vdoc])* $variant,)+
        }

        impl $name {
            /// The spelling.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }

        impl Value for $name {
            const SHAPE: &'static str = $shape;

            fn parse(text: &str) -> Result<Self, String> {
                match text.trim().to_ascii_lowercase().as_str() {
                    $($word $(| $other)* => Ok(Self::$variant),)+
                    _ => Err($complaint.to_owned()),
                }
            }

            fn shown(&self) -> String {
                self.as_str().to_owned()
            }
        }
    };
}

choice! {
    /// How much is logged.
    LogLevel "`error`, `warning`, `info`, `debug` or `trace`" "must be error, warning, info, debug or trace" {
        /// Faults only.
        Error = "error" | "critical" | "fatal";
        /// And what should be looked at.
        Warning = "warning" | "warn";
        /// And one line for each request.
        Info = "info";
        /// And decisions.
        Debug = "debug";
        /// And everything.
        Trace = "trace";
    }
}

choice! {
    /// Form of a log line.
    LogFormat "`text` or `json`" "must be text or json" {
        /// For people.
        Text = "text";
        /// For machines.
        Json = "json";
    }
}

choice! {
    /// Where certificates of clients come from.
    ClientCertificates "`none`, `listener`, `x-forwarded-client-cert`, `ssl-client-cert` or `x-forwarded-tls-client-cert`" "must be none, listener, x-forwarded-client-cert, ssl-client-cert or x-forwarded-tls-client-cert" {
        /// Nobody is asked for any.
        None = "none" | "off";
        /// Our own HTTPS listener asks for them.
        Listener = "listener";
        /// Envoy puts them into this header.
        Envoy = "x-forwarded-client-cert" | "envoy";
        /// nginx does into this.
        Nginx = "ssl-client-cert" | "nginx";
        /// Traefik does into this.
        Traefik = "x-forwarded-tls-client-cert" | "traefik";
    }
}

choice! {
    /// When a commit of SQLite counts as done.
    Synchronous "`full`, `normal` or `extra`" "must be full, normal or extra" {
        /// When it is on the disk.
        Full = "full";
        /// When the system has it; a power cut may lose it.
        Normal = "normal";
        /// When the directory is on the disk too.
        Extra = "extra";
    }
}

choice! {
    /// Protection of a connection to PostgreSQL, in libpq's words.
    SslMode "`disable`, `allow`, `prefer`, `require`, `verify-ca` or `verify-full`"
        "must be disable, allow, prefer, require, verify-ca or verify-full" {
        /// Never TLS.
        Disable = "disable";
        /// TLS if the server insists.
        Allow = "allow";
        /// TLS if the server offers it.
        Prefer = "prefer";
        /// TLS, with whomever.
        Require = "require";
        /// TLS, with a certificate of a known authority.
        VerifyCa = "verify-ca";
        /// TLS, with a certificate of a known authority for this host.
        VerifyFull = "verify-full";
    }
}

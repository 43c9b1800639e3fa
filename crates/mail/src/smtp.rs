//! Mail servers, and what their answers mean. RFC 5321 §4.2, RFC 4954 §6.
//!
//! Connections are kept for a while and used again, a few per server.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use countersign_config::Email;
use countersign_crypto::digest;
use countersign_types::{Digest, Secret, Span};
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::Mailbox,
    transport::smtp::{
        Error, PoolConfig,
        authentication::Credentials,
        client::{Tls, TlsParameters},
    },
};

/// Connections to one server.
const CONNECTIONS: u32 = 4;
/// How long a connection is kept that nobody uses.
const IDLE: Duration = Duration::from_secs(60);
/// Servers to which connections are kept.
const SERVERS: usize = 8;
/// Nobody waits longer for a server, whatever is configured.
const LONGEST: Span = Span::from_mins(2);
/// Answers of a server to one letter, roughly.
const ANSWERS: u32 = 4;
/// Characters of a server's answer that are kept.
const MAX_ANSWER: usize = 500;

/// How the way to a server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encryption {
    /// Not at all.
    None,
    /// TLS begun on the plain connection; without it nothing is sent.
    StartTls,
    /// TLS from the first byte.
    Implicit,
}

/// A mail server and who sends by it.
#[derive(Clone, Debug)]
pub struct Server {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Credentials, when it asks for some.
    pub credentials: Option<(String, Secret<String>)>,
    /// How the way to it is protected.
    pub encryption: Encryption,
    /// How long it may take to answer.
    pub timeout: Span,
    /// Sender: an address, or `Name <address>`.
    pub from: String,
}

impl Server {
    /// That of the configuration; none when there is no host.
    pub fn of(config: &Email) -> Option<Self> {
        let host = config.host.clone().filter(|host| !host.is_empty())?;
        let username = config.username.clone().filter(|name| !name.is_empty());
        Some(Self {
            host,
            port: config.port,
            credentials: username.map(|name| (name, config.password.clone().unwrap_or_default())),
            encryption: Encryption::of(config.use_tls, config.use_ssl),
            timeout: config.timeout,
            from: config.from.clone(),
        })
    }

    /// What tells connections to one server from those to another.
    fn key(&self) -> Digest {
        let Self { host, port, credentials, encryption, timeout, from: _ } = self;
        let (name, password) =
            credentials.as_ref().map_or(("", ""), |(name, password)| (name.as_str(), password.expose()));
        digest(&format!("{host}\0{port}\0{name}\0{password}\0{encryption:?}\0{}", timeout.as_micros()))
    }

    fn transport(&self) -> Result<Transport, Error> {
        let tls = || TlsParameters::new(self.host.clone());
        let tls = match self.encryption {
            Encryption::None => Tls::None,
            Encryption::StartTls => Tls::Required(tls()?),
            Encryption::Implicit => Tls::Wrapper(tls()?),
        };
        let builder = Transport::builder_dangerous(&self.host)
            .port(self.port)
            .tls(tls)
            .timeout(Some(self.timeout.min(LONGEST).to_std()))
            .pool_config(PoolConfig::new().max_size(CONNECTIONS).idle_timeout(IDLE));
        Ok(match &self.credentials {
            Some((name, password)) => {
                builder.credentials(Credentials::new(name.clone(), password.expose().clone())).build()
            }
            None => builder.build(),
        })
    }
}

impl Encryption {
    /// As the configuration says it; TLS from the first byte wins, as both contradict each other.
    pub const fn of(use_tls: bool, use_ssl: bool) -> Self {
        match (use_tls, use_ssl) {
            (_, true) => Self::Implicit,
            (true, false) => Self::StartTls,
            (false, false) => Self::None,
        }
    }
}

/// A sender as configurations write it; none for what is none.
pub fn parse_sender(text: &str) -> Option<Mailbox> {
    if text.chars().any(char::is_control) {
        return None;
    }
    text.trim().parse().ok()
}

type Transport = AsyncSmtpTransport<Tokio1Executor>;

/// Why a server did not take a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It may go better later.
    ForNow(String),
    /// The server will never take it.
    ForGood(String),
}

/// Connections to servers.
#[derive(Default)]
pub(crate) struct Connections(Mutex<Vec<(Digest, Transport)>>);

impl Connections {
    /// Hands a message to a server.
    pub(crate) async fn send(&self, server: &Server, message: Message) -> Result<(), Refusal> {
        let transport = self.to(server).map_err(|error| refusal(&error))?;
        // The library bounds how long connecting takes, and not each answer.
        let patience = server.timeout.min(LONGEST).to_std().saturating_mul(ANSWERS);
        match tokio::time::timeout(patience, transport.send(message)).await {
            Ok(sent) => sent.map(drop).map_err(|error| refusal(&error)),
            Err(_) => Err(Refusal::ForNow("the mail server took too long".to_owned())),
        }
    }

    fn to(&self, server: &Server) -> Result<Transport, Error> {
        let key = server.key();
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, transport)) = kept.iter().find(|(known, _)| *known == key) {
            return Ok(transport.clone());
        }
        let transport = server.transport()?;
        if kept.len() >= SERVERS {
            kept.remove(0);
        }
        kept.push((key, transport.clone()));
        Ok(transport)
    }
}

fn refusal(error: &Error) -> Refusal {
    let code = error.status().map(u16::from);
    let words = answer(error);
    match code {
        // RFC 4954 §6: what is wrong is the credentials, and an administrator mends them.
        Some(454 | 530 | 534 | 535 | 538) => Refusal::ForNow(words),
        Some(500..) => Refusal::ForGood(words),
        _ => Refusal::ForNow(words),
    }
}

/// What went wrong, in a line.
fn answer(error: &Error) -> String {
    let mut words = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        let more = inner.to_string();
        if !words.contains(&more) {
            words.push_str(": ");
            words.push_str(&more);
        }
        cause = inner.source();
    }
    words.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(MAX_ANSWER).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn senders_are_addresses_with_or_without_a_name() {
        for good in ["id@example.com", "Countersign <id@example.com>", "\"A, B\" <id@example.com>"] {
            assert!(parse_sender(good).is_some(), "{good}");
        }
        for bad in ["", "nobody", "a@b@c", "Name <id@example.com>\r\nBcc: x@example.com"] {
            assert!(parse_sender(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn the_password_is_part_of_which_connection_is_used() {
        let server = |password: &str| Server {
            host: "mail.example.com".to_owned(),
            port: 25,
            credentials: Some(("id".to_owned(), Secret::from(password))),
            encryption: Encryption::None,
            timeout: Span::from_secs(10),
            from: "id@example.com".to_owned(),
        };
        assert_ne!(server("one").key(), server("two").key());
        assert_eq!(server("one").key(), server("one").key());
    }
}

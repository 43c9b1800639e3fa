//! A mail server that keeps what it is sent. RFC 5321, as much of it as a client needs that sends.

use std::{
    collections::BTreeSet,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use mail_parser::MessageParser;
use regex::Regex;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream, tcp::OwnedReadHalf},
    runtime::{Builder, Runtime},
    sync::Notify,
    task::JoinHandle,
};

/// Nobody waits longer for a letter.
const PATIENCE: Duration = Duration::from_secs(30);

/// A mail server of a test, on a thread of its own: a server that is stopped waits for it.
pub struct MailSink {
    address: SocketAddr,
    runtime: Option<Runtime>,
    shared: Arc<Shared>,
    listening: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Default)]
struct Shared {
    letters: Mutex<Vec<Received>>,
    refused: Mutex<BTreeSet<String>>,
    arrived: Notify,
}

/// A letter that arrived.
#[derive(Clone, Debug, Default)]
pub struct Received {
    /// Who sends it, by the envelope.
    pub from: String,
    /// Who gets it, by the envelope.
    pub to: Vec<String>,
    /// Header lines and body, as sent.
    pub raw: String,
    /// Subject, decoded.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// HTML; empty without any.
    pub html: String,
    /// `Message-ID`.
    pub id: String,
}

impl Received {
    /// The first link in the plain text.
    pub fn link(&self) -> &str {
        let link = Regex::new(r"https?://\S+").expect("a pattern");
        link.find(&self.text).unwrap_or_else(|| panic!("no link in {}", self.text)).as_str()
    }

    /// The first code of digits that stands on a line of its own.
    pub fn code(&self) -> &str {
        let is_code = |line: &&str| line.len() >= 6 && line.bytes().all(|byte| byte.is_ascii_digit());
        self.text.lines().find(is_code).unwrap_or_else(|| panic!("no code in {}", self.text))
    }
}

impl MailSink {
    /// Listens on a port that nobody has.
    pub fn open() -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::<Shared>::default();
        let listening = Mutex::new(Some(listen(&runtime, listener, Arc::clone(&shared))));
        Self { address, runtime: Some(runtime), shared, listening }
    }

    /// Its port.
    pub const fn port(&self) -> u16 {
        self.address.port()
    }

    /// Refuses a recipient for good from now on.
    pub fn refuse(&self, recipient: &str) {
        lock(&self.shared.refused).insert(recipient.to_owned());
    }

    /// Takes nothing more: connections are refused.
    pub fn close(&self) {
        if let Some(listening) = lock(&self.listening).take() {
            listening.abort();
        }
    }

    /// Listens again, where it did before.
    pub async fn reopen(&self) {
        let listener = loop {
            match std::net::TcpListener::bind(self.address) {
                Ok(listener) => break listener,
                // Until the old listener is gone.
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        };
        let runtime = self.runtime.as_ref().expect("a runtime until the end");
        *lock(&self.listening) = Some(listen(runtime, listener, Arc::clone(&self.shared)));
    }

    /// What has arrived so far.
    pub fn letters(&self) -> Vec<Received> {
        lock(&self.shared.letters).clone()
    }

    /// Waits for a letter to this address and takes it out.
    pub async fn to(&self, recipient: &str) -> Received {
        self.to_with(recipient, "").await
    }

    /// The same for the first in whose plain text these words stand.
    pub async fn to_with(&self, recipient: &str, words: &str) -> Received {
        let found = tokio::time::timeout(PATIENCE, async {
            loop {
                let arrived = self.shared.arrived.notified();
                let place = |letter: &Received| {
                    letter.text.contains(words) && letter.to.iter().any(|to| to == recipient)
                };
                {
                    let mut letters = lock(&self.shared.letters);
                    if let Some(at) = letters.iter().position(place) {
                        return letters.remove(at);
                    }
                }
                arrived.await;
            }
        });
        found.await.unwrap_or_else(|_| panic!("no letter to {recipient} came"))
    }
}

impl Drop for MailSink {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Nobody waits for it here: this may be a thread of another runtime.
            runtime.shutdown_background();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn listen(runtime: &Runtime, listener: std::net::TcpListener, shared: Arc<Shared>) -> JoinHandle<()> {
    listener.set_nonblocking(true).expect("a socket");
    runtime.spawn(async move {
        let listener = TcpListener::from_std(listener).expect("a listener");
        // Those who are connected go with the listener.
        let mut connections = tokio::task::JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            let shared = Arc::clone(&shared);
            connections.spawn(async move {
                // Who hangs up is not served further.
                drop(serve(stream, &shared).await);
            });
        }
    })
}

async fn serve(stream: TcpStream, shared: &Shared) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read);
    write.write_all(b"220 sink ESMTP\r\n").await?;
    let mut letter = Received::default();
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let line = line.trim_end();
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let answer = match verb.as_str() {
            "EHLO" => "250-sink\r\n250 8BITMIME",
            "MAIL" => {
                letter = Received { from: address(line), ..Received::default() };
                "250 fine"
            }
            "RCPT" if lock(&shared.refused).contains(&address(line)) => "550 nobody of that name lives here",
            "RCPT" => {
                letter.to.push(address(line));
                "250 fine"
            }
            "DATA" => {
                write.write_all(b"354 go on\r\n").await?;
                letter.raw = data(&mut lines).await?;
                lock(&shared.letters).push(read_parts(std::mem::take(&mut letter)));
                shared.arrived.notify_waiters();
                "250 taken"
            }
            "QUIT" => {
                write.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            _ => "250 fine",
        };
        write.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
}

/// What stands between the brackets.
fn address(line: &str) -> String {
    let inner = line.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inner.map(|(address, _)| address.to_owned()).unwrap_or_default()
}

async fn data(lines: &mut BufReader<OwnedReadHalf>) -> std::io::Result<String> {
    let mut text = String::new();
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line).await? == 0 || line == ".\r\n" {
            return Ok(text);
        }
        text.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}

fn read_parts(letter: Received) -> Received {
    let Some(message) = MessageParser::default().parse(letter.raw.as_bytes()) else { return letter };
    Received {
        subject: message.subject().unwrap_or_default().to_owned(),
        text: message.body_text(0).unwrap_or_default().replace("\r\n", "\n"),
        html: message.body_html(0).unwrap_or_default().into_owned(),
        id: message.message_id().unwrap_or_default().to_owned(),
        ..letter.clone()
    }
}

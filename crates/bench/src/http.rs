//! An HTTP/1.1 client that costs less than what it measures: one kept connection, requests made beforehand,
//! responses looked at only where somebody asks (RFC 9112 §6, §7.1).

use std::{io, net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use url::form_urlencoded;

use crate::Fault;

/// An answer that takes longer is none.
const PATIENCE: Duration = Duration::from_secs(30);
/// No page of ours is that large.
const MAX_RESPONSE: usize = 4 * 1024 * 1024;

/// A request to whichever host the connection leads to.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    line: String,
    headers: String,
    body: String,
}

impl Request {
    pub(crate) fn get(target: &str) -> Self {
        Self { line: format!("GET {target} HTTP/1.1\r\n"), headers: String::new(), body: String::new() }
    }

    /// A form, as browsers and clients send it.
    pub(crate) fn post(target: &str, fields: &[(&str, &str)]) -> Self {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let form = Self { line: format!("POST {target} HTTP/1.1\r\n"), headers: String::new(), body };
        let length = form.body.len().to_string();
        form.header("content-type", "application/x-www-form-urlencoded").header("content-length", &length)
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        for part in [name, ": ", value, "\r\n"] {
            self.headers.push_str(part);
        }
        self
    }

    /// For a complaint: method and path, without what a query may hold.
    fn what(&self) -> String {
        let end = self.line.find(['?', '\r']).unwrap_or(self.line.len());
        self.line.chars().take(end).collect()
    }

    fn bytes(&self, host: &str) -> Vec<u8> {
        [&self.line, "host: ", host, "\r\n", &self.headers, "\r\n", &self.body].concat().into_bytes()
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: Vec<u8>,
    /// Bytes on the wire.
    pub(crate) weight: usize,
}

impl Response {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.lines().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Every `Set-Cookie`.
    pub(crate) fn cookies(&self) -> impl Iterator<Item = &str> {
        self.lines().filter(|(key, _)| key.eq_ignore_ascii_case("set-cookie")).map(|(_, value)| value)
    }

    fn lines(&self) -> impl Iterator<Item = (&str, &str)> {
        let lines = self.head.split("\r\n").filter_map(|line| line.split_once(':'));
        lines.map(|(key, value)| (key, value.trim()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A string of a JSON object.
    pub(crate) fn json_str(&self, name: &str) -> Option<String> {
        let body: serde_json::Value = serde_json::from_slice(&self.body).ok()?;
        Some(body.get(name)?.as_str()?.to_owned())
    }

    pub(crate) fn expect(self, status: u16, what: &str) -> Result<Self, Fault> {
        if self.status == status { Ok(self) } else { Err(Fault::answer(what, &self)) }
    }
}

/// A connection that is kept, and opened again after a fault. Nothing is ever sent twice.
#[derive(Debug)]
pub(crate) struct Connection {
    address: SocketAddr,
    host: String,
    stream: Option<TcpStream>,
    /// Read, and not yet part of a response.
    pending: Vec<u8>,
}

impl Connection {
    pub(crate) fn new(address: SocketAddr) -> Self {
        let host = format!("localhost:{}", address.port());
        Self { address, host, stream: None, pending: Vec::new() }
    }

    pub(crate) async fn send(&mut self, request: &Request) -> Result<Response, Fault> {
        let answer = match timeout(PATIENCE, self.exchange(request)).await {
            Ok(answer) => answer,
            Err(_) => Err(io::Error::from(io::ErrorKind::TimedOut)),
        };
        if answer.is_err() {
            self.close();
        }
        answer.map_err(|source| Fault::System { what: request.what(), source })
    }

    /// The next request opens it anew.
    pub(crate) fn close(&mut self) {
        self.stream = None;
        self.pending.clear();
    }

    async fn exchange(&mut self, request: &Request) -> io::Result<Response> {
        if self.stream.is_none() {
            let stream = TcpStream::connect(self.address).await?;
            stream.set_nodelay(true)?;
            self.stream = Some(stream);
        }
        let bytes = request.bytes(&self.host);
        self.stream()?.write_all(&bytes).await?;
        let end = self.read_until(b"\r\n\r\n", 0).await?;
        let head = self.take(end)?;
        let status = head.get(9..12).and_then(|digits| digits.parse().ok()).ok_or_else(malformed)?;
        let mut response = Response { status, weight: head.len(), head, body: Vec::new() };
        let length = response.header("content-length").and_then(|length| length.parse::<usize>().ok());
        let is_chunked =
            response.header("transfer-encoding").is_some_and(|coding| coding.contains("chunked"));
        let closes = response.header("connection").is_some_and(|word| word.eq_ignore_ascii_case("close"));
        if is_chunked {
            self.read_chunks(&mut response).await?;
        } else if let Some(length) = length.filter(|length| *length > 0) {
            self.read_to(length).await?;
            response.body = self.pending.drain(..length).collect();
            response.weight += length;
        }
        if closes {
            self.stream = None;
        }
        Ok(response)
    }

    async fn read_chunks(&mut self, response: &mut Response) -> io::Result<()> {
        loop {
            let end = self.read_until(b"\r\n", 0).await?;
            let line = self.take(end)?;
            let size = usize::from_str_radix(line.trim(), 16).map_err(|_| malformed())?;
            self.read_to(size + 2).await?;
            response.body.extend(self.pending.drain(..size));
            self.pending.drain(..2);
            response.weight += line.len() + size + 2;
            if size == 0 {
                return Ok(());
            }
        }
    }

    /// Reads until a mark has come; where it ends.
    async fn read_until(&mut self, mark: &[u8], mut from: usize) -> io::Result<usize> {
        loop {
            let found =
                self.pending.get(from..).and_then(|new| new.windows(mark.len()).position(|w| w == mark));
            if let Some(at) = found {
                return Ok(from + at + mark.len());
            }
            from = self.pending.len().saturating_sub(mark.len());
            self.read_more().await?;
        }
    }

    async fn read_to(&mut self, length: usize) -> io::Result<()> {
        while self.pending.len() < length {
            self.read_more().await?;
        }
        Ok(())
    }

    async fn read_more(&mut self) -> io::Result<()> {
        if self.pending.len() > MAX_RESPONSE {
            return Err(malformed());
        }
        let Some(stream) = self.stream.as_mut() else { return Err(io::ErrorKind::NotConnected.into()) };
        self.pending.reserve(16 * 1024);
        match stream.read_buf(&mut self.pending).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }

    fn take(&mut self, length: usize) -> io::Result<String> {
        String::from_utf8(self.pending.drain(..length).collect()).map_err(|_| malformed())
    }

    fn stream(&mut self) -> io::Result<&mut TcpStream> {
        self.stream.as_mut().ok_or_else(|| io::ErrorKind::NotConnected.into())
    }
}

fn malformed() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "not an HTTP/1.1 response")
}

//! Requests and their answers.

use std::{
    error::Error,
    net::SocketAddr,
    sync::{Arc, OnceLock},
    time::Duration,
};

use reqwest::{
    Certificate, Client, StatusCode,
    dns::{Addrs, Name, Resolve, Resolving},
    header::{HeaderMap, HeaderName, HeaderValue, LOCATION},
    redirect::Policy,
};
use tokio::sync::Semaphore;
use url::Url;

use crate::{
    Family, OutboundError, Rules,
    names::{addresses, name_of},
    runtime::Room,
};

/// Requests under way at once.
const UNDER_WAY: usize = 32;
/// Look-ups of names at once.
const LOOKUPS: usize = 8;
/// Places, or networks, in a set of rules.
const MAX_RULES: usize = 1_000;
/// Longest address.
const MAX_URL: usize = 8 * 1024;
/// Headers of a request.
const MAX_HEADERS: usize = 50;
/// Redirects that are followed.
const MAX_REDIRECTS: usize = 5;
/// Headers that speak about the connection or the form of the message, which are ours to say.
const OURS: [&str; 10] = [
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];
/// Headers that are for the first address only.
const CONFIDENTIAL: [&str; 3] = ["authorization", "cookie", "proxy-authorization"];

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// `GET`.
    Get,
    /// `HEAD`.
    Head,
    /// `POST`.
    Post,
    /// `PUT`.
    Put,
    /// `PATCH`.
    Patch,
    /// `DELETE`.
    Delete,
    /// `OPTIONS`.
    Options,
}

impl Method {
    /// By its name, in any case.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name.to_ascii_uppercase().as_str() {
            "GET" => Self::Get,
            "HEAD" => Self::Head,
            "POST" => Self::Post,
            "PUT" => Self::Put,
            "PATCH" => Self::Patch,
            "DELETE" => Self::Delete,
            "OPTIONS" => Self::Options,
            _ => return None,
        })
    }

    const fn of_http(self) -> reqwest::Method {
        match self {
            Self::Get => reqwest::Method::GET,
            Self::Head => reqwest::Method::HEAD,
            Self::Post => reqwest::Method::POST,
            Self::Put => reqwest::Method::PUT,
            Self::Patch => reqwest::Method::PATCH,
            Self::Delete => reqwest::Method::DELETE,
            Self::Options => reqwest::Method::OPTIONS,
        }
    }
}

/// A request.
#[derive(Clone, Debug)]
pub struct Request {
    /// What is done.
    pub method: Method,
    /// To what.
    pub url: String,
    /// Headers.
    pub headers: Vec<(String, String)>,
    /// Content.
    pub body: Vec<u8>,
    /// Whether redirects are followed, each as far as the rules allow.
    pub follow: bool,
}

impl Request {
    /// A plain `GET`.
    pub fn get(url: impl Into<String>) -> Self {
        Self { method: Method::Get, url: url.into(), headers: Vec::new(), body: Vec::new(), follow: false }
    }
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Status.
    pub status: u16,
    /// Headers whose values are text, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Content.
    pub body: Vec<u8>,
    /// Where it came from in the end.
    pub url: String,
}

/// What one request may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Time, from the look-up of the name to the last byte.
    pub time: Duration,
    /// Bytes of content.
    pub bytes: usize,
}

/// Sends requests. Cheap to clone.
#[derive(Clone)]
pub struct Outbound(Arc<Inner>);

struct Inner {
    room: Room,
    rules: Arc<Rules>,
    /// Who issues the certificates of servers, and nobody else; none for whom the system trusts.
    authorities: Option<Vec<Certificate>>,
    /// Made with the first request: it reads the system's certificate authorities.
    client: OnceLock<Option<Client>>,
    places: Arc<Semaphore>,
    lookups: Arc<Semaphore>,
}

impl Outbound {
    /// A client that keeps to the rules. It takes nothing before its first request.
    ///
    /// # Errors
    /// With more places or networks than can be looked through for each request.
    pub fn new(rules: Rules) -> Result<Self, OutboundError> {
        Self::with(rules, None)
    }

    /// The same, which believes certificates of servers that one of these authorities issued (PEM), and no others.
    ///
    /// # Errors
    /// As above, and with a text that holds no certificate.
    pub fn trusting(rules: Rules, authorities: &str) -> Result<Self, OutboundError> {
        let authorities = Certificate::from_pem_bundle(authorities.as_bytes()).unwrap_or_default();
        if authorities.is_empty() {
            return Err(OutboundError::Invalid("the authority has no certificate"));
        }
        Self::with(rules, Some(authorities))
    }

    fn with(rules: Rules, authorities: Option<Vec<Certificate>>) -> Result<Self, OutboundError> {
        if rules.hosts.len() > MAX_RULES || rules.networks.len() > MAX_RULES {
            return Err(OutboundError::Invalid("too many places are listed"));
        }
        Ok(Self(Arc::new(Inner {
            room: Room::default(),
            rules: Arc::new(rules),
            authorities,
            client: OnceLock::new(),
            places: Arc::new(Semaphore::new(UNDER_WAY)),
            lookups: Arc::new(Semaphore::new(LOOKUPS)),
        })))
    }

    fn client(&self) -> Result<Client, OutboundError> {
        let made = self.0.client.get_or_init(|| {
            let guard = Guard { rules: Arc::clone(&self.0.rules), lookups: Arc::clone(&self.0.lookups) };
            let client = Client::builder()
                .dns_resolver(Arc::new(guard))
                .redirect(Policy::none())
                .no_proxy()
                .referer(false)
                .pool_max_idle_per_host(4)
                .pool_idle_timeout(Duration::from_secs(30))
                .user_agent("Countersign");
            let client = match &self.0.authorities {
                Some(authorities) => client.tls_certs_only(authorities.iter().cloned()),
                None => client,
            };
            client.build().ok()
        });
        made.clone().ok_or(OutboundError::Failed)
    }

    /// Sends a request.
    pub async fn send(&self, request: Request, limits: Limits) -> Result<Answer, OutboundError> {
        self.0.room.run(limits.time, self.work(request, limits)).await
    }

    /// The same for plain threads. Not for threads that serve requests.
    pub fn send_blocking(&self, request: Request, limits: Limits) -> Result<Answer, OutboundError> {
        self.0.room.run_blocking(limits.time, self.work(request, limits))
    }

    /// Addresses of a name, for plain threads.
    pub fn resolve_blocking(
        &self,
        name: &str,
        family: Family,
        time: Duration,
    ) -> Result<Vec<std::net::IpAddr>, OutboundError> {
        let work = addresses(Arc::clone(&self.0.lookups), name.to_owned(), family);
        self.0.room.run_blocking(time, work)
    }

    /// The name of an address, for plain threads.
    pub fn reverse_blocking(
        &self,
        address: std::net::IpAddr,
        time: Duration,
    ) -> Result<Option<String>, OutboundError> {
        self.0.room.run_blocking(time, name_of(Arc::clone(&self.0.lookups), address))
    }

    fn work(
        &self,
        request: Request,
        limits: Limits,
    ) -> impl Future<Output = Result<Answer, OutboundError>> + Send + 'static {
        let (this, rules) = (self.clone(), Arc::clone(&self.0.rules));
        let place = Arc::clone(&self.0.places).try_acquire_owned();
        async move {
            let _place = place.map_err(|_| OutboundError::Busy)?;
            // Nothing is made ready for what is refused anyway.
            rules.judge(&parse(&request.url)?)?;
            let client = this.client()?;
            drop(this);
            follow(&client, &rules, request, limits.bytes).await
        }
    }
}

/// Sends a request and, where it is wanted, what redirects make of it.
async fn follow(
    client: &Client,
    rules: &Rules,
    request: Request,
    bytes: usize,
) -> Result<Answer, OutboundError> {
    let mut headers = headers(&request.headers)?;
    let (mut method, mut body, mut url) = (request.method.of_http(), request.body, parse(&request.url)?);
    for _ in 0..=MAX_REDIRECTS {
        rules.judge(&url)?;
        let sent = client
            .request(method.clone(), url.clone())
            .headers(headers.clone())
            .body(body.clone())
            .send()
            .await
            .map_err(|error| reason(&error, &url))?;
        let Some(next) = redirect(&sent, &url).filter(|_| request.follow) else {
            return answer(sent, bytes, &url).await;
        };
        let next = next?;
        // RFC 9110 §15.4: 303 always becomes a GET, 301 and 302 of a POST do as everybody has them.
        let status = sent.status();
        let is_post = method == reqwest::Method::POST;
        if status == StatusCode::SEE_OTHER
            || (is_post && matches!(status, StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND))
        {
            method = if method == reqwest::Method::HEAD { method } else { reqwest::Method::GET };
            body = Vec::new();
            headers.remove("content-type");
        }
        if next.origin() != url.origin() {
            CONFIDENTIAL.iter().for_each(|name| {
                headers.remove(*name);
            });
        }
        url = next;
    }
    Err(OutboundError::Failed)
}

fn parse(text: &str) -> Result<Url, OutboundError> {
    let wrong = OutboundError::Invalid("that is no address of the web");
    if text.len() > MAX_URL {
        return Err(wrong);
    }
    Url::parse(text).map_err(|_| wrong)
}

fn headers(given: &[(String, String)]) -> Result<HeaderMap, OutboundError> {
    if given.len() > MAX_HEADERS {
        return Err(OutboundError::Invalid("too many headers"));
    }
    let mut headers = HeaderMap::new();
    for (name, value) in given {
        let name = HeaderName::from_bytes(name.as_bytes());
        let name = name.map_err(|_| OutboundError::Invalid("that is no name of a header"))?;
        if OURS.contains(&name.as_str()) {
            return Err(OutboundError::Invalid("this header cannot be set"));
        }
        let value = HeaderValue::from_str(value);
        headers.append(name, value.map_err(|_| OutboundError::Invalid("that is no value of a header"))?);
    }
    Ok(headers)
}

/// Where an answer leads; none when it is no redirect.
fn redirect(answer: &reqwest::Response, url: &Url) -> Option<Result<Url, OutboundError>> {
    if !matches!(answer.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let location = answer.headers().get(LOCATION)?.to_str().ok()?;
    Some(url.join(location).map_err(|_| OutboundError::Failed))
}

async fn answer(mut sent: reqwest::Response, bytes: usize, url: &Url) -> Result<Answer, OutboundError> {
    let text = |(name, value): (&HeaderName, &HeaderValue)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    };
    let headers = sent.headers().iter().filter_map(text).take(2 * MAX_HEADERS).collect();
    let status = sent.status().as_u16();
    let mut body = Vec::new();
    while let Some(part) = sent.chunk().await.map_err(|_| OutboundError::Failed)? {
        if body.len() + part.len() > bytes {
            return Err(OutboundError::TooLarge);
        }
        body.extend_from_slice(&part);
    }
    Ok(Answer { status, headers, body, url: url.to_string() })
}

/// What the guard said, wherever in the chain of causes; otherwise nothing that could tell of the inside.
fn reason(error: &reqwest::Error, url: &Url) -> OutboundError {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(inner) = cause {
        if let Some(said) = inner.downcast_ref::<OutboundError>() {
            return match said {
                OutboundError::Refused(_) => {
                    OutboundError::Refused(url.host_str().unwrap_or_default().to_owned())
                }
                other => other.clone(),
            };
        }
        cause = inner.source();
    }
    OutboundError::Failed
}

/// Looks names up for the client and tells it only addresses that it may connect to.
struct Guard {
    rules: Arc<Rules>,
    lookups: Arc<Semaphore>,
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let (rules, lookups) = (Arc::clone(&self.rules), Arc::clone(&self.lookups));
        Box::pin(async move {
            let found = addresses(lookups, name.as_str().to_owned(), Family::Any).await?;
            if found.is_empty() {
                return Err(OutboundError::Failed.into());
            }
            let may = found.into_iter().filter(|address| rules.permits(*address));
            let may: Vec<SocketAddr> = may.map(|address| SocketAddr::new(address, 0)).collect();
            if may.is_empty() {
                return Err(OutboundError::Refused(name.as_str().to_owned()).into());
            }
            let addresses: Addrs = Box::new(may.into_iter());
            Ok(addresses)
        })
    }
}

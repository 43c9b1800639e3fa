//! Somebody with a browser that keeps cookies and runs no scripts.

use reqwest::{
    Client, Method, RequestBuilder,
    header::{COOKIE, HeaderMap, HeaderName, HeaderValue, ORIGIN, SET_COOKIE},
    redirect::Policy,
};
use url::Url;

use crate::{Form, Page};

/// A browser gives up after so many redirects.
const MAX_REDIRECTS: usize = 20;

/// Somebody with a browser.
#[derive(Clone)]
pub struct Person {
    client: Client,
    base: Url,
    headers: HeaderMap,
}

impl Person {
    pub(crate) fn new(base: Url) -> Self {
        let client = Client::builder().cookie_store(true).redirect(Policy::none()).build();
        Self { client: client.expect("a client"), base, headers: HeaderMap::new() }
    }

    /// The same, sending this header line with every request.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: &str) -> Self {
        let value = HeaderValue::from_str(value).expect("a header value");
        self.headers.insert(HeaderName::from_static(name), value);
        self
    }

    /// The same, at another machine: its requests come through a proxy that we trust.
    #[must_use]
    pub fn from_afar(self, address: &str) -> Self {
        self.with_header("x-forwarded-for", address)
    }

    /// Looks at an address, without following redirects.
    pub async fn get(&self, path: &str) -> Page {
        self.send(self.request(Method::GET, &self.address(path))).await
    }

    /// Looks at an address and follows redirects as long as they stay with us.
    pub async fn visit(&self, path: &str) -> Page {
        self.follow(self.get(path).await).await
    }

    /// Sends fields to an address, without following redirects.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let address = self.address(path);
        let request = self.request(Method::POST, &address).header(ORIGIN, origin(&self.base));
        self.send(request.form(fields)).await
    }

    /// Fills in the first form of a page, sends it, and follows redirects as long as they stay with us.
    pub async fn answer(&self, page: &Page, fields: &[(&str, &str)]) -> Page {
        self.submit(&page.form(""), fields).await
    }

    /// Fills in and sends a form, and follows redirects as long as they stay with us.
    pub async fn submit(&self, form: &Form, fields: &[(&str, &str)]) -> Page {
        let hidden = form.hidden.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let all: Vec<(&str, &str)> = hidden.chain(fields.iter().copied()).collect();
        let request = self.request(Method::POST, &form.action).header(ORIGIN, origin(&self.base));
        let page = self.send(request.form(&all)).await;
        self.follow(page).await
    }

    /// Follows redirects as long as they stay with us. A page that leads elsewhere is returned as it is.
    pub async fn follow(&self, mut page: Page) -> Page {
        for _ in 0..MAX_REDIRECTS {
            match page.leads_to() {
                Some(to) if to.origin() == self.base.origin() => page = self.get(to.as_str()).await,
                _ => return page,
            }
        }
        panic!("redirects without end at {}", page.url)
    }

    /// Passes the default sign-in, wherever a visit to this path leads to it.
    pub async fn sign_in_at(&self, path: &str, username: &str, password: &str) -> Page {
        let asked = self.visit(path).await;
        let asked = self.answer(&asked, &[("uid_field", username)]).await;
        self.answer(&asked, &[("password", password)]).await
    }

    /// A request of a kind that the other methods do not make.
    pub fn request(&self, method: Method, address: &Url) -> RequestBuilder {
        self.client.request(method, address.clone()).headers(self.headers.clone())
    }

    /// Sends a request.
    pub async fn send(&self, request: RequestBuilder) -> Page {
        Page::of(request.send().await.expect("an answer")).await
    }

    /// The address of a path; addresses stay as they are.
    pub fn address(&self, path: &str) -> Url {
        self.base.join(path).expect("an address")
    }
}

/// Cookies that an answer sets, by name.
impl Page {
    /// The value of a cookie that this answer sets.
    pub fn sets_cookie(&self, name: &str) -> Option<String> {
        let lines = self.headers.get_all(SET_COOKIE).iter().filter_map(|line| line.to_str().ok());
        let pairs = lines.filter_map(|line| line.split(';').next()?.split_once('='));
        pairs.filter(|(key, _)| *key == name).map(|(_, value)| value.to_owned()).next()
    }
}

/// The header in which a stolen cookie is sent.
impl Person {
    /// The same browser settings with one foreign cookie and no memory.
    #[must_use]
    pub fn with_cookie(&self, name: &str, value: &str) -> Self {
        let mut thief = Self::new(self.base.clone());
        let line = HeaderValue::from_str(&format!("{name}={value}")).expect("a cookie");
        thief.headers.insert(COOKIE, line);
        thief
    }
}

fn origin(base: &Url) -> String {
    base.origin().ascii_serialization()
}

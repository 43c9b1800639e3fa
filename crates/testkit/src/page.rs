//! An answer of the server, read the way a browser without scripts reads it.

use regex::Regex;
use reqwest::{Response, header::HeaderMap};
use serde_json::Value;
use url::Url;

/// An answer.
#[derive(Clone, Debug)]
pub struct Page {
    /// Status.
    pub status: u16,
    /// Address that was asked.
    pub url: Url,
    /// Header lines.
    pub headers: HeaderMap,
    /// Body.
    pub body: String,
}

/// A form of a page.
#[derive(Clone, Debug)]
pub struct Form {
    /// Where it is sent.
    pub action: Url,
    /// Fields that nobody sees.
    pub hidden: Vec<(String, String)>,
    /// Names of the fields that somebody fills in.
    pub fields: Vec<String>,
}

impl Page {
    pub(crate) async fn of(response: Response) -> Self {
        let (status, url) = (response.status().as_u16(), response.url().clone());
        let headers = response.headers().clone();
        let body = response.text().await.expect("a whole body");
        Self { status, url, headers, body }
    }

    /// Path of the address.
    pub fn path(&self) -> &str {
        self.url.path()
    }

    /// A header line.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// How many queries it took to make, as the log of requests says.
    pub fn queries(&self) -> u64 {
        let id = self.header("x-request-id").expect("an identifier");
        crate::log::queries(id).unwrap_or_else(|| panic!("the log does not tell of {id}"))
    }

    /// Where the answer leads.
    pub fn leads_to(&self) -> Option<Url> {
        (300..400).contains(&self.status).then(|| self.url.join(self.header("location")?).ok()).flatten()
    }

    /// Value of a parameter of the address that the answer leads to.
    pub fn parameter(&self, name: &str) -> Option<String> {
        let to = self.leads_to()?;
        to.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {} {}", self.status, self.body))
    }

    /// Its forms that are posted.
    pub fn forms(&self) -> Vec<Form> {
        let forms = Regex::new(r"(?s)<form([^>]*)>(.*?)</form>").expect("a pattern");
        let posted = forms.captures_iter(&self.body).filter(|form| attribute(&form[1], "method") == "post");
        posted
            .map(|form| {
                let action = attribute(&form[1], "action");
                let inputs = inputs(&form[2]);
                let (hidden, fields): (Vec<_>, Vec<_>) =
                    inputs.into_iter().partition(|(kind, ..)| kind == "hidden");
                Form {
                    action: self.url.join(&action).expect("an address"),
                    hidden: hidden.into_iter().map(|(_, name, value)| (name, value)).collect(),
                    fields: fields.into_iter().map(|(_, name, _)| name).collect(),
                }
            })
            .collect()
    }

    /// The form that goes to an address with this in it.
    pub fn form(&self, action: &str) -> Form {
        let found = self.forms().into_iter().find(|form| form.action.as_str().contains(action));
        found.unwrap_or_else(|| panic!("no form to {action} in {} {}", self.status, self.body))
    }

    /// Addresses of links with this in them.
    pub fn links(&self, part: &str) -> Vec<Url> {
        let links = Regex::new(r"<a\s([^>]*)>").expect("a pattern");
        let hrefs = links.captures_iter(&self.body).map(|link| attribute(&link[1], "href"));
        hrefs.filter(|href| href.contains(part)).filter_map(|href| self.url.join(&href).ok()).collect()
    }
}

/// Kind, name and value of the inputs and buttons with a name.
fn inputs(html: &str) -> Vec<(String, String, String)> {
    let inputs = Regex::new(r"<(?:input|button|textarea|select)\s([^>]*)>").expect("a pattern");
    let all = inputs.captures_iter(html).map(|input| {
        let attributes = &input[1];
        (attribute(attributes, "type"), attribute(attributes, "name"), attribute(attributes, "value"))
    });
    all.filter(|(_, name, _)| !name.is_empty()).collect()
}

fn attribute(attributes: &str, name: &str) -> String {
    let pattern = Regex::new(&format!(r#"(?:^|\s){name}="([^"]*)""#)).expect("a pattern");
    let value = pattern.captures(attributes).map(|found| found[1].to_owned()).unwrap_or_default();
    ["&amp;", "&lt;", "&gt;", "&quot;", "&#34;", "&#38;", "&#39;", "&#60;", "&#62;"]
        .into_iter()
        .zip(["&", "<", ">", "\"", "\"", "&", "'", "<", ">"])
        .fold(value, |value, (escaped, plain)| value.replace(escaped, plain))
}

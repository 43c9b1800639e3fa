//! What a request to a flow brings with it. No HTTP types: the web kit fills these in.

use countersign_policies::RequestFacts;
use countersign_types::{Digest, Secret};

/// 256 random bits in a cookie that bind plans and step tokens to one browser.
pub type BrowserSecret = Secret<String>;

/// A request to a flow page or to the JSON executor.
#[derive(Clone, Debug)]
pub struct FlowRequest {
    /// The flow.
    pub slug: String,
    /// The original query string of the flow page, as it stood in the address.
    pub query: String,
    /// The browser's binding secret.
    pub browser: BrowserSecret,
    /// SHA-256 of the session cookie, if there is one.
    pub session_key: Option<Digest>,
    /// Facts.
    pub facts: RequestFacts,
}

/// Where a flow page is: slug and query make the address.
#[derive(Clone, Debug)]
pub struct Here {
    /// The flow.
    pub slug: String,
    /// Query string without `?`.
    pub query: String,
}

impl Here {
    /// Address of the page.
    pub fn url(&self) -> String {
        if self.query.is_empty() {
            format!("/if/flow/{}/", self.slug)
        } else {
            format!("/if/flow/{}/?{}", self.slug, self.query)
        }
    }
}

//! The content security policy of a page, as a value that a handler may widen in two named ways.

use std::fmt::Write as _;

use url::Url;

/// Policy of one page. Put it among the extensions of the response, or let [`crate::Page::render`] do so.
///
/// There is no way to allow inline script or style, or script from elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Csp {
    form_action: Vec<String>,
}

/// Policy of everything that is no page: nothing may be loaded or framed.
pub(crate) const NO_PAGE: &str =
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

impl Csp {
    /// The policy that every page starts from.
    pub const fn new() -> Self {
        Self { form_action: Vec::new() }
    }

    /// Lets a form lead to another origin: Chromium applies `form-action` to the redirects that follow a
    /// POST too. An address that is no URL with an origin or a scheme of its own is left out.
    #[must_use]
    pub fn form_action(mut self, address: &str) -> Self {
        if let Some(source) = source_of(address)
            && !self.form_action.contains(&source)
        {
            self.form_action.push(source);
        }
        self
    }

    /// With all of these as targets of forms.
    #[must_use]
    pub fn form_actions<'a>(self, addresses: impl IntoIterator<Item = &'a str>) -> Self {
        addresses.into_iter().fold(self, Self::form_action)
    }

    /// Value of the header.
    pub fn header(&self) -> String {
        let mut policy = String::from(
            "default-src 'none'; style-src 'self'; img-src 'self' data: https:; font-src 'self'; \
             connect-src 'self'; script-src 'self'; form-action 'self'",
        );
        for source in &self.form_action {
            // Writing to a string cannot fail.
            let _ = write!(policy, " {source}");
        }
        policy.push_str("; frame-ancestors 'none'; base-uri 'none'");
        policy
    }
}

/// `https://rp.example:8443`, or `app.scheme:` for the custom schemes of native applications (RFC 8252 §7.1).
fn source_of(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    let source = match url.scheme() {
        "http" | "https" => url.origin().ascii_serialization(),
        "javascript" | "data" | "vbscript" | "blob" | "file" | "about" => return None,
        scheme => format!("{scheme}:"),
    };
    // What could end the directive or the header never gets into it.
    source
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && !matches!(byte, b';' | b',' | b'\'' | b'*'))
        .then_some(source)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_allows_nothing_inline_and_no_frame() {
        assert_eq!(
            Csp::new().header(),
            "default-src 'none'; style-src 'self'; img-src 'self' data: https:; font-src 'self'; connect-src 'self'; \
             script-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
        );
    }

    #[test]
    fn a_form_may_lead_to_the_application() {
        let policy = Csp::new().form_actions([
            "http://localhost:8000/auth/callback?x=1",
            "http://localhost:8000/",
            "com.example.app:/cb",
        ]);
        assert!(policy.header().contains("form-action 'self' http://localhost:8000 com.example.app:; frame"));
    }

    #[test]
    fn a_directive_cannot_be_injected() {
        for address in [
            "*",
            "'unsafe-inline'",
            "javascript:alert(1)",
            "data:x",
            "/relative",
            "https://*.evil/",
            "x y",
            "",
        ] {
            assert_eq!(Csp::new().form_action(address), Csp::new(), "{address}");
        }
        let sneaky = Csp::new().form_action("https://rp.example/;script-src 'unsafe-inline'").header();
        assert!(sneaky.contains("form-action 'self' https://rp.example; frame-ancestors"), "{sneaky}");
    }
}

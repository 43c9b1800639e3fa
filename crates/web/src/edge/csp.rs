//! The content security policy of a page, as a value that a handler may widen in two named ways.

use std::fmt::Write as _;

use url::Url;

/// Policy of one page. Put it among the extensions of the response, or let [`crate::Page::render`] do so.
///
/// There is no way to allow inline script or style. Script from elsewhere comes with a widget that an administrator
/// configured, and only on the page that shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Csp {
    form_action: Vec<String>,
    widgets: Vec<String>,
}

/// What widgets of captchas load beside their script, by the origin of the script: as their makers say.
const COMPANIONS: [(&str, &[&str]); 5] = [
    ("https://www.recaptcha.net", &["https://www.gstatic.com"]),
    ("https://www.google.com", &["https://www.gstatic.com", "https://recaptcha.google.com"]),
    ("https://js.hcaptcha.com", &["https://hcaptcha.com", "https://*.hcaptcha.com"]),
    ("https://hcaptcha.com", &["https://*.hcaptcha.com"]),
    ("https://challenges.cloudflare.com", &[]),
];

/// Policy of everything that is no page: nothing may be loaded or framed.
pub(crate) const NO_PAGE: &str =
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

impl Csp {
    /// The policy that every page starts from.
    pub const fn new() -> Self {
        Self { form_action: Vec::new(), widgets: Vec::new() }
    }

    /// Lets a widget run whose script is at this address, and speak to its own origin and to this endpoint. An
    /// address that is none of the web is left out.
    #[must_use]
    pub fn widget(mut self, script: &str, endpoint: &str) -> Self {
        for address in [script, endpoint] {
            let web = Url::parse(address).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
            let Some(source) = source_of(address).filter(|_| web) else { continue };
            let known = COMPANIONS.iter().find(|(origin, _)| *origin == source);
            let others =
                known.into_iter().flat_map(|(_, others)| others.iter().map(|other| (*other).to_owned()));
            self.widgets.extend(others);
            self.widgets.push(source);
        }
        self.widgets.sort_unstable();
        self.widgets.dedup();
        self
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
        let mut policy = String::from("default-src 'none'; img-src 'self' data: https:; font-src 'self'");
        let mut widgets = String::new();
        for source in &self.widgets {
            // Writing to a string cannot fail.
            let _ = write!(widgets, " {source}");
        }
        for directive in ["style-src", "connect-src", "script-src"] {
            let _ = write!(policy, "; {directive} 'self'{widgets}");
        }
        if !widgets.is_empty() {
            // Puzzles that are worked out on the device are WebAssembly in workers.
            let _ =
                write!(policy, " 'wasm-unsafe-eval'; worker-src 'self' blob:{widgets}; frame-src{widgets}");
        }
        policy.push_str("; form-action 'self'");
        for source in &self.form_action {
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
            "default-src 'none'; img-src 'self' data: https:; font-src 'self'; style-src 'self'; connect-src 'self'; \
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

    #[test]
    fn a_widget_opens_the_page_to_its_own_origins_alone() {
        let policy = Csp::new().widget("https://cap.example/widget.js", "https://cap.example/key/").header();
        assert!(
            policy.contains("script-src 'self' https://cap.example 'wasm-unsafe-eval'; worker-src"),
            "{policy}"
        );
        assert!(policy.contains("frame-src https://cap.example; form-action 'self'; frame"), "{policy}");
        let known = Csp::new().widget("https://js.hcaptcha.com/1/api.js", "").header();
        assert!(
            known.contains(
                "script-src 'self' https://*.hcaptcha.com https://hcaptcha.com https://js.hcaptcha.com"
            ),
            "{known}"
        );
        for odd in ["", "javascript:alert(1)", "data:text/javascript,1", "x:y", "https://*.evil/"] {
            assert_eq!(Csp::new().widget(odd, odd), Csp::new(), "{odd}");
        }
    }
}

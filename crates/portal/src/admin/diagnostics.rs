//! `/if/admin/diagnostics/`: what came with this request, and what was made of it, for whoever sets up a proxy.

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use countersign_web::{App, Diagnostics, PageCx, Superuser, WebError};

use crate::house::House;

#[derive(Template)]
#[template(path = "portal/diagnostics.html")]
struct DiagnosticsPage<'a> {
    cx: &'a PageCx,
    house: House,
    seen: Seen,
    advice: Advice,
}

/// What came and what was made of it.
struct Seen {
    peer: String,
    peer_is_trusted: bool,
    own_tls: bool,
    headers: Vec<(String, String)>,
    client: String,
    scheme: &'static str,
    host: String,
    base_url: String,
    trusted: String,
}

/// What to do now.
struct Advice {
    level: &'static str,
    text: String,
}

/// Shows it to administrators.
pub(crate) async fn show(request: HttpRequest, _: Superuser, cx: PageCx) -> Result<HttpResponse, WebError> {
    let found = Diagnostics::of(&request, App::shared(&request)?.settings());
    let advice = Advice::on(&found, &cx);
    let unknown = |value: Option<String>| value.unwrap_or_else(|| cx.t("portal-diagnostics-unknown"));
    let seen = Seen {
        peer: unknown(found.peer),
        peer_is_trusted: found.peer_is_trusted,
        own_tls: found.own_tls,
        headers: found.headers,
        client: unknown(found.client),
        scheme: found.scheme,
        host: unknown(found.host),
        base_url: cx.base_url().to_owned(),
        trusted: if found.trusted_proxies.is_empty() {
            cx.t("word-none")
        } else {
            found.trusted_proxies.join(", ")
        },
    };
    cx.render(&DiagnosticsPage { cx: &cx, house: House::of(&cx, "admin"), seen, advice })
}

impl Advice {
    fn on(found: &Diagnostics, cx: &PageCx) -> Self {
        let is_forwarded =
            found.headers.iter().any(|(name, _)| name == "forwarded" || name.starts_with("x-forwarded-"));
        let (level, key) = match (is_forwarded, found.peer_is_trusted) {
            (true, false) => ("warning", "portal-diagnostics-not-trusted"),
            (false, true) => ("info", "portal-diagnostics-nothing-forwarded"),
            (true, true) if found.client == found.peer => ("warning", "portal-diagnostics-unreadable"),
            (true, true) => ("success", "portal-diagnostics-good"),
            (false, false) => ("info", "portal-diagnostics-direct"),
        };
        let peer = found.peer.clone().unwrap_or_default();
        Self { level, text: cx.t_with(key, "peer", &peer) }
    }
}

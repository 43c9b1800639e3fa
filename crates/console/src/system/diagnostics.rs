//! `/if/admin/diagnostics/`: what came with this request, and what was made of it, for whoever sets up a proxy.

use actix_web::{HttpRequest, HttpResponse};
use countersign_web::{Diagnostics, WebError};

use super::{DIAGNOSTICS, VIEW, header};
use crate::{
    cx::ConsoleCx,
    kit::{Cell, Column, Empty, Pair, Row, Table},
    parts::{Body, Part, PartsPage, Width},
};

/// The page.
pub(crate) async fn show(request: HttpRequest, cx: ConsoleCx) -> Result<HttpResponse, WebError> {
    cx.require(VIEW, None)?;
    let found = Diagnostics::of(&request, cx.app.settings());
    let unknown = |value: &Option<String>| {
        Cell::Text(value.clone().unwrap_or_else(|| cx.t("console-diagnostics-unknown")))
    };
    let (level, advice) = advice(&cx, &found);
    let result = vec![
        Pair::new(cx.t("console-diagnostics-client"), unknown(&found.client)),
        Pair::new(cx.t("console-diagnostics-scheme"), Cell::Code(found.scheme.to_owned())),
        Pair::new(cx.t("console-diagnostics-host"), unknown(&found.host)),
        Pair::new(cx.t("console-diagnostics-base"), Cell::Code(cx.base_url().to_owned())),
    ];
    let trusted =
        if found.peer_is_trusted { "console-diagnostics-trusted" } else { "console-diagnostics-untrusted" };
    let networks = if found.trusted_proxies.is_empty() {
        Cell::Text(cx.t("word-none"))
    } else {
        Cell::Several(found.trusted_proxies.clone())
    };
    let peer = Pair {
        name: cx.t("console-diagnostics-peer"),
        values: vec![
            unknown(&found.peer),
            Cell::Badge(cx.t(trusted), if found.peer_is_trusted { "success" } else { "" }),
        ],
    };
    let tls = if found.own_tls { "word-yes" } else { "word-no" };
    let connection = vec![
        peer,
        Pair::new(cx.t("console-diagnostics-tls"), Cell::Flag(found.own_tls, cx.t(tls))),
        Pair::new(cx.t("console-diagnostics-networks"), networks),
    ];
    let row = |(name, value): &(String, String)| Row {
        key: name.clone(),
        label: name.clone(),
        cells: vec![Cell::Code(name.clone()), Cell::Code(value.clone())],
        actions: Vec::new(),
    };
    let headers = Table {
        caption: cx.t("console-diagnostics-headers"),
        columns: vec![
            Column::new(cx.t("console-diagnostics-name")),
            Column::new(cx.t("console-diagnostics-value")),
        ],
        rows: found.headers.iter().map(row).collect(),
        bulk: None,
        empty: Some(Empty {
            icon: "info",
            title: cx.t("console-diagnostics-no-headers"),
            text: cx.t("console-diagnostics-no-headers-text"),
            action: None,
        }),
    };
    let parts = vec![
        Part::new(Body::Pairs(result)).titled(cx.t("console-diagnostics-result")).wide(Width::Half),
        Part::new(Body::Pairs(connection)).titled(cx.t("console-diagnostics-connection")).wide(Width::Half),
        Part::table(headers).titled(cx.t("console-diagnostics-headers")),
    ];
    let header = header(&cx, DIAGNOSTICS, "console-diagnostics-title", "console-diagnostics-text");
    cx.show(&PartsPage { cx: &cx, frame: cx.frame(header.notice(level, advice)), parts })
}

/// What to do now.
fn advice(cx: &ConsoleCx, found: &Diagnostics) -> (&'static str, String) {
    let is_forwarded =
        found.headers.iter().any(|(name, _)| name == "forwarded" || name.starts_with("x-forwarded-"));
    let (level, key) = match (is_forwarded, found.peer_is_trusted) {
        (true, false) => ("warning", "console-diagnostics-not-trusted"),
        (false, true) => ("info", "console-diagnostics-nothing-forwarded"),
        (true, true) if found.client == found.peer => ("warning", "console-diagnostics-unreadable"),
        (true, true) => ("success", "console-diagnostics-good"),
        (false, false) => ("info", "console-diagnostics-direct"),
    };
    (level, cx.t_with(key, "peer", found.peer.as_deref().unwrap_or_default()))
}

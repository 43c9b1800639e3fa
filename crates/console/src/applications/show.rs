//! The page of an application: what it is, who signed in to it lately.

use actix_web::{HttpResponse, web::Path};
use countersign_store::events::{self, EventFilter};
use countersign_types::PageRequest;
use countersign_web::WebError;

use super::{address, find, header};
use crate::{
    cx::{ConsoleCx, fault},
    events as log,
    kit::{Cell, Link, Pair},
    parts::{Body, Part, PartsPage, Width},
    providers,
};

/// Events on the page of events.
const MANY: u32 = 50;

/// `…/<slug>/`.
pub(crate) async fn show(cx: ConsoleCx, key: Path<String>) -> Result<HttpResponse, WebError> {
    let application = find(&cx, &key)?;
    let provider = application.provider.and_then(|id| cx.snapshot.provider(id).cloned());
    let word = |is_on: bool| Cell::Flag(is_on, cx.t(if is_on { "word-yes" } else { "word-no" }));
    let bindings = cx.snapshot.policy_bindings(application.id.raw()).len();
    let guards = if bindings == 0 {
        Cell::Text(cx.t("console-application-for-everybody"))
    } else {
        Cell::Link(Link::new(bindings.to_string(), address(&application, "bindings/")))
    };
    let facts = vec![
        Pair::new(cx.t("console-name"), Cell::Text(application.name.clone())),
        Pair::new(cx.t("console-application-slug"), Cell::Code(application.slug.to_string())),
        Pair::new(cx.t("console-application-group"), Cell::text(&application.group)),
        Pair::new(
            cx.t("console-application-provider"),
            match &provider {
                Some(provider) => Cell::link(&provider.name, providers::address(provider, "")),
                None => Cell::Nothing,
            },
        ),
        Pair::new(cx.t("console-application-who"), guards),
    ];
    let looks = vec![
        Pair::new(cx.t("console-application-launch-url"), Cell::text(&application.meta_launch_url)),
        Pair::new(cx.t("console-application-description"), Cell::text(&application.meta_description)),
        Pair::new(cx.t("console-application-publisher"), Cell::text(&application.meta_publisher)),
        Pair::new(cx.t("console-application-hidden"), word(application.meta_hide)),
        Pair::new(cx.t("console-application-new-tab"), word(application.open_in_new_tab)),
    ];
    let mut parts = vec![
        Part::new(Body::Pairs(facts)).titled(cx.t("console-application-title")).wide(Width::Half),
        Part::new(Body::Pairs(looks)).titled(cx.t("console-application-looks")).wide(Width::Half),
    ];
    if let Some(provider) = &provider {
        parts.extend(providers::setup(&cx, provider).await?);
    }
    let frame = cx.frame(header(&cx, &application, "").text(application.meta_description.clone()));
    cx.show(&PartsPage { cx: &cx, frame, parts })
}

/// `…/<slug>/events/`: who was let in to it.
pub(crate) async fn events(cx: ConsoleCx, key: Path<String>) -> Result<HttpResponse, WebError> {
    let application = find(&cx, &key)?;
    cx.require(log::VIEW, None)?;
    let object = application.id.raw();
    let page = cx
        .look(move |tx, _| {
            let filter = EventFilter { object: Some(object), ..EventFilter::default() };
            Ok(events::list(tx, &filter, &PageRequest::first(MANY))?)
        })
        .await
        .map_err(fault)?;
    let frame = cx.frame(header(&cx, &application, "events/"));
    cx.show(&PartsPage { cx: &cx, frame, parts: vec![Part::table(log::table(&cx, &page.items))] })
}

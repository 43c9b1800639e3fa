//! Providers: the page of one with what is to be copied to the application's side, and what an application
//! would learn about a chosen user.
//!
//! Names no kind: addresses and claims are asked of the rooms behind the seams, settings are read off the
//! descriptor.

mod preview;
mod show;

use actix_web::web::{ServiceConfig, get};
use countersign_model::Provider;
use countersign_web::WebError;

pub(crate) use show::setup;

use crate::{
    cx::ConsoleCx,
    generic::{form::permission, reset, words},
    kit::Button,
    nav::Module,
    routes::at,
    shell::Header,
};

/// Address of the list, below which every page of providers stands.
pub(crate) const HERE: &str = "/if/admin/core/providers/";

/// The pages of providers.
pub(crate) const MODULE: Module = Module { nav: &[], routes };

fn routes(config: &mut ServiceConfig) {
    at(config, &format!("{HERE}{{key}}/preview/"), [get().to(preview::show)]);
    at(config, &format!("{HERE}{{key:[^~/]+}}/"), [get().to(show::show)]);
}

/// Address of a page of a provider.
pub(crate) fn address(provider: &Provider, rest: &str) -> String {
    format!("{HERE}{}/{rest}", provider.pk)
}

/// A provider that the reader may see, by its integer key or identifier.
pub(crate) fn find(cx: &ConsoleCx, key: &str) -> Result<Provider, WebError> {
    let by_pk = || key.parse().ok().and_then(|pk| cx.snapshot.provider_by_pk(pk));
    let by_id = || key.parse().ok().and_then(|id| cx.snapshot.provider(countersign_model::ProviderId(id)));
    let found = by_pk().or_else(by_id).cloned().ok_or_else(WebError::not_found)?;
    let kind = cx.registry().get(&found.kind).map_err(crate::cx::fault)?.descriptor();
    if cx.may(&permission("view", kind), Some(found.id.raw())) {
        Ok(found)
    } else {
        Err(WebError::not_found())
    }
}

pub(crate) fn header(cx: &ConsoleCx, provider: &Provider, tab: &str) -> Result<Header, WebError> {
    let kind = cx.registry().get(&provider.kind).map_err(crate::cx::fault)?.descriptor();
    let mut header = Header::new(HERE, provider.name.clone())
        .crumb(cx.t("console-nav-providers"), HERE)
        .badge(words::name(cx, kind), "");
    for (name, key) in [
        ("", "console-tab-overview"),
        ("preview/", "console-provider-preview"),
        ("used-by/", "console-tab-usage"),
        ("revisions/", "console-tab-revisions"),
    ] {
        header = header.tab(cx.t(key), address(provider, name), name == tab);
    }
    let object = Some(provider.id.raw());
    if cx.may(&permission("delete", kind), object) {
        header = header.also(Button::link(cx.t("action-delete"), address(provider, "delete/")).danger());
    }
    if cx.may(&permission("change", kind), object) {
        header = header.action(cx.t("action-edit"), address(provider, "edit/"));
    }
    Ok(reset::offer(cx, header, kind.model, provider.id.raw(), &address(provider, "")))
}

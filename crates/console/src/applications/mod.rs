//! Applications: the wizard that makes one with its provider and bindings, and the page of one.
//!
//! List, form and deletion are the generic pages'. Which kinds of providers there are is the registry's to say.

pub(crate) mod bindings;
mod made;
mod show;
mod wizard;

use actix_web::web::{ServiceConfig, get, post};
use countersign_model::Application;
use countersign_web::WebError;

use crate::{
    cx::ConsoleCx,
    generic::{places::Place, reset},
    kit::{Button, Link},
    nav::Module,
    routes::at,
    shell::Header,
};

/// Address of the list, below which every page of applications stands.
pub(crate) const HERE: &str = "/if/admin/core/applications/";
/// Model label.
pub(crate) const APPLICATION: &str = "authentik_core.application";
/// What the wizard asks of whoever comes.
const ADD: &str = "authentik_core.add_application";

/// The pages of applications.
pub(crate) const MODULE: Module = Module { nav: &[], routes };

fn routes(config: &mut ServiceConfig) {
    let path = |rest: &str| format!("{HERE}{rest}");
    at(config, &path("~wizard/"), [get().to(wizard::ask), post().to(wizard::make)]);
    at(config, &path("{key}/bindings/"), [get().to(bindings::show), post().to(bindings::change)]);
    at(config, &path("{key}/events/"), [get().to(show::events)]);
    at(config, &path("{key:[^~/]+}/"), [get().to(show::show)]);
}

/// The way to the wizard, on the list of applications.
pub(crate) fn wizard_link(cx: &ConsoleCx, place: &Place) -> Option<Link> {
    wizard(cx).filter(|_| place.path == HERE)
}

/// The way to the wizard, for who may pass.
pub(crate) fn wizard(cx: &ConsoleCx) -> Option<Link> {
    cx.may(ADD, None).then(|| Link::new(cx.t("console-wizard-title"), format!("{HERE}~wizard/")))
}

/// An application that the reader may see, by its slug or identifier.
pub(crate) fn find(cx: &ConsoleCx, key: &str) -> Result<Application, WebError> {
    let by_id =
        || key.parse().ok().and_then(|id| cx.snapshot.application(countersign_model::ApplicationId(id)));
    let found = cx.snapshot.application_by_slug(key).or_else(by_id).cloned();
    let found = found.filter(|one| cx.may("authentik_core.view_application", Some(one.id.raw())));
    found.ok_or_else(WebError::not_found)
}

/// Address of a page of an application.
fn address(application: &Application, rest: &str) -> String {
    format!("{HERE}{}/{rest}", application.slug)
}

pub(crate) fn header(cx: &ConsoleCx, application: &Application, tab: &str) -> Header {
    let mut header =
        Header::new(HERE, application.name.clone()).crumb(cx.t("console-nav-applications"), HERE);
    for (name, key) in [
        ("", "console-tab-overview"),
        ("bindings/", "console-application-bindings"),
        ("events/", "console-user-tab-events"),
        ("used-by/", "console-tab-usage"),
        ("revisions/", "console-tab-revisions"),
    ] {
        header = header.tab(cx.t(key), address(application, name), name == tab);
    }
    let object = Some(application.id.raw());
    let launch = format!("/application/launch/{}/", application.slug);
    header = header.also(Button::link(cx.t("console-application-launch"), launch));
    if cx.may("authentik_core.delete_application", object) {
        header = header.also(Button::link(cx.t("action-delete"), address(application, "delete/")).danger());
    }
    if cx.may("authentik_core.change_application", object) {
        header = header.action(cx.t("action-edit"), address(application, "edit/"));
    }
    reset::offer(cx, header, APPLICATION, application.id.raw(), &address(application, ""))
}

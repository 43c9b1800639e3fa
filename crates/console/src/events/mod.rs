//! Events: the log with its filters and charts, one event with what changed, and events as sentences.

mod charts;
mod filter;
mod log;
pub(crate) mod sentence;
mod show;

use actix_web::web::{ServiceConfig, get};

pub(crate) use charts::{Picture, sign_ins};
pub(crate) use log::table;

use crate::{
    nav::{Module, NavEntry, Section},
    routes::at,
};

/// Address of the log.
pub(crate) const HERE: &str = "/if/admin/events/log/";
/// Who sees it.
pub(crate) const VIEW: &str = "authentik_events.view_event";

/// The pages of events.
pub(crate) const MODULE: Module = Module {
    nav: &[NavEntry {
        section: Section::Events,
        order: 10,
        path: HERE,
        label: "console-events-title",
        permission: VIEW,
    }],
    routes,
};

fn routes(config: &mut ServiceConfig) {
    at(config, HERE, [get().to(log::show)]);
    at(config, &format!("{HERE}{{key}}/"), [get().to(show::show)]);
}

//! The system itself: version and health, jobs and workers, certificates, blueprints, settings, and how
//! requests reach us.

mod blueprints;
mod diagnostics;
mod drift;
mod health;
mod jobs;
mod mail;
mod settings;

use actix_web::web::{ServiceConfig, get, post};

pub(crate) use blueprints::{Standing, files, standings};
pub(crate) use health::{Certificate, certificates};

use crate::{
    cx::ConsoleCx,
    nav::{Module, NavEntry, Section},
    routes::at,
    shell::Header,
};

/// Address of the first page.
pub(crate) const HERE: &str = "/if/admin/system/";
/// Address of the jobs.
pub(crate) const JOBS: &str = "/if/admin/system/jobs/";
/// Address of the blueprints that are kept applied.
pub(crate) const BLUEPRINTS: &str = "/if/admin/blueprints/instances/";
const SETTINGS: &str = "/if/admin/system/settings/";
const MAIL: &str = "/if/admin/system/mail/";
const DIAGNOSTICS: &str = "/if/admin/diagnostics/";

/// Who sees how the system does.
pub(crate) const VIEW: &str = "authentik_rbac.view_system_info";

/// The pages of the system.
pub(crate) const MODULE: Module = Module {
    nav: &[
        NavEntry {
            section: Section::System,
            order: 1,
            path: HERE,
            label: "console-system-title",
            permission: VIEW,
        },
        NavEntry {
            section: Section::System,
            order: 2,
            path: JOBS,
            label: "console-jobs-title",
            permission: VIEW,
        },
        NavEntry {
            section: Section::System,
            order: 80,
            path: SETTINGS,
            label: "console-settings-title",
            permission: "authentik_rbac.view_system_settings",
        },
        NavEntry {
            section: Section::System,
            order: 85,
            path: MAIL,
            label: "console-mail-title",
            permission: VIEW,
        },
        NavEntry {
            section: Section::System,
            order: 90,
            path: DIAGNOSTICS,
            label: "console-diagnostics-title",
            permission: VIEW,
        },
    ],
    routes,
};

fn routes(config: &mut ServiceConfig) {
    at(config, HERE, [get().to(health::show)]);
    at(config, JOBS, [get().to(jobs::show), post().to(jobs::retry)]);
    at(config, &format!("{JOBS}{{key}}/"), [get().to(jobs::one)]);
    at(config, SETTINGS, [get().to(settings::show), post().to(settings::save)]);
    at(config, MAIL, [get().to(mail::show), post().to(mail::test)]);
    at(config, DIAGNOSTICS, [get().to(diagnostics::show)]);
    at(config, BLUEPRINTS, [get().to(blueprints::show)]);
    at(config, &format!("{BLUEPRINTS}~export/"), [get().to(blueprints::export)]);
    at(config, &format!("{BLUEPRINTS}~apply/"), [post().to(blueprints::apply)]);
    at(config, &format!("{BLUEPRINTS}{{key}}/apply/"), [post().to(blueprints::apply_one)]);
    at(config, &format!("{BLUEPRINTS}{{key}}/drift/"), [get().to(drift::show)]);
    at(config, &format!("{BLUEPRINTS}{{key}}/reset/"), [post().to(drift::reset)]);
    at(config, &format!("{BLUEPRINTS}{{key:[^~/]+}}/"), [get().to(blueprints::one)]);
}

fn header(cx: &ConsoleCx, at: &'static str, title: &str, text: &str) -> Header {
    Header::new(at, cx.t(title)).text(cx.t(text))
}

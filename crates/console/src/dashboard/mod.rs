//! `/if/admin/`: what happened lately, and what needs somebody.

mod attention;

use actix_web::{
    HttpResponse,
    web::{ServiceConfig, get},
};
use countersign_store::{
    blueprint_instances,
    events::{self, EventFilter},
    jobs, users,
};
use countersign_types::PageRequest;
use countersign_web::{BoundedQuery, WebError};

use self::attention::Findings;
use crate::{
    chart::grouped,
    cx::{ConsoleCx, fault},
    events::{self as log, Picture, sign_ins},
    kit::{Button, Cell, Pair},
    nav::{Module, NavEntry, Section},
    parts::{Body, Part, PartsPage, Width},
    routes::at,
    shell::Header,
    system,
};

/// Its address.
const HERE: &str = "/if/admin/";
/// Events that are shown.
const FEW: u32 = 8;

/// The dashboard.
pub(crate) const MODULE: Module = Module {
    nav: &[NavEntry {
        section: Section::Dashboards,
        order: 10,
        path: HERE,
        label: "console-dashboard-title",
        permission: "",
    }],
    routes,
};

fn routes(config: &mut ServiceConfig) {
    at(config, HERE, [get().to(show)]);
}

async fn show(cx: ConsoleCx, BoundedQuery(query): BoundedQuery) -> Result<HttpResponse, WebError> {
    let picture = Picture::of(query.only("range")?);
    let sees_events = cx.may(log::VIEW, None);
    let sees_system = cx.may(system::VIEW, None);
    let now = cx.now();
    let (latest, findings, people) = cx
        .look(move |tx, _| {
            let latest = if sees_events {
                let page = events::list(tx, &EventFilter::default(), &PageRequest::first(FEW))?;
                Some((page.items, picture.count_actions(tx, now)?))
            } else {
                None
            };
            let findings =
                if sees_system { Some((jobs::counts(tx)?.2, blueprint_instances::all(tx)?)) } else { None };
            Ok((latest, findings, users::count(tx)?))
        })
        .await
        .map_err(fault)?;
    let mut parts = Vec::new();
    if let Some((dead_jobs, blueprints)) = findings {
        let findings = Findings {
            dead_jobs: u64::try_from(dead_jobs).unwrap_or(0),
            blueprints: system::standings(blueprints, &system::files(&cx).await),
            certificates: system::certificates(&cx.snapshot, now),
        };
        let tasks = attention::tasks(&cx, &findings, now);
        let part = Part::new(Body::Tasks(tasks, cx.t("console-attention-none")));
        parts.push(part.titled(cx.t("console-attention-title")).wide(Width::Half));
    }
    parts.push(
        Part::new(Body::Pairs(house(&cx, people))).titled(cx.t("console-dashboard-house")).wide(Width::Half),
    );
    if let Some((latest, counts)) = &latest {
        parts.extend(sign_ins(&cx, picture, counts, HERE));
        let part = Part::table(log::table(&cx, latest)).titled(cx.t("console-dashboard-latest"));
        parts.push(part.with(Button::link(cx.t("console-dashboard-all-events"), log::HERE)));
    }
    let frame = cx.frame(Header::new(HERE, cx.t("console-dashboard-title")));
    cx.show(&PartsPage { cx: &cx, frame, parts })
}

/// What the house holds, as far as the reader sees it.
fn house(cx: &ConsoleCx, people: i64) -> Vec<Pair> {
    let number = |key: &str, count: usize, href: &str| {
        let text = grouped(u64::try_from(count).unwrap_or(u64::MAX));
        Pair::new(cx.t(key), Cell::link(text, href))
    };
    let mut pairs = Vec::new();
    if cx.may("authentik_core.view_user", None) {
        let count = usize::try_from(people).unwrap_or(0);
        pairs.push(number("console-nav-users", count, crate::users::HERE));
    }
    if cx.may("authentik_core.view_application", None) {
        pairs.push(number(
            "console-nav-applications",
            cx.snapshot.applications().len(),
            "/if/admin/core/applications/",
        ));
    }
    if cx.may("authentik_flows.view_flow", None) {
        pairs.push(number("console-nav-flows", cx.snapshot.flows().len(), "/if/admin/flow/flows/"));
    }
    pairs.push(Pair::new(cx.t("console-system-version"), Cell::Code(env!("CARGO_PKG_VERSION").to_owned())));
    pairs
}

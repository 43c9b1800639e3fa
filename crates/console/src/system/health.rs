//! How the system does: version, database, workers, recurring work, certificates.

use actix_web::HttpResponse;
use countersign_crypto::CertificateFacts;
use countersign_model::CertificateKeyPair;
use countersign_store::{Backend, Snapshot, jobs, schedules, users};
use countersign_types::{Span, Timestamp};
use countersign_web::WebError;

use super::{HERE, VIEW, header};
use crate::{
    chart::grouped,
    cx::{ConsoleCx, fault},
    kit::{Cell, Column, Empty, Link, Pair, Row, Table},
    parts::{Body, Part, PartsPage, Width},
};

/// The lease of a process that starts, which recurs by no clock.
const START: &str = "provision";
/// A certificate that ends so soon needs somebody.
const SOON: Span = Span::from_days(30);

/// A certificate in use.
pub(crate) struct Certificate {
    pub(crate) name: String,
    pub(crate) href: String,
    pub(crate) subject: String,
    pub(crate) expires: Timestamp,
}

impl Certificate {
    /// `success`, `warning` or `danger`.
    pub(crate) fn tone(&self, now: Timestamp) -> &'static str {
        match self.expires.since(now) {
            left if left <= Span::ZERO => "danger",
            left if left <= SOON => "warning",
            _ => "success",
        }
    }
}

/// The certificates in force, the next to end first.
pub(crate) fn certificates(snapshot: &Snapshot, now: Timestamp) -> Vec<Certificate> {
    let mut all: Vec<Certificate> =
        snapshot.key_pairs().iter().filter_map(|pair| certificate(pair, now)).collect();
    all.sort_by_key(|certificate| certificate.expires);
    all
}

fn certificate(pair: &CertificateKeyPair, now: Timestamp) -> Option<Certificate> {
    let active = pair.versions.iter().rev().find(|version| version.activates <= now);
    let version = active.or_else(|| pair.versions.first())?;
    let facts = CertificateFacts::of_pem(&version.certificate)?;
    Some(Certificate {
        name: pair.name.clone(),
        href: format!("/if/admin/crypto/certificates/{}/", pair.id),
        subject: facts.subject,
        expires: facts.expires,
    })
}

/// `/if/admin/system/`.
pub(crate) async fn show(cx: ConsoleCx) -> Result<HttpResponse, WebError> {
    cx.require(VIEW, None)?;
    let (recurring, waiting, people) = cx
        .look(|tx, _| Ok((schedules::all(tx)?, jobs::counts(tx)?, users::count(tx)?)))
        .await
        .map_err(fault)?;
    let now = cx.now();
    let (queued, _, dead) = waiting;
    let number = |number: i64| Cell::Text(grouped(u64::try_from(number).unwrap_or(0)));
    let database = match cx.app.store().backend() {
        Backend::Sqlite => "SQLite",
        Backend::Postgres => "PostgreSQL",
    };
    let is_ready = cx.app.store().is_ready();
    let word = if is_ready { "console-system-ready" } else { "console-system-not-ready" };
    let tone = if is_ready { "success" } else { "danger" };
    let facts = vec![
        Pair::new(cx.t("console-system-version"), Cell::Code(env!("CARGO_PKG_VERSION").to_owned())),
        Pair::new(cx.t("console-system-database"), Cell::Text(database.to_owned())),
        Pair::new(cx.t("console-system-health"), Cell::Badge(cx.t(word), tone)),
        Pair::new(cx.t("console-system-time"), Cell::When(cx.when_exactly(now))),
        Pair::new(cx.t("console-system-install-id"), Cell::Code(cx.snapshot.install_id().to_string())),
    ];
    let sizes = vec![
        Pair::new(cx.t("console-nav-users"), number(people)),
        Pair::new(cx.t("console-nav-applications"), count(cx.snapshot.applications().len())),
        Pair::new(cx.t("console-nav-providers"), count(cx.snapshot.providers().len())),
        Pair::new(cx.t("console-nav-flows"), count(cx.snapshot.flows().len())),
        Pair::new(
            cx.t("console-jobs-queued"),
            Cell::link(grouped(unsigned(queued)), format!("{}?state=queued", super::JOBS)),
        ),
        Pair::new(
            cx.t("console-jobs-dead"),
            Cell::link(grouped(unsigned(dead)), format!("{}?state=dead", super::JOBS)),
        ),
    ];
    let parts = vec![
        Part::new(Body::Pairs(facts)).titled(cx.t("console-system-this")).wide(Width::Half),
        Part::new(Body::Pairs(sizes)).titled(cx.t("console-system-sizes")).wide(Width::Half),
        Part::table(schedule_table(&cx, &recurring, now)).titled(cx.t("console-system-recurring")),
        Part::table(certificate_table(&cx, now)).titled(cx.t("console-nav-certificates")),
    ];
    let header = header(&cx, HERE, "console-system-title", "console-system-text");
    cx.show(&PartsPage { cx: &cx, frame: cx.frame(header), parts })
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

fn count(number: usize) -> Cell {
    Cell::Text(grouped(u64::try_from(number).unwrap_or(u64::MAX)))
}

fn schedule_table(cx: &ConsoleCx, recurring: &[schedules::Recurring], now: Timestamp) -> Table {
    let row = |one: &schedules::Recurring| {
        let is_running = one.lease_until.is_some_and(|until| until > now);
        let worker = one.lease_owner.clone().filter(|_| is_running);
        let state = if is_running {
            Cell::Badge(cx.t("console-system-running"), "")
        } else if one.next_run <= now.minus(Span::from_mins(5)) {
            Cell::Badge(cx.t("console-system-late"), "warning")
        } else {
            Cell::Badge(cx.t("console-system-waiting"), "success")
        };
        Row {
            key: one.name.clone(),
            label: one.name.clone(),
            cells: vec![
                match cx.localizer().find(&format!("console-schedule-{}", one.name.replace('_', "-"))) {
                    Some(words) => Cell::Lines(words, one.name.clone()),
                    None => Cell::Code(one.name.clone()),
                },
                state,
                worker.map_or(Cell::Nothing, Cell::Code),
                Cell::When(cx.when(one.next_run)),
            ],
            actions: Vec::new(),
        }
    };
    let columns = ["console-name", "console-state", "console-system-worker", "console-system-next"];
    Table {
        caption: cx.t("console-system-recurring"),
        columns: columns.map(|key| Column::new(cx.t(key))).into(),
        rows: recurring.iter().filter(|one| one.name != START).map(row).collect(),
        bulk: None,
        empty: Some(Empty {
            icon: "list",
            title: cx.t("console-system-nothing-recurring"),
            text: cx.t("console-system-nothing-recurring-text"),
            action: None,
        }),
    }
}

fn certificate_table(cx: &ConsoleCx, now: Timestamp) -> Table {
    let all = certificates(&cx.snapshot, now);
    let may = |name: &str| cx.may("authentik_crypto.view_certificatekeypair", None) && !name.is_empty();
    let row = |certificate: &Certificate| {
        let name = if may(&certificate.name) {
            Cell::Link(Link::new(&certificate.name, &certificate.href))
        } else {
            Cell::Text(certificate.name.clone())
        };
        let word = match certificate.tone(now) {
            "danger" => "console-certificate-expired",
            "warning" => "console-certificate-soon",
            _ => "console-certificate-good",
        };
        Row {
            key: certificate.name.clone(),
            label: certificate.name.clone(),
            cells: vec![
                name,
                Cell::text(&certificate.subject),
                Cell::Badge(cx.t(word), certificate.tone(now)),
                Cell::When(cx.when(certificate.expires)),
            ],
            actions: Vec::new(),
        }
    };
    let columns = ["console-name", "console-certificate-subject", "console-state", "console-expires"];
    Table {
        caption: cx.t("console-nav-certificates"),
        columns: columns.map(|key| Column::new(cx.t(key))).into(),
        rows: all.iter().map(row).collect(),
        bulk: None,
        empty: Some(Empty {
            icon: "lock",
            title: cx.t("console-certificates-none"),
            text: cx.t("console-certificates-none-text"),
            action: None,
        }),
    }
}

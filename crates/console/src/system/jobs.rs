//! Jobs: what waits, what was done, what was given up, and trying that again.

use actix_web::{HttpResponse, web::Path};
use countersign_model::{Job, JobId, JobState};
use countersign_registry::ResourceError;
use countersign_store::jobs::{self, JobFilter};
use countersign_web::{BoundedQuery, WebError, encode_next, see_other};

use super::{JOBS, VIEW, header};
use crate::{
    cx::{ConsoleCx, ConsoleForm, fault},
    kit::{Bulk, Cell, Column, Empty, Link, Paging, Pair, Row, Table},
    parts::{Body, Part, PartsPage},
    shell::Header,
};

/// Jobs on a page.
const ROWS: u32 = 50;
/// Jobs that one form may name.
const MAX_KEYS: usize = 500;
/// Who may try again.
const RETRY: &str = "authentik_rbac.edit_system_settings";

/// `/if/admin/system/jobs/`.
pub(crate) async fn show(cx: ConsoleCx, BoundedQuery(query): BoundedQuery) -> Result<HttpResponse, WebError> {
    cx.require(VIEW, None)?;
    let state: Option<JobState> = query.only("state")?.and_then(|state| state.parse().ok());
    let skip: u64 = query.only("skip")?.and_then(|skip| skip.parse().ok()).unwrap_or(0);
    let filter = JobFilter { state, kind: None };
    let mut all = cx.look(move |tx, _| Ok(jobs::list(tx, &filter, skip, ROWS + 1)?)).await.map_err(fault)?;
    let shown = usize::try_from(ROWS).unwrap_or(usize::MAX);
    let has_more = all.len() > shown;
    all.truncate(shown);
    let may = cx.may(RETRY, None) && all.iter().any(|job| job.state == JobState::Dead);
    let buttons = vec![("retry", cx.t("console-jobs-retry"), false)];
    let columns = [
        "console-job-kind",
        "console-state",
        "console-job-attempts",
        "console-job-error",
        "console-job-created",
    ];
    let table = Table {
        caption: cx.t("console-jobs-title"),
        columns: columns.map(|key| Column::new(cx.t(key))).into(),
        rows: all.iter().map(|job| row(&cx, job)).collect(),
        bulk: may.then(|| Bulk { action: JOBS.to_owned(), buttons }),
        empty: Some(Empty {
            icon: "done",
            title: cx.t("console-jobs-none"),
            text: cx.t("console-jobs-none-text"),
            action: None,
        }),
    };
    let href = |skip: u64| {
        let state = state.map(|state| format!("&state={}", encode_next(state.as_str()))).unwrap_or_default();
        format!("{JOBS}?skip={skip}{state}")
    };
    let paging = Paging {
        count: String::new(),
        first: (skip > 0).then(|| href(0)),
        next: has_more.then(|| href(skip + u64::from(ROWS))),
    };
    let mut header = header(&cx, JOBS, "console-jobs-title", "console-jobs-text");
    for (name, key) in [
        (None, "console-jobs-all"),
        (Some(JobState::Queued), "console-jobs-queued"),
        (Some(JobState::Done), "console-jobs-done"),
        (Some(JobState::Dead), "console-jobs-dead"),
    ] {
        let to = name.map_or_else(|| JOBS.to_owned(), |name| format!("{JOBS}?state={}", name.as_str()));
        header = header.tab(cx.t(key), to, name == state);
    }
    let parts = vec![Part::new(Body::Table(Box::new(table), paging))];
    cx.show(&PartsPage { cx: &cx, frame: cx.frame(header), parts })
}

fn row(cx: &ConsoleCx, job: &Job) -> Row {
    let error: String = job.last_error.as_deref().unwrap_or_default().chars().take(160).collect();
    Row {
        key: job.id.to_string(),
        label: job.kind.clone(),
        cells: vec![
            Cell::Link(Link::new(job.kind.clone(), format!("{JOBS}{}/", job.id))),
            state(cx, job.state),
            Cell::Text(job.attempts.to_string()),
            Cell::text(error),
            Cell::When(cx.when(job.created)),
        ],
        actions: Vec::new(),
    }
}

fn state(cx: &ConsoleCx, state: JobState) -> Cell {
    match state {
        JobState::Queued => Cell::Badge(cx.t("console-job-queued"), "warning"),
        JobState::Done => Cell::Badge(cx.t("console-job-done"), "success"),
        JobState::Dead => Cell::Badge(cx.t("console-job-dead"), "danger"),
    }
}

/// `…/<id>/`: one job. Its payload may hold addresses and names, and is shown to nobody.
pub(crate) async fn one(cx: ConsoleCx, key: Path<String>) -> Result<HttpResponse, WebError> {
    cx.require(VIEW, None)?;
    let id: JobId = key.parse().map_err(|_| WebError::not_found())?;
    let job =
        cx.look(move |tx, _| jobs::by_id(tx, id)?.ok_or(ResourceError::NotFound)).await.map_err(fault)?;
    let mut pairs = vec![
        Pair::new(cx.t("console-job-kind"), Cell::Code(job.kind.clone())),
        Pair::new(cx.t("console-state"), state(&cx, job.state)),
        Pair::new(cx.t("console-job-attempts"), Cell::Text(job.attempts.to_string())),
        Pair::new(cx.t("console-job-created"), Cell::When(cx.when(job.created))),
        Pair::new(cx.t("console-job-run-at"), Cell::When(cx.when(job.run_at))),
        Pair::new(cx.t("console-system-worker"), job.lease_owner.clone().map_or(Cell::Nothing, Cell::Code)),
    ];
    if let Some(error) = &job.last_error {
        pairs.push(Pair::new(cx.t("console-job-error"), Cell::Block(error.clone())));
    }
    let header = Header::new(JOBS, job.kind).crumb(cx.t("console-jobs-title"), JOBS);
    cx.show(&PartsPage { cx: &cx, frame: cx.frame(header), parts: vec![Part::new(Body::Pairs(pairs))] })
}

/// `POST /if/admin/system/jobs/`: puts given-up jobs back into the queue.
pub(crate) async fn retry(form: ConsoleForm) -> Result<HttpResponse, WebError> {
    let ConsoleForm { cx, body } = form;
    let fields = body.read(cx.require(RETRY, None)?).await?;
    let ids: Vec<JobId> = fields.values("key").take(MAX_KEYS).filter_map(|key| key.parse().ok()).collect();
    let written = cx.write(move |tx, _| {
        for id in &ids {
            jobs::revive(tx, *id)?;
        }
        Ok(())
    });
    written.await.map_err(WebError::from)?;
    Ok(see_other(&format!("{JOBS}?done=jobs-retried")))
}

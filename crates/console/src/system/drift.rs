//! What applying a blueprint would make different now, and putting single objects back to what it says.

use actix_web::{HttpResponse, http::StatusCode, web::Path};
use countersign_registry::{Drift, Drifted};
use countersign_types::RawId;
use countersign_web::WebError;
use serde_json::Value;

use super::{
    BLUEPRINTS,
    blueprints::{CHANGE, MAX_KEYS, MODEL},
};
use crate::{
    cx::{ConsoleCx, ConsoleForm, fault},
    generic::{
        detail::{self, Tab},
        show, words,
    },
    kit::{Bulk, Cell, Column, Empty, Link, Row, Said, Table},
    parts::{Part, PartsPage},
};

/// Objects that are shown.
const MAX_OBJECTS: usize = 200;
/// Characters of a value that are shown.
const MAX_VALUE: usize = 80;

/// `…/<key>/drift/`.
pub(crate) async fn show(cx: ConsoleCx, key: Path<String>) -> Result<HttpResponse, WebError> {
    page(&cx, key.parse().map_err(|_| WebError::not_found())?, Vec::new()).await
}

/// `POST …/<key>/reset/`: puts the chosen objects back, and says how each went.
pub(crate) async fn reset(form: ConsoleForm, key: Path<String>) -> Result<HttpResponse, WebError> {
    let id: RawId = key.parse().map_err(|_| WebError::not_found())?;
    let ConsoleForm { cx, body } = form;
    let seams = cx.seams().ok_or_else(WebError::not_found)?.clone();
    let fields = body.read(cx.require(CHANGE, Some(id))?).await?;
    let objects: Vec<RawId> =
        fields.values("key").take(MAX_KEYS).filter_map(|key| key.parse().ok()).collect();
    let mut said = Vec::new();
    for object in objects {
        let outcome = seams.blueprints.reset(&cx.actor, id, object).await;
        let problem = match outcome {
            Ok(applied) if applied.success => continue,
            Ok(applied) => applied.problems.join(" · ").chars().take(1_000).collect(),
            Err(error) => error.to_string(),
        };
        said.push(Said { level: "danger", text: problem });
    }
    if said.is_empty() {
        said.push(Said { level: "success", text: cx.t("console-drift-reset-done") });
    }
    page(&cx, id, said).await
}

async fn page(cx: &ConsoleCx, id: RawId, said: Vec<Said>) -> Result<HttpResponse, WebError> {
    let seams = cx.seams().ok_or_else(WebError::not_found)?.clone();
    let viewed = cx
        .look(move |tx, read| {
            let kind = read.registry.get(MODEL)?;
            kind.brief(tx, read, id)?.ok_or(countersign_registry::ResourceError::NotFound)
        })
        .await
        .map_err(fault)?;
    cx.require(CHANGE, Some(id))?;
    let drift = seams
        .blueprints
        .drift(&cx.actor, id)
        .await
        .map_err(|error| WebError::new(error.kind()).caused_by(error))?;
    let place = cx.places().of_model(MODEL).ok_or_else(WebError::not_found)?;
    let kind = cx.registry().get(MODEL).map_err(fault)?.descriptor();
    let mut header = detail::header(cx, place, kind, &viewed, Tab::Overview);
    for Said { level, text } in said {
        header = header.notice(level, text);
    }
    for problem in drift.problems.iter().chain(&drift.warnings).take(20) {
        let level = if drift.problems.is_empty() { "warning" } else { "danger" };
        header = header.notice(level, problem.chars().take(1_000).collect::<String>());
    }
    let table = table(cx, id, &drift);
    let parts = vec![Part::table(table)];
    cx.show_with(StatusCode::OK, &PartsPage { cx, frame: cx.frame(header), parts })
}

fn table(cx: &ConsoleCx, id: RawId, drift: &Drift) -> Table {
    let columns = ["console-name", "console-kind", "console-drift-outcome", "console-drift-changes"];
    let made = drift.objects.iter().filter(|object| object.id.is_none()).map(|object| row(cx, None, object));
    let there = drift.about.iter().map(|(model, object, name)| {
        match drift.objects.iter().find(|drifted| drifted.id == Some(*object)) {
            Some(drifted) => row(cx, Some(*object), drifted),
            None => as_it_should_be(cx, model, *object, name),
        }
    });
    Table {
        caption: cx.t("console-drift-title"),
        columns: columns.map(|key| Column::new(cx.t(key))).into(),
        rows: made.chain(there).take(MAX_OBJECTS).collect(),
        bulk: Some(Bulk {
            action: format!("{BLUEPRINTS}{id}/reset/"),
            buttons: vec![("reset", cx.t("console-drift-reset"), false)],
        }),
        empty: Some(Empty {
            icon: "list",
            title: cx.t("console-drift-none"),
            text: cx.t("console-drift-none-text"),
            action: None,
        }),
    }
}

/// What administrators call a kind, with its label.
fn kind(cx: &ConsoleCx, model: &str) -> Cell {
    match cx.registry().get(model) {
        Ok(resource) => Cell::Lines(words::name(cx, resource.descriptor()), model.to_owned()),
        Err(_) => Cell::Code(model.to_owned()),
    }
}

fn named(cx: &ConsoleCx, model: &str, object: Option<RawId>, name: &str) -> Cell {
    let known = object.and_then(|object| show::binding_name(&cx.snapshot, object));
    let name = known.as_deref().unwrap_or(name);
    let place = cx.places().of_model(model);
    match (object, place) {
        (Some(object), Some(place)) => Cell::Link(Link::new(name, format!("{}{object}/", place.path))),
        _ => Cell::Text(name.to_owned()),
    }
}

fn row(cx: &ConsoleCx, object: Option<RawId>, drifted: &Drifted) -> Row {
    let (key, tone) = match drifted.done {
        "created" => ("console-drift-created", "success"),
        "deleted" => ("console-drift-deleted", "danger"),
        _ => ("console-drift-updated", "warning"),
    };
    let shown = |value: &Value| match value {
        Value::Null => "–".to_owned(),
        Value::String(text) => text.chars().take(MAX_VALUE).collect(),
        other => other.to_string().chars().take(MAX_VALUE).collect(),
    };
    let line = |(field, before, after): &(String, Value, Value)| match (before, after) {
        (Value::Null, Value::Null) => format!("{field}: {}", cx.t("console-drift-secret")),
        (before, after) => format!("{field}: {} → {}", shown(before), shown(after)),
    };
    let changes = match drifted.done {
        "updated" => drifted.changes.iter().map(line).collect(),
        _ => Vec::new(),
    };
    Row {
        key: object.map(|object| object.to_string()).unwrap_or_default(),
        label: drifted.name.clone(),
        cells: vec![
            named(cx, &drifted.model, object, &drifted.name),
            kind(cx, &drifted.model),
            Cell::Badge(cx.t(key), tone),
            if changes.is_empty() { Cell::Nothing } else { Cell::Block(changes.join("\n")) },
        ],
        actions: Vec::new(),
    }
}

fn as_it_should_be(cx: &ConsoleCx, model: &str, object: RawId, name: &str) -> Row {
    Row {
        key: object.to_string(),
        label: name.to_owned(),
        cells: vec![
            named(cx, model, Some(object), name),
            kind(cx, model),
            Cell::Badge(cx.t("console-drift-unchanged"), ""),
            Cell::Nothing,
        ],
        actions: Vec::new(),
    }
}

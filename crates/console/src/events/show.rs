//! One event: the sentence, what changed, and everything that was recorded.

use actix_web::{HttpResponse, web::Path};
use countersign_model::{Event, EventId};
use countersign_registry::ResourceError;
use countersign_store::events;
use countersign_web::WebError;
use serde_json::Value;

use super::{
    HERE, VIEW,
    log::{said, user},
    sentence::{About, action_name},
};
use crate::{
    cx::{ConsoleCx, fault},
    generic::{show::address, words},
    kit::{Button, Cell, Column, Pair, Row, Table},
    parts::{Body, Part, PartsPage},
    shell::Header,
};

/// Fields of a difference that are shown.
const MAX_FIELDS: usize = 100;
/// Characters of a value that are shown.
const MAX_VALUE: usize = 2_000;

/// `…/<id>/`.
pub(crate) async fn show(cx: ConsoleCx, key: Path<String>) -> Result<HttpResponse, WebError> {
    cx.require(VIEW, None)?;
    let id: EventId = key.parse().map_err(|_| WebError::not_found())?;
    let event =
        cx.look(move |tx, _| events::by_id(tx, id)?.ok_or(ResourceError::NotFound)).await.map_err(fault)?;
    let mut parts = vec![Part::new(Body::Pairs(facts(&cx, &event)))];
    if let Some(diff) = event.context.get("diff").and_then(Value::as_object).filter(|diff| !diff.is_empty()) {
        let columns = ["console-event-field", "console-event-before", "console-event-after"];
        let rows = diff.iter().take(MAX_FIELDS).map(|(field, change)| Row {
            key: field.clone(),
            label: field.clone(),
            cells: vec![
                called(&cx, &event, field),
                value(&cx, change.get("previous_value")),
                value(&cx, change.get("new_value")),
            ],
            actions: Vec::new(),
        });
        let table = Table {
            caption: cx.t("console-event-changes"),
            columns: columns.map(|key| Column::new(cx.t(key))).into(),
            rows: rows.collect(),
            ..Table::default()
        };
        parts.push(Part::table(table).titled(cx.t("console-event-changes")));
    }
    let mut rest = event.context.clone();
    rest.shift_remove("diff");
    if !rest.is_empty() {
        let text = serde_json::to_string_pretty(&Value::Object(rest)).unwrap_or_default();
        let pair = Pair::new(cx.t("console-event-details"), Cell::Block(text));
        parts.push(Part::new(Body::Pairs(vec![pair])).titled(cx.t("console-event-context")));
    }
    cx.show(&PartsPage { cx: &cx, frame: cx.frame(header(&cx, &event)), parts })
}

/// What the forms of the kind call a field, and its own name below; that alone where there is no such field.
fn called(cx: &ConsoleCx, event: &Event, name: &str) -> Cell {
    let model = About::of(&event.context).and_then(|about| about.model);
    let kind = model.and_then(|model| cx.registry().get(&model).ok()).map(|resource| resource.descriptor());
    match kind.and_then(|kind| Some((kind, kind.field(name)?))) {
        Some((kind, field)) => Cell::Lines(words::label(cx, kind, field), name.to_owned()),
        None => Cell::Code(name.to_owned()),
    }
}

fn header(cx: &ConsoleCx, event: &Event) -> Header {
    let mut header = Header::new(HERE, said(cx, event)).crumb(cx.t("console-events-title"), HERE);
    if let Some(about) = About::of(&event.context)
        && let (Some(model), Some(key)) = (&about.model, &about.key)
        && let Some(href) = address(cx, model, key)
    {
        let name = about.name.clone().unwrap_or_else(|| key.clone());
        let words = cx.t_with("console-event-object-link", "object", &name);
        header = header.also(Button::link(words, href));
    }
    header
}

fn facts(cx: &ConsoleCx, event: &Event) -> Vec<Pair> {
    vec![
        Pair::new(cx.t("console-events-what"), Cell::Text(action_name(cx.localizer(), event.action))),
        Pair::new(
            cx.t("console-events-when"),
            Cell::Whens(vec![cx.when(event.created), cx.when_exactly(event.created)]),
        ),
        Pair::new(cx.t("console-events-who"), user(cx, event)),
        Pair::new(cx.t("console-events-from"), Cell::text(event.client_ip.clone().unwrap_or_default())),
        Pair::new(cx.t("console-event-app"), Cell::Code(event.app.clone())),
        Pair::new(cx.t("console-event-expires"), Cell::When(cx.when(event.expires))),
    ]
}

/// A value as it was, or that there was none.
fn value(cx: &ConsoleCx, value: Option<&Value>) -> Cell {
    match value {
        None | Some(Value::Null) => Cell::Text(cx.t("console-event-nothing")),
        Some(Value::String(text)) if text.is_empty() => Cell::Text(cx.t("console-event-nothing")),
        Some(Value::String(text)) => Cell::Block(text.chars().take(MAX_VALUE).collect()),
        Some(other) => {
            let text = serde_json::to_string_pretty(other).unwrap_or_default();
            Cell::Block(text.chars().take(MAX_VALUE).collect())
        }
    }
}

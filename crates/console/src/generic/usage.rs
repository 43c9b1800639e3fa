//! `<place><key>/used-by/`: who refers to an object, and what its deletion would do to them.

use actix_web::{HttpResponse, web::Path};
use askama::Template;
use countersign_registry::{Usage, UsageAction};
use countersign_web::WebError;

use super::{
    detail::{self, Tab},
    find::{At, Keyed, Wanted},
    show, words,
};
use crate::{
    cx::{ConsoleCx, fault},
    kit::{Cell, Column, Empty, Row, Table},
    shell::Frame,
};

#[derive(Template)]
#[template(path = "console/usage.html")]
struct UsagePage<'u> {
    cx: &'u ConsoleCx,
    frame: Frame,
    table: Table,
}

/// Shows it.
pub(crate) async fn page(cx: ConsoleCx, At(place): At, key: Path<Keyed>) -> Result<HttpResponse, WebError> {
    let wanted = Wanted::of(&cx, &place, &key.key);
    let snapshot = std::sync::Arc::clone(&cx.snapshot);
    let (viewed, found) = cx
        .look(move |tx, read| {
            let (_, viewed) = wanted.brief(tx, read)?;
            let found = show::usage(tx, read, &snapshot, viewed.id)?;
            Ok((viewed, found))
        })
        .await
        .map_err(fault)?;
    let header = detail::header_of(&cx, &place, &viewed, Tab::Usage).await?;
    let mut table = table(&cx, &found);
    table.empty = Some(Empty {
        icon: "done",
        title: cx.t("console-usage-none-title"),
        text: cx.t("console-usage-none-text"),
        action: None,
    });
    cx.show(&UsagePage { cx: &cx, frame: cx.frame(header), table })
}

/// Who refers, as what, and what deletion would do.
pub(crate) fn table(cx: &ConsoleCx, found: &[Usage]) -> Table {
    let rows = found.iter().map(|usage| {
        let kind = cx.registry().get(&usage.model).ok().map(|resource| resource.descriptor());
        let kind_name = kind.map_or_else(|| usage.model.clone(), |kind| words::name(cx, kind));
        let top = usage.field.split('.').next().unwrap_or_default();
        let field = kind.and_then(|kind| kind.field(top));
        let field_name = match (kind, field) {
            (Some(kind), Some(field)) => words::label(cx, kind, field),
            _ => top.to_owned(),
        };
        let name = match kind.and_then(|kind| show::address(cx, kind.model, &usage.id.to_string())) {
            Some(href) => Cell::link(&usage.name, href),
            None => Cell::Text(usage.name.clone()),
        };
        let (tone, key) = effect(usage.action);
        let cells = vec![name, Cell::Text(kind_name), Cell::Text(field_name), Cell::Badge(cx.t(key), tone)];
        Row { key: usage.id.to_string(), label: usage.name.clone(), cells, actions: Vec::new() }
    });
    Table {
        caption: cx.t("console-tab-usage"),
        columns: vec![
            Column::new(cx.t("console-usage-name")),
            Column::new(cx.t("console-kind")),
            Column::new(cx.t("console-usage-field")),
            Column::new(cx.t("console-usage-effect")),
        ],
        rows: rows.collect(),
        ..Table::default()
    }
}

/// Colour and words of what deletion would do.
const fn effect(action: UsageAction) -> (&'static str, &'static str) {
    match action {
        UsageAction::Cascade => ("danger", "console-effect-cascade"),
        UsageAction::CascadeMany => ("", "console-effect-cascade-many"),
        UsageAction::SetNull => ("", "console-effect-set-null"),
        UsageAction::LeftDangling => ("warning", "console-effect-left-dangling"),
        UsageAction::Blocks => ("danger", "console-effect-blocks"),
        UsageAction::Opens => ("warning", "console-effect-opens"),
    }
}

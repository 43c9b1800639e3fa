//! Blueprints that are kept applied: how the last application went, whether the file is another by now, and
//! applying it again.

use actix_web::{HttpResponse, http::StatusCode, web::Path};
use countersign_model::{BlueprintInstance, BlueprintStatus};
use countersign_registry::{BlueprintFile, ResourceError};
use countersign_store::blueprint_instances;
use countersign_types::{RawId, Timestamp};
use countersign_web::WebError;

use super::{BLUEPRINTS, header};
use crate::{
    cx::{ConsoleCx, ConsoleForm, fault},
    flows,
    generic::{
        detail::{self, Tab},
        show::Names,
    },
    kit::{Bulk, Button, Cell, Column, Empty, Link, Pair, Row, Said, Table},
    parts::{Body, Part, PartsPage},
};

/// Blueprints that one form may name.
pub(super) const MAX_KEYS: usize = 50;
/// Characters of a problem that are shown.
const MAX_ERROR: usize = 4_000;
pub(super) const MODEL: &str = "authentik_blueprints.blueprintinstance";
const VIEW: &str = "authentik_blueprints.view_blueprintinstance";
pub(super) const CHANGE: &str = "authentik_blueprints.change_blueprintinstance";

/// Where a blueprint stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// As its last application left it.
    Known(BlueprintStatus),
    /// Its file is another than the one applied.
    Drifted,
    /// It is not kept applied.
    Off,
}

/// Every blueprint that is kept applied, by name, with where it stands.
pub(crate) fn standings(
    all: Vec<BlueprintInstance>,
    files: &[BlueprintFile],
) -> Vec<(BlueprintInstance, Standing)> {
    let standing = |instance: &BlueprintInstance| {
        if !instance.enabled {
            return Standing::Off;
        }
        let file = files.iter().find(|file| file.path == instance.path);
        let is_other = file.is_some_and(|file| file.hash != instance.content_hash);
        match instance.status {
            BlueprintStatus::Successful | BlueprintStatus::Warning if is_other => Standing::Drifted,
            status => Standing::Known(status),
        }
    };
    let mut all: Vec<_> = all.into_iter().map(|instance| (standing(&instance), instance)).collect();
    all.sort_by(|one, other| one.1.name.cmp(&other.1.name));
    all.into_iter().map(|(standing, instance)| (instance, standing)).collect()
}

/// The files that blueprints are applied from; none where nobody can say.
pub(crate) async fn files(cx: &ConsoleCx) -> Vec<BlueprintFile> {
    let Some(seams) = cx.seams() else { return Vec::new() };
    match seams.blueprints.available().await {
        Ok(files) => files,
        Err(error) => {
            tracing::warn!(%error, "the files of blueprints cannot be read");
            Vec::new()
        }
    }
}

/// `/if/admin/blueprints/instances/`.
pub(crate) async fn show(cx: ConsoleCx) -> Result<HttpResponse, WebError> {
    page(&cx, StatusCode::OK, Vec::new()).await
}

async fn page(cx: &ConsoleCx, status: StatusCode, said: Vec<Said>) -> Result<HttpResponse, WebError> {
    if !cx.may_somewhere(VIEW) {
        return Err(WebError::denied());
    }
    let mut all = cx.look(|tx, _| Ok(blueprint_instances::all(tx)?)).await.map_err(fault)?;
    all.retain(|instance| cx.may(VIEW, Some(instance.id.raw())));
    let all = standings(all, &files(cx).await);
    let may = cx.seams().is_some() && cx.may_somewhere(CHANGE);
    let buttons = vec![("apply", cx.t("console-blueprints-apply"), false)];
    let columns = ["console-name", "console-state", "console-blueprint-path", "console-blueprint-applied"];
    let table = Table {
        caption: cx.t("console-nav-blueprints"),
        columns: columns.map(|key| Column::new(cx.t(key))).into(),
        rows: all.iter().map(|(instance, standing)| row(cx, instance, *standing)).collect(),
        bulk: may.then(|| Bulk { action: format!("{BLUEPRINTS}~apply/"), buttons }),
        empty: Some(Empty {
            icon: "list",
            title: cx.t("console-blueprints-none"),
            text: cx.t("console-blueprints-none-text"),
            action: None,
        }),
    };
    let mut header = header(cx, BLUEPRINTS, "console-nav-blueprints", "console-blueprints-text");
    if cx.may("authentik_blueprints.add_blueprintinstance", None) {
        header = header.action(cx.t("console-blueprints-new"), format!("{BLUEPRINTS}~new/"));
    }
    if cx.seams().is_some() && cx.actor.is_superuser() {
        let href = format!("{BLUEPRINTS}~export/");
        header = header.also(Button::link(cx.t("console-blueprints-export"), href));
    }
    for Said { level, text } in said {
        header = header.notice(level, text);
    }
    cx.show_with(status, &PartsPage { cx, frame: cx.frame(header), parts: vec![Part::table(table)] })
}

impl Standing {
    /// Key of its word, and its colour.
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Drifted => ("console-blueprint-drifted", "warning"),
            Self::Off => ("console-blueprint-off", ""),
            Self::Known(BlueprintStatus::Successful) => ("console-blueprint-successful", "success"),
            Self::Known(BlueprintStatus::Warning) => ("console-blueprint-warning", "warning"),
            Self::Known(BlueprintStatus::Error) => ("console-blueprint-error", "danger"),
            Self::Known(BlueprintStatus::Orphaned) => ("console-blueprint-orphaned", "warning"),
            Self::Known(BlueprintStatus::Unknown) => ("console-blueprint-unknown", ""),
        }
    }
}

fn row(cx: &ConsoleCx, instance: &BlueprintInstance, standing: Standing) -> Row {
    let (key, tone) = standing.words();
    let error: String = instance.last_error.as_deref().unwrap_or_default().chars().take(300).collect();
    let link = Link::new(&instance.name, format!("{BLUEPRINTS}{}/", instance.id));
    Row {
        key: instance.id.to_string(),
        label: instance.name.clone(),
        cells: vec![
            Cell::LinkLine(link, error),
            Cell::Badge(cx.t(key), tone),
            match (instance.path.as_str(), instance.content.is_empty()) {
                ("", true) => Cell::Nothing,
                ("", false) => Cell::Text(cx.t("console-blueprint-here")),
                (path, _) => Cell::Code(path.to_owned()),
            },
            instance.last_applied.map_or(Cell::Nothing, |at| Cell::When(cx.when(at))),
        ],
        actions: Vec::new(),
    }
}

/// `…/~export/`: the whole configuration as a file.
pub(crate) async fn export(cx: ConsoleCx) -> Result<HttpResponse, WebError> {
    // It holds objects of every kind.
    if !cx.actor.is_superuser() {
        return Err(WebError::denied());
    }
    let seams = cx.seams().ok_or_else(WebError::not_found)?;
    Ok(flows::file("countersign", seams.blueprints.export_everything().await.map_err(flows::failed)?))
}

/// `…/<key>/`: where one stands, and what is set of it.
pub(crate) async fn one(cx: ConsoleCx, key: Path<String>) -> Result<HttpResponse, WebError> {
    shown(&cx, key.parse().map_err(|_| WebError::not_found())?, Vec::new()).await
}

async fn shown(cx: &ConsoleCx, id: RawId, said: Vec<Said>) -> Result<HttpResponse, WebError> {
    let (viewed, kept) = cx
        .look(move |tx, read| {
            let viewed = read.registry.get(MODEL)?.brief(tx, read, id)?.ok_or(ResourceError::NotFound)?;
            let kept = blueprint_instances::all(tx)?.into_iter().find(|one| one.id.raw() == id);
            Ok((viewed, kept.ok_or(ResourceError::NotFound)?))
        })
        .await
        .map_err(fault)?;
    let place = cx.places().of_model(MODEL).ok_or_else(WebError::not_found)?;
    let kind = cx.registry().get(MODEL).map_err(fault)?.descriptor();
    let files = files(cx).await;
    let mut header = detail::header(cx, place, kind, &viewed, Tab::Overview);
    if cx.seams().is_some() && cx.may(CHANGE, Some(id)) {
        let drift = format!("{BLUEPRINTS}{id}/drift/");
        header = header.also(Button::link(cx.t("console-drift-title"), drift));
        let to = format!("{BLUEPRINTS}{id}/apply/");
        header = header.also(Button::post(cx.t("console-blueprints-apply"), to));
    }
    for Said { level, text } in said {
        header = header.notice(level, text);
    }
    let mut parts = Vec::new();
    for (instance, standing) in standings(vec![kept], &files) {
        let (key, tone) = standing.words();
        header = header.badge(cx.t(key), tone);
        let applied = instance.last_applied.map_or(Cell::Nothing, |at| Cell::When(cx.when(at)));
        let mut facts = vec![
            Pair::new(cx.t("console-state"), Cell::Badge(cx.t(key), tone)),
            Pair::new(cx.t("console-blueprint-applied"), applied),
        ];
        if !instance.content_hash.is_empty() {
            facts.push(Pair::new(cx.t("console-blueprint-hash"), Cell::Code(instance.content_hash.clone())));
        }
        if let Some(file) = files.iter().find(|file| file.path == instance.path) {
            if standing == Standing::Drifted {
                facts.push(Pair::new(cx.t("console-blueprint-hash-now"), Cell::Code(file.hash.clone())));
            }
            if file.modified > Timestamp::from_secs(0) {
                let changed = Cell::When(cx.when(file.modified));
                facts.push(Pair::new(cx.t("console-blueprint-changed"), changed));
            }
        }
        if let Some(error) = &instance.last_error {
            let error = error.chars().take(MAX_ERROR).collect();
            facts.push(Pair::new(cx.t("console-blueprint-problem"), Cell::Block(error)));
        }
        parts.push(Part::new(Body::Pairs(facts)).titled(cx.t("console-blueprint-standing")));
    }
    for (heading, pairs) in detail::groups(cx, kind, &viewed, &Names::default()) {
        let heading = if heading.is_empty() { cx.t("console-blueprint-settings") } else { heading };
        parts.push(Part::new(Body::Pairs(pairs)).titled(heading));
    }
    cx.show(&PartsPage { cx, frame: cx.frame(header), parts })
}

/// `POST …/<key>/apply/`: applies one again, and says on its page how that went.
pub(crate) async fn apply_one(form: ConsoleForm, key: Path<String>) -> Result<HttpResponse, WebError> {
    let id: RawId = key.parse().map_err(|_| WebError::not_found())?;
    let ConsoleForm { cx, body } = form;
    body.read(cx.require(CHANGE, Some(id))?).await?;
    let said = applied(&cx, &[id]).await?;
    shown(&cx, id, said).await
}

/// `POST …/~apply/`: applies again, and says how each went.
pub(crate) async fn apply(form: ConsoleForm) -> Result<HttpResponse, WebError> {
    let ConsoleForm { cx, body } = form;
    let fields = body.read(cx.require_somewhere(&[CHANGE])?).await?;
    let ids: Vec<RawId> = fields.values("key").take(MAX_KEYS).filter_map(|key| key.parse().ok()).collect();
    let said = applied(&cx, &ids).await?;
    page(&cx, StatusCode::OK, said).await
}

/// Applies blueprints, and says how each went.
async fn applied(cx: &ConsoleCx, ids: &[RawId]) -> Result<Vec<Said>, WebError> {
    let seams = cx.seams().ok_or_else(WebError::not_found)?.clone();
    let mut said = Vec::new();
    for id in ids.iter().copied() {
        cx.require(CHANGE, Some(id))?;
        match seams.blueprints.apply(&cx.actor, id).await {
            Ok(applied) if applied.success => {
                let text = cx.t_with("console-blueprint-went-well", "name", &applied.name);
                said.push(Said { level: "success", text });
            }
            Ok(applied) => {
                let text = cx.t_with("console-blueprint-went-wrong", "name", &applied.name);
                let problems: String = applied.problems.join(" · ").chars().take(1_000).collect();
                said.push(Said { level: "danger", text: format!("{text} {problems}") });
            }
            Err(error) => said.push(Said { level: "danger", text: error.to_string() }),
        }
    }
    Ok(said)
}

#[cfg(test)]
mod tests {
    use countersign_model::BlueprintInstanceId;
    use countersign_types::JsonObject;

    use super::*;

    fn instance(name: &str, status: BlueprintStatus, enabled: bool) -> BlueprintInstance {
        BlueprintInstance {
            id: BlueprintInstanceId(RawId::nil()),
            name: name.to_owned(),
            path: "default/x.yaml".to_owned(),
            content: String::new(),
            content_hash: "aa".to_owned(),
            status,
            last_applied: None,
            last_error: None,
            enabled,
            context: JsonObject::new(),
            metadata: JsonObject::new(),
        }
    }

    #[test]
    fn what_failed_is_said_before_what_drifted_and_what_is_off_before_both() {
        let all = vec![
            instance("b", BlueprintStatus::Error, true),
            instance("a", BlueprintStatus::Error, false),
            instance("c", BlueprintStatus::Successful, true),
        ];
        let found: Vec<_> =
            standings(all, &[]).into_iter().map(|(one, standing)| (one.name, standing)).collect();
        let expected = [
            ("a".to_owned(), Standing::Off),
            ("b".to_owned(), Standing::Known(BlueprintStatus::Error)),
            ("c".to_owned(), Standing::Known(BlueprintStatus::Successful)),
        ];
        assert_eq!(found, expected);
    }
}

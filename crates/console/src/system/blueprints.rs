//! Blueprints that are kept applied: how the last application went, whether the file is another by now, and
//! applying it again.

use actix_web::{HttpResponse, http::StatusCode};
use countersign_model::{BlueprintInstance, BlueprintStatus};
use countersign_registry::BlueprintFile;
use countersign_store::blueprint_instances;
use countersign_types::RawId;
use countersign_web::WebError;

use super::{BLUEPRINTS, header};
use crate::{
    cx::{ConsoleCx, ConsoleForm, fault},
    kit::{Bulk, Cell, Column, Empty, Link, Row, Said, Table},
    parts::{Part, PartsPage},
};

/// Blueprints that one form may name.
const MAX_KEYS: usize = 50;
const VIEW: &str = "authentik_blueprints.view_blueprintinstance";
const CHANGE: &str = "authentik_blueprints.change_blueprintinstance";

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
    for Said { level, text } in said {
        header = header.notice(level, text);
    }
    cx.show_with(status, &PartsPage { cx, frame: cx.frame(header), parts: vec![Part::table(table)] })
}

fn row(cx: &ConsoleCx, instance: &BlueprintInstance, standing: Standing) -> Row {
    let (key, tone) = match standing {
        Standing::Drifted => ("console-blueprint-drifted", "warning"),
        Standing::Off => ("console-blueprint-off", ""),
        Standing::Known(BlueprintStatus::Successful) => ("console-blueprint-successful", "success"),
        Standing::Known(BlueprintStatus::Warning) => ("console-blueprint-warning", "warning"),
        Standing::Known(BlueprintStatus::Error) => ("console-blueprint-error", "danger"),
        Standing::Known(BlueprintStatus::Orphaned) => ("console-blueprint-orphaned", "warning"),
        Standing::Known(BlueprintStatus::Unknown) => ("console-blueprint-unknown", ""),
    };
    let error: String = instance.last_error.as_deref().unwrap_or_default().chars().take(300).collect();
    let link = Link::new(&instance.name, format!("{BLUEPRINTS}{}/", instance.id));
    Row {
        key: instance.id.to_string(),
        label: instance.name.clone(),
        cells: vec![
            Cell::LinkLine(link, error),
            Cell::Badge(cx.t(key), tone),
            if instance.path.is_empty() { Cell::Nothing } else { Cell::Code(instance.path.clone()) },
            instance.last_applied.map_or(Cell::Nothing, |at| Cell::When(cx.when(at))),
        ],
        actions: Vec::new(),
    }
}

/// `POST …/~apply/`: applies again, and says how each went.
pub(crate) async fn apply(form: ConsoleForm) -> Result<HttpResponse, WebError> {
    let cx = form.cx;
    let seams = cx.seams().ok_or_else(WebError::not_found)?.clone();
    let ids: Vec<RawId> =
        form.fields.values("key").take(MAX_KEYS).filter_map(|key| key.parse().ok()).collect();
    let mut said = Vec::new();
    for id in ids {
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
    page(&cx, StatusCode::OK, said).await
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

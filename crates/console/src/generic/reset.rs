//! `<place><key>/blueprint/`: an object back to what its blueprint says.
//!
//! Objects that came from a blueprint that is kept applied know it ([`Snapshot::blueprint_of`]). Whoever may change both
//! is offered to put the object back, and sees first what that would change.
//!
//! [`Snapshot::blueprint_of`]: countersign_store::Snapshot::blueprint_of

use actix_web::{HttpResponse, http::StatusCode, web::Path};
use countersign_authz::Permission;
use countersign_model::BlueprintInstanceId;
use countersign_registry::{Drifted, Viewed};
use countersign_resource::Descriptor;
use countersign_types::{JsonObject, RawId};
use countersign_web::{WebError, see_other};
use serde_json::json;

use super::{
    detail::{self, Tab},
    find::{At, Keyed, Wanted},
    places::Place,
    revisions::{Change, changes},
    show,
};
use crate::{
    cx::{ConsoleCx, ConsoleForm, Permit, fault},
    flows::failed,
    kit::{Button, Cell, Column, Confirm, Link, Pair, Row, Said, Table},
    parts::{Body, Part, PartsPage},
    shell::{Header, with_parameter},
};

const BLUEPRINT: &str = "authentik_blueprints.blueprintinstance";

/// The blueprint that an object can be put back to, by this reader.
fn offered(cx: &ConsoleCx, model: &str, id: RawId) -> Option<BlueprintInstanceId> {
    let instance = cx.snapshot.blueprint_of(id).filter(|_| cx.seams().is_some())?;
    let may = cx.may(Permission::change(model).as_str(), Some(id))
        && cx.may(Permission::change(BLUEPRINT).as_str(), Some(instance.raw()));
    may.then_some(instance)
}

/// The header of an object at this address, with the way to its blueprint where there is one.
pub(crate) fn offer(cx: &ConsoleCx, header: Header, model: &str, id: RawId, here: &str) -> Header {
    match offered(cx, model, id) {
        Some(_) => header.also(Button::link(cx.t("console-reset"), format!("{here}blueprint/"))),
        None => header,
    }
}

/// An object and the blueprint that it came from.
struct Managed {
    viewed: Viewed,
    instance: BlueprintInstanceId,
    permit: Permit,
}

/// The object of an address, for whoever may put it back.
async fn managed(cx: &ConsoleCx, place: &Place, key: &str) -> Result<Managed, WebError> {
    let wanted = Wanted::of(cx, place, key);
    let viewed = cx.look(move |tx, read| Ok(wanted.brief(tx, read)?.1)).await.map_err(fault)?;
    cx.require(Permission::change(viewed.model).as_str(), Some(viewed.id))?;
    let instance = cx.snapshot.blueprint_of(viewed.id).ok_or_else(WebError::not_found)?;
    let permit = cx.require(Permission::change(BLUEPRINT).as_str(), Some(instance.raw()))?;
    Ok(Managed { viewed, instance, permit })
}

/// `GET <place><key>/blueprint/`: what would change, and the question.
pub(crate) async fn ask(cx: ConsoleCx, At(place): At, key: Path<Keyed>) -> Result<HttpResponse, WebError> {
    let managed = managed(&cx, &place, &key.key).await?;
    page(&cx, &place, &managed, StatusCode::OK, None).await
}

/// `POST <place><key>/blueprint/`: puts it back.
pub(crate) async fn reset(
    form: ConsoleForm,
    At(place): At,
    key: Path<Keyed>,
) -> Result<HttpResponse, WebError> {
    let ConsoleForm { cx, body } = form;
    let Managed { viewed, instance, permit } = managed(&cx, &place, &key.key).await?;
    body.read(permit).await?;
    let seams = cx.seams().ok_or_else(WebError::not_found)?.clone();
    let applied = seams.blueprints.reset(&cx.actor, instance.raw(), viewed.id).await.map_err(failed)?;
    if applied.success {
        // Its key may be another now.
        let (model, id) = (viewed.model, viewed.id);
        let now =
            cx.look(move |tx, read| read.registry.get(model)?.brief(tx, read, id)).await.map_err(fault)?;
        let key = now.map_or(viewed.key, |viewed| viewed.key);
        return Ok(see_other(&with_parameter(&format!("{}{key}/", place.path), "done", "reset")));
    }
    let problem: String = applied.problems.join(" · ").chars().take(1_000).collect();
    let managed = managed(&cx, &place, &key.key).await?;
    page(&cx, &place, &managed, StatusCode::BAD_REQUEST, Some(problem)).await
}

async fn page(
    cx: &ConsoleCx,
    place: &Place,
    managed: &Managed,
    status: StatusCode,
    problem: Option<String>,
) -> Result<HttpResponse, WebError> {
    let Managed { viewed, instance, .. } = managed;
    let seams = cx.seams().ok_or_else(WebError::not_found)?.clone();
    let drift = seams.blueprints.drift_of(&cx.actor, instance.raw(), viewed.id).await.map_err(failed)?;
    let kind = cx.registry().get(viewed.model).map_err(fault)?.descriptor();
    let here = format!("{}{}/", place.path, viewed.key);
    let mut header = detail::header_of(cx, place, viewed, Tab::Elsewhere).await?;
    header = header.crumb(&viewed.name, &here);
    let mut said: Vec<Said> = problem.map(|text| Said { level: "danger", text }).into_iter().collect();
    if said.is_empty() {
        let problem = |text: &String| Said { level: "danger", text: text.chars().take(1_000).collect() };
        said.extend(drift.problems.iter().take(20).map(problem));
    }
    for Said { level, text } in said {
        header = header.notice(level, text);
    }
    let id = *instance;
    let blueprint = cx
        .look(move |tx, read| read.registry.get(BLUEPRINT)?.brief(tx, read, id.raw()))
        .await
        .map_err(fault)?;
    let address = show::address(cx, BLUEPRINT, &instance.to_string()).unwrap_or_default();
    let link = blueprint.map_or(Cell::Nothing, |found| Cell::Link(Link::new(found.name, address)));
    let mut parts = vec![Part::new(Body::Pairs(vec![Pair::new(cx.t("console-reset-blueprint"), link)]))];
    let changes = drift.objects.iter().find(|object| object.id == Some(viewed.id));
    let changes = changes.map(|object| different(cx, kind, object)).unwrap_or_default();
    let lines = match (drift.problems.is_empty(), changes.is_empty()) {
        (false, _) => Vec::new(),
        (true, true) => vec![cx.t("console-reset-same")],
        (true, false) => vec![cx.t("console-reset-text")],
    };
    if changes.is_empty() {
        parts.push(Part::new(Body::Text(lines)));
    } else {
        parts.push(Part::table(table(cx, changes)));
        parts.push(Part::new(Body::Confirm(Confirm {
            lines,
            action: format!("{here}blueprint/"),
            fields: Vec::new(),
            label: cx.t("console-reset"),
            is_danger: false,
            back: here,
        })));
    }
    cx.show_with(status, &PartsPage { cx, frame: cx.frame(header), parts })
}

/// What would be different, in the words of the kind. Of secrets only that they would.
fn different(cx: &ConsoleCx, kind: &Descriptor, object: &Drifted) -> Vec<Change> {
    let mut found = Vec::new();
    for (field, before, after) in &object.changes {
        let diff = json!({ "previous_value": before, "new_value": after });
        let diff = JsonObject::from_iter([(field.clone(), diff)]);
        match changes(cx, kind, &diff).pop() {
            Some(change) => found.push(change),
            None => found.push(Change {
                label: field.clone(),
                before: None,
                after: Some(cx.t("console-drift-secret")),
            }),
        }
    }
    found
}

fn table(cx: &ConsoleCx, changes: Vec<Change>) -> Table {
    let columns = ["console-reset-attribute", "console-reset-now", "console-reset-then"];
    let cell = |words: Option<String>| words.map_or(Cell::Nothing, Cell::Block);
    let row = |Change { label, before, after }: Change| Row {
        key: label.clone(),
        label: label.clone(),
        cells: vec![Cell::Text(label), cell(before), cell(after)],
        actions: Vec::new(),
    };
    Table {
        caption: cx.t("console-reset-changes"),
        columns: columns.map(|key| Column::new(cx.t(key))).into(),
        rows: changes.into_iter().map(row).collect(),
        bulk: None,
        empty: None,
    }
}

//! `<place><key>/revisions/`: who changed what and when, and putting an object back to what it was.

use actix_web::{HttpResponse, web::Path};
use askama::Template;
use countersign_authz::Permission;
use countersign_model::{RevisionAction, RevisionId};
use countersign_registry::{ResourceError, RevisionView, Viewed};
use countersign_resource::{Descriptor, FieldInfo, diff};
use countersign_types::{JsonObject, PageRequest};
use countersign_web::{BoundedQuery, WebError, see_other};
use serde_json::Value;

use super::{
    detail::{self, Tab},
    find::{At, Keyed, KeyedRevision, Wanted},
    form::permission,
    places::Place,
    show, words,
};
use crate::{
    cx::{ConsoleCx, ConsoleForm, WriteError, fault},
    kit::{Cell, Column, Confirm, Empty, Link, Paging, Row, Table, When},
    shell::Frame,
};

/// Revisions of a page.
const ROWS: u32 = 25;
/// Fields named in the list.
const NAMED_FIELDS: usize = 4;

#[derive(Template)]
#[template(path = "console/revisions.html")]
struct RevisionsPage<'r> {
    cx: &'r ConsoleCx,
    frame: Frame,
    table: Table,
    paging: Paging,
}

#[derive(Template)]
#[template(path = "console/revision.html")]
struct RevisionPage<'r> {
    cx: &'r ConsoleCx,
    frame: Frame,
    /// What was done, and by whom.
    line: String,
    when: When,
    changes: Vec<Change>,
    heading: String,
    back_changes: Vec<Change>,
    back_heading: String,
    confirm: Option<Confirm>,
}

/// A field before and after; none where there was nothing.
pub(crate) struct Change {
    pub(crate) label: String,
    pub(crate) before: Option<String>,
    pub(crate) after: Option<String>,
}

/// `GET <place><key>/revisions/`.
pub(crate) async fn list(
    cx: ConsoleCx,
    At(place): At,
    key: Path<Keyed>,
    BoundedQuery(query): BoundedQuery,
) -> Result<HttpResponse, WebError> {
    let wanted = Wanted::of(&cx, &place, &key.key);
    let after = query.first("after").filter(|after| !after.is_empty()).map(str::to_owned);
    let request = PageRequest { after: after.clone(), limit: ROWS };
    let (viewed, found) = cx
        .look(move |tx, read| {
            let (resource, viewed) = wanted.brief(tx, read)?;
            let found = resource.revisions(tx, read, viewed.id, &request)?;
            Ok((viewed, found))
        })
        .await
        .map_err(fault)?;
    let kind = cx.registry().get(viewed.model).map_err(fault)?.descriptor();
    let here = format!("{}{}/revisions/", place.path, viewed.key);
    let header = detail::header_of(&cx, &place, &viewed, Tab::Revisions).await?;
    let rows = found.items.iter().map(|revision| row(&cx, kind, &here, revision));
    let table = Table {
        caption: cx.t("console-tab-revisions"),
        columns: vec![
            Column::new(cx.t("console-revision-when")),
            Column::new(cx.t("console-revision-who")),
            Column::new(cx.t("console-revision-action")),
            Column::new(cx.t("console-revision-fields")),
        ],
        rows: rows.collect(),
        bulk: None,
        empty: Some(Empty {
            icon: "list",
            title: cx.t("console-revision-none-title"),
            text: cx.t("console-revision-none-text"),
            action: None,
        }),
    };
    let paging = Paging {
        count: String::new(),
        first: after.is_some().then(|| here.clone()),
        next: found.next.map(|next| crate::shell::with_parameter(&here, "after", &next)),
    };
    cx.show(&RevisionsPage { cx: &cx, frame: cx.frame(header), table, paging })
}

fn row(cx: &ConsoleCx, kind: &Descriptor, here: &str, revision: &RevisionView) -> Row {
    let when = cx.when(revision.created);
    let mut labels: Vec<String> = revision.diff.keys().map(|name| label(cx, kind, name)).collect();
    let more = labels.len().saturating_sub(NAMED_FIELDS);
    labels.truncate(NAMED_FIELDS);
    let mut fields = labels.join(", ");
    if more > 0 {
        fields.push('…');
    }
    let (action, tone) = action(cx, revision.action);
    Row {
        key: revision.id.to_string(),
        label: when.exact.clone(),
        cells: vec![
            Cell::When(when),
            Cell::Text(who(cx, revision)),
            Cell::Badge(action, tone),
            Cell::text(fields),
        ],
        actions: vec![Link::new(cx.t("action-open"), format!("{here}{}/", revision.id))],
    }
}

/// `GET <place><key>/revisions/<revision>/`.
pub(crate) async fn show(
    cx: ConsoleCx,
    At(place): At,
    path: Path<KeyedRevision>,
) -> Result<HttpResponse, WebError> {
    let KeyedRevision { key, revision } = path.into_inner();
    let (viewed, revision) = found(&cx, &place, &key, &revision).await?;
    let kind = cx.registry().get(viewed.model).map_err(fault)?.descriptor();
    let here = format!("{}{}/revisions/", place.path, viewed.key);
    let header = detail::header_of(&cx, &place, &viewed, Tab::Revisions)
        .await?
        .crumb(show::described(&cx.snapshot, &viewed), format!("{}{}/", place.path, viewed.key))
        .crumb(cx.t("console-tab-revisions"), &here);
    let (action, _) = action(&cx, revision.action);
    let line = format!("{action} · {} · ", who(&cx, &revision));
    let back_changes = changes(&cx, kind, &diff(kind, &viewed.document, &revision.document));
    let may_revert = cx.may(&permission("change", kind), Some(viewed.id))
        && revision.action != RevisionAction::Deleted
        && !back_changes.is_empty();
    let confirm = may_revert.then(|| Confirm {
        lines: vec![cx.t("console-revert-text")],
        action: format!("{here}{}/", revision.id),
        fields: vec![("version".to_owned(), viewed.version.clone())],
        label: cx.t("console-revert"),
        is_danger: false,
        back: here.clone(),
    });
    cx.show(&RevisionPage {
        cx: &cx,
        frame: cx.frame(header),
        line,
        when: cx.when_exactly(revision.created),
        changes: changes(&cx, kind, &revision.diff),
        heading: cx.t("console-revision-changes"),
        back_changes,
        back_heading: cx.t("console-revision-since"),
        confirm,
    })
}

/// `POST <place><key>/revisions/<revision>/`: puts the object back.
pub(crate) async fn revert(
    form: ConsoleForm,
    At(place): At,
    path: Path<KeyedRevision>,
) -> Result<HttpResponse, WebError> {
    let ConsoleForm { cx, body } = form;
    let KeyedRevision { key, revision } = path.into_inner();
    let (viewed, revision) = found(&cx, &place, &key, &revision).await?;
    let (model, id, revision) = (viewed.model, viewed.id, revision.id);
    let fields = body.read(cx.require(Permission::change(model).as_str(), Some(id))?).await?;
    let version = fields.first("version").unwrap_or_default().to_owned();
    let outcome = cx
        .write(move |tx, write| {
            let resource = write.registry.get(model)?;
            resource.revert(tx, write.expecting(Some(&version)), id, revision)?;
            let viewed = resource.brief(tx, write.reading(), id)?;
            Ok(viewed.map_or_else(|| id.to_string(), |viewed| viewed.key))
        })
        .await;
    match outcome {
        Ok(key) => Ok(see_other(&format!("{}{key}/?done=reverted", place.path))),
        Err(WriteError::Resource(ResourceError::Fields(errors))) => {
            let words: Vec<String> = errors.0.iter().map(|error| cx.text(&error.message)).collect();
            tracing::info!(errors = ?words, "a revision does not fit any more");
            Err(WebError::fields(errors)
                .titled("console-revert-refused-title")
                .saying("console-revert-refused-text")
                .way_on("action-back", format!("{}{key}/revisions/", place.path)))
        }
        Err(error) => Err(error.into()),
    }
}

/// The object and one of its revisions.
async fn found(
    cx: &ConsoleCx,
    place: &Place,
    key: &str,
    revision: &str,
) -> Result<(Viewed, RevisionView), WebError> {
    let wanted = Wanted::of(cx, place, key);
    let revision = RevisionId(revision.parse().map_err(|_| WebError::not_found())?);
    cx.look(move |tx, read| {
        let (resource, viewed) = wanted.brief(tx, read)?;
        // No object has more revisions than are kept, and these few come with one query.
        let all = resource.revisions(tx, read, viewed.id, &PageRequest::first(100))?;
        let found = all.items.into_iter().find(|one| one.id == revision);
        Ok((viewed, found.ok_or(ResourceError::NotFound)?))
    })
    .await
    .map_err(fault)
}

/// A difference, field by field, in words.
pub(crate) fn changes(cx: &ConsoleCx, kind: &Descriptor, diff: &JsonObject) -> Vec<Change> {
    let changes = diff.iter().map(|(name, change)| {
        let words = |when: &str| in_words(cx, kind.field(name), change.get(when));
        let (before, after) = (words("previous_value"), words("new_value"));
        Change { label: label(cx, kind, name), before, after }
    });
    // What was nothing and is nothing is no change to a reader.
    changes.filter(|change| change.before.is_some() || change.after.is_some()).collect()
}

fn in_words(cx: &ConsoleCx, field: Option<&FieldInfo>, value: Option<&Value>) -> Option<String> {
    let is_reference = field.is_some_and(|field| field.reference.is_some());
    match value? {
        Value::Null => None,
        Value::String(text) if text.is_empty() => None,
        Value::String(text) if is_reference => Some(show::name_of(cx, text)),
        Value::String(text) if field.is_some_and(|field| field.widget == "select") => {
            Some(words::choice(cx, text))
        }
        Value::String(text) => Some(text.clone()),
        Value::Bool(is_on) => Some(cx.t(if *is_on { "word-yes" } else { "word-no" })),
        Value::Array(elements) if elements.is_empty() => None,
        Value::Array(elements) if is_reference => {
            let names = elements.iter().filter_map(Value::as_str).map(|text| show::name_of(cx, text));
            Some(names.collect::<Vec<_>>().join("\n"))
        }
        value => serde_json::to_string_pretty(value).ok(),
    }
}

fn label(cx: &ConsoleCx, kind: &Descriptor, name: &str) -> String {
    kind.field(name).map_or_else(|| name.to_owned(), |field| words::label(cx, kind, field))
}

fn who(cx: &ConsoleCx, revision: &RevisionView) -> String {
    match &revision.user {
        None => cx.t("console-system"),
        Some(user) => match &user.on_behalf_of {
            Some(other) => cx.t_args(
                "console-on-behalf",
                &[("who", user.username.as_str().into()), ("whom", other.username.as_str().into())],
            ),
            None => user.username.clone(),
        },
    }
}

fn action(cx: &ConsoleCx, action: RevisionAction) -> (String, &'static str) {
    let (key, tone) = match action {
        RevisionAction::Created => ("console-action-created", "success"),
        RevisionAction::Updated => ("console-action-updated", ""),
        RevisionAction::Reverted => ("console-action-reverted", "warning"),
        RevisionAction::Deleted => ("console-action-deleted", "danger"),
    };
    (cx.t(key), tone)
}

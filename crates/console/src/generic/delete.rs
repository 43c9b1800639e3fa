//! Deleting: what would happen, then done. One object, or several of a list.

use actix_web::{HttpResponse, web::Path};
use askama::Template;
use countersign_authz::Permission;
use countersign_registry::{ResourceError, Usage, UsageAction, Viewed};
use countersign_types::TextArg;
use countersign_web::{BoundedQuery, Pairs, WebError, safe_next, see_other};

use super::{
    find::{At, Keyed, Wanted},
    form::permission,
    places::Place,
    show, usage,
};
use crate::{
    cx::{ConsoleCx, ConsoleForm, Permit, WriteError, fault},
    kit::{Confirm, Table},
    shell::{Frame, with_parameter},
};

/// Most objects deleted at once.
const MAX_AT_ONCE: usize = 100;

#[derive(Template)]
#[template(path = "console/delete.html")]
struct DeletePage<'d> {
    cx: &'d ConsoleCx,
    frame: Frame,
    /// Who is concerned.
    table: Table,
    /// None when the objects cannot be deleted as things are.
    confirm: Option<Confirm>,
    back: String,
}

/// `GET <place><key>/delete/`.
pub(crate) async fn ask(
    cx: ConsoleCx,
    At(place): At,
    key: Path<Keyed>,
    BoundedQuery(query): BoundedQuery,
) -> Result<HttpResponse, WebError> {
    let keys = vec![key.into_inner().key];
    let found = concerned(&cx, &place, &keys).await?;
    let here = keys.first().map_or_else(String::new, |key| format!("{}{key}/", place.path));
    let next = next_of(&query);
    let fields = next.iter().map(|next| ("next".to_owned(), next.clone())).collect();
    question(
        &cx,
        &place,
        &found,
        Asking { action: format!("{here}delete/"), fields, back: next.unwrap_or(here) },
    )
}

/// `POST <place><key>/delete/`.
pub(crate) async fn delete(
    form: ConsoleForm,
    At(place): At,
    key: Path<Keyed>,
) -> Result<HttpResponse, WebError> {
    let ConsoleForm { cx, body } = form;
    let keys = vec![key.into_inner().key];
    let fields = body.read(may_delete(&cx, &place, &keys).await?).await?;
    let to = next_of(&fields).unwrap_or_else(|| place.path.clone());
    let may_open = fields.first("open") == Some("true");
    gone(&cx, &place, &keys, may_open).await?;
    Ok(see_other(&with_parameter(&to, "done", "deleted")))
}

/// `POST <place>~delete/`: asks first; with `sure` it is done.
pub(crate) async fn several(form: ConsoleForm, At(place): At) -> Result<HttpResponse, WebError> {
    let ConsoleForm { cx, body } = form;
    let permissions: Vec<_> = place.models.iter().map(|model| Permission::delete(model)).collect();
    let permissions: Vec<_> = permissions.iter().map(Permission::as_str).collect();
    let fields = body.read(cx.require_somewhere(&permissions)?).await?;
    let keys: Vec<String> = fields.values("key").take(MAX_AT_ONCE).map(str::to_owned).collect();
    if keys.is_empty() {
        return Ok(see_other(&place.path));
    }
    if fields.first("sure") == Some("true") {
        gone(&cx, &place, &keys, fields.first("open") == Some("true")).await?;
        return Ok(see_other(&with_parameter(&place.path, "done", "deleted")));
    }
    let found = concerned(&cx, &place, &keys).await?;
    let mut fields: Vec<_> = keys.into_iter().map(|key| ("key".to_owned(), key)).collect();
    fields.push(("sure".to_owned(), "true".to_owned()));
    let asking = Asking { action: format!("{}~delete/", place.path), fields, back: place.path.clone() };
    question(&cx, &place, &found, asking)
}

/// Refuses whoever may not delete all of these, or does not see one of them.
async fn may_delete(cx: &ConsoleCx, place: &Place, keys: &[String]) -> Result<Permit, WebError> {
    let wanted: Vec<Wanted> = keys.iter().map(|key| Wanted::of(cx, place, key)).collect();
    let found = cx.look(move |tx, read| {
        let seen = wanted.iter().map(|one| Ok(one.brief(tx, read)?.1));
        seen.collect::<Result<Vec<Viewed>, ResourceError>>()
    });
    let found = found.await.map_err(fault)?;
    let may = |viewed: &Viewed| cx.may(Permission::delete(viewed.model).as_str(), Some(viewed.id));
    Permit::when(found.iter().all(may))
}

/// Where the question is sent, with what, and where "cancel" leads.
struct Asking {
    action: String,
    fields: Vec<(String, String)>,
    back: String,
}

fn next_of(pairs: &Pairs) -> Option<String> {
    pairs.first("next").and_then(safe_next).map(str::to_owned)
}

/// The objects, and who refers to each.
async fn concerned(
    cx: &ConsoleCx,
    place: &Place,
    keys: &[String],
) -> Result<Vec<(Viewed, Vec<Usage>)>, WebError> {
    let wanted: Vec<Wanted> = keys.iter().map(|key| Wanted::of(cx, place, key)).collect();
    let snapshot = std::sync::Arc::clone(&cx.snapshot);
    let found = cx
        .look(move |tx, read| {
            let mut found = Vec::with_capacity(wanted.len());
            for one in &wanted {
                let (_, viewed) = one.brief(tx, read)?;
                let usage = show::usage(tx, read, &snapshot, viewed.id)?;
                found.push((viewed, usage));
            }
            Ok(found)
        })
        .await
        .map_err(fault)?;
    for (viewed, _) in &found {
        let kind = cx.registry().get(viewed.model).map_err(fault)?.descriptor();
        cx.require(&permission("delete", kind), Some(viewed.id))?;
    }
    Ok(found)
}

fn question(
    cx: &ConsoleCx,
    place: &Place,
    found: &[(Viewed, Vec<Usage>)],
    asking: Asking,
) -> Result<HttpResponse, WebError> {
    let Asking { action, mut fields, back } = asking;
    let ours: Vec<_> = found.iter().map(|(viewed, _)| viewed.id).collect();
    let others: Vec<Usage> = found
        .iter()
        .flat_map(|(_, usage)| usage)
        .filter(|usage| !ours.contains(&usage.id))
        .cloned()
        .collect();
    let is_needed = others.iter().any(|usage| usage.action == UsageAction::Blocks);
    let opens = others.iter().any(|usage| usage.action == UsageAction::Opens);
    let title = match found {
        [(only, _)] => cx.t_with("console-delete-title", "name", &show::described(&cx.snapshot, only)),
        several => cx.t_args("console-delete-several", &[("count", number(several.len()))]),
    };
    let mut header = show::header(cx, place, title);
    if let [(only, _)] = found {
        header = header.crumb(show::described(&cx.snapshot, only), format!("{}{}/", place.path, only.key));
    }
    if is_needed {
        header = header.notice("danger", cx.t("console-delete-needed"));
    } else if opens {
        header = header.notice("warning", cx.t("console-delete-opens"));
    }
    if opens {
        fields.push(("open".to_owned(), "true".to_owned()));
    }
    let names = || {
        let all = found.iter().map(|(viewed, _)| show::described(&cx.snapshot, viewed));
        all.collect::<Vec<_>>().join(", ")
    };
    let mut lines = Vec::new();
    if found.len() > 1 {
        lines.push(names());
    }
    lines.push(cx.t(match others.is_empty() {
        true => "console-delete-unused",
        false => "console-delete-used",
    }));
    let confirm =
        Confirm { lines, action, fields, label: cx.t("action-delete"), is_danger: true, back: back.clone() };
    let page = DeletePage {
        cx,
        frame: cx.frame(header),
        table: usage::table(cx, &others),
        confirm: (!is_needed).then_some(confirm),
        back,
    };
    cx.show(&page)
}

/// Deletes them all, or none.
async fn gone(cx: &ConsoleCx, place: &Place, keys: &[String], may_open: bool) -> Result<(), WebError> {
    let wanted: Vec<Wanted> = keys.iter().map(|key| Wanted::of(cx, place, key)).collect();
    let outcome = cx.write(move |tx, write| {
        for one in &wanted {
            let found = match one.find(tx, write.registry) {
                // It went with one that was before it.
                Err(ResourceError::NotFound) if wanted.len() > 1 => continue,
                found => found?,
            };
            found.resource.delete(tx, write.opening(may_open), found.id)?;
        }
        Ok(())
    });
    match outcome.await {
        Ok(()) => Ok(()),
        Err(WriteError::Resource(ResourceError::InUse(_) | ResourceError::WouldOpen(_))) => {
            Err(WebError::new(countersign_types::ErrorKind::Conflict)
                .titled("console-delete-conflict-title")
                .saying("console-delete-conflict-text")
                .way_on("action-back", place.path.clone()))
        }
        Err(error) => Err(error.into()),
    }
}

fn number(count: usize) -> TextArg {
    TextArg::Number(i64::try_from(count).unwrap_or(i64::MAX))
}

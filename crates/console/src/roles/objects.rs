//! What the holders of a role may do to single objects.

use std::collections::{BTreeMap, HashMap};

use actix_web::{HttpResponse, http::StatusCode, web::Path};
use countersign_authz::{EXTRAS, Permission};
use countersign_model::{Role, RolePermission};
use countersign_registry::{Filter, FilterOp, ListQuery, ResourceError};
use countersign_types::RawId;
use countersign_web::{WebError, see_other};

use super::{
    address, find, header,
    matrix::{extra_word, verb},
    may_permit, put,
};
use crate::{
    cx::{ConsoleCx, ConsoleForm, Permit, WriteError, fault},
    generic::words,
    kit::{Bulk, Cell, Column, Empty, Row, Table},
    parts::{Body, Part, PartsPage, SmallField, SmallForm, Widget},
};

/// Rows that one page shows and one form may name.
const MAX: usize = 500;

/// `…/<id>/objects/`.
pub(crate) async fn show(cx: ConsoleCx, key: Path<String>) -> Result<HttpResponse, WebError> {
    let role = find(&cx, &key)?;
    page(&cx, &role, StatusCode::OK, String::new(), String::new(), String::new()).await
}

async fn page(
    cx: &ConsoleCx,
    role: &Role,
    status: StatusCode,
    permission: String,
    object: String,
    error: String,
) -> Result<HttpResponse, WebError> {
    let held: Vec<(String, RawId)> = role
        .permissions
        .iter()
        .filter_map(|held| Some((held.permission.clone(), held.object?)))
        .take(MAX)
        .collect();
    let mut asked: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (permission, object) in &held {
        asked.entry(model_of(permission)).or_default().push(object.to_string());
    }
    let names = cx
        .look(move |tx, read| {
            let mut names: HashMap<RawId, String> = HashMap::new();
            for (model, ids) in &asked {
                let Ok(resource) = read.registry.get(model) else { continue };
                let mut query = ListQuery::first(u32::try_from(MAX).unwrap_or(u32::MAX));
                let (field, values) = ("pk".to_owned(), ids.clone());
                query.filters.push(Filter { field, op: FilterOp::In, values });
                let page = resource.list(tx, read, &query)?;
                names.extend(page.items.into_iter().map(|viewed| (viewed.id, viewed.name)));
            }
            Ok(names)
        })
        .await
        .map_err(fault)?;
    let rows = held.iter().map(|(permission, object)| {
        let name = names.get(object).cloned().unwrap_or_else(|| object.to_string());
        Row {
            key: format!("{permission} {object}"),
            label: name.clone(),
            cells: vec![
                Cell::Text(name),
                Cell::Text(kind_word(cx, &model_of(permission))),
                Cell::Text(permission_word(cx, permission)),
            ],
            actions: Vec::new(),
        }
    });
    let columns = ["console-object", "console-kind", "console-permission"];
    let may = may_permit(cx, role);
    let here = address(role, "objects/");
    let table = Table {
        caption: cx.t("console-role-objects"),
        columns: columns.map(|key| Column::new(cx.t(key))).into(),
        rows: rows.collect(),
        bulk: may
            .then(|| Bulk { action: here.clone(), buttons: vec![("remove", cx.t("action-remove"), true)] }),
        empty: Some(Empty {
            icon: "lock",
            title: cx.t("console-role-objects-none"),
            text: cx.t("console-role-objects-none-text"),
            action: None,
        }),
    };
    let mut parts = vec![Part::table(table)];
    if may {
        let form = SmallForm::post(here, cx.t("console-role-objects-add"))
            .field(SmallField::hidden("action", "add"))
            .field(
                SmallField::new("permission", cx.t("console-permission"), Widget::Select(choices(cx)))
                    .with_value(permission),
            )
            .field(
                SmallField::text("object", cx.t("console-object"))
                    .with_value(object)
                    .with_help(cx.t("console-role-objects-help"))
                    .with_error(error)
                    .required(),
            );
        parts.push(Part::new(Body::Form(form)).titled(cx.t("console-role-objects-add")));
    }
    let frame = cx.frame(header(cx, role, "objects/"));
    cx.show_with(status, &PartsPage { cx, frame, parts })
}

/// Every permission that can be about a single object: permission and words, by kind.
fn choices(cx: &ConsoleCx) -> Vec<(String, String)> {
    let mut choices: Vec<(String, String)> = cx
        .registry()
        .resources()
        .flat_map(|resource| countersign_authz::permissions(resource.descriptor().model))
        .filter(|permission| !permission.codename().starts_with("add_") || permission.action().is_none())
        .map(|permission| {
            let kind = kind_word(cx, &model_of(permission.as_str()));
            (permission.as_str().to_owned(), format!("{kind}: {}", permission_word(cx, permission.as_str())))
        })
        .collect();
    choices.sort_by(|one, other| one.1.cmp(&other.1));
    choices
}

/// The model whose objects a permission is about.
fn model_of(permission: &str) -> String {
    let extra = EXTRAS.iter().find(|extra| extra.permission.as_str() == permission);
    let parsed = || permission.parse::<Permission>().ok()?.action().map(|(_, model)| model);
    extra.map(|extra| extra.model.to_owned()).or_else(parsed).unwrap_or_default()
}

fn kind_word(cx: &ConsoleCx, model: &str) -> String {
    match cx.registry().get(model) {
        Ok(resource) => words::name(cx, resource.descriptor()),
        Err(_) => model.to_owned(),
    }
}

fn permission_word(cx: &ConsoleCx, permission: &str) -> String {
    let Ok(parsed) = permission.parse::<Permission>() else { return permission.to_owned() };
    if EXTRAS.iter().any(|extra| extra.permission == parsed) {
        return extra_word(cx, &parsed);
    }
    parsed.action().map_or_else(|| permission.to_owned(), |(action, _)| cx.t(verb(action)))
}

/// `POST …/<id>/objects/`: adds one or removes some.
pub(crate) async fn change(form: ConsoleForm, key: Path<String>) -> Result<HttpResponse, WebError> {
    let ConsoleForm { cx, body } = form;
    let role = find(&cx, &key)?;
    let fields = body.read(Permit::when(may_permit(&cx, &role))?).await?;
    let id = role.id;
    if fields.only("action")? == Some("add") {
        let permission = fields.only("permission")?.unwrap_or_default().to_owned();
        let object = fields.only("object")?.unwrap_or_default().trim().to_owned();
        if !choices(&cx).iter().any(|(known, _)| *known == permission) {
            return Err(WebError::invalid());
        }
        let (wanted, named) = (permission.clone(), object.clone());
        let written = cx.write(move |tx, write| {
            let resource = write.registry.get(&model_of(&wanted))?;
            let found = resource.resolve(tx, &named)?;
            let found = match found {
                Some(found) => resource.brief(tx, write.reading(), found)?,
                None => None,
            };
            let Some(found) = found else {
                return Err(ResourceError::field("object", "does_not_exist", "field-reference"));
            };
            let added = RolePermission { permission: wanted.clone(), object: Some(found.id) };
            put(tx, write, id, |permissions| permissions.push(added))
        });
        return match written.await {
            Ok(()) => Ok(see_other(&address(&role, "objects/?done=added"))),
            Err(WriteError::Resource(ResourceError::Fields(errors))) => {
                let error = errors.0.first().map(|error| cx.text(&error.message)).unwrap_or_default();
                page(&cx, &role, StatusCode::BAD_REQUEST, permission, object, error).await
            }
            Err(error) => Err(error.into()),
        };
    }
    let gone: Vec<(String, RawId)> = fields
        .values("key")
        .take(MAX)
        .filter_map(|key| key.split_once(' '))
        .filter_map(|(permission, object)| Some((permission.to_owned(), object.parse().ok()?)))
        .collect();
    let written = cx.write(move |tx, write| {
        put(tx, write, id, |permissions| {
            permissions.retain(|held| {
                !gone.iter().any(|(name, object)| held.permission == *name && held.object == Some(*object))
            });
        })
    });
    written.await.map_err(WebError::from)?;
    Ok(see_other(&address(&role, "objects/?done=removed")))
}

//! The members of a group: paged, found, added and removed.

use actix_web::{HttpResponse, web::Path};
use countersign_model::UserId;
use countersign_registry::{ListPage, ListQuery, Order, Start, Viewed, accounts};
use countersign_types::RawId;
use countersign_web::{BoundedQuery, WebError, encode_next, see_other};
use serde_json::Value;

use super::{address, find, header};
use crate::{
    cx::{ConsoleCx, ConsoleForm, fault},
    kit::{Bulk, Cell, Column, Empty, Link, Paging, Row, Table},
    parts::{Body, Part, PartsPage, SmallField, SmallForm, Widget},
    users::{self, USER},
};

/// Members on a page.
const ROWS: u32 = 30;
/// Users that a search shows.
const FOUND: u32 = 20;
/// Rows that one form may name.
const MAX_KEYS: usize = 500;

/// `…/<id>/members/`.
pub(crate) async fn show(
    cx: ConsoleCx,
    key: Path<String>,
    BoundedQuery(query): BoundedQuery,
) -> Result<HttpResponse, WebError> {
    let wanted = query.only("q")?.unwrap_or_default().trim().to_owned();
    let after = query.only("after")?.filter(|after| !after.is_empty()).map(str::to_owned);
    let (search, start) = (wanted.clone(), after.clone());
    let (group, page, found) = cx
        .look(move |tx, read| {
            let group = find(tx, read.actor, &key)?;
            let resource = read.registry.get(USER)?;
            if !search.is_empty() {
                let asked = ListQuery { search: Some(search.clone()), ..by_name(FOUND) };
                return Ok((group, ListPage::default(), Some(resource.list(tx, read, &asked)?)));
            }
            let mut asked = by_name(ROWS).with("groups", group.id.to_string());
            if let Some(after) = &start {
                asked.start = Start::After(after.clone());
            }
            let page = resource.list(tx, read, &asked)?;
            Ok((group, page, None))
        })
        .await
        .map_err(fault)?;
    let here = address(&group, "members/");
    let may = |name: &str| {
        cx.may(name, Some(group.id.raw())) || cx.may("authentik_core.change_group", Some(group.id.raw()))
    };
    let remove = may("authentik_core.remove_user_from_group").then(|| Bulk {
        action: here.clone(),
        buttons: vec![("remove", cx.t("console-group-remove"), false)],
    });
    let nothing = Empty {
        icon: "people",
        title: cx.t("console-group-no-members"),
        text: cx.t("console-group-no-members-text"),
        action: None,
    };
    let members = table(&cx, &cx.t("console-group-members"), &page.items, remove, nothing);
    let mut parts = Vec::new();
    // While somebody is looked for, those found stand alone.
    if found.is_none() {
        parts.push(Part::new(Body::Table(Box::new(members), paging(&here, &after, &page))));
    }
    if may("authentik_core.add_user_to_group") {
        let field = SmallField::new("q", cx.t("console-group-search"), Widget::Input("search", "off"));
        let mut form = SmallForm::get(&here, cx.t("action-search")).field(field.with_value(&wanted));
        if found.is_some() {
            form = form.back(cx.t("action-back"), &here);
        }
        parts.push(Part::new(Body::Form(form)).titled(cx.t("console-group-add")));
        if let Some(found) = found {
            let buttons = vec![("add", cx.t("console-group-add-do"), false)];
            let nothing = Empty {
                icon: "search",
                title: cx.t("console-nothing-found"),
                text: cx.t("console-users-nothing-text"),
                action: None,
            };
            let add = Some(Bulk { action: here, buttons });
            parts.push(Part::table(table(&cx, &cx.t("console-group-add"), &found.items, add, nothing)));
        }
    }
    let frame = cx.frame(header(&cx, &group, "members/"));
    cx.show(&PartsPage { cx: &cx, frame, parts })
}

fn by_name(limit: u32) -> ListQuery {
    let order = vec![Order { field: "username".to_owned(), descending: false }];
    ListQuery { order, ..ListQuery::first(limit) }
}

fn table(cx: &ConsoleCx, caption: &str, items: &[Viewed], bulk: Option<Bulk>, nothing: Empty) -> Table {
    let columns = ["console-user-username", "console-user-name", "console-user-email"];
    let row = |user: &Viewed| {
        let text = |name: &str| user.document.get(name).and_then(Value::as_str).unwrap_or_default();
        Row {
            key: user.id.to_string(),
            label: text("username").to_owned(),
            cells: vec![
                Cell::Link(Link::new(text("username"), format!("{}{}/", users::HERE, user.key))),
                Cell::text(text("name")),
                Cell::text(text("email")),
            ],
            actions: Vec::new(),
        }
    };
    Table {
        caption: caption.to_owned(),
        columns: columns.map(|key| Column::new(cx.t(key))).into(),
        rows: items.iter().map(row).collect(),
        bulk,
        empty: Some(nothing),
    }
}

fn paging(here: &str, after: &Option<String>, page: &ListPage) -> Paging {
    Paging {
        count: String::new(),
        first: after.is_some().then(|| here.to_owned()),
        next: page.next.as_deref().map(|next| format!("{here}?after={}", encode_next(next))),
    }
}

/// `POST …/<id>/members/`: adds or removes.
pub(crate) async fn change(form: ConsoleForm, key: Path<String>) -> Result<HttpResponse, WebError> {
    let ConsoleForm { cx, body } = form;
    let group = cx.read(move |tx, _, actor| find(tx, actor, &key)).await.map_err(fault)?;
    let fields = body.read(cx.require_any(&accounts::MEMBERSHIP, Some(group.id.raw()))?).await?;
    let is_added = fields.only("action")? == Some("add");
    let ids: Vec<RawId> = fields.values("key").take(MAX_KEYS).filter_map(|key| key.parse().ok()).collect();
    let id = group.id;
    let written = cx.write(move |tx, write| {
        for user in &ids {
            if is_added {
                accounts::add_member(tx, write, id, UserId(*user))?;
            } else {
                accounts::remove_member(tx, write, id, UserId(*user))?;
            }
        }
        Ok(())
    });
    written.await.map_err(WebError::from)?;
    let done = if is_added { "added" } else { "removed" };
    Ok(see_other(&address(&group, &format!("members/?done={done}"))))
}

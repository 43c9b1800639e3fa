//! Who holds a role: groups, and users by themselves.

use actix_web::{HttpResponse, web::Path};
use countersign_store::{groups as group_rows, roles as role_rows, users as user_rows};
use countersign_web::WebError;

use super::{find, header};
use crate::{
    cx::{ConsoleCx, fault},
    groups,
    kit::{Cell, Column, Empty, Row, Table},
    parts::{Part, PartsPage},
    users,
};

/// Holders of either sort that are shown.
const MAX: u32 = 100;

/// `…/<id>/holders/`.
pub(crate) async fn holders(cx: ConsoleCx, key: Path<String>) -> Result<HttpResponse, WebError> {
    let role = find(&cx, &key)?;
    let id = role.id;
    let (held_by, single) = cx
        .look(move |tx, _| {
            let (groups, users) = (role_rows::groups_of(tx, id, MAX)?, role_rows::users_of(tx, id, MAX)?);
            Ok((group_rows::by_ids(tx, &groups)?, user_rows::by_ids(tx, &users)?))
        })
        .await
        .map_err(fault)?;
    let groups = held_by.iter().filter(|group| cx.may("authentik_core.view_group", Some(group.id.raw())));
    let groups = groups.map(|group| (&group.name, format!("{}{}/", groups::HERE, group.id)));
    let users = single.iter().filter(|user| cx.may("authentik_core.view_user", Some(user.id.raw())));
    let users = users.map(|user| (&user.username, users::address(user, "")));
    let parts = vec![
        Part::table(table(&cx, "console-nav-groups", groups)).titled(cx.t("console-nav-groups")),
        Part::table(table(&cx, "console-nav-users", users)).titled(cx.t("console-nav-users")),
    ];
    let frame = cx.frame(header(&cx, &role, "holders/").text(cx.t("console-role-holders-text")));
    cx.show(&PartsPage { cx: &cx, frame, parts })
}

fn table<'h>(cx: &ConsoleCx, caption: &str, holders: impl Iterator<Item = (&'h String, String)>) -> Table {
    let row = |(name, href): (&String, String)| Row {
        key: href.clone(),
        label: name.clone(),
        cells: vec![Cell::link(name, href)],
        actions: Vec::new(),
    };
    Table {
        caption: cx.t(caption),
        columns: vec![Column::new(cx.t("console-name"))],
        rows: holders.map(row).collect(),
        bulk: None,
        empty: Some(Empty {
            icon: "people",
            title: cx.t("console-role-nobody"),
            text: cx.t("console-role-nobody-text"),
            action: None,
        }),
    }
}

//! The groups and roles of a user.

use actix_web::{HttpResponse, web::Path};
use countersign_model::{Group, GroupId, RoleId, Subject, User, UserId};
use countersign_registry::{ResourceError, accounts};
use countersign_store::{groups as group_rows, roles as role_rows};
use countersign_types::{PageRequest, RawId};
use countersign_web::{BoundedQuery, WebError, see_other};

use super::{address, header, load};
use crate::{
    cx::{ConsoleCx, ConsoleForm, Permit, fault},
    groups,
    kit::{Bulk, Cell, Column, Empty, Link, Row, Table},
    parts::{Body, Part, PartsPage, SmallField, SmallForm, Widget},
    roles,
};

/// Groups that a search shows.
const FOUND: u32 = 20;
/// Rows that one form may name.
const MAX_KEYS: usize = 500;

/// `…/groups/`.
pub(crate) async fn groups(
    cx: ConsoleCx,
    key: Path<String>,
    query: BoundedQuery,
) -> Result<HttpResponse, WebError> {
    let subject = load(&cx, &key).await?;
    let user = &subject.user;
    let mut parts = vec![Part::table(memberships(&cx, &subject))];
    if cx.may_somewhere("authentik_core.add_user_to_group") || cx.may_somewhere("authentik_core.change_group")
    {
        let wanted = query.0.only("q")?.unwrap_or_default().trim().to_owned();
        let here = address(user, "groups/");
        let search = SmallForm::get(&here, cx.t("action-search"))
            .field(SmallField::text("q", cx.t("console-user-groups-search")).with_value(&wanted));
        parts.push(Part::new(Body::Form(search)).titled(cx.t("console-user-groups-add")));
        if !wanted.is_empty() {
            let found = cx
                .read(move |tx, _, _| {
                    Ok(group_rows::list(tx, Some(&wanted), &PageRequest::first(FOUND))?.items)
                })
                .await
                .map_err(fault)?;
            parts.push(Part::table(candidates(&cx, &subject, &found, here)));
        }
    }
    let frame = cx.frame(header(&cx, user, "groups/"));
    cx.show(&PartsPage { cx: &cx, frame, parts })
}

fn memberships(cx: &ConsoleCx, subject: &Subject) -> Table {
    let row = |group: &Group| {
        let is_direct = subject.direct_groups.contains(&group.id);
        let how = if is_direct { "console-membership-direct" } else { "console-membership-inherited" };
        Row {
            key: group.id.to_string(),
            label: group.name.clone(),
            cells: vec![
                Cell::link(&group.name, format!("{}{}/", groups::HERE, group.id)),
                Cell::Text(cx.t(how)),
                superuser(cx, group.is_superuser),
            ],
            actions: Vec::new(),
        }
    };
    let columns = ["console-group-name", "console-membership", "console-group-superuser"];
    let buttons = vec![("remove", cx.t("console-user-groups-remove"), false)];
    let may = cx.may_somewhere("authentik_core.remove_user_from_group")
        || cx.may_somewhere("authentik_core.change_group");
    Table {
        caption: cx.t("console-nav-groups"),
        columns: columns.map(|key| Column::new(cx.t(key))).into(),
        rows: subject.groups.iter().map(|group| row(group)).collect(),
        bulk: may.then(|| Bulk { action: address(&subject.user, "groups/"), buttons }),
        empty: Some(Empty {
            icon: "people",
            title: cx.t("console-user-groups-none"),
            text: cx.t("console-user-groups-none-text"),
            action: None,
        }),
    }
}

fn candidates(cx: &ConsoleCx, subject: &Subject, found: &[Group], here: String) -> Table {
    let view = countersign_registry::Permission::view(groups::GROUP);
    let row = |group: &Group| Row {
        key: group.id.to_string(),
        label: group.name.clone(),
        cells: vec![Cell::Text(group.name.clone()), superuser(cx, group.is_superuser)],
        actions: Vec::new(),
    };
    let others = found.iter().filter(|group| {
        !subject.direct_groups.contains(&group.id) && cx.may(view.as_str(), Some(group.id.raw()))
    });
    Table {
        caption: cx.t("console-user-groups-add"),
        columns: vec![Column::new(cx.t("console-group-name")), Column::new(cx.t("console-group-superuser"))],
        rows: others.map(row).collect(),
        bulk: Some(Bulk { action: here, buttons: vec![("add", cx.t("console-user-groups-add-do"), false)] }),
        empty: Some(Empty {
            icon: "search",
            title: cx.t("console-nothing-found"),
            text: cx.t("console-user-groups-nothing-text"),
            action: None,
        }),
    }
}

fn superuser(cx: &ConsoleCx, is_superuser: bool) -> Cell {
    if is_superuser { Cell::Badge(cx.t("console-group-superuser"), "warning") } else { Cell::Nothing }
}

/// `POST …/groups/`: joins or leaves.
pub(crate) async fn change_groups(form: ConsoleForm, key: Path<String>) -> Result<HttpResponse, WebError> {
    let user = load(&form.cx, &key).await?.user;
    let permit = form.cx.require_somewhere(&accounts::MEMBERSHIP)?;
    change(form, permit, &user, "groups/", |tx, write, user, group, is_added| {
        if is_added {
            accounts::add_member(tx, write, GroupId(group), user).map(drop)
        } else {
            accounts::remove_member(tx, write, GroupId(group), user).map(drop)
        }
    })
    .await
}

/// `…/roles/`.
pub(crate) async fn roles(cx: ConsoleCx, key: Path<String>) -> Result<HttpResponse, WebError> {
    let subject = load(&cx, &key).await?;
    let id = subject.user.id;
    let own = cx
        .read(move |tx, _, _| Ok(role_rows::of_users(tx, &[id])?.remove(&id).unwrap_or_default()))
        .await
        .map_err(fault)?;
    let may = cx.may("authentik_core.change_user", Some(id.raw()));
    let here = address(&subject.user, "roles/");
    let row = |id: &RoleId| {
        let role = cx.snapshot.role(*id)?;
        let how = if own.contains(id) { "console-membership-direct" } else { "console-role-by-group" };
        Some(Row {
            key: id.to_string(),
            label: role.name.clone(),
            cells: vec![
                Cell::Link(Link::new(role.name.clone(), format!("{}{id}/", roles::HERE))),
                Cell::Text(cx.t(how)),
            ],
            actions: Vec::new(),
        })
    };
    let buttons = vec![("remove", cx.t("console-user-roles-remove"), false)];
    let table = Table {
        caption: cx.t("console-nav-roles"),
        columns: vec![Column::new(cx.t("console-role-name")), Column::new(cx.t("console-membership"))],
        rows: subject.roles.iter().filter_map(row).collect(),
        bulk: may.then(|| Bulk { action: here.clone(), buttons }),
        empty: Some(Empty {
            icon: "lock",
            title: cx.t("console-user-roles-none"),
            text: cx.t("console-user-roles-none-text"),
            action: None,
        }),
    };
    let mut parts = vec![Part::table(table)];
    let choices: Vec<(String, String)> = cx
        .snapshot
        .roles()
        .iter()
        .filter(|role| !own.contains(&role.id) && cx.may("authentik_rbac.view_role", Some(role.id.raw())))
        .map(|role| (role.id.to_string(), role.name.clone()))
        .collect();
    if may && !choices.is_empty() {
        let form = SmallForm::post(here, cx.t("console-user-roles-add-do"))
            .field(SmallField::hidden("action", "add"))
            .field(SmallField::new("key", cx.t("console-role-name"), Widget::Select(choices)))
            .in_a_row();
        parts.push(Part::new(Body::Form(form)).titled(cx.t("console-user-roles-add")));
    }
    let frame = cx.frame(header(&cx, &subject.user, "roles/"));
    cx.show(&PartsPage { cx: &cx, frame, parts })
}

/// `POST …/roles/`: gives or takes.
pub(crate) async fn change_roles(form: ConsoleForm, key: Path<String>) -> Result<HttpResponse, WebError> {
    let user = load(&form.cx, &key).await?.user;
    let permit = form.cx.require("authentik_core.change_user", Some(user.id.raw()))?;
    change(form, permit, &user, "roles/", |tx, write, user, role, is_added| {
        if is_added {
            accounts::give_role(tx, write, RoleId(role), user).map(drop)
        } else {
            accounts::take_role(tx, write, RoleId(role), user).map(drop)
        }
    })
    .await
}

/// Adds or removes what a form names, in one transaction.
async fn change(
    form: ConsoleForm,
    permit: Permit,
    user: &User,
    tab: &str,
    act: impl Fn(
        &mut countersign_store::Tx<'_>,
        countersign_registry::WriteCx<'_>,
        UserId,
        RawId,
        bool,
    ) -> Result<(), ResourceError>
    + Send
    + Clone
    + 'static,
) -> Result<HttpResponse, WebError> {
    let ConsoleForm { cx, body } = form;
    let fields = body.read(permit).await?;
    let (id, here) = (user.id, address(user, tab));
    let is_added = fields.only("action")? == Some("add");
    let ids: Vec<RawId> = fields.values("key").take(MAX_KEYS).filter_map(|key| key.parse().ok()).collect();
    let written = cx.write(move |tx, write| {
        for one in &ids {
            act(tx, write, id, *one, is_added)?;
        }
        Ok(())
    });
    written.await.map_err(WebError::from)?;
    let done = if is_added { "added" } else { "removed" };
    Ok(see_other(&format!("{here}?done={done}")))
}

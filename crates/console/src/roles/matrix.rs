//! What the holders of a role may do to every object of a kind: a table of boxes.

use std::collections::BTreeSet;

use actix_web::{HttpResponse, web::Path};
use askama::Template;
use countersign_authz::{Action, EXTRAS, Permission};
use countersign_model::{Role, RolePermission};
use countersign_web::{WebError, see_other};

use super::{address, find, header, may_change, put};
use crate::{
    cx::{ConsoleCx, ConsoleForm},
    generic::words,
    shell::Frame,
};

/// Boxes that one form may tick.
const MAX_KEYS: usize = 2_000;

/// The page.
#[derive(Template)]
#[template(path = "console/roles.html")]
struct MatrixPage<'a> {
    cx: &'a ConsoleCx,
    frame: Frame,
    action: String,
    may_change: bool,
    /// Words above the columns.
    verbs: Vec<String>,
    groups: Vec<Group>,
    /// What is about no kind of object.
    system: Vec<Box>,
}

/// Kinds under a heading.
struct Group {
    title: String,
    lines: Vec<Line>,
}

/// A kind.
struct Line {
    name: String,
    /// View, add, change, delete.
    boxes: Vec<Box>,
    extras: Vec<Box>,
}

/// A permission.
struct Box {
    permission: String,
    /// What it allows, in a word.
    word: String,
    /// The same with the kind, for those who listen.
    label: String,
    is_on: bool,
}

/// `…/<id>/`.
pub(crate) async fn show(cx: ConsoleCx, key: Path<String>) -> Result<HttpResponse, WebError> {
    let role = find(&cx, &key)?;
    let held = global(&role);
    let frame = cx.frame(header(&cx, &role, "").text(cx.t("console-role-text")));
    let verbs = Action::ALL.map(|action| cx.t(verb(action))).to_vec();
    cx.show(&MatrixPage {
        action: address(&role, ""),
        may_change: may_change(&cx, &role),
        verbs,
        groups: groups(&cx, &held),
        system: extras(&cx, &held, SYSTEM),
        frame,
        cx: &cx,
    })
}

/// Model label under which permissions stand that are about no object.
const SYSTEM: &str = "authentik_rbac.systempermission";

/// The families, in the order in which administrators meet them; the first stands for kinds without any.
const FAMILIES: [(Option<&str>, &str); 7] = [
    (None, "console-role-family-core"),
    (Some("stage"), "console-role-family-stage"),
    (Some("prompt"), "console-role-family-prompt"),
    (Some("policy"), "console-role-family-policy"),
    (Some("provider"), "console-role-family-provider"),
    (Some("propertymapping"), "console-role-family-mapping"),
    (Some("source"), "console-role-family-source"),
];

fn groups(cx: &ConsoleCx, held: &BTreeSet<&str>) -> Vec<Group> {
    let group = |(family, title): (Option<&str>, &str)| {
        let kinds = cx.registry().resources().map(|resource| resource.descriptor());
        let mut lines: Vec<Line> = kinds
            .filter(|kind| kind.family == family)
            .map(|kind| {
                let name = words::name(cx, kind);
                let general = Action::ALL.map(|action| {
                    let permission = Permission::on(action, kind.model);
                    let word = cx.t(verb(action));
                    let label = format!("{word}: {name}");
                    Box { word, ..one(permission.as_str(), label, held) }
                });
                Line { boxes: general.into(), extras: extras(cx, held, kind.model), name }
            })
            .collect();
        lines.sort_by(|one, other| one.name.cmp(&other.name));
        Group { title: cx.t(title), lines }
    };
    FAMILIES.map(group).into_iter().filter(|group| !group.lines.is_empty()).collect()
}

fn extras(cx: &ConsoleCx, held: &BTreeSet<&str>, model: &str) -> Vec<Box> {
    let own = EXTRAS.iter().filter(|extra| extra.model == model);
    own.map(|extra| one(extra.permission.as_str(), extra_word(cx, &extra.permission), held)).collect()
}

/// What administrators call a permission with a name of its own.
pub(super) fn extra_word(cx: &ConsoleCx, permission: &Permission) -> String {
    cx.t(&format!("console-permission-{}", permission.codename().replace('_', "-")))
}

/// What administrators call an action.
pub(super) const fn verb(action: Action) -> &'static str {
    match action {
        Action::View => "console-permission-view",
        Action::Add => "console-permission-add",
        Action::Change => "console-permission-change",
        Action::Delete => "console-permission-delete",
    }
}

fn one(permission: &str, label: String, held: &BTreeSet<&str>) -> Box {
    let word = label.clone();
    Box { is_on: held.contains(permission), permission: permission.to_owned(), word, label }
}

/// What a role lets its holders do to every object.
fn global(role: &Role) -> BTreeSet<&str> {
    let all = role.permissions.iter().filter(|permission| permission.object.is_none());
    all.map(|permission| permission.permission.as_str()).collect()
}

/// Every permission that has a box.
fn boxed(cx: &ConsoleCx) -> BTreeSet<String> {
    let kinds = cx.registry().resources().map(|resource| resource.descriptor().model);
    kinds
        .chain([SYSTEM])
        .flat_map(countersign_authz::permissions)
        .map(|permission| permission.as_str().to_owned())
        .collect()
}

/// `POST …/<id>/`: the boxes decide about what has a box; the rest stays.
pub(crate) async fn save(form: ConsoleForm, key: Path<String>) -> Result<HttpResponse, WebError> {
    let cx = form.cx;
    let role = find(&cx, &key)?;
    let boxed = boxed(&cx);
    let ticked: BTreeSet<String> = form
        .fields
        .values("key")
        .take(MAX_KEYS)
        .filter(|key| boxed.contains(*key))
        .map(str::to_owned)
        .collect();
    let id = role.id;
    let written = cx.write(move |tx, write| {
        put(tx, write, id, |permissions| {
            permissions.retain(|kept| kept.object.is_some() || !boxed.contains(&kept.permission));
            let global =
                |permission: &String| RolePermission { permission: permission.clone(), object: None };
            permissions.extend(ticked.iter().map(global));
        })
    });
    written.await.map_err(WebError::from)?;
    Ok(see_other(&address(&role, "?done=saved")))
}

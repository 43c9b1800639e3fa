//! What the holders of a role may do to every object of a kind: a table of boxes for each family of kinds.

use std::collections::BTreeSet;

use actix_web::{HttpResponse, web::Path};
use askama::Template;
use countersign_authz::{Action, EXTRAS, Permission};
use countersign_model::{Role, RolePermission};
use countersign_resource::Descriptor;
use countersign_web::{BoundedQuery, Pairs, WebError, see_other};

use super::{address, find, header, may_permit, put};
use crate::{
    cx::{ConsoleCx, ConsoleForm, Permit},
    generic::words,
    shell::{Frame, Tab, with_parameter},
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
    /// The families, of which one is shown.
    families: Vec<Tab>,
    /// Words above the columns.
    verbs: Vec<String>,
    lines: Vec<Line>,
    /// What is about no kind of object; with the first family.
    system: Vec<Box>,
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
pub(crate) async fn show(
    cx: ConsoleCx,
    key: Path<String>,
    BoundedQuery(query): BoundedQuery,
) -> Result<HttpResponse, WebError> {
    let role = find(&cx, &key)?;
    let family = family(&query)?;
    let held = global(&role);
    let frame = cx.frame(header(&cx, &role, "").text(cx.t("console-role-text")));
    let verbs = Action::ALL.map(|action| cx.t(verb(action))).to_vec();
    cx.show(&MatrixPage {
        action: of_family(&role, family),
        families: families(&cx, &role, family),
        may_change: may_permit(&cx, &role),
        verbs,
        lines: lines(&cx, &held, family),
        system: if family.is_none() { extras(&cx, &held, SYSTEM) } else { Vec::new() },
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

/// The family that an address asks for; none for the kinds without any.
fn family(query: &Pairs) -> Result<Option<&'static str>, WebError> {
    let Some(asked) = query.only("family")?.filter(|asked| !asked.is_empty()) else { return Ok(None) };
    let known = FAMILIES.iter().filter_map(|(family, _)| *family).find(|family| *family == asked);
    known.map(Some).ok_or_else(WebError::not_found)
}

/// Address of the boxes of a family.
fn of_family(role: &Role, family: Option<&str>) -> String {
    address(role, &family.map(|family| format!("?family={family}")).unwrap_or_default())
}

/// The kinds of a family; without one, all that have no table of their own.
fn kinds<'c>(cx: &'c ConsoleCx, family: Option<&'static str>) -> impl Iterator<Item = &'c Descriptor> {
    let has_own = |own: Option<&str>| own.is_some() && FAMILIES.iter().any(|(family, _)| *family == own);
    let kinds = cx.registry().resources().map(|kind| kind.descriptor());
    kinds.filter(move |kind| if family.is_some() { kind.family == family } else { !has_own(kind.family) })
}

fn families(cx: &ConsoleCx, role: &Role, shown: Option<&str>) -> Vec<Tab> {
    let there = FAMILIES.iter().filter(|(family, _)| kinds(cx, *family).next().is_some());
    let tab = |(family, title): &(Option<&'static str>, &str)| Tab {
        label: cx.t(title),
        href: of_family(role, *family),
        is_current: *family == shown,
    };
    there.map(tab).collect()
}

fn lines(cx: &ConsoleCx, held: &BTreeSet<&str>, family: Option<&'static str>) -> Vec<Line> {
    let line = |kind: &Descriptor| {
        let name = words::name(cx, kind);
        let general = Action::ALL.map(|action| {
            let permission = Permission::on(action, kind.model);
            let word = cx.t(verb(action));
            let label = format!("{word}: {name}");
            Box { word, ..one(permission.as_str(), label, held) }
        });
        Line { boxes: general.into(), extras: extras(cx, held, kind.model), name }
    };
    let mut lines: Vec<Line> = kinds(cx, family).map(line).collect();
    lines.sort_by(|one, other| one.name.cmp(&other.name));
    lines
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

/// Every permission that has a box beside those of a family.
fn boxed(cx: &ConsoleCx, family: Option<&'static str>) -> BTreeSet<String> {
    let system = family.is_none().then_some(SYSTEM);
    kinds(cx, family)
        .map(|kind| kind.model)
        .chain(system)
        .flat_map(countersign_authz::permissions)
        .map(|permission| permission.as_str().to_owned())
        .collect()
}

/// `POST …/<id>/`: the boxes decide about what has a box on the page; the rest stays.
pub(crate) async fn save(
    form: ConsoleForm,
    key: Path<String>,
    BoundedQuery(query): BoundedQuery,
) -> Result<HttpResponse, WebError> {
    let ConsoleForm { cx, body } = form;
    let role = find(&cx, &key)?;
    let fields = body.read(Permit::when(may_permit(&cx, &role))?).await?;
    let family = family(&query)?;
    let boxed = boxed(&cx, family);
    let ticked: BTreeSet<String> =
        fields.values("key").take(MAX_KEYS).filter(|key| boxed.contains(*key)).map(str::to_owned).collect();
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
    Ok(see_other(&with_parameter(&of_family(&role, family), "done", "saved")))
}

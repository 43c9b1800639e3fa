//! Who may use an application: its bindings, one below the other.

use actix_web::{HttpResponse, http::StatusCode, web::Path};
use countersign_model::{Application, BoundTo, Family, PolicyBinding, PolicyEngineMode};
use countersign_registry::{ResourceError, WriteCx};
use countersign_store::{Tx, groups, users};
use countersign_types::{JsonObject, RawId};
use countersign_web::{WebError, see_other};
use serde_json::{Value, json};

use super::{address, find, header};
use crate::{
    cx::{ConsoleCx, ConsoleForm, WriteError, fault},
    kit::{Bulk, Cell, Column, Empty, Link, Row, Table},
    parts::{Body, Part, PartsPage, SmallField, SmallForm, Widget},
    shell::Header,
};

/// Model label.
pub(super) const BINDING: &str = "authentik_policies.policybinding";
const ADD: &str = "authentik_policies.add_policybinding";
const DELETE: &str = "authentik_policies.delete_policybinding";
/// Rows that one form may name.
const MAX_KEYS: usize = 200;

/// What can be bound: name of the field, and key of its words.
const KINDS: [(&str, &str); 3] = [
    ("group", "console-binding-group"),
    ("user", "console-binding-user"),
    ("policy", "console-binding-policy"),
];

/// `…/<slug>/bindings/`.
pub(crate) async fn show(cx: ConsoleCx, key: Path<String>) -> Result<HttpResponse, WebError> {
    let application = find(&cx, &key)?;
    show_of(&cx, guarded(&cx, &application)).await
}

/// What is guarded, and the page on which its bindings stand.
pub(crate) struct Guarded {
    /// The object.
    pub(crate) id: RawId,
    /// Address of the page.
    pub(crate) here: String,
    /// What its bindings are called.
    pub(crate) caption: &'static str,
    /// How they combine.
    pub(crate) combine: &'static str,
    /// What it means that there are none: title and text.
    pub(crate) none: (&'static str, &'static str),
    /// The page's header.
    pub(crate) header: Header,
}

fn guarded(cx: &ConsoleCx, application: &Application) -> Guarded {
    Guarded {
        id: application.id.raw(),
        here: address(application, "bindings/"),
        caption: "console-application-bindings",
        combine: match application.policy_engine_mode {
            PolicyEngineMode::Any => "console-bindings-any",
            PolicyEngineMode::All => "console-bindings-all",
        },
        none: ("console-bindings-none", "console-bindings-none-text"),
        header: header(cx, application, "bindings/"),
    }
}

/// Shows the bindings of something.
pub(crate) async fn show_of(cx: &ConsoleCx, guarded: Guarded) -> Result<HttpResponse, WebError> {
    page(cx, guarded, StatusCode::OK, String::new(), "group", String::new()).await
}

async fn page(
    cx: &ConsoleCx,
    guarded: Guarded,
    status: StatusCode,
    name: String,
    kind: &str,
    error: String,
) -> Result<HttpResponse, WebError> {
    let bindings = cx.snapshot.policy_bindings(guarded.id).to_vec();
    let asked = bindings.clone();
    let names = cx
        .look(move |tx, _| {
            let mut names = Vec::new();
            for binding in asked.iter().take(MAX_KEYS) {
                names.push(match binding.bound_to {
                    BoundTo::Group(id) => groups::by_id(tx, id)?.map(|group| group.name),
                    BoundTo::User(id) => users::by_id(tx, id)?.map(|user| user.username),
                    BoundTo::Policy(_) => None,
                });
            }
            Ok(names)
        })
        .await
        .map_err(fault)?;
    let may = cx.may_somewhere(DELETE);
    let here = guarded.here;
    let columns = ["console-binding-what", "console-binding-who", "console-state", "console-binding-order"];
    let table = Table {
        caption: cx.t(guarded.caption),
        columns: columns.map(|key| Column::new(cx.t(key))).into(),
        rows: bindings.iter().zip(names).map(|(binding, name)| row(cx, binding, name)).collect(),
        bulk: may
            .then(|| Bulk { action: here.clone(), buttons: vec![("remove", cx.t("action-remove"), true)] }),
        empty: Some(Empty {
            icon: "people",
            title: cx.t(guarded.none.0),
            text: cx.t(guarded.none.1),
            action: None,
        }),
    };
    let mut parts = vec![Part::table(table).saying(cx.t(guarded.combine))];
    if cx.may(ADD, None) {
        let kinds = KINDS.map(|(value, key)| (value.to_owned(), cx.t(key))).to_vec();
        let form = SmallForm::post(here, cx.t("console-binding-add"))
            .field(SmallField::hidden("action", "add"))
            .field(
                SmallField::new("kind", cx.t("console-binding-what"), Widget::Select(kinds)).with_value(kind),
            )
            .field(
                SmallField::text("name", cx.t("console-name")).with_value(name).with_error(error).required(),
            )
            .in_a_row();
        parts.push(Part::new(Body::Form(form)).titled(cx.t("console-binding-add")));
    }
    let frame = cx.frame(guarded.header);
    cx.show_with(status, &PartsPage { cx, frame, parts })
}

fn row(cx: &ConsoleCx, binding: &PolicyBinding, name: Option<String>) -> Row {
    let (kind, name, href) = match binding.bound_to {
        BoundTo::Group(id) => ("console-binding-group", name, format!("{}{id}/", crate::groups::HERE)),
        BoundTo::User(id) => ("console-binding-user", name, format!("{}{id}/", crate::users::HERE)),
        BoundTo::Policy(id) => {
            let policy = cx.snapshot.object(id).map(|policy| policy.name.clone());
            ("console-binding-policy", policy, format!("/if/admin/policy/policies/{id}/"))
        }
    };
    let label = name.unwrap_or_else(|| binding.id.to_string());
    let state = match (binding.enabled, binding.negate) {
        (false, _) => Cell::Badge(cx.t("console-binding-off"), ""),
        (true, true) => Cell::Badge(cx.t("console-binding-negated"), "warning"),
        (true, false) => Cell::Badge(cx.t("console-binding-on"), "success"),
    };
    Row {
        key: binding.id.to_string(),
        label: label.clone(),
        cells: vec![
            Cell::Text(cx.t(kind)),
            Cell::Link(Link::new(label, href)),
            state,
            Cell::Text(binding.order.to_string()),
        ],
        actions: vec![Link::new(
            cx.t("action-edit"),
            format!("/if/admin/policy/bindings/{}/edit/", binding.id),
        )],
    }
}

/// `POST …/<slug>/bindings/`: adds one or removes some.
pub(crate) async fn change(form: ConsoleForm, key: Path<String>) -> Result<HttpResponse, WebError> {
    let application = find(&form.cx, &key)?;
    let guarded = guarded(&form.cx, &application);
    change_of(form, guarded).await
}

/// Binds something, or takes bindings away.
pub(crate) async fn change_of(form: ConsoleForm, guarded: Guarded) -> Result<HttpResponse, WebError> {
    let ConsoleForm { cx, body } = form;
    let fields = body.read(cx.require_somewhere(&[ADD, DELETE])?).await?;
    let here = guarded.here.clone();
    if fields.only("action")? != Some("add") {
        cx.require_somewhere(&[DELETE])?;
        let ids: Vec<RawId> =
            fields.values("key").take(MAX_KEYS).filter_map(|key| key.parse().ok()).collect();
        let written = cx.write(move |tx, write| {
            for id in &ids {
                // Whoever removes bindings one by one means to: an application without any is for everybody.
                write.registry.get(BINDING)?.delete(tx, write.opening(true), *id)?;
            }
            Ok(())
        });
        written.await.map_err(WebError::from)?;
        return Ok(see_other(&format!("{here}?done=removed")));
    }
    cx.require(ADD, None)?;
    let kind = fields.only("kind")?.unwrap_or_default().to_owned();
    let name = fields.only("name")?.unwrap_or_default().trim().to_owned();
    let target = guarded.id;
    let order = cx.snapshot.policy_bindings(target).iter().map(|binding| binding.order).max().unwrap_or(-1);
    let policy = cx.snapshot.object_by_name(Family::Policy, &name).map(|policy| policy.id.raw());
    let (asked, wanted) = (kind.clone(), name.clone());
    let written = cx.write(move |tx, write| {
        let bound = bound(tx, &asked, &wanted, policy)?;
        add(tx, write, target, &asked, bound, order.saturating_add(1))
    });
    match written.await {
        Ok(()) => Ok(see_other(&format!("{here}?done=added"))),
        Err(WriteError::Resource(ResourceError::Fields(errors))) => {
            let error = errors.0.first().map(|error| cx.text(&error.message)).unwrap_or_default();
            page(&cx, guarded, StatusCode::BAD_REQUEST, name, &kind, error).await
        }
        Err(error) => Err(error.into()),
    }
}

/// What a name stands for.
pub(super) fn bound(
    tx: &mut Tx<'_>,
    kind: &str,
    name: &str,
    policy: Option<RawId>,
) -> Result<RawId, ResourceError> {
    let found = match kind {
        "group" => groups::by_name(tx, name)?.map(|group| group.id.raw()),
        "user" => users::by_username(tx, name)?.map(|user| user.id.raw()),
        "policy" => policy,
        _ => None,
    };
    found.ok_or_else(|| ResourceError::field("name", "does_not_exist", "field-reference"))
}

/// Binds something to a target.
pub(super) fn add(
    tx: &mut Tx<'_>,
    cx: WriteCx<'_>,
    target: RawId,
    kind: &str,
    bound: RawId,
    order: i32,
) -> Result<(), ResourceError> {
    let mut document = JsonObject::new();
    document.insert("target".to_owned(), json!(target));
    document.insert(kind.to_owned(), json!(bound));
    document.insert("order".to_owned(), Value::from(order));
    cx.registry.create(tx, cx, BINDING, &document).map(drop)
}

//! The list of users beside the tree of their paths.

use actix_web::HttpResponse;
use countersign_model::UserType;
use countersign_registry::{Filter, FilterOp, ListPage, ListQuery, Order, Start, Viewed};
use countersign_store::users;
use countersign_types::Timestamp;
use countersign_web::{BoundedQuery, Pairs, WebError, encode_next};
use serde_json::Value;

use super::{HERE, USER, tree::branches, type_word};
use crate::{
    cx::{ConsoleCx, fault},
    generic::{
        columns,
        places::Place,
        show::{self, Names, Room},
        words,
    },
    kit::{Bulk, Button, Cell, Chooser, Column, Direction, Empty, Link, Paging, Row, Table},
    parts::{Body, Part, PartsPage, SmallField, SmallForm, Widget, Width},
    shell::Header,
};

/// Users on a page.
const ROWS: u32 = 30;
/// Paths that are looked at for the tree.
const PATHS: u32 = 200;

/// The column of when users signed in last, which nobody sets.
const LAST_LOGIN: &str = "last_login";
/// What the list is sorted by an index of.
const SORTED: [&str; 4] = ["username", "name", "email", LAST_LOGIN];

/// What is looked for.
#[derive(Clone, Default)]
struct Wanted {
    search: String,
    path: Option<String>,
    user_type: Option<UserType>,
    is_active: Option<bool>,
    /// Field to order by, with a minus for the largest first.
    sort: Option<String>,
    after: Option<String>,
}

/// What stands in the rows beside the users themselves.
struct Shown<'s> {
    /// Names of the columns beside the username.
    names: &'s [String],
    texts: &'s Names,
}

impl Wanted {
    fn of(query: &Pairs) -> Result<Self, WebError> {
        let given =
            |name: &str| Ok::<_, WebError>(query.only(name)?.map(str::trim).filter(|text| !text.is_empty()));
        Ok(Self {
            search: given("q")?.unwrap_or_default().to_owned(),
            path: given("path")?.map(str::to_owned),
            user_type: given("type")?.and_then(|text| text.parse().ok()),
            is_active: match given("active")? {
                Some("yes") => Some(true),
                Some("no") => Some(false),
                _ => None,
            },
            sort: given("sort")?
                .filter(|sort| SORTED.contains(&sort.trim_start_matches('-')))
                .map(str::to_owned),
            after: given("after")?.map(str::to_owned),
        })
    }

    fn query(&self) -> ListQuery {
        let mut query = ListQuery::first(ROWS);
        query.search = Some(self.search.clone()).filter(|search| !search.is_empty());
        if let Some(path) = &self.path {
            let (field, values) = ("path".to_owned(), vec![path.clone()]);
            query.filters.push(Filter { field, op: FilterOp::StartsWith, values });
        }
        if let Some(user_type) = self.user_type {
            query = query.with("type", user_type.as_str());
        }
        if let Some(is_active) = self.is_active {
            query = query.with("is_active", is_active.to_string());
        }
        let sort = self.sort.as_deref().unwrap_or("username");
        let field = sort.trim_start_matches('-').to_owned();
        query.order.push(Order { field, descending: sort.starts_with('-') });
        if let Some(after) = &self.after {
            query.start = Start::After(after.clone());
        }
        query
    }

    fn is_narrowed(&self) -> bool {
        !self.search.is_empty() || self.user_type.is_some() || self.is_active.is_some() || self.path.is_some()
    }

    /// This list from another row on.
    fn href(&self, after: Option<&str>) -> String {
        let active = self.is_active.map(|is_active| if is_active { "yes" } else { "no" });
        let pairs = [
            ("q", Some(self.search.as_str()).filter(|search| !search.is_empty())),
            ("path", self.path.as_deref()),
            ("type", self.user_type.map(UserType::as_str)),
            ("active", active),
            ("sort", self.sort.as_deref()),
            ("after", after),
        ];
        let pairs: Vec<String> = pairs
            .into_iter()
            .filter_map(|(name, value)| Some(format!("{name}={}", encode_next(value?))))
            .collect();
        if pairs.is_empty() { HERE.to_owned() } else { format!("{HERE}?{}", pairs.join("&")) }
    }
}

/// `/if/admin/identity/users/`.
pub(crate) async fn show(cx: ConsoleCx, query: BoundedQuery) -> Result<HttpResponse, WebError> {
    let wanted = Wanted::of(&query.0)?;
    if !cx.may_somewhere("authentik_core.view_user") {
        return Err(WebError::denied());
    }
    let place = cx.places().of_model(USER).ok_or_else(WebError::not_found)?;
    let names = columns::of(&cx, place);
    let (asked, shown) = (wanted.query(), names.clone());
    let snapshot = std::sync::Arc::clone(&cx.snapshot);
    let sees_all = cx.may("authentik_core.view_user", None);
    let (page, paths, texts) = cx
        .look(move |tx, read| {
            let resource = read.registry.get(USER)?;
            let page = resource.list(tx, read, &asked)?;
            let fields: Vec<_> = shown.iter().filter_map(|name| resource.descriptor().field(name)).collect();
            let documents: Vec<_> = page.items.iter().map(|user| &user.document).collect();
            let texts = Names::load(tx, read, &snapshot, &fields, &documents)?;
            let paths = if sees_all { users::paths(tx, PATHS)? } else { Vec::new() };
            Ok((page, paths, texts))
        })
        .await
        .map_err(fault)?;
    let mut parts = Vec::new();
    if paths.len() > 1 {
        let tree = branches(cx.t("console-users-all"), &paths, wanted.path.as_deref());
        parts.push(Part::new(Body::Tree(tree)).titled(cx.t("console-user-path")).wide(Width::Aside));
    }
    parts.push(Part::new(Body::Form(filters(&cx, &wanted))));
    let shown = Shown { names: &names, texts: &texts };
    let (mut table, mut paging) = (table(&cx, &wanted, &page, &shown), paging(&wanted, &page));
    paging.explain(&cx, &mut table, ROWS);
    parts.push(Part::new(Body::Table(Box::new(table), paging)).choosing(chooser(&cx, place, &names)));
    cx.show(&PartsPage { cx: &cx, frame: cx.frame(header(&cx)), parts })
}

fn header(cx: &ConsoleCx) -> Header {
    let mut header = Header::new(HERE, cx.t("console-nav-users"));
    if cx.may("authentik_core.add_user", None) {
        header = header
            .also(Button::link(cx.t("console-service-title"), format!("{HERE}~service-account/")))
            .action(cx.t("console-users-new"), format!("{HERE}~new/"));
    }
    header
}

fn filters(cx: &ConsoleCx, wanted: &Wanted) -> SmallForm {
    let types = [UserType::Internal, UserType::External, UserType::ServiceAccount];
    let mut kinds = vec![(String::new(), cx.t("console-users-any-type"))];
    kinds.extend(types.map(|user_type| (user_type.as_str().to_owned(), type_word(cx, user_type))));
    let states = vec![
        (String::new(), cx.t("console-users-any-state")),
        ("yes".to_owned(), cx.t("console-user-active")),
        ("no".to_owned(), cx.t("console-user-inactive")),
    ];
    let state = match wanted.is_active {
        Some(true) => "yes",
        Some(false) => "no",
        None => "",
    };
    let kind = wanted.user_type.map(UserType::as_str).unwrap_or_default();
    let mut form = SmallForm::get(HERE, cx.t("action-search"))
        .live()
        .field(
            SmallField::new("q", cx.t("action-search"), Widget::Input("search", "off"))
                .with_value(&wanted.search),
        )
        .field(SmallField::new("type", cx.t("console-user-type"), Widget::Select(kinds)).with_value(kind))
        .field(
            SmallField::new("active", cx.t("console-user-state"), Widget::Select(states)).with_value(state),
        );
    for (name, kept) in [("path", &wanted.path), ("sort", &wanted.sort)] {
        if let Some(value) = kept {
            form = form.field(SmallField::hidden(name, value));
        }
    }
    if wanted.is_narrowed() {
        form = form.back(cx.t("console-filters-clear"), HERE);
    }
    form
}

/// The columns to choose from.
fn chooser(cx: &ConsoleCx, place: &Place, shown: &[String]) -> Option<Chooser> {
    let kind = cx.registry().get(USER).ok()?.descriptor();
    let own = columns::possible(kind).map(|field| field.path.to_string());
    let own = own.filter(|name| name != "username").chain([LAST_LOGIN.to_owned()]);
    Chooser::new(place, own.map(|name| (name.clone(), label(cx, &name))), shown)
}

/// What a column is called.
fn label(cx: &ConsoleCx, name: &str) -> String {
    let own = match name {
        "username" => "console-user-username",
        "email" => "console-user-email",
        "type" => "console-user-type",
        "is_active" => "console-user-state",
        LAST_LOGIN => "console-user-last-login",
        _ => "",
    };
    let field = || {
        let kind = cx.registry().get(USER).ok()?.descriptor();
        Some(words::label(cx, kind, kind.field(name)?))
    };
    if own.is_empty() { field().unwrap_or_else(|| name.to_owned()) } else { cx.t(own) }
}

fn column(cx: &ConsoleCx, wanted: &Wanted, name: &str) -> Column {
    let column = Column::new(label(cx, name));
    if !SORTED.contains(&name) {
        return column;
    }
    let current = match wanted.sort.as_deref().unwrap_or("username").strip_prefix('-') {
        Some(sort) => (sort == name).then_some(Direction::Descending),
        None => (wanted.sort.as_deref().unwrap_or("username") == name).then_some(Direction::Ascending),
    };
    let sort = match current {
        Some(Direction::Ascending) => format!("-{name}"),
        _ => name.to_owned(),
    };
    let other = Wanted { sort: Some(sort), ..wanted.clone() };
    column.sorted(other.href(None), current)
}

fn table(cx: &ConsoleCx, wanted: &Wanted, page: &ListPage, shown: &Shown<'_>) -> Table {
    let names = std::iter::once("username").chain(shown.names.iter().map(String::as_str));
    let may_change = cx.may_somewhere("authentik_core.change_user");
    let may_delete = cx.may_somewhere("authentik_core.delete_user");
    let mut buttons = Vec::new();
    if may_change {
        buttons.push(("activate", cx.t("console-user-activate"), false));
        buttons.push(("deactivate", cx.t("console-user-deactivate"), false));
    }
    if may_delete {
        buttons.push(("delete", cx.t("action-delete"), true));
    }
    let (title, text) = if wanted.is_narrowed() {
        ("console-nothing-found", "console-users-nothing-text")
    } else {
        ("console-users-none", "console-users-none-text")
    };
    Table {
        caption: cx.t("console-nav-users"),
        columns: names.map(|name| column(cx, wanted, name)).collect(),
        rows: page.items.iter().map(|user| row(cx, user, shown)).collect(),
        bulk: (!buttons.is_empty()).then(|| Bulk { action: format!("{HERE}~bulk/"), buttons }),
        empty: Some(Empty { icon: "people", title: cx.t(title), text: cx.t(text), action: None }),
    }
}

fn row(cx: &ConsoleCx, user: &Viewed, shown: &Shown<'_>) -> Row {
    let text = |name: &str| user.document.get(name).and_then(Value::as_str).unwrap_or_default();
    let username = text("username");
    let name =
        Some(text("name")).filter(|name| *name != username && !shown.names.iter().any(|one| one == "name"));
    let link = Link::new(username, format!("{HERE}{}/", user.key));
    let mut cells = vec![Cell::LinkLine(link, name.unwrap_or_default().to_owned())];
    cells.extend(shown.names.iter().map(|name| cell(cx, user, name, shown)));
    Row { key: user.key.clone(), label: username.to_owned(), cells, actions: Vec::new() }
}

fn cell(cx: &ConsoleCx, user: &Viewed, name: &str, shown: &Shown<'_>) -> Cell {
    let value = user.document.get(name).unwrap_or(&Value::Null);
    match (name, value) {
        (LAST_LOGIN, _) => {
            let login = user.computed.get(LAST_LOGIN).and_then(Value::as_str).and_then(Timestamp::parse);
            login.map_or(Cell::Nothing, |at| Cell::When(cx.when(at)))
        }
        ("is_active", Value::Bool(false)) => Cell::Badge(cx.t("console-user-inactive"), "danger"),
        ("is_active", _) => Cell::Badge(cx.t("console-user-active"), "success"),
        ("email", Value::String(email)) => Cell::text(email),
        ("type", Value::String(kind)) => {
            Cell::Text(kind.parse().map_or_else(|_| String::new(), |kind| type_word(cx, kind)))
        }
        _ => match cx.registry().get(USER).ok().and_then(|kind| kind.descriptor().field(name)) {
            Some(field) => show::cell(cx, field, value, shown.texts, Room::Row),
            None => Cell::Nothing,
        },
    }
}

fn paging(wanted: &Wanted, page: &ListPage) -> Paging {
    Paging {
        count: String::new(),
        first: wanted.after.is_some().then(|| wanted.href(None)),
        next: page.next.as_deref().map(|next| wanted.href(Some(next))),
    }
}

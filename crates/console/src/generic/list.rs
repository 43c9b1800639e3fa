//! `<place>`: the objects of a kind or family.

use std::cmp::Ordering;

use actix_web::HttpResponse;
use askama::Template;
use countersign_registry::{
    Filter, FilterOp, ListPage, ListQuery, Order, ReadCx, ResourceError, Start, Viewed,
};
use countersign_resource::{Descriptor, FieldInfo};
use countersign_store::{Snapshot, Tx};
use countersign_types::{RawId, TextArg};
use countersign_web::{BoundedQuery, Pairs, WebError, encode_next};

use super::{
    columns,
    find::At,
    form::permission,
    places::Place,
    show::{self, Names, Room},
    words,
};
use crate::{
    applications,
    cx::{ConsoleCx, fault},
    flows,
    kit::{Bulk, Button, Cell, Chooser, Column, Direction, Empty, Link, Paging, Row, Table},
    shell::Frame,
};

/// Rows of a page.
const ROWS: u32 = 50;
/// Most objects of one kind that a list of a whole family looks through.
const MAX_OF_KIND: u32 = 1_000;
/// Longest text to look for, in characters.
const MAX_SEARCH: usize = 100;
/// Filters above a list.
const MAX_FILTERS: usize = 3;

#[derive(Template)]
#[template(path = "console/list.html")]
struct ListView<'l> {
    cx: &'l ConsoleCx,
    frame: Frame,
    path: &'l str,
    search: String,
    sort: String,
    filters: Vec<FilterView>,
    chooser: Option<Chooser>,
    table: Table,
    paging: Paging,
}

/// A filter: name, label, choices, each with whether it is chosen.
struct FilterView {
    name: String,
    label: String,
    choices: Vec<(String, String, bool)>,
}

/// What is asked of a list.
#[derive(Clone, Debug, Default)]
struct Asked {
    search: String,
    /// Field to order by, with a minus for the largest first.
    sort: String,
    after: Option<String>,
    /// Field and value.
    filters: Vec<(String, String)>,
    /// Whether columns are shown that nobody sets.
    wants_computed: bool,
}

/// `GET <place>`.
pub(crate) async fn show(
    cx: ConsoleCx,
    At(place): At,
    BoundedQuery(query): BoundedQuery,
) -> Result<HttpResponse, WebError> {
    if !columns::may_see(&cx, &place) {
        return Err(WebError::denied());
    }
    let first = kind_of(&cx, &place)?;
    let names = columns::of(&cx, &place);
    let wants_computed = names.iter().any(|name| place.computed_label(name).is_some());
    let asked = Asked { wants_computed, ..Asked::of(&query, first, &place) };
    let (page, texts) = load(&cx, &place, &asked, &names).await.map_err(fault)?;
    let mut table = table(&cx, &place, first, &asked, &names, &page, &texts);
    let mut paging = Paging {
        count: page.count.filter(|count| *count > 0).map_or_else(String::new, |count| {
            let count = i64::try_from(count).unwrap_or(i64::MAX);
            let key = if page.is_at_least { "console-count-at-least" } else { "console-count" };
            cx.t_args(key, &[("count", TextArg::Number(count))])
        }),
        first: asked.after.is_some().then(|| asked.href(&place, None)),
        next: page.next.as_deref().map(|next| asked.href(&place, Some(next))),
    };
    paging.explain(&cx, &mut table, ROWS);
    let view = ListView {
        cx: &cx,
        frame: frame(&cx, &place, first),
        path: &place.path,
        filters: filters(&cx, &place, first, &asked),
        chooser: chooser(&cx, &place, first, &names),
        table,
        paging,
        search: asked.search,
        sort: asked.sort,
    };
    cx.show(&view)
}

/// The first kind of a place: the only one, or the one whose common fields its family has.
fn kind_of<'c>(cx: &'c ConsoleCx, place: &Place) -> Result<&'c Descriptor, WebError> {
    let model = place.models.first().ok_or_else(WebError::not_found)?;
    Ok(cx.registry().get(model).map_err(fault)?.descriptor())
}

impl Asked {
    fn of(query: &Pairs, kind: &Descriptor, place: &Place) -> Self {
        let text = |name: &str| query.first(name).unwrap_or_default();
        let is_field = |name: &str| kind.field(name).is_some() || (name == "kind" && place.models.len() > 1);
        let filters = query
            .as_slice()
            .iter()
            .filter(|(name, value)| !value.is_empty() && name.strip_prefix("f.").is_some_and(is_field))
            .map(|(name, value)| (name.trim_start_matches("f.").to_owned(), value.clone()))
            .take(MAX_FILTERS);
        Self {
            search: text("q").trim().chars().take(MAX_SEARCH).collect(),
            sort: Some(text("sort"))
                .filter(|sort| is_field(sort.trim_start_matches('-')))
                .unwrap_or_default()
                .to_owned(),
            after: query.first("after").filter(|after| !after.is_empty()).map(str::to_owned),
            filters: filters.collect(),
            wants_computed: false,
        }
    }

    fn query(&self) -> ListQuery {
        let filter = |(field, value): &(String, String)| Filter {
            field: field.clone(),
            op: FilterOp::Is,
            values: vec![value.clone()],
        };
        ListQuery {
            search: Some(self.search.clone()).filter(|search| !search.is_empty()),
            filters: self.filters.iter().filter(|(field, _)| field != "kind").map(filter).collect(),
            order: match self.sort.as_str() {
                "" => Vec::new(),
                sort => vec![Order {
                    field: sort.trim_start_matches('-').to_owned(),
                    descending: sort.starts_with('-'),
                }],
            },
            start: self.after.clone().map_or(Start::First, Start::After),
            count: true,
            computed: self.wants_computed,
            ..ListQuery::first(ROWS)
        }
    }

    /// The same list, elsewhere or ordered otherwise.
    fn href(&self, place: &Place, after: Option<&str>) -> String {
        let mut parameters = Vec::new();
        if !self.search.is_empty() {
            parameters.push(format!("q={}", encode_next(&self.search)));
        }
        if !self.sort.is_empty() {
            parameters.push(format!("sort={}", encode_next(&self.sort)));
        }
        for (name, value) in &self.filters {
            parameters.push(format!("f.{name}={}", encode_next(value)));
        }
        parameters.extend(after.map(|after| format!("after={}", encode_next(after))));
        match parameters.is_empty() {
            true => place.path.clone(),
            false => format!("{}?{}", place.path, parameters.join("&")),
        }
    }

    fn is_narrowed(&self) -> bool {
        !self.search.is_empty() || !self.filters.is_empty()
    }
}

/// The objects, and the names of what they point at, in one trip.
async fn load(
    cx: &ConsoleCx,
    place: &Place,
    asked: &Asked,
    names: &[String],
) -> Result<(ListPage, Names), ResourceError> {
    let (models, asked, names) = (place.models.clone(), asked.clone(), names.to_vec());
    let snapshot = std::sync::Arc::clone(&cx.snapshot);
    cx.look(move |tx, read| {
        let page = match models.as_slice() {
            [only] => read.registry.get(only)?.list_kept(tx, read, &snapshot, &asked.query())?,
            several => of_family(tx, read, &snapshot, several, &asked)?,
        };
        let texts = names_of(tx, read, &snapshot, &page, &names)?;
        Ok((page, texts))
    })
    .await
}

fn names_of(
    tx: &mut Tx<'_>,
    read: ReadCx<'_>,
    snapshot: &Snapshot,
    page: &ListPage,
    names: &[String],
) -> Result<Names, ResourceError> {
    let mut fields: Vec<&FieldInfo> = Vec::new();
    for viewed in &page.items {
        let kind = read.registry.get(viewed.model)?.descriptor();
        for field in names.iter().filter_map(|name| kind.field(name)) {
            if !fields.contains(&field) {
                fields.push(field);
            }
        }
    }
    let documents: Vec<_> = page.items.iter().map(|viewed| &viewed.document).collect();
    Names::load(tx, read, snapshot, &fields, &documents)
}

/// The objects of several kinds in one list, by name. Families are cold and few, so that their lists are merged
/// in memory; the place in the list is the last name seen, with the identifier.
fn of_family(
    tx: &mut Tx<'_>,
    read: ReadCx<'_>,
    snapshot: &Snapshot,
    models: &[&'static str],
    asked: &Asked,
) -> Result<ListPage, ResourceError> {
    let kind = asked.filters.iter().find(|(field, _)| field == "kind").map(|(_, value)| value.as_str());
    let mut all: Vec<Viewed> = Vec::new();
    for model in models.iter().filter(|model| kind.is_none_or(|kind| kind == **model)) {
        let resource = read.registry.get(model)?;
        let mut query = ListQuery { start: Start::First, limit: MAX_OF_KIND, count: false, ..asked.query() };
        query.order.retain(|order| order.field != "kind");
        query.filters.retain(|filter| resource.descriptor().field(&filter.field).is_some());
        all.extend(resource.list_kept(tx, read, snapshot, &query)?.items);
    }
    let is_descending = asked.sort.starts_with('-');
    let by_kind = asked.sort.trim_start_matches('-') == "kind";
    let place = |viewed: &Viewed| {
        let kind = if by_kind { viewed.model } else { "" };
        (kind.to_owned(), viewed.name.to_lowercase(), viewed.id)
    };
    all.sort_by_cached_key(place);
    if is_descending {
        all.reverse();
    }
    let count = all.len() as u64;
    let seen: Option<RawId> = asked.after.as_deref().and_then(|after| after.parse().ok());
    let begin = seen.and_then(|seen| all.iter().position(|viewed| viewed.id == seen)).map_or(0, |at| at + 1);
    let mut items: Vec<Viewed> = all.into_iter().skip(begin).take(ROWS as usize + 1).collect();
    let has_more = items.len().cmp(&(ROWS as usize)) == Ordering::Greater;
    items.truncate(ROWS as usize);
    let next = items.last().filter(|_| has_more).map(|viewed| viewed.id.to_string());
    Ok(ListPage { items, count: Some(count), next, ..ListPage::default() })
}

/// Whether the reader may make an object of the place.
fn may_add(cx: &ConsoleCx, place: &Place) -> bool {
    place.models.iter().any(|model| {
        show::can_be_made(cx, model)
            && cx.registry().get(model).is_ok_and(|one| cx.may(&permission("add", one.descriptor()), None))
    })
}

fn frame(cx: &ConsoleCx, place: &Place, kind: &Descriptor) -> Frame {
    let mut header = crate::shell::Header::new(place.at, show::place_name(cx, place));
    let may_add = may_add(cx, place);
    if kind.family.is_none() {
        header = header.text(words::about(cx, kind));
    }
    let plain = format!("{}~new/", place.path);
    if let Some(wizard) = applications::wizard_link(cx, place).filter(|_| may_add) {
        header = header
            .also(Button::link(cx.t("console-application-alone"), plain))
            .action(wizard.label, wizard.href);
    } else if may_add {
        header = header.action(cx.t("console-create"), plain);
    }
    if let Some(import) = flows::import_button(cx, place).filter(|_| may_add) {
        header = header.also(import);
    }
    cx.frame(header)
}

/// Filters: the kind in a family; otherwise fields with few values.
fn filters(cx: &ConsoleCx, place: &Place, kind: &Descriptor, asked: &Asked) -> Vec<FilterView> {
    let chosen = |name: &str| {
        asked.filters.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value.as_str())
    };
    if place.models.len() > 1 {
        let kinds = place.models.iter().filter_map(|model| cx.registry().get(model).ok());
        let choice = |name: String, model: &str| (model.to_owned(), name, chosen("kind") == model);
        let mut choices: Vec<_> =
            kinds.map(|one| choice(words::name(cx, one.descriptor()), one.descriptor().model)).collect();
        choices.sort_by(|one, other| one.1.cmp(&other.1));
        return vec![FilterView { name: "f.kind".to_owned(), label: cx.t("console-kind"), choices }];
    }
    let fields = kind.fields.iter().filter(|field| {
        field.path.is_top_level() && matches!(field.widget.as_str(), "select" | "checkbox") && !field.advanced
    });
    fields
        .filter(|field| place.columns.contains(&field.path.to_string().as_str()))
        .take(MAX_FILTERS)
        .map(|field| {
            let name = field.path.to_string();
            let values: Vec<(String, String)> = match field.widget.as_str() {
                "checkbox" => {
                    vec![("true".to_owned(), cx.t("word-yes")), ("false".to_owned(), cx.t("word-no"))]
                }
                _ => field.choices.iter().map(|one| (one.clone(), words::choice(cx, one))).collect(),
            };
            let choices = values.into_iter().map(|(value, label)| {
                let is_chosen = chosen(&name) == value;
                (value, label, is_chosen)
            });
            let choices = choices.collect();
            FilterView { label: words::label(cx, kind, field), name: format!("f.{name}"), choices }
        })
        .collect()
}

/// The columns to choose from; none when there are none.
fn chooser(cx: &ConsoleCx, place: &Place, kind: &Descriptor, shown: &[String]) -> Option<Chooser> {
    let own = columns::possible(kind)
        .filter(|field| place.models.len() == 1 || field.path.to_string() == "managed")
        .map(|field| (field.path.to_string(), words::label(cx, kind, field)))
        .filter(|(name, _)| name != heading(kind));
    let own = own.chain(place.computed().iter().map(|(name, label)| ((*name).to_owned(), cx.t(label))));
    let kind = (place.models.len() > 1).then(|| ("kind".to_owned(), cx.t("console-kind")));
    Chooser::new(place, kind.into_iter().chain(own), shown)
}

/// The field whose value is the heading of a row.
fn heading(kind: &Descriptor) -> &'static str {
    let own = ["name", "username", "slug", "identifier", "domain"];
    // Users have a name as well, but their user name is unique.
    let own = if kind.field("username").is_some() { ["username"; 5] } else { own };
    own.into_iter().find(|name| kind.field(name).is_some()).unwrap_or("pk")
}

fn table(
    cx: &ConsoleCx,
    place: &Place,
    kind: &Descriptor,
    asked: &Asked,
    names: &[String],
    page: &ListPage,
    texts: &Names,
) -> Table {
    let heading = heading(kind);
    let mut columns = vec![column(cx, place, kind, asked, heading)];
    columns.extend(names.iter().map(|name| column(cx, place, kind, asked, name)));
    let rows = page.items.iter().map(|viewed| row(cx, place, viewed, names, texts)).collect();
    let may_delete = place.models.iter().filter_map(|model| cx.registry().get(model).ok()).any(|one| {
        let (app, model) = one.descriptor().label();
        cx.may_somewhere(&format!("{app}.delete_{model}"))
    });
    Table {
        caption: show::place_name(cx, place),
        columns,
        rows,
        bulk: may_delete.then(|| Bulk {
            action: format!("{}~delete/", place.path),
            buttons: vec![("delete", cx.t("action-delete"), true)],
        }),
        empty: Some(empty(cx, place, asked)),
    }
}

fn column(cx: &ConsoleCx, place: &Place, kind: &Descriptor, asked: &Asked, name: &str) -> Column {
    let field = kind.field(name);
    let label = match (name, field) {
        ("kind", None) => cx.t("console-kind"),
        // What has no name is called by what it does.
        ("pk", None) => cx.t("console-name"),
        (_, Some(field)) => words::label(cx, kind, field),
        (_, None) => place.computed_label(name).map_or_else(|| name.to_owned(), |label| cx.t(label)),
    };
    let column = match field.is_some_and(|field| field.widget == "number") {
        true => Column::number(label),
        false => Column::new(label),
    };
    let is_family = place.models.len() > 1;
    let can_sort = match field {
        Some(field) if is_family => name == "name" && !field.many,
        Some(field) => !field.many && field.reference.is_none(),
        None => name == "kind",
    };
    if !can_sort {
        return column;
    }
    let current = match asked.sort.strip_prefix('-') {
        Some(sort) if sort == name => Some(Direction::Descending),
        None if asked.sort == name => Some(Direction::Ascending),
        _ => None,
    };
    let sort = match current {
        Some(Direction::Ascending) => format!("-{name}"),
        _ => name.to_owned(),
    };
    let other = Asked { sort, after: None, ..asked.clone() };
    column.sorted(other.href(place, None), current)
}

fn row(cx: &ConsoleCx, place: &Place, viewed: &Viewed, names: &[String], texts: &Names) -> Row {
    let kind = cx.registry().get(viewed.model).ok().map(|resource| resource.descriptor());
    let href = format!("{}{}/", place.path, viewed.key);
    let name = show::described(&cx.snapshot, viewed);
    let mut cells = vec![Cell::link(&name, &href)];
    for column in names {
        let field = kind.and_then(|kind| kind.field(column));
        cells.push(match (column.as_str(), kind, field) {
            ("kind", Some(kind), None) => Cell::text(words::name(cx, kind)),
            (_, _, Some(field)) => {
                let value = viewed.document.get(column).unwrap_or(&serde_json::Value::Null);
                show::cell(cx, field, value, texts, Room::Row)
            }
            (_, _, None) if place.computed_label(column).is_some() => {
                show::computed(cx, viewed.computed.get(column).unwrap_or(&serde_json::Value::Null))
            }
            _ => Cell::Nothing,
        });
    }
    let may_change = kind.is_some_and(|kind| cx.may(&permission("change", kind), Some(viewed.id)));
    let edit = Link::new(cx.t("action-edit"), format!("{href}edit/"));
    Row {
        key: viewed.key.clone(),
        label: name,
        cells,
        actions: if may_change && show::can_be_made(cx, viewed.model) { vec![edit] } else { Vec::new() },
    }
}

fn empty(cx: &ConsoleCx, place: &Place, asked: &Asked) -> Empty {
    if asked.is_narrowed() {
        return Empty {
            icon: "search",
            title: cx.t("console-nothing-title"),
            text: cx.t("console-nothing-text"),
            action: Some(Link::new(cx.t("console-nothing-all"), place.path.clone())),
        };
    }
    Empty {
        icon: "list",
        title: cx.t("console-empty-title"),
        text: cx.t_with("console-empty-text", "kinds", &show::place_name(cx, place)),
        action: may_add(cx, place).then(|| {
            let first = Link::new(cx.t("console-create"), format!("{}~new/", place.path));
            applications::wizard_link(cx, place).unwrap_or(first)
        }),
    }
}

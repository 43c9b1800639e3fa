//! Lists in memory: filters, search, order and paging over documents, for kinds of which there are few.

use std::cmp::Ordering;

use countersign_types::{JsonObject, RawId};
use serde_json::Value;

use crate::{Filter, FilterOp, ListPage, ListQuery, Order, Start, Viewed};

/// An object that may be in a list.
pub(crate) struct Candidate<'c> {
    pub(crate) id: RawId,
    pub(crate) document: &'c JsonObject,
    pub(crate) computed: Option<&'c JsonObject>,
}

/// Which candidates a query lets through, as places, in its order.
pub(crate) fn select(candidates: &[Candidate<'_>], query: &ListQuery) -> Vec<usize> {
    let search =
        query.search.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_lowercase);
    let mut places: Vec<usize> = candidates
        .iter()
        .enumerate()
        .filter(|(_, candidate)| search.as_deref().is_none_or(|text| candidate.mentions(text)))
        .filter(|(_, candidate)| query.filters.iter().all(|filter| candidate.meets(filter)))
        .map(|(place, _)| place)
        .collect();
    if !query.order.is_empty() {
        places.sort_by(|one, other| match (candidates.get(*one), candidates.get(*other)) {
            (Some(one), Some(other)) => compare(one, other, &query.order),
            _ => Ordering::Equal,
        });
    }
    places
}

/// Objects of several kinds as one list: ordered, and the part that is wanted.
pub(crate) fn ordered_page(all: Vec<Viewed>, query: &ListQuery) -> ListPage {
    let candidates: Vec<_> = all
        .iter()
        .map(|viewed| Candidate {
            id: viewed.id,
            document: &viewed.document,
            computed: Some(&viewed.computed),
        })
        .collect();
    let places = select(&candidates, &ListQuery { order: query.order.clone(), ..ListQuery::default() });
    let ids: Vec<RawId> = places.iter().filter_map(|place| all.get(*place)).map(|viewed| viewed.id).collect();
    let (range, next) = page(&ids, query);
    let count = query.count.then_some(places.len() as u64);
    let mut all: Vec<_> = all.into_iter().map(Some).collect();
    let wanted = places.get(range).unwrap_or_default();
    let items = wanted.iter().filter_map(|place| all.get_mut(*place)?.take()).collect();
    ListPage { items, count, next, ..ListPage::default() }
}

/// What of a selection is wanted, and the cursor of what follows.
pub(crate) fn page(ids: &[RawId], query: &ListQuery) -> (std::ops::Range<usize>, Option<String>) {
    let begin = match &query.start {
        Start::First => 0,
        Start::Skip(count) => usize::try_from(*count).unwrap_or(usize::MAX),
        Start::After(cursor) => after(ids, cursor),
    };
    let begin = begin.min(ids.len());
    let end = begin.saturating_add(query.limit as usize).min(ids.len());
    let last = end.checked_sub(1).and_then(|last| ids.get(last)).filter(|_| end < ids.len());
    (begin..end, last.map(|last| format!("{last}.{end}")))
}

/// A cursor names the last object seen and how many were: if that has gone meanwhile, the number has to do.
fn after(ids: &[RawId], cursor: &str) -> usize {
    let (id, seen) = cursor.split_once('.').unwrap_or((cursor, ""));
    let found = id.parse::<RawId>().ok().and_then(|id| ids.iter().position(|candidate| *candidate == id));
    found.map(|place| place + 1).or_else(|| seen.parse().ok()).unwrap_or(usize::MAX)
}

impl Candidate<'_> {
    /// The value of an attribute: the document's, else a read-only one.
    fn value(&self, field: &str) -> Option<&Value> {
        look(self.document, field).or_else(|| look(self.computed?, field))
    }

    /// Whether any text of the document has this (lower-cased) part.
    fn mentions(&self, text: &str) -> bool {
        searched(self.document).any(|value| value.to_lowercase().contains(text))
    }

    fn meets(&self, filter: &Filter) -> bool {
        let id = Value::from(self.id.to_string());
        let value = match filter.field.as_str() {
            // A kind with integer keys goes by those too.
            "pk" if filter.values.iter().any(|value| is(&id, value)) => &id,
            "pk" => self.value("pk").unwrap_or(&id),
            field => self.value(field).unwrap_or(&Value::Null),
        };
        let first = filter.values.first().map_or("", String::as_str);
        let any = |fits: &dyn Fn(&Value) -> bool| match value {
            Value::Array(elements) => elements.iter().any(fits),
            value => fits(value),
        };
        match filter.op {
            FilterOp::Is => any(&|value| is(value, first)),
            FilterOp::IsNot => !any(&|value| is(value, first)),
            FilterOp::In => any(&|value| filter.values.iter().any(|wanted| is(value, wanted))),
            FilterOp::Contains => any(&|value| folded(value).contains(&first.to_lowercase())),
            FilterOp::StartsWith => any(&|value| folded(value).starts_with(&first.to_lowercase())),
            FilterOp::IsNull => {
                let is_null = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
                is_null == (first == "true")
            }
            FilterOp::AtLeast => any(&|value| against(value, first).is_some_and(Ordering::is_ge)),
            FilterOp::AtMost => any(&|value| against(value, first).is_some_and(Ordering::is_le)),
        }
    }
}

/// The texts of a document that a search looks at.
fn searched(document: &JsonObject) -> impl Iterator<Item = &str> {
    document.iter().filter(|(name, _)| *name != "managed").filter_map(|(_, value)| value.as_str())
}

/// The same as one text, lower-cased.
pub(crate) fn texts(document: &JsonObject) -> String {
    searched(document).map(str::to_lowercase).collect::<Vec<_>>().join("\u{1f}")
}

/// A value by its path. Names of attributes may have dots themselves: the longest name is tried first.
fn look<'v>(object: &'v JsonObject, path: &str) -> Option<&'v Value> {
    if let Some(value) = object.get(path) {
        return Some(value);
    }
    path.match_indices('.').rev().find_map(|(dot, _)| {
        let (name, rest) = (path.get(..dot)?, path.get(dot + 1..)?);
        look(object.get(name)?.as_object()?, rest)
    })
}

/// A value as filters write it.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

fn folded(value: &Value) -> String {
    text(value).to_lowercase()
}

fn is(value: &Value, wanted: &str) -> bool {
    match value {
        Value::String(text) => text == wanted,
        Value::Null => wanted == "null",
        other => text(other) == wanted,
    }
}

/// A value compared with a text: as numbers where both are, else as texts.
fn against(value: &Value, wanted: &str) -> Option<Ordering> {
    match (value, wanted.parse::<f64>()) {
        (Value::Null, _) => None,
        (Value::Number(number), Ok(wanted)) => number.as_f64()?.partial_cmp(&wanted),
        (value, _) => Some(text(value).as_str().cmp(wanted)),
    }
}

fn compare(one: &Candidate<'_>, other: &Candidate<'_>, orders: &[Order]) -> Ordering {
    orders
        .iter()
        .map(|order| {
            let (one_value, other_value) = match order.field.as_str() {
                "pk" if one.value("pk").is_none() => return turned(one.id.cmp(&other.id), order),
                field => (one.value(field), other.value(field)),
            };
            turned(rank(one_value.unwrap_or(&Value::Null), other_value.unwrap_or(&Value::Null)), order)
        })
        .find(|ordering| ordering.is_ne())
        .unwrap_or(Ordering::Equal)
}

fn turned(ordering: Ordering, order: &Order) -> Ordering {
    if order.descending { ordering.reverse() } else { ordering }
}

/// Nothing comes first; numbers by size, texts whatever their case.
fn rank(one: &Value, other: &Value) -> Ordering {
    match (one, other) {
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Null, _) => Ordering::Less,
        (_, Value::Null) => Ordering::Greater,
        (Value::Number(one), Value::Number(other)) => {
            one.as_f64().partial_cmp(&other.as_f64()).unwrap_or(Ordering::Equal)
        }
        (one, other) => folded(one).cmp(&folded(other)).then_with(|| text(one).cmp(&text(other))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn documents() -> Vec<JsonObject> {
        let values = [
            json!({"name": "Bell", "order": 10, "tags": ["a", "b"], "map": {"x.y": {"z": 1}}}),
            json!({"name": "anvil", "order": 9, "tags": [], "flow": "f1"}),
            json!({"name": "Clock", "order": 9, "tags": ["c"], "flow": null}),
        ];
        values.into_iter().filter_map(|value| value.as_object().cloned()).collect()
    }

    fn names(query: &ListQuery) -> Vec<String> {
        let documents = documents();
        let candidates: Vec<_> = documents
            .iter()
            .enumerate()
            .map(|(number, document)| {
                let id = RawId::from_u128(number as u128 + 1);
                Candidate { id, document, computed: None }
            })
            .collect();
        let places = select(&candidates, query);
        places.into_iter().map(|place| documents[place]["name"].as_str().unwrap().to_owned()).collect()
    }

    fn filtered(field: &str, op: FilterOp, values: &[&str]) -> Vec<String> {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        names(&ListQuery {
            filters: vec![Filter { field: field.to_owned(), op, values }],
            ..Default::default()
        })
    }

    #[test]
    fn filters_look_at_any_attribute() {
        assert_eq!(filtered("order", FilterOp::Is, &["10"]), ["Bell"]);
        assert_eq!(filtered("order", FilterOp::AtMost, &["9"]), ["anvil", "Clock"]);
        assert_eq!(filtered("tags", FilterOp::In, &["b", "c"]), ["Bell", "Clock"]);
        assert_eq!(filtered("flow", FilterOp::IsNull, &["false"]), ["anvil"]);
        assert_eq!(filtered("tags", FilterOp::IsNull, &["true"]), ["anvil"]);
        assert_eq!(filtered("name", FilterOp::Contains, &["L"]), ["Bell", "anvil", "Clock"]);
        assert_eq!(filtered("name", FilterOp::StartsWith, &["b"]), ["Bell"]);
        assert_eq!(filtered("map.x.y.z", FilterOp::Is, &["1"]), ["Bell"]);
        assert_eq!(filtered("name", FilterOp::IsNot, &["Bell"]), ["anvil", "Clock"]);
    }

    #[test]
    fn order_ignores_case_and_knows_numbers() {
        let by = |fields: &[(&str, bool)]| {
            let order = fields
                .iter()
                .map(|(field, descending)| Order { field: (*field).to_owned(), descending: *descending })
                .collect();
            names(&ListQuery { order, ..ListQuery::default() })
        };
        assert_eq!(by(&[("name", false)]), ["anvil", "Bell", "Clock"]);
        assert_eq!(by(&[("order", false), ("name", true)]), ["Clock", "anvil", "Bell"]);
    }

    #[test]
    fn search_ignores_case() {
        assert_eq!(names(&ListQuery { search: Some(" CLO ".to_owned()), ..ListQuery::default() }), ["Clock"]);
    }

    #[test]
    fn a_cursor_survives_what_is_deleted() {
        let ids: Vec<_> = (1..=5).map(RawId::from_u128).collect();
        let (range, next) = page(&ids, &ListQuery::first(2));
        assert_eq!(range, 0..2);
        let then = ListQuery { start: Start::After(next.unwrap()), ..ListQuery::first(2) };
        assert_eq!(page(&ids, &then).0, 2..4);
        let left = [ids[0], ids[2], ids[3], ids[4]];
        assert_eq!(page(&left, &then).0, 2..4, "by number when the object is gone");
        let skipping = ListQuery { start: Start::Skip(4), ..ListQuery::first(2) };
        assert_eq!(page(&ids, &skipping), (4..5, None));
    }
}

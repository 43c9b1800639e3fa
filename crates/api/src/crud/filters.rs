//! From parameters of a query to filters: `name`, `name__icontains`, `pk__in`, `attributes={"room": 7}`.
//!
//! Parameters that name no attribute are ignored, as in authentik's API, whose clients send some of them to
//! every list.

use countersign_registry::{AnyResource, Filter, FilterOp, ReadCx};
use countersign_store::Tx;
use countersign_web::Pairs;
use serde_json::Value;

use super::document::{identifier, is_integer};
use crate::{ApiError, paging::RESERVED};

/// Values of one filter at most.
const MAX_VALUES: usize = 200;
/// Maps within maps that a filter looks into.
const MAX_DEPTH: usize = 4;

/// The filters of a query.
pub(crate) fn of(
    tx: &mut Tx<'_>,
    cx: ReadCx<'_>,
    resource: &dyn AnyResource,
    query: &Pairs,
) -> Result<Vec<Filter>, ApiError> {
    let mut filters: Vec<Filter> = Vec::new();
    for (name, value) in query.as_slice() {
        if RESERVED.contains(&name.as_str()) || value.is_empty() {
            continue;
        }
        let Some((field, op)) = condition(resource, name) else { continue };
        if op == FilterOp::Is && is_map(resource, &field) {
            filters.extend(contained(&field, value)?);
            continue;
        }
        let values: Vec<&str> = match op {
            FilterOp::In => value.split(',').map(str::trim).filter(|value| !value.is_empty()).collect(),
            _ => vec![value],
        };
        if values.len() > MAX_VALUES {
            return Err(ApiError::field(name, "max_length", "api-error-too-many-values"));
        }
        let values = values.into_iter().map(|value| meant(tx, cx, resource, &field, op, value));
        let values = values.collect::<Result<Vec<_>, _>>()?;
        // `name__in=a&name__in=b` is one condition; so is the same name twice.
        match filters.iter_mut().find(|other| op == FilterOp::In && other.field == field && other.op == op) {
            Some(other) => other.values.extend(values),
            None => filters.push(Filter { field, op, values }),
        }
    }
    Ok(filters)
}

/// Whether objects of a kind have an attribute, their own or a read-only one.
pub(crate) fn is_known(resource: &dyn AnyResource, field: &str) -> bool {
    let first = field.split('.').next().unwrap_or_default();
    let computed = || resource.computed().get("properties").is_some_and(|all| all.get(first).is_some());
    first == "pk" || resource.descriptor().knows(first) || computed()
}

/// The attribute that a parameter names, and how it is compared.
fn condition(resource: &dyn AnyResource, name: &str) -> Option<(String, FilterOp)> {
    if let Some(filter) = resource.filters().iter().find(|filter| filter.name == name) {
        return Some((filter.field.to_owned(), filter.op));
    }
    if super::uuid_name(resource).is_some_and(|uuid| uuid == name) {
        return Some(("pk".to_owned(), FilterOp::Is));
    }
    let (field, op) = match name.rsplit_once("__") {
        None => (name, FilterOp::Is),
        Some((field, "in")) => (field, FilterOp::In),
        Some((field, "icontains" | "contains")) => (field, FilterOp::Contains),
        Some((field, "istartswith" | "startswith")) => (field, FilterOp::StartsWith),
        Some((field, "isnull")) => (field, FilterOp::IsNull),
        Some((field, "gt" | "gte")) => (field, FilterOp::AtLeast),
        Some((field, "lt" | "lte")) => (field, FilterOp::AtMost),
        Some((field, "exact" | "iexact")) => (field, FilterOp::Is),
        Some(_) => (name, FilterOp::Is),
    };
    let field = field.replace("__", ".");
    is_known(resource, &field).then_some((field, op))
}

fn is_map(resource: &dyn AnyResource, field: &str) -> bool {
    resource.descriptor().field(field).is_some_and(|field| field.widget == "json")
}

/// A map as conditions on what is in it.
fn contained(field: &str, value: &str) -> Result<Vec<Filter>, ApiError> {
    let wrong = || ApiError::field(field, "invalid", "api-error-json");
    let value: Value = serde_json::from_str(value).map_err(|_| wrong())?;
    if !value.is_object() {
        return Err(wrong());
    }
    let mut filters = Vec::new();
    flatten(field, &value, 0, &mut filters);
    if filters.len() > MAX_VALUES { Err(wrong()) } else { Ok(filters) }
}

fn flatten(place: &str, value: &Value, depth: usize, filters: &mut Vec<Filter>) {
    match value {
        Value::Object(members) if depth < MAX_DEPTH => {
            for (name, value) in members {
                flatten(&format!("{place}.{name}"), value, depth + 1, filters);
            }
        }
        Value::Null => {
            filters.push(Filter {
                field: place.to_owned(),
                op: FilterOp::IsNull,
                values: vec!["true".to_owned()],
            });
        }
        Value::String(text) => filters.push(Filter::is(place, text)),
        value => filters.push(Filter::is(place, value.to_string())),
    }
}

/// A value as documents hold it: integers that stand for objects are led to these.
fn meant(
    tx: &mut Tx<'_>,
    cx: ReadCx<'_>,
    resource: &dyn AnyResource,
    field: &str,
    op: FilterOp,
    value: &str,
) -> Result<String, ApiError> {
    let target = resource.descriptor().field(field).and_then(|field| field.reference.as_deref());
    let target =
        target.filter(|target| matches!(op, FilterOp::Is | FilterOp::In) && is_integer(cx.registry, target));
    let (Some(target), Ok(pk)) = (target, value.parse::<i64>()) else { return Ok(value.to_owned()) };
    // An object that is not there is nobody's: nil names none.
    Ok(identifier(tx, target, &Value::from(pk))?.unwrap_or_default().to_string())
}

//! Shapes of kinds, made from their descriptions: shown, asked for, patched.

use std::{borrow::Cow, collections::BTreeSet};

use countersign_registry::{AnyResource, FilterOp, ListFilter, Registry};
use countersign_resource::schema_of;
use serde_json::{Map, Value, json};

use super::document::{facts, is_integer};
use crate::{Described, Param, Shape};

/// Keys of our own schemas that say nothing to clients.
const OURS: [&str; 2] = ["$schema", "title"];

/// What a kind's shapes are called: `PasswordStage`, as its struct is called; where that is another name than
/// the model's, the words that administrators have for it.
fn name(resource: &dyn AnyResource) -> String {
    let descriptor = resource.descriptor();
    let title = descriptor.schema.get("title").and_then(Value::as_str).unwrap_or_default();
    let title = title.strip_suffix("Spec").unwrap_or(title);
    if title.eq_ignore_ascii_case(descriptor.label().1) {
        return title.to_owned();
    }
    let words = descriptor.verbose_name.split(|letter: char| !letter.is_ascii_alphanumeric());
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str())
    };
    words.filter_map(capital).collect()
}

/// What a kind is for: the first paragraph of its description.
pub(super) fn about(resource: &dyn AnyResource) -> String {
    let text = resource.descriptor().schema.get("description").and_then(Value::as_str).unwrap_or_default();
    text.split("\n\n").next().unwrap_or_default().replace('\n', " ")
}

/// An object as it is shown.
pub(crate) fn shown(registry: &Registry, resource: &dyn AnyResource) -> Described {
    let mut properties = Map::new();
    properties.insert("pk".to_owned(), read_only(pk(resource)));
    for (name, schema) in own(registry, resource) {
        if schema.get("writeOnly") != Some(&Value::Bool(true)) && !is_secret(&schema) {
            properties.insert(name, schema);
        }
    }
    for (name, value) in facts(resource) {
        properties.insert(name, read_only(json!({ "type": "string", "const": value })));
    }
    for (name, schema) in members(resource.computed()) {
        properties.insert(name, read_only(cleaned(registry, schema)));
    }
    // As in authentik's document, what may be left out of a new object need not be in an old one.
    let required: Vec<String> = required_of(&resource.descriptor().schema)
        .chain(required_of(resource.computed()))
        .chain(facts(resource).into_iter().map(|(name, _)| name))
        .chain(["pk".to_owned()])
        .filter(|name| properties.contains_key(name))
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    let schema = json!({
        "type": "object",
        "description": about(resource),
        "properties": properties,
        "required": required,
    });
    Described::named(name(resource), schema)
}

/// What a new object is made of.
pub(super) fn asked(registry: &Registry, resource: &dyn AnyResource) -> Described {
    let properties = own(registry, resource);
    let required = resource.descriptor().schema.get("required").cloned().unwrap_or_else(|| json!([]));
    let schema = json!({ "type": "object", "properties": properties, "required": required });
    Described::named(format!("{}Request", name(resource)), schema)
}

/// What of an object may be changed.
pub(super) fn patched(registry: &Registry, resource: &dyn AnyResource) -> Described {
    let schema = json!({ "type": "object", "properties": own(registry, resource) });
    Described::named(format!("Patched{}Request", name(resource)), schema)
}

/// An object of any kind of a family: what all of them have.
pub(super) fn of_family(registry: &Registry, family: &str, name: &'static str) -> Described {
    let mut shared: Option<Map<String, Value>> = None;
    for resource in registry.of_family(family) {
        let shape = shown(registry, resource);
        let mine: Map<String, Value> = members(&shape.schema).collect();
        shared = Some(match shared {
            None => mine,
            Some(shared) => shared.into_iter().filter(|(name, _)| mine.contains_key(name)).collect(),
        });
    }
    let mut properties = shared.unwrap_or_default();
    for name in ["component", "verbose_name", "verbose_name_plural", "meta_model_name"] {
        properties.insert(name.to_owned(), read_only(json!({ "type": "string" })));
    }
    let required = ["pk", "name", "component", "verbose_name", "verbose_name_plural", "meta_model_name"];
    Described::named(name, json!({ "type": "object", "properties": properties, "required": required }))
}

/// Who refers to an object.
pub(super) fn usage() -> Shape {
    const ACTIONS: [&str; 5] = ["cascade", "cascade_many", "set_null", "set_default", "left_dangling"];
    Shape::named("UsedBy", || {
        json!({
            "type": "object",
            "properties": {
                "app": { "type": "string" },
                "model_name": { "type": "string" },
                "pk": { "type": "string" },
                "name": { "type": "string" },
                "action": { "type": "string", "enum": ACTIONS },
                "field": { "type": "string" },
            },
            "required": ["app", "model_name", "pk", "name", "action", "field"],
        })
    })
}

/// A kind that can be made.
pub(super) fn kind() -> Shape {
    Shape::named("TypeCreate", || {
        json!({
            "type": "object",
            "properties": {
                "name": { "type": "string" },
                "description": { "type": "string" },
                "component": { "type": "string" },
                "model_name": { "type": "string" },
                "icon_url": { "type": ["string", "null"] },
                "requires_enterprise": { "type": "boolean" },
                "deprecated": { "type": "boolean" },
            },
            "required": ["name", "description", "component", "model_name"],
        })
    })
}

/// The parameters of every list.
pub(crate) fn paging_params() -> Vec<Param> {
    vec![
        param("page", "Number of the page, from 1.", || json!({ "type": "integer", "minimum": 1 })),
        param(
            "page_size",
            "Results on a page: 20 unless told, 100 at most.",
            || json!({ "type": "integer", "minimum": 1 }),
        ),
        param(
            "ordering",
            "Attribute to order by, several with commas; `-` before it for the other way.",
            || json!({ "type": "string" }),
        ),
        param("search", "Text to look for.", || json!({ "type": "string", "maxLength": 200 })),
    ]
}

/// Makes the parameters of a kind's list: those of every list, and a filter for each attribute with one value.
pub(crate) fn list_params(model: &'static str) -> impl Fn(&Registry) -> Vec<Param> {
    move |registry| {
        let filters = registry.get(model).map(|resource| filters(registry, resource));
        let after = "After what to begin, as the `Link` header of the page before says.";
        let after = param("after", after, || json!({ "type": "string" }));
        paging_params().into_iter().chain([after]).chain(filters.unwrap_or_default()).collect()
    }
}

/// The kind's own filters, and, where any attribute may be asked about, one for each that has one value or is a
/// list of references.
fn filters(registry: &Registry, resource: &dyn AnyResource) -> Vec<Param> {
    let own = own(registry, resource);
    let of_kind = |filter: &ListFilter| param(filter.name, filter.about, asked_type(&own, resource, filter));
    let mut params: Vec<Param> = resource.filters().iter().map(of_kind).collect();
    params.extend(resource.more().map(|(name, about)| param(name, about, boolean)));
    if !resource.answers_filters_alone() {
        let uuid = || json!({ "type": "string", "format": "uuid" });
        params
            .extend(super::uuid_name(resource).map(|name| param(name, "The one of this identifier.", uuid)));
        params.extend(own.into_iter().flat_map(|(name, schema)| by_attribute(name, &schema)));
    }
    let mut met = BTreeSet::new();
    params.retain(|param| met.insert(param.name.clone()));
    params
}

/// What a kind's own filter takes.
fn asked_type(own: &Map<String, Value>, resource: &dyn AnyResource, filter: &ListFilter) -> fn() -> Value {
    let computed = || members(resource.computed()).find(|(name, _)| name == filter.field);
    let schema = own.get(filter.field).cloned().or_else(|| Some(computed()?.1)).unwrap_or(Value::Null);
    match filter.op {
        FilterOp::IsNull => boolean,
        FilterOp::Is if types_of(&schema).contains(&"boolean") => boolean,
        FilterOp::Is if types_of(&schema).contains(&"integer") => integer,
        _ => text,
    }
}

/// The filters of an attribute.
fn by_attribute(name: String, schema: &Value) -> Vec<Param> {
    if is_secret(schema) || schema.get("writeOnly").is_some() {
        return Vec::new();
    }
    let kinds = types_of(schema);
    let mut params = Vec::new();
    if kinds.contains(&"null") {
        params.push(param(format!("{name}__isnull"), "Whether there is none.", boolean));
    }
    let is_reference = |items: &Value| items.get("format").is_some_and(|format| format == "uuid");
    if kinds.contains(&"boolean") {
        params.push(param(name, "Whether it is so.", boolean));
    } else if kinds.contains(&"integer") {
        params.push(param(name, "Exactly this.", integer));
    } else if kinds.contains(&"string") || schema.get("enum").is_some() || schema.get("oneOf").is_some() {
        params.push(param(format!("{name}__icontains"), "Contains this, whatever its case.", text));
        params.push(param(format!("{name}__in"), "One of these, with commas between.", text));
        params.push(param(name, "Exactly this.", text));
    } else if kinds.contains(&"array") && schema.get("items").is_some_and(is_reference) {
        params.push(param(name, "This is among them.", text));
    } else if kinds.contains(&"object") {
        params.push(param(name, "JSON object that it contains.", text));
    }
    params
}

fn types_of(schema: &Value) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::String(kind)) => vec![kind],
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn boolean() -> Value {
    json!({ "type": "boolean" })
}

fn integer() -> Value {
    json!({ "type": "integer" })
}

fn text() -> Value {
    json!({ "type": "string" })
}

fn param(name: impl Into<Cow<'static, str>>, about: &'static str, schema: fn() -> Value) -> Param {
    Param { name: name.into(), about: about.into(), shape: Shape::bare(schema), required: false }
}

/// How the API names an object.
fn pk(resource: &dyn AnyResource) -> Value {
    match resource.lookup() {
        countersign_registry::Lookup::Integer(_) => schema_of::<i64>(),
        _ => json!({ "type": "string", "format": "uuid" }),
    }
}

/// The kind's own attributes.
fn own(registry: &Registry, resource: &dyn AnyResource) -> Map<String, Value> {
    let schema = &resource.descriptor().schema;
    members(schema).map(|(name, schema)| (name, cleaned(registry, schema))).collect()
}

fn members(schema: &Value) -> impl Iterator<Item = (String, Value)> {
    let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    properties.map(|(name, schema)| (name.clone(), schema.clone()))
}

fn required_of(schema: &Value) -> impl Iterator<Item = String> {
    let names = schema.get("required").and_then(Value::as_array).into_iter().flatten();
    names.filter_map(Value::as_str).map(str::to_owned)
}

fn is_secret(schema: &Value) -> bool {
    let is = |schema: &Value| schema.get("x-secret") == Some(&Value::Bool(true));
    is(schema)
        || schema.get("anyOf").and_then(Value::as_array).is_some_and(|branches| branches.iter().any(is))
}

fn read_only(mut schema: Value) -> Value {
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("readOnly".to_owned(), Value::Bool(true));
    }
    schema
}

/// A schema as clients read it: references by integer where the API has them so, nothing about forms.
fn cleaned(registry: &Registry, mut schema: Value) -> Value {
    clean(registry, &mut schema);
    schema
}

fn clean(registry: &Registry, schema: &mut Value) {
    match schema {
        Value::Array(elements) => elements.iter_mut().for_each(|element| clean(registry, element)),
        Value::Object(members) => {
            let target = members.get("x-ref").and_then(Value::as_str).map(str::to_owned);
            if target.is_some_and(|target| is_integer(registry, &target)) {
                members.remove("format");
                let kind = members.get_mut("type");
                match kind {
                    Some(Value::Array(kinds)) => {
                        kinds
                            .iter_mut()
                            .filter(|kind| *kind == "string")
                            .for_each(|kind| *kind = "integer".into());
                    }
                    Some(kind) => *kind = "integer".into(),
                    None => {}
                }
            }
            if members.get("x-names").is_some_and(|names| names == "permission") {
                members.insert("items".to_owned(), json!({ "type": "integer" }));
                let about =
                    "Integers of permissions, as `rbac/permissions/` has them. Requests may name them too.";
                members.insert("description".to_owned(), about.into());
            }
            if members.get("x-secret") == Some(&Value::Bool(true)) {
                members.insert("writeOnly".to_owned(), Value::Bool(true));
            }
            // A property may be called so too, but then it holds a schema.
            members.retain(|name, value| {
                !(OURS.contains(&name.as_str()) && value.is_string())
                    && (!name.starts_with("x-") || name == "x-secret")
            });
            members.values_mut().for_each(|value| clean(registry, value));
        }
        _ => {}
    }
}

//! From a JSON schema to the fields of a descriptor. Nested objects, lists, maps, options and the
//! branches of tagged enums are entered; a place met twice counts once.

use serde_json::Value;

use crate::{FieldInfo, Path, facts};

/// Schemas of our kinds are shallow; anything deeper is a mistake that must not cost a stack.
const MAX_DEPTH: usize = 16;

/// The fields of an object's schema.
pub(crate) fn fields(schema: &Value) -> Vec<FieldInfo> {
    let mut found = Vec::new();
    object(schema, &Path::default(), 0, &mut found);
    found
}

/// Enters the properties of an object and of every branch that an enum or option has.
fn object(schema: &Value, path: &Path, depth: usize, found: &mut Vec<FieldInfo>) {
    if depth > MAX_DEPTH {
        return;
    }
    let required = |name: &str| {
        schema
            .get("required")
            .and_then(Value::as_array)
            .is_some_and(|names| names.iter().any(|candidate| candidate == name))
    };
    for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        field(property, &path.key(name), required(name), depth, found);
    }
    for branch in branches(schema) {
        object(branch, path, depth + 1, found);
    }
    if let Some(values) = schema.get("additionalProperties").filter(|values| values.is_object()) {
        field(values, &path.each(), false, depth, found);
    }
}

/// Adds one field, then what is below it.
fn field(schema: &Value, path: &Path, required: bool, depth: usize, found: &mut Vec<FieldInfo>) {
    let items = schema.get("items").or_else(|| branches(schema).find_map(|branch| branch.get("items")));
    let many = items.is_some();
    let element = items.unwrap_or(schema);
    let info = FieldInfo {
        path: path.clone(),
        label: text(schema, "x-label").unwrap_or_else(|| facts::label_of(path)),
        doc: text(schema, "description").unwrap_or_default(),
        group: text(schema, "x-group"),
        advanced: is_set(schema, "x-advanced"),
        widget: widget(schema, element),
        required,
        default: schema.get("default").cloned(),
        nullable: allows_null(schema),
        minimum: annotation(element, "minimum").and_then(whole),
        maximum: annotation(element, "maximum").and_then(whole),
        max_length: annotation(element, "maxLength").and_then(Value::as_u64),
        secret: is_set(element, "x-secret"),
        grants: is_set(schema, "x-grants"),
        reference: annotation(element, "x-ref").and_then(Value::as_str).map(str::to_owned),
        many,
        choices: choices(element),
    };
    let below = info.value_path();
    if !found.iter().any(|other| other.path == info.path) {
        found.push(info);
    }
    object(element, &below, depth + 1, found);
}

/// The alternatives of a schema, `null` left out.
fn branches(schema: &Value) -> impl Iterator<Item = &Value> {
    ["anyOf", "oneOf", "allOf"]
        .into_iter()
        .filter_map(|keyword| schema.get(keyword).and_then(Value::as_array))
        .flatten()
        .filter(|branch| branch.get("type").is_none_or(|kind| kind != "null"))
}

/// An annotation of the schema or, for an option, of what it wraps.
fn annotation<'s>(schema: &'s Value, name: &str) -> Option<&'s Value> {
    schema.get(name).or_else(|| {
        let mut wrapped = branches(schema);
        let only = wrapped.next()?;
        wrapped.next().is_none().then(|| only.get(name)).flatten()
    })
}

/// An annotation that is a text.
fn text(schema: &Value, name: &str) -> Option<String> {
    annotation(schema, name).and_then(Value::as_str).map(str::to_owned)
}

fn is_set(schema: &Value, name: &str) -> bool {
    annotation(schema, name) == Some(&Value::Bool(true))
}

/// A bound, which schemas write as a number of either sort.
#[expect(clippy::cast_possible_truncation, reason = "bounds of fields are small")]
fn whole(bound: &Value) -> Option<i64> {
    bound.as_i64().or_else(|| bound.as_f64().map(|bound| bound as i64))
}

/// Whether `null` is among the types or the alternatives.
fn allows_null(schema: &Value) -> bool {
    let is_null = |schema: &Value| match schema.get("type") {
        Some(Value::String(kind)) => kind == "null",
        Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == "null"),
        _ => false,
    };
    let alternatives = ["anyOf", "oneOf"].into_iter().filter_map(|name| schema.get(name)?.as_array());
    is_null(schema) || alternatives.flatten().any(is_null)
}

/// The widget that a type names for itself, or one that suits its JSON type.
fn widget(schema: &Value, element: &Value) -> String {
    let named = annotation(schema, "x-widget").or_else(|| annotation(element, "x-widget"));
    if let Some(name) = named.and_then(Value::as_str) {
        return name.to_owned();
    }
    let is = |kind: &str| match element.get("type") {
        Some(Value::String(found)) => found == kind,
        Some(Value::Array(found)) => found.iter().any(|candidate| candidate == kind),
        _ => false,
    };
    let widget = match () {
        () if !choices(element).is_empty() => "select",
        () if is("boolean") => "checkbox",
        () if is("integer") || is("number") => "number",
        () if is("object") => "json",
        () if is("string") => "text",
        () => "json",
    };
    widget.to_owned()
}

/// The texts of an enumeration, whether written as `enum` or as constants with a description each.
fn choices(schema: &Value) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    let listed = schema.get("enum").and_then(Value::as_array).into_iter().flatten();
    texts.extend(listed.filter_map(Value::as_str).map(str::to_owned));
    for branch in branches(schema) {
        texts.extend(branch.get("const").and_then(Value::as_str).map(str::to_owned));
        let nested = branch.get("enum").and_then(Value::as_array).into_iter().flatten();
        texts.extend(nested.filter_map(Value::as_str).map(str::to_owned));
        texts.extend(branches(branch).filter_map(|inner| inner.get("const")?.as_str().map(str::to_owned)));
    }
    texts
}

//! From the fields of a form to a document. What cannot be read is a complaint in the field's own place; rules
//! are the registry's.

use countersign_resource::FieldInfo;
use countersign_types::{FieldErrors, JsonObject, Slug, Span, Text};
use countersign_web::Pairs;
use serde_json::Value;

use super::shape::{Blank, Edit, Shape, last_step};

/// What was filled in.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answers {
    /// By attribute. References may still be names: see `resolve`.
    pub(crate) document: JsonObject,
    /// What could not be read.
    pub(crate) errors: FieldErrors,
}

/// Most rows of a list of objects.
const MAX_ROWS: usize = 200;

/// Whether a new document is read, or changes to one there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    New,
    Change,
}

/// Reads a whole form.
pub(crate) fn read(shapes: &[Shape<'_>], fields: &Pairs, mode: Mode) -> Answers {
    let mut answers = Answers::default();
    for shape in shapes {
        let name = shape.field.path.to_string();
        if let Some(value) = value(shape, &name, fields, mode, &mut answers.errors) {
            answers.document.insert(name, value);
        }
    }
    answers
}

/// Leaves alone what the form could only show in part: moments that are kept more exactly than a browser asks
/// for them, and references that are left out, which is something else than none.
pub(crate) fn keep(shapes: &[Shape<'_>], before: &JsonObject, answers: &mut JsonObject) {
    for shape in shapes {
        let name = shape.field.path.to_string();
        match (&shape.edit, before.get(&name), answers.get(&name)) {
            (Edit::Reference(_), None, Some(Value::Null)) => drop(answers.shift_remove(&name)),
            (Edit::Moment, Some(Value::String(kept)), Some(Value::String(sent)))
                if moment(kept) == sent.as_str() =>
            {
                answers.insert(name, Value::from(kept.as_str()));
            }
            _ => {}
        }
    }
}

/// A moment as the browser's widget shows it: to the second, without its zone, which is UTC.
pub(crate) fn moment(kept: &str) -> &str {
    kept.get(..19).unwrap_or(kept)
}

/// The value of one field; none to leave the attribute out. What cannot be read stays the text that it is.
fn value(
    shape: &Shape<'_>,
    name: &str,
    fields: &Pairs,
    mode: Mode,
    errors: &mut FieldErrors,
) -> Option<Value> {
    let text = || fields.first(name).unwrap_or_default();
    let field = shape.field;
    match &shape.edit {
        Edit::Checkbox => Some(Value::Bool(fields.first(name) == Some("true"))),
        Edit::Secret => Some(text()).filter(|text| !text.is_empty()).map(Value::from),
        Edit::Line { .. } | Edit::File | Edit::Color | Edit::Moment => {
            let text = text().trim();
            check(text, field, name, errors);
            line(text, field, mode)
        }
        Edit::Select => line(text(), field, mode),
        Edit::Reference(_) => {
            let text = text().trim();
            match (text.is_empty(), mode) {
                (true, Mode::New) => None,
                (true, Mode::Change) => Some(Value::Null),
                (false, _) => Some(Value::from(text)),
            }
        }
        Edit::Text(_) => Some(match unix(text()) {
            text if text.is_empty() && field.nullable => Value::Null,
            text => Value::from(text),
        }),
        Edit::Number => number(text().trim(), field, name, errors),
        Edit::Json(blank) => Some(json(text(), *blank, name, errors)),
        Edit::SelectMany => Some(fields.values(name).filter(|value| !value.is_empty()).collect()),
        Edit::References(_) | Edit::Lines => Some(lines(fields, name)),
        Edit::Entries(members) => Some(entries(members, name, fields, errors)),
        Edit::Nested(members) => Some(Value::Object(object(members, name, fields, mode, errors))),
    }
}

/// What the reader of documents would complain about in English only.
fn check(text: &str, field: &FieldInfo, name: &str, errors: &mut FieldErrors) {
    let message = match field.widget.as_str() {
        _ if text.is_empty() => return,
        "duration" if text.parse::<Span>().is_err() => "console-error-duration",
        "slug" if text.parse::<Slug>().is_err() => "console-error-slug",
        _ => return,
    };
    errors.push(name, "invalid", message);
}

/// An empty line is null where that is allowed; a new document leaves it out where there is a default.
fn line(text: &str, field: &FieldInfo, mode: Mode) -> Option<Value> {
    match text {
        "" if field.nullable => Some(Value::Null),
        "" if mode == Mode::New && !field.required => None,
        "" if field.widget != "text" && !field.required => field.default.clone(),
        text => Some(Value::from(text)),
    }
}

fn number(text: &str, field: &FieldInfo, name: &str, errors: &mut FieldErrors) -> Option<Value> {
    if text.is_empty() {
        return match (&field.default, field.nullable) {
            (_, true) => Some(Value::Null),
            (Some(default), _) => Some(default.clone()),
            (None, false) => {
                errors.push(name, "required", "resource-error-required");
                None
            }
        };
    }
    let whole = text.parse::<i64>().map(Value::from);
    Some(whole.or_else(|_| text.parse::<f64>().map(Value::from)).unwrap_or_else(|_| {
        errors.push(name, "invalid", "console-error-number");
        Value::from(text)
    }))
}

fn json(text: &str, blank: Blank, name: &str, errors: &mut FieldErrors) -> Value {
    if text.trim().is_empty() {
        return match blank {
            Blank::Null => Value::Null,
            Blank::Object => Value::Object(JsonObject::new()),
            Blank::List => Value::Array(Vec::new()),
        };
    }
    serde_json::from_str(text).unwrap_or_else(|error| {
        let number = |place: usize| i64::try_from(place).unwrap_or_default();
        let message = Text::key("console-error-json")
            .with("line", number(error.line()))
            .with("column", number(error.column()));
        errors.push(name, "invalid", message);
        Value::from(unix(text))
    })
}

/// Every value of the name, each of which may hold several lines.
fn lines(fields: &Pairs, name: &str) -> Value {
    let lines = fields.values(name).flat_map(str::lines).map(str::trim).filter(|line| !line.is_empty());
    lines.collect()
}

/// Rows in which something was filled in. A row that holds nothing but the first choice of its selects is one
/// that nobody touched.
fn entries(members: &[Shape<'_>], name: &str, fields: &Pairs, errors: &mut FieldErrors) -> Value {
    let mut rows = Vec::new();
    for index in 0..MAX_ROWS {
        let place = format!("{name}.{index}");
        let sent = |member: &Shape<'_>| fields.first(&format!("{place}.{}", last_step(member.field)));
        if !members.iter().any(|member| sent(member).is_some()) {
            break;
        }
        let is_filled = members.iter().any(|member| {
            let is_typed = !matches!(member.edit, Edit::Select | Edit::Checkbox);
            is_typed && sent(member).is_some_and(|text| !text.trim().is_empty())
        });
        if is_filled {
            rows.push(Value::Object(object(members, &place, fields, Mode::New, errors)));
        }
    }
    Value::Array(rows)
}

fn object(
    members: &[Shape<'_>],
    name: &str,
    fields: &Pairs,
    mode: Mode,
    errors: &mut FieldErrors,
) -> JsonObject {
    let mut object = JsonObject::new();
    for member in members {
        let step = last_step(member.field);
        if let Some(value) = value(member, &format!("{name}.{step}"), fields, mode, errors) {
            object.insert(step, value);
        }
    }
    object
}

/// Browsers send lines of a text area with carriage returns (HTML §4.10.11).
fn unix(text: &str) -> String {
    text.replace("\r\n", "\n")
}

//! How each field of a kind is edited: decided from its descriptor alone.

use countersign_resource::{Descriptor, FieldInfo};

/// A field of a form.
#[derive(Clone, Debug)]
pub(crate) struct Shape<'d> {
    pub(crate) field: &'d FieldInfo,
    pub(crate) edit: Edit<'d>,
}

/// How it is edited.
#[derive(Clone, Debug)]
pub(crate) enum Edit<'d> {
    /// One line of text; `code` without corrections.
    Line { code: bool },
    /// The address of a file.
    File,
    /// A day with the time of day.
    Moment,
    /// Digits.
    Number,
    /// Yes or no.
    Checkbox,
    /// A colour.
    Color,
    /// Written, never read.
    Secret,
    /// Several lines in one text.
    Text(&'static str),
    /// Any JSON; the JSON type that an empty one stands for.
    Json(Blank),
    /// One of a few values.
    Select,
    /// Several of a few values.
    SelectMany,
    /// One object.
    Reference(&'d str),
    /// Several objects.
    References(&'d str),
    /// A list of texts, one a line.
    Lines,
    /// A list of objects with these members.
    Entries(Vec<Shape<'d>>),
    /// An object with these members.
    Nested(Vec<Shape<'d>>),
}

impl Edit<'_> {
    /// What a reference points at.
    pub(crate) const fn target(&self) -> Option<&str> {
        match self {
            Edit::Reference(target) | Edit::References(target) => Some(target),
            _ => None,
        }
    }
}

/// What stands for nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Blank {
    Null,
    Object,
    List,
}

/// The fields of a form, in the order of declaration. What is set by nobody is left out.
pub(crate) fn shapes(kind: &Descriptor) -> Vec<Shape<'_>> {
    let top = kind.fields.iter().filter(|field| field.path.is_top_level() && field.widget != "hidden");
    top.map(|field| Shape { field, edit: edit(kind, field) }).collect()
}

fn edit<'d>(kind: &'d Descriptor, field: &'d FieldInfo) -> Edit<'d> {
    if let Some(target) = &field.reference {
        return if field.many { Edit::References(target) } else { Edit::Reference(target) };
    }
    let members = members(kind, field);
    if !members.is_empty() {
        return match (simple(&members), field.many) {
            (Some(shapes), true) => Edit::Entries(shapes),
            (Some(shapes), false) if field.widget == "json" && !field.nullable => Edit::Nested(shapes),
            _ => Edit::Json(blank(field)),
        };
    }
    if field.many {
        return match field.widget.as_str() {
            "select" => Edit::SelectMany,
            "json" | "number" | "checkbox" => Edit::Json(Blank::List),
            _ => Edit::Lines,
        };
    }
    match field.widget.as_str() {
        "checkbox" if field.nullable => Edit::Json(Blank::Null),
        "checkbox" => Edit::Checkbox,
        "number" => Edit::Number,
        "datetime" => Edit::Moment,
        "select" => Edit::Select,
        "secret" => Edit::Secret,
        "color" => Edit::Color,
        "expression" => Edit::Text("expression"),
        "markdown" => Edit::Text("markdown"),
        "textarea" | "css" | "pem" => Edit::Text("plain"),
        "slug" | "duration" => Edit::Line { code: true },
        "file" => Edit::File,
        "json" => Edit::Json(blank(field)),
        _ => Edit::Line { code: false },
    }
}

const fn blank(field: &FieldInfo) -> Blank {
    if field.many {
        Blank::List
    } else if field.nullable {
        Blank::Null
    } else {
        Blank::Object
    }
}

/// The fields directly below a field.
fn members<'d>(kind: &'d Descriptor, field: &FieldInfo) -> Vec<&'d FieldInfo> {
    let above = format!("{}.", field.value_path());
    let below = kind.fields.iter().filter(|other| other.path.to_string().starts_with(&above));
    below.collect()
}

/// Members that stand on a line each; none when there is more to them.
fn simple<'d>(members: &[&'d FieldInfo]) -> Option<Vec<Shape<'d>>> {
    let one = |field: &&'d FieldInfo| {
        let edit = match field.widget.as_str() {
            _ if field.many || field.reference.is_some() => return None,
            "select" => Edit::Select,
            "checkbox" if !field.nullable => Edit::Checkbox,
            "number" => Edit::Number,
            "text" => Edit::Line { code: false },
            "slug" | "duration" => Edit::Line { code: true },
            _ => return None,
        };
        let path = field.path.to_string();
        (!path.ends_with('*')).then_some(Shape { field, edit })
    };
    members.iter().map(one).collect()
}

/// The last step of a field's path.
pub(crate) fn last_step(field: &FieldInfo) -> String {
    let path = field.path.to_string();
    path.rsplit('.').next().unwrap_or_default().to_owned()
}

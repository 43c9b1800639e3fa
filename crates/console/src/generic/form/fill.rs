//! From a document to the controls of a form.

use countersign_resource::{Descriptor, FieldInfo};
use countersign_types::{FieldErrors, JsonObject};
use countersign_web::PageCx;
use serde_json::Value;

use super::{
    control::{Choice, Control, Group, Widget, pieces},
    options::{Choosable, Options},
    read::{self, Mode},
    shape::{Edit, Shape, last_step},
};
use crate::generic::words;

/// What stands for light or dark in an address.
const THEME: &str = "%(theme)s";
/// Empty rows below a list of objects, so that there is somewhere to write without a script.
const EMPTY_ROWS: usize = 2;

/// What controls are made of.
pub(crate) struct Filling<'f> {
    pub(crate) cx: &'f PageCx,
    pub(crate) registry: &'f countersign_registry::Registry,
    pub(crate) kind: &'f Descriptor,
    pub(crate) document: &'f JsonObject,
    pub(crate) options: &'f Options,
    pub(crate) errors: &'f FieldErrors,
    pub(crate) mode: Mode,
    /// Addresses of files that objects name already.
    pub(crate) files: &'f [String],
}

impl Filling<'_> {
    /// The control of a field.
    pub(crate) fn control(&self, shape: &Shape<'_>) -> Control {
        let name = shape.field.path.to_string();
        let value = self.document.get(&name);
        self.made(shape, name, value)
    }

    fn made(&self, shape: &Shape<'_>, name: String, value: Option<&Value>) -> Control {
        let field = shape.field;
        let value = value.or(field.default.as_ref()).unwrap_or(&Value::Null);
        Control {
            label: words::label(self.cx, self.kind, field),
            help: pieces(&words::help(self.cx, self.kind, field)),
            errors: self.complaints(shape, &name),
            is_required: field.required && !field.nullable,
            widget: self.widget(shape, &name, value),
            name,
        }
    }

    /// Complaints about a field; those about what is below it as well, unless that has controls of its own.
    fn complaints(&self, shape: &Shape<'_>, name: &str) -> Vec<String> {
        let has_own = matches!(shape.edit, Edit::Entries(_) | Edit::Nested(_));
        let below = format!("{name}.");
        let about = |path: &str| path == name || (!has_own && path.starts_with(&below));
        let complaints = self.errors.0.iter().filter(|error| about(&error.path));
        complaints.map(|error| self.cx.text(&error.message)).collect()
    }

    fn widget(&self, shape: &Shape<'_>, name: &str, value: &Value) -> Widget {
        let field = shape.field;
        match &shape.edit {
            Edit::Line { code } => {
                Widget::Line { value: plain(value), is_code: *code, max_length: field.max_length }
            }
            Edit::File => {
                let value = plain(value);
                let picture = countersign_web::picture_address(&value.replace(THEME, "light"));
                Widget::File { value, known: self.files.to_vec(), picture }
            }
            Edit::Moment => Widget::Moment { value: read::moment(&plain(value)).to_owned() },
            Edit::Number => Widget::Number { value: plain(value), min: field.minimum, max: field.maximum },
            Edit::Checkbox => Widget::Checkbox { is_on: value == &Value::Bool(true) },
            Edit::Color => Widget::Color { value: plain(value) },
            Edit::Secret => Widget::Secret { keeps: self.mode == Mode::Change },
            Edit::Text(editor) => Widget::Area { value: plain(value), editor },
            Edit::Json(_) => Widget::Area { value: pretty(value), editor: "json" },
            Edit::Lines => Widget::Area { value: listed(value), editor: "lines" },
            Edit::Select => self.select(field, value),
            Edit::SelectMany => Widget::Picks { groups: vec![self.choices(field, value)] },
            Edit::Reference(target) => self.reference(field, target, value),
            Edit::References(target) => self.references(target, value),
            Edit::Entries(members) => Widget::Entries { rows: self.rows(members, name, value) },
            Edit::Nested(members) => {
                let control = |member: &Shape<'_>| {
                    let step = last_step(member.field);
                    self.made(member, format!("{name}.{step}"), value.get(&step))
                };
                Widget::Nested { controls: members.iter().map(control).collect() }
            }
        }
    }

    fn choices(&self, field: &FieldInfo, value: &Value) -> Group {
        let is_chosen = |choice: &str| match value {
            Value::Array(elements) => elements.iter().any(|element| element == choice),
            value => value == choice,
        };
        let choice = |choice: &String| Choice {
            label: words::choice(self.cx, choice),
            is_chosen: is_chosen(choice),
            value: choice.clone(),
        };
        Group { heading: String::new(), choices: field.choices.iter().map(choice).collect() }
    }

    fn select(&self, field: &FieldInfo, value: &Value) -> Widget {
        let group = self.choices(field, value);
        let is_set = group.choices.iter().any(|choice| choice.is_chosen);
        Widget::Select { groups: vec![group], none: self.none(field, is_set) }
    }

    /// The words for "none", where that can be chosen or nothing has been.
    fn none(&self, field: &FieldInfo, is_set: bool) -> Option<String> {
        match (field.nullable, is_set) {
            (true, _) => Some(self.cx.t("word-none")),
            (false, false) => Some(self.cx.t("console-choose")),
            (false, true) => None,
        }
    }

    fn reference(&self, field: &FieldInfo, target: &str, value: &Value) -> Widget {
        let current = value.as_str().unwrap_or_default();
        let Some(listed) = self.options.of(target) else {
            let name = current.parse().ok().and_then(|id| self.options.name(id));
            return Widget::Combo { value: name.unwrap_or(current).to_owned(), target: target.to_owned() };
        };
        let mut groups = self.groups(listed, &|id| id == current);
        let mut is_set = groups.iter().flat_map(|group| &group.choices).any(|choice| choice.is_chosen);
        if !is_set && !current.is_empty() {
            let name = current.parse().ok().and_then(|id| self.options.name(id)).unwrap_or(current);
            let choice = Choice { value: current.to_owned(), label: name.to_owned(), is_chosen: true };
            groups.insert(0, Group { heading: String::new(), choices: vec![choice] });
            is_set = true;
        }
        Widget::Select { groups, none: self.none(field, is_set) }
    }

    fn references(&self, target: &str, value: &Value) -> Widget {
        let current: Vec<&str> = value.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        match self.options.of(target) {
            Some(listed) => {
                let is_known = |text: &&&str| listed.iter().any(|one| one.id.to_string() == ***text);
                let unknown = current.iter().filter(|text| !is_known(text)).map(|text| {
                    let name = text.parse().ok().and_then(|id| self.options.name(id)).unwrap_or(text);
                    Choice { value: (*text).to_owned(), label: name.to_owned(), is_chosen: true }
                });
                let unknown = Group { heading: String::new(), choices: unknown.collect() };
                let mut groups = self.groups(listed, &|id| current.contains(&id));
                if !unknown.choices.is_empty() {
                    groups.insert(0, unknown);
                }
                Widget::Picks { groups }
            }
            None => {
                let name = |text: &&str| match text.parse().ok().and_then(|id| self.options.name(id)) {
                    Some(name) => name.to_owned(),
                    None => (*text).to_owned(),
                };
                let names: Vec<String> = current.iter().map(name).collect();
                Widget::Names { value: names.join("\n"), target: target.to_owned() }
            }
        }
    }

    /// Objects under the headings of their kinds, or of what tells them apart.
    fn groups(&self, listed: &[Choosable], is_chosen: &dyn Fn(&str) -> bool) -> Vec<Group> {
        let several = listed.first().is_some_and(|first| listed.iter().any(|one| one.model != first.model));
        let mut groups: Vec<Group> = Vec::new();
        for one in listed {
            let heading = match &one.group {
                Some(group) => words::choice(self.cx, group),
                None if several => self.kind_name(one.model),
                None => String::new(),
            };
            let value = one.id.to_string();
            let choice = Choice { is_chosen: is_chosen(&value), label: one.name.clone(), value };
            match groups.iter_mut().find(|group| group.heading == heading) {
                Some(group) => group.choices.push(choice),
                None => groups.push(Group { heading, choices: vec![choice] }),
            }
        }
        groups
    }

    fn kind_name(&self, model: &str) -> String {
        match self.registry.get(model) {
            Ok(resource) => words::name(self.cx, resource.descriptor()),
            Err(_) => model.to_owned(),
        }
    }

    fn rows(&self, members: &[Shape<'_>], name: &str, value: &Value) -> Vec<Vec<Control>> {
        let filled = value.as_array().map(Vec::as_slice).unwrap_or_default();
        let empty = Value::Null;
        let rows = filled.iter().chain(std::iter::repeat_n(&empty, EMPTY_ROWS)).enumerate();
        rows.map(|(index, row)| {
            let control = |member: &Shape<'_>| {
                let step = last_step(member.field);
                let mut control = self.made(member, format!("{name}.{index}.{step}"), row.get(&step));
                control.is_required = control.is_required && !row.is_null();
                control
            };
            members.iter().map(control).collect()
        })
        .collect()
    }
}

/// A value in one line.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn listed(value: &Value) -> String {
    value.as_array().into_iter().flatten().map(plain).collect::<Vec<_>>().join("\n")
}

fn pretty(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        // What was sent and could not be read comes back as it was.
        Value::String(text) => text.clone(),
        Value::Object(members) if members.is_empty() => "{}".to_owned(),
        value => serde_json::to_string_pretty(value).unwrap_or_default(),
    }
}

//! One widget for each kind of field.

use countersign_flows::{Autocomplete, Choice, Comfort, Field, FieldKind};
use countersign_i18n::Localizer;

/// Something to fill in.
pub(crate) struct FieldView {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) label: String,
    pub(crate) help: Option<String>,
    pub(crate) errors: String,
    pub(crate) value: String,
    pub(crate) placeholder: Option<String>,
    pub(crate) required: bool,
    /// The word "optional".
    pub(crate) optional: Option<String>,
    /// The choice of nothing in a list.
    pub(crate) nothing: String,
    pub(crate) read_only: bool,
    pub(crate) autocomplete: Option<&'static str>,
    pub(crate) autofocus: bool,
    pub(crate) max_length: Option<u32>,
    pub(crate) described_by: Option<String>,
    pub(crate) comfort: Option<ComfortView>,
    pub(crate) widget: Widget,
}

/// What a script adds to a field.
pub(crate) enum ComfortView {
    /// A button that shows what is typed, and its words when it does.
    Reveal { show: String, hide: String },
    /// A box to keep what was typed on the device.
    Remember(String),
}

impl ComfortView {
    pub(super) fn of(comfort: Comfort, words: &Localizer) -> Self {
        match comfort {
            Comfort::Reveal => {
                Self::Reveal { show: words.t("portal-password-show"), hide: words.t("portal-password-hide") }
            }
            Comfort::Remember => Self::Remember(words.t("portal-remember-name")),
        }
    }
}

/// How a field is filled in.
pub(crate) enum Widget {
    Hidden,
    Input(Input),
    Area,
    Checkbox,
    Radio(Vec<Choice>),
    Select(Vec<Choice>),
}

/// One line.
#[derive(Clone, Copy, Default)]
pub(crate) struct Input {
    /// `type`.
    pub(crate) kind: &'static str,
    /// `inputmode`.
    pub(crate) mode: Option<&'static str>,
    /// Whether the page may say what was typed before.
    pub(crate) keeps_value: bool,
    /// Whether the keyboard should leave letters as they are typed.
    pub(crate) is_verbatim: bool,
    /// A code, in large letters of one width.
    pub(crate) is_code: bool,
}

impl FieldView {
    /// Whether something is wrong with it.
    pub(crate) fn is_invalid(&self) -> bool {
        !self.errors.is_empty()
    }

    /// Whether the value is one of the choices.
    pub(crate) fn has_choice(&self, choices: &[Choice]) -> bool {
        choices.iter().any(|choice| choice.value == self.value)
    }

    /// A list on a page that is no flow.
    pub(crate) fn select(name: &str, label: String, value: &str, choices: Vec<Choice>) -> Self {
        Self {
            id: format!("field-{name}"),
            name: name.to_owned(),
            label,
            help: None,
            errors: String::new(),
            value: value.to_owned(),
            placeholder: None,
            required: true,
            optional: None,
            nothing: String::new(),
            read_only: false,
            autocomplete: None,
            autofocus: false,
            max_length: None,
            described_by: None,
            comfort: None,
            widget: Widget::Select(choices),
        }
    }
}

/// One widget for each kind of field.
pub(super) fn widget(field: &Field) -> Widget {
    let typed = |kind, mode| Input { kind, mode, keeps_value: true, ..Input::default() };
    let line = match &field.kind {
        FieldKind::Hidden => return Widget::Hidden,
        FieldKind::TextArea | FieldKind::TextAreaReadOnly => return Widget::Area,
        FieldKind::Checkbox => return Widget::Checkbox,
        FieldKind::Radio(choices) => return Widget::Radio(choices.clone()),
        FieldKind::Select(choices) => return Widget::Select(choices.clone()),
        FieldKind::Text | FieldKind::ReadOnly => typed("text", None),
        FieldKind::Username => Input { is_verbatim: true, ..typed("text", None) },
        FieldKind::Email => Input { is_verbatim: true, ..typed("email", Some("email")) },
        FieldKind::Password => Input { keeps_value: false, ..typed("password", None) },
        FieldKind::Number => typed("number", None),
        FieldKind::Date => typed("date", None),
        FieldKind::DateTime => typed("datetime-local", None),
        FieldKind::File => Input { keeps_value: false, ..typed("file", None) },
        FieldKind::Code => {
            // A code from a device is digits; one that was printed may hold letters.
            let is_digits = field.autocomplete == Autocomplete::OneTimeCode;
            let mode = is_digits.then_some("numeric");
            Input { is_code: true, is_verbatim: true, keeps_value: false, ..typed("text", mode) }
        }
    };
    Widget::Input(line)
}

pub(super) fn autocomplete(field: &Field) -> Option<&'static str> {
    let by_kind = match field.kind {
        FieldKind::Username => Some("username"),
        FieldKind::Email => Some("email"),
        FieldKind::Code => Some("off"),
        _ => None,
    };
    field.autocomplete.token().or(by_kind)
}

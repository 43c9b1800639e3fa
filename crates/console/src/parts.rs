//! Pages made of parts that stand below each other: tables, lists of names and values, charts, small forms.
//!
//! Owns how such a page is put together; what the parts say is each page's own.

use askama::Template;

use crate::{
    chart::{RankChart, Sparkline, TimeChart},
    cx::ConsoleCx,
    kit::{Button, Chooser, Code, Confirm, Paging, Pair, Table},
    shell::Frame,
};

/// A page made of parts.
#[derive(Template)]
#[template(path = "console/parts.html")]
pub(crate) struct PartsPage<'a> {
    pub(crate) cx: &'a ConsoleCx,
    pub(crate) frame: Frame,
    pub(crate) parts: Vec<Part>,
}

/// A part with its heading.
pub(crate) struct Part {
    /// Heading; empty when the page's title says it.
    pub(crate) title: String,
    /// A line below the heading.
    pub(crate) text: String,
    /// How wide it is where there is room.
    pub(crate) width: Width,
    pub(crate) buttons: Vec<Button>,
    /// Which columns its table has.
    pub(crate) chooser: Option<Chooser>,
    pub(crate) body: Body,
}

/// How much of a wide page a part takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Width {
    Whole,
    Half,
    /// A column at the beginning of the line, beside everything else.
    Aside,
}

impl Width {
    /// Class of the section.
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Half => "half",
            Self::Aside => "aside",
        }
    }
}

/// What a part is.
pub(crate) enum Body {
    Table(Box<Table>, Paging),
    Pairs(Vec<Pair>),
    Time(Box<TimeChart>),
    /// Lying bars, and what is said when there are none.
    Ranks(RankChart, String),
    /// A line of the size of words, with the words that say the same.
    Spark(Option<Sparkline>, String),
    Codes(Vec<Code>),
    Form(SmallForm),
    Confirm(Confirm),
    /// Folders of a tree, from the top.
    Tree(Vec<Branch>),
    /// Things that need somebody, or the word that nothing does.
    Tasks(Vec<Task>, String),
    Text(Vec<String>),
}

/// A folder of a tree.
pub(crate) struct Branch {
    pub(crate) label: String,
    pub(crate) href: String,
    /// How deep it stands; 0 is the top.
    pub(crate) depth: usize,
    pub(crate) is_current: bool,
}

/// Something that needs somebody.
pub(crate) struct Task {
    /// `warning` or `danger`.
    pub(crate) level: &'static str,
    pub(crate) text: String,
    pub(crate) href: String,
}

/// A form of a few fields that does one thing.
pub(crate) struct SmallForm {
    /// Where it is sent.
    pub(crate) action: String,
    /// `get` for filters, `post` for what changes something.
    pub(crate) method: &'static str,
    pub(crate) fields: Vec<SmallField>,
    /// Words of the button.
    pub(crate) label: String,
    pub(crate) tone: Tone,
    /// Another way out.
    pub(crate) back: Option<(String, String)>,
    /// Whether the fields stand beside each other.
    pub(crate) is_row: bool,
    /// Whether the tables below follow what is typed, where there is a script.
    pub(crate) is_live: bool,
}

/// How a button looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Plain,
    Primary,
}

impl Tone {
    /// Classes of the button.
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Plain => "button",
            Self::Primary => "button primary",
        }
    }
}

/// A field of a small form.
pub(crate) struct SmallField {
    pub(crate) name: String,
    pub(crate) label: String,
    pub(crate) help: String,
    pub(crate) error: String,
    pub(crate) value: String,
    pub(crate) widget: Widget,
    pub(crate) is_required: bool,
}

/// How a field is filled in.
pub(crate) enum Widget {
    /// `type` and `autocomplete`.
    Input(&'static str, &'static str),
    Area,
    Hidden,
    /// Value and words of each choice.
    Select(Vec<(String, String)>),
    Checkbox,
}

impl PartsPage<'_> {
    /// Whether there is a column beside everything else.
    pub(crate) fn has_aside(&self) -> bool {
        self.parts.iter().any(|part| part.width == Width::Aside)
    }
}

impl Part {
    pub(crate) fn new(body: Body) -> Self {
        Self {
            title: String::new(),
            text: String::new(),
            width: Width::Whole,
            buttons: Vec::new(),
            chooser: None,
            body,
        }
    }

    pub(crate) fn titled(self, title: impl Into<String>) -> Self {
        Self { title: title.into(), ..self }
    }

    pub(crate) fn saying(self, text: impl Into<String>) -> Self {
        Self { text: text.into(), ..self }
    }

    pub(crate) fn wide(self, width: Width) -> Self {
        Self { width, ..self }
    }

    pub(crate) fn with(mut self, button: Button) -> Self {
        self.buttons.push(button);
        self
    }

    pub(crate) fn choosing(self, chooser: Option<Chooser>) -> Self {
        Self { chooser, ..self }
    }

    /// Whether anything stands above the body.
    pub(crate) const fn has_head(&self) -> bool {
        !self.title.is_empty() || !self.buttons.is_empty() || self.chooser.is_some()
    }

    /// A table without further pages.
    pub(crate) fn table(table: Table) -> Self {
        Self::new(Body::Table(Box::new(table), Paging::default()))
    }
}

impl SmallForm {
    /// A form that changes something.
    pub(crate) fn post(action: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            action: action.into(),
            method: "post",
            fields: Vec::new(),
            label: label.into(),
            tone: Tone::Plain,
            back: None,
            is_row: false,
            is_live: false,
        }
    }

    /// A form that asks for another view of the same.
    pub(crate) fn get(action: impl Into<String>, label: impl Into<String>) -> Self {
        Self { method: "get", is_row: true, ..Self::post(action, label) }
    }

    pub(crate) fn field(mut self, field: SmallField) -> Self {
        self.fields.push(field);
        self
    }

    pub(crate) fn toned(self, tone: Tone) -> Self {
        Self { tone, ..self }
    }

    pub(crate) fn back(self, label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { back: Some((label.into(), href.into())), ..self }
    }

    pub(crate) fn live(self) -> Self {
        Self { is_live: true, ..self }
    }

    pub(crate) fn in_a_row(self) -> Self {
        Self { is_row: true, ..self }
    }
}

impl SmallField {
    pub(crate) fn new(name: impl Into<String>, label: impl Into<String>, widget: Widget) -> Self {
        Self {
            name: name.into(),
            label: label.into(),
            help: String::new(),
            error: String::new(),
            value: String::new(),
            widget,
            is_required: false,
        }
    }

    /// A line of text.
    pub(crate) fn text(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(name, label, Widget::Input("text", "off"))
    }

    /// Goes along unseen.
    pub(crate) fn hidden(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self::new(name, "", Widget::Hidden).with_value(value)
    }

    pub(crate) fn with_value(self, value: impl Into<String>) -> Self {
        Self { value: value.into(), ..self }
    }

    pub(crate) fn with_help(self, help: impl Into<String>) -> Self {
        Self { help: help.into(), ..self }
    }

    pub(crate) fn with_error(self, error: impl Into<String>) -> Self {
        Self { error: error.into(), ..self }
    }

    pub(crate) fn required(self) -> Self {
        Self { is_required: true, ..self }
    }
}

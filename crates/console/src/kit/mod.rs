//! The parts that pages are made of, in words: what the macros of `templates/components/` take.

mod table;
mod views;

pub(crate) use table::{Bulk, Cell, Column, Direction, Row, Table};
pub(crate) use views::{icon, notice};

/// A link.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) label: String,
    pub(crate) href: String,
}

impl Link {
    pub(crate) fn new(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { label: label.into(), href: href.into() }
    }
}

/// A button of the header: a link, or a form that is sent (with the token, without other fields).
#[derive(Clone, Debug)]
pub(crate) struct Button {
    pub(crate) label: String,
    pub(crate) href: String,
    pub(crate) is_post: bool,
    pub(crate) is_danger: bool,
}

impl Button {
    /// Leads to a page.
    pub(crate) fn link(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { label: label.into(), href: href.into(), is_post: false, is_danger: false }
    }

    /// Sends a form to an address.
    pub(crate) fn post(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { is_post: true, ..Self::link(label, href) }
    }

    /// In the colour of danger.
    pub(crate) fn danger(self) -> Self {
        Self { is_danger: true, ..self }
    }
}

/// A notice: `info`, `success`, `warning` or `danger`.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    pub(crate) level: &'static str,
    pub(crate) text: String,
}

/// A moment in words, exactly, and for machines.
#[derive(Clone, Debug)]
pub(crate) struct When {
    pub(crate) text: String,
    pub(crate) exact: String,
    pub(crate) iso: String,
}

/// Nothing here: what that means, and what to do next.
#[derive(Clone, Debug)]
pub(crate) struct Empty {
    pub(crate) icon: &'static str,
    pub(crate) title: String,
    pub(crate) text: String,
    pub(crate) action: Option<Link>,
}

/// The ways through a long list. Keys, not numbers: there is a beginning and a next page.
#[derive(Clone, Debug, Default)]
pub(crate) struct Paging {
    /// "1,204 users"; empty when nobody counted.
    pub(crate) count: String,
    pub(crate) first: Option<String>,
    pub(crate) next: Option<String>,
}

impl Paging {
    /// Whether there is anything to show.
    pub(crate) fn is_empty(&self) -> bool {
        self.count.is_empty() && self.first.is_none() && self.next.is_none()
    }
}

/// A name and what it has.
#[derive(Clone, Debug)]
pub(crate) struct Pair {
    pub(crate) name: String,
    pub(crate) values: Vec<Cell>,
}

impl Pair {
    pub(crate) fn new(name: impl Into<String>, value: Cell) -> Self {
        Self { name: name.into(), values: vec![value] }
    }
}

/// Something to copy.
#[derive(Clone, Debug)]
pub(crate) struct Code {
    /// What it is; empty when the surroundings say it.
    pub(crate) label: String,
    pub(crate) text: String,
}

/// A question before something is done that cannot be undone.
pub(crate) struct Confirm {
    /// What would happen, in sentences.
    pub(crate) lines: Vec<String>,
    /// Where the form is sent.
    pub(crate) action: String,
    /// Hidden fields.
    pub(crate) fields: Vec<(String, String)>,
    /// Words of the button.
    pub(crate) label: String,
    /// Whether the button has the colour of danger.
    pub(crate) is_danger: bool,
    /// Where "cancel" leads.
    pub(crate) back: String,
}

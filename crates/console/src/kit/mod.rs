//! The parts that pages are made of, in words: what the macros of `templates/components/` take.

mod table;
mod views;

pub(crate) use table::{Bulk, Cell, Chooser, Column, Direction, Row, Table};
pub(crate) use views::{icon, notice};

use crate::cx::ConsoleCx;

/// More characters than this without a gap are broken anywhere.
const LONG_WORD: usize = 28;

/// Whether a text has a word that would widen its column.
pub(crate) fn is_long(text: &str) -> bool {
    text.split_whitespace().any(|word| word.chars().count() > LONG_WORD)
}

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

/// A moment in words, exactly, and for machines. The words are those of UTC; a script puts those of the reader's
/// zone in their place.
#[derive(Clone, Debug)]
pub(crate) struct When {
    pub(crate) text: String,
    pub(crate) exact: String,
    pub(crate) iso: String,
    pub(crate) shown: WhenShown,
}

/// What the words of a moment say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WhenShown {
    /// How long ago it was: the same in every zone.
    Distance,
    /// The day.
    Day,
    /// Day and time of day.
    Moment,
}

impl WhenShown {
    /// Value of `data-shown`.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Distance => "distance",
            Self::Day => "day",
            Self::Moment => "moment",
        }
    }
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
    /// Says so where only a part of a long list was looked through for a page that has room left.
    pub(crate) fn explain(&mut self, cx: &ConsoleCx, table: &mut Table, room: u32) {
        let Some(next) = self.next.clone().filter(|_| table.rows.len() < room as usize) else { return };
        if table.rows.is_empty() {
            table.empty = Some(Empty {
                icon: "search",
                title: cx.t("console-part-nothing"),
                text: cx.t("console-part-text"),
                action: Some(Link::new(cx.t("console-part-on"), next)),
            });
        } else {
            self.count = cx.t("console-part-text");
        }
    }

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

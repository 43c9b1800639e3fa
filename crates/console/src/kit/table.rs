//! Tables: what `templates/components/table.html` takes.

use super::{Empty, Link, When};
use crate::generic::places::Place;

/// A table. On phones every row becomes a card, so that nothing scrolls sideways.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    /// What it lists, for those who listen.
    pub(crate) caption: String,
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Vec<Row>,
    /// What can be done to several rows at once; with it rows can be selected.
    pub(crate) bulk: Option<Bulk>,
    /// Shown instead when there are no rows.
    pub(crate) empty: Option<Empty>,
}

impl Table {
    /// Whether any row has links at its end.
    pub(crate) fn has_actions(&self) -> bool {
        self.rows.iter().any(|row| !row.actions.is_empty())
    }

    /// The cells of a row with their columns.
    pub(crate) fn pairs<'t>(&'t self, row: &'t Row) -> impl Iterator<Item = (&'t Column, &'t Cell)> {
        self.columns.iter().zip(&row.cells)
    }
}

/// A column.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(crate) label: String,
    pub(crate) sort: Option<Sort>,
    pub(crate) is_number: bool,
}

/// How a column sorts.
#[derive(Clone, Debug)]
pub(crate) struct Sort {
    /// The list, sorted by this column or the other way round.
    pub(crate) href: String,
    /// How it is sorted now.
    pub(crate) direction: Option<Direction>,
}

/// From small to large, or from large to small.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Ascending,
    Descending,
}

impl Direction {
    /// Value of `aria-sort`.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Ascending => "ascending",
            Self::Descending => "descending",
        }
    }
}

impl Column {
    pub(crate) fn new(label: impl Into<String>) -> Self {
        Self { label: label.into(), sort: None, is_number: false }
    }

    /// Digits, aligned at the end.
    pub(crate) fn number(label: impl Into<String>) -> Self {
        Self { is_number: true, ..Self::new(label) }
    }

    /// With a link that sorts by it.
    pub(crate) fn sorted(self, href: impl Into<String>, direction: Option<Direction>) -> Self {
        Self { sort: Some(Sort { href: href.into(), direction }), ..self }
    }
}

/// A row.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// Value of the checkbox.
    pub(crate) key: String,
    /// The object's name, for the label of the checkbox and the links.
    pub(crate) label: String,
    /// As many as there are columns; the first is the row's heading.
    pub(crate) cells: Vec<Cell>,
    /// Links at the end of the row.
    pub(crate) actions: Vec<Link>,
}

/// What stands in a cell.
#[derive(Clone, Debug)]
pub(crate) enum Cell {
    Nothing,
    Text(String),
    /// A second, muted line below the first.
    Lines(String, String),
    /// The same, and exactly for whoever rests on it.
    Titled(String, String, String),
    Code(String),
    Link(Link),
    /// A link, and a muted line below it.
    LinkLine(Link, String),
    /// Word and tone.
    Badge(String, &'static str),
    When(When),
    /// The same moment in several ways, each below the other.
    Whens(Vec<When>),
    /// Whether, and the word that says so.
    Flag(bool, String),
    Links(Vec<Link>),
    /// Several lines of code or JSON.
    Block(String),
    /// A colour as the browser shows it: its text.
    Several(Vec<String>),
}

impl Cell {
    /// A link.
    pub(crate) fn link(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self::Link(Link::new(label, href))
    }

    /// A text; nothing when it is empty.
    pub(crate) fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() { Self::Nothing } else { Self::Text(text) }
    }
}

/// What can be done to the rows selected.
#[derive(Clone, Debug)]
pub(crate) struct Bulk {
    /// Where the form is sent: `key` once for each row, `action` of the button pressed.
    pub(crate) action: String,
    /// Value of `action`, words, and whether in the colour of danger.
    pub(crate) buttons: Vec<(&'static str, String, bool)>,
}

/// Which columns a list has, to be chosen.
#[derive(Clone, Debug)]
pub(crate) struct Chooser {
    /// Where the form is sent: `column` once for each.
    pub(crate) action: String,
    pub(crate) choices: Vec<ColumnChoice>,
}

/// A column that may be shown.
#[derive(Clone, Debug)]
pub(crate) struct ColumnChoice {
    pub(crate) name: String,
    pub(crate) label: String,
    pub(crate) is_shown: bool,
}

impl Chooser {
    /// Of names and labels; none when there is nothing to choose.
    pub(crate) fn new(
        place: &Place,
        columns: impl Iterator<Item = (String, String)>,
        shown: &[String],
    ) -> Option<Self> {
        let choice =
            |(name, label): (String, String)| ColumnChoice { is_shown: shown.contains(&name), name, label };
        let choices: Vec<ColumnChoice> = columns.map(choice).collect();
        let action = format!("{}~columns/", place.path);
        (!choices.is_empty()).then_some(Self { action, choices })
    }
}

//! Parts that render themselves. Macros are written out wherever they are called; what is large is a template of
//! its own instead, so that it is compiled once.

use askama::Template;

use super::{Cell, Chooser, Empty, Said, Table, When};
use crate::cx::ConsoleCx;

/// A picture of the one set.
#[derive(Template)]
#[template(path = "components/icon_view.html")]
pub(crate) struct Icon {
    name: &'static str,
}

/// A picture of the one set, by its name.
pub(crate) const fn icon(name: &'static str) -> Icon {
    Icon { name }
}

/// A notice.
#[derive(Template)]
#[template(path = "components/notice_view.html")]
pub(crate) struct Notice {
    level: &'static str,
    text: String,
}

/// A notice of a level: `info`, `success`, `warning` or `danger`.
pub(crate) fn notice(level: &'static str, text: impl Into<String>) -> Notice {
    Notice { level, text: text.into() }
}

impl Said {
    /// Renders it.
    pub(crate) fn view(&self) -> Notice {
        notice(self.level, self.text.clone())
    }
}

/// Nothing here.
#[derive(Template)]
#[template(path = "components/empty_view.html")]
pub(crate) struct EmptyView<'v> {
    empty: &'v Empty,
}

impl Empty {
    /// Renders it.
    pub(crate) const fn view(&self) -> EmptyView<'_> {
        EmptyView { empty: self }
    }
}

/// A table.
#[derive(Template)]
#[template(path = "components/table_view.html")]
pub(crate) struct TableView<'v> {
    cx: &'v ConsoleCx,
    table: &'v Table,
}

impl Table {
    /// Renders it.
    pub(crate) const fn view<'v>(&'v self, cx: &'v ConsoleCx) -> TableView<'v> {
        TableView { cx, table: self }
    }
}

/// A moment.
#[derive(Template)]
#[template(path = "components/when_view.html")]
pub(crate) struct WhenView<'v> {
    when: &'v When,
}

impl When {
    /// Renders it.
    pub(crate) const fn view(&self) -> WhenView<'_> {
        WhenView { when: self }
    }
}

/// What stands in a cell.
#[derive(Template)]
#[template(path = "components/cell_view.html")]
pub(crate) struct CellView<'v> {
    value: &'v Cell,
}

impl Cell {
    /// Renders it.
    pub(crate) const fn view(&self) -> CellView<'_> {
        CellView { value: self }
    }
}

/// Which columns a list has.
#[derive(Template)]
#[template(path = "components/chooser_view.html")]
pub(crate) struct ChooserView<'v> {
    cx: &'v ConsoleCx,
    chooser: &'v Chooser,
}

impl Chooser {
    /// Renders it.
    pub(crate) const fn view<'v>(&'v self, cx: &'v ConsoleCx) -> ChooserView<'v> {
        ChooserView { cx, chooser: self }
    }
}

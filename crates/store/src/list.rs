//! Lists for people and for the API: where they begin, how long they are, how they are counted.
//!
//! Every list is ordered by an indexed column and then by identifier. A list that few rows fit is found whole
//! and may have any order; of one that many fit only so much is looked at as the page needs, and never more
//! than few are: so that no page costs more among a million than it may among a thousand.

use std::str::FromStr;

use uuid::Uuid;

use crate::columns::Id;

/// So many rows are few: they are found whole, counted and sorted.
pub(crate) const FEW: usize = 1_000;
/// So many rows are looked at for one page, however few of them fit.
pub(crate) const LOOKED_AT: i64 = FEW as i64;
/// So many are looked at for a page by its number, and ten more for every row up to its end.
const PASSED: i64 = 10_000;
/// No more are looked at for a page by its number.
const MOST_PASSED: i64 = 100_000;
/// Rows of one page at most.
const LONGEST: u32 = 1_000;

/// Where a list begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Start {
    /// At its beginning.
    #[default]
    First,
    /// After the page that gave this [`Listed::next`]. A text that no list gave begins at the beginning.
    After(String),
    /// After so many rows. Costs a little for every row passed over. Where rows are looked at that may not fit,
    /// they are 10,000 and ten for every row up to the end of the page, 100,000 at most: a page that is short and
    /// goes on lies beyond those.
    Skip(u64),
}

/// By what a list is ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sort<C> {
    /// By what.
    pub by: C,
    /// The largest first.
    pub descending: bool,
}

impl<C> Sort<C> {
    /// The smallest first.
    pub const fn ascending(by: C) -> Self {
        Self { by, descending: false }
    }

    /// The largest first.
    pub const fn descending(by: C) -> Self {
        Self { by, descending: true }
    }
}

/// Which part of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListRequest {
    /// Where it begins.
    pub start: Start,
    /// At most so many rows, 1000 at most; 0 for the count alone.
    pub limit: u32,
    /// Whether to count.
    pub count: bool,
}

impl ListRequest {
    /// The first rows, not counted.
    pub const fn first(limit: u32) -> Self {
        Self { start: Start::First, limit, count: false }
    }

    /// The same, counted.
    #[must_use]
    pub const fn counted(mut self) -> Self {
        self.count = true;
        self
    }

    /// Rows shown at most.
    pub(crate) fn shown(&self) -> usize {
        self.limit.min(LONGEST) as usize
    }

    /// Rows to fetch: one more than is shown tells whether there are more.
    pub(crate) fn fetched(&self) -> i64 {
        i64::from(self.limit.min(LONGEST)) + 1
    }

    /// Rows to pass over.
    pub(crate) fn skipped(&self) -> i64 {
        match self.start {
            Start::Skip(rows) => i64::try_from(rows).unwrap_or(i64::MAX),
            Start::First | Start::After(_) => 0,
        }
    }

    /// How many rows that may not fit are looked at for the page, and how many when those do not fill it.
    pub(crate) fn bounds(&self) -> Vec<i64> {
        let Start::Skip(_) = self.start else { return vec![LOOKED_AT] };
        let end = self.skipped().saturating_add(self.fetched());
        let least = end.saturating_mul(2).clamp(LOOKED_AT, MOST_PASSED);
        vec![least, end.saturating_mul(10).saturating_add(PASSED).min(MOST_PASSED)]
    }

    /// Whether a page is [`Listed::is_cut`] for which not all was looked at.
    pub(crate) const fn is_cut(&self, has_rest: bool) -> bool {
        has_rest && matches!(self.start, Start::Skip(_))
    }

    /// Where to continue, if a list of this kind said so.
    pub(crate) fn after<V: FromStr>(&self, kind: char) -> Option<Position<V>> {
        match &self.start {
            Start::After(cursor) => Position::parse(cursor, kind),
            Start::First | Start::Skip(_) => None,
        }
    }

    /// Cuts what was fetched to a page.
    pub(crate) fn page<T>(&self, mut items: Vec<T>, position: impl Fn(&T) -> String) -> Listed<T> {
        let more = items.len() > self.shown();
        items.truncate(self.shown());
        let next = if more { items.last().map(position) } else { None };
        Listed::of(items, next)
    }
}

/// How many rows fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// So many.
    Exact(u64),
    /// Many: so many or more. Counting them all would take longer than anybody waits.
    AtLeast(u64),
}

impl Count {
    /// The number.
    pub const fn number(self) -> u64 {
        match self {
            Self::Exact(number) | Self::AtLeast(number) => number,
        }
    }

    /// What it means to have found so many when [`FEW`] and one were asked for.
    pub(crate) const fn found(rows: usize) -> Self {
        if rows > FEW { Self::AtLeast(FEW as u64) } else { Self::Exact(rows as u64) }
    }
}

/// Part of a list.
#[derive(Clone, Debug)]
pub struct Listed<T> {
    /// The rows. There may be fewer than asked for, even none, although there are more.
    pub items: Vec<T>,
    /// Where to continue, when there is more.
    pub next: Option<String>,
    /// How many fit, when that was asked.
    pub count: Option<Count>,
    /// Whether the page was asked for by its number and more rows would have to be looked at for it than may be:
    /// it is short, or empty, and only [`Listed::next`] leads on.
    pub is_cut: bool,
}

impl<T> Listed<T> {
    /// A list of nothing.
    pub(crate) fn nothing() -> Self {
        Self { count: Some(Count::Exact(0)), ..Self::of(Vec::new(), None) }
    }

    /// Rows, and where to continue.
    pub(crate) const fn of(items: Vec<T>, next: Option<String>) -> Self {
        Self { items, next, count: None, is_cut: false }
    }

    /// The same part of a list of something else.
    pub fn map<U>(self, of: impl FnMut(T) -> U) -> Listed<U> {
        let Self { items, next, count, is_cut } = self;
        Listed { items: items.into_iter().map(of).collect(), next, count, is_cut }
    }
}

/// A place in a list: the value by which it is ordered, and the identifier of the row there.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Position<V> {
    pub(crate) value: V,
    pub(crate) id: Id,
}

impl<V: FromStr> Position<V> {
    fn parse(cursor: &str, kind: char) -> Option<Self> {
        let rest = cursor.strip_prefix(kind)?;
        let (id, value) = (rest.get(..32)?, rest.get(32..)?);
        Some(Self { value: value.parse().ok()?, id: Id(Uuid::try_parse(id).ok()?) })
    }
}

/// That a row comes behind a place, as one comparison of rows (`(a, b) > (x, y)`): an index of the columns goes to
/// the place itself, however many rows share its first value with it.
macro_rules! compared {
    ($columns:expr, $sign:expr, $ty:ty: $value:expr $(, $more:ty: $other:expr)*) => {
        diesel::dsl::sql::<diesel::sql_types::Bool>(&format!("({}) {} (", $columns, $sign))
            .bind::<$ty, _>($value)
            $(.sql(", ").bind::<$more, _>($other))*
            .sql(")")
    };
}
pub(crate) use compared;

/// A place in a list as its user hands it back.
pub(crate) fn cursor(kind: char, id: Id, value: &dyn std::fmt::Display) -> String {
    format!("{kind}{}{value}", id.0.simple())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_understands_its_own_cursors_and_no_others() {
        let id = Id(Uuid::from_u128(7));
        let text = Start::After(cursor('o', id, &"a b"));
        let request = ListRequest { start: text, ..ListRequest::first(1) };
        assert_eq!(request.after('o'), Some(Position { value: "a b".to_owned(), id }));
        assert_eq!(request.after::<i64>('o'), None);
        assert_eq!(request.after::<String>('w'), None);
        for odd in ["", "o", "oé", "o12345678901234567890123456789012"] {
            let request = ListRequest { start: Start::After(odd.to_owned()), ..ListRequest::first(1) };
            let _: Option<Position<i64>> = request.after('o');
        }
    }

    #[test]
    fn few_are_counted_exactly() {
        assert_eq!(Count::found(FEW), Count::Exact(1_000));
        assert_eq!(Count::found(FEW + 1), Count::AtLeast(1_000));
    }
}

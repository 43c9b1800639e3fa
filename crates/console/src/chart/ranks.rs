//! Lying bars, the longest first: what failed by reason, who uses what.

use super::{Tone, grouped, scale::scaled};

/// Units of the longest bar.
const LENGTH: u64 = 100;

/// One of those compared.
#[derive(Clone, Debug)]
pub(crate) struct Rank {
    /// Its name, whoever chose it.
    pub(crate) name: String,
    /// Where it can be looked at.
    pub(crate) href: Option<String>,
    /// How many.
    pub(crate) count: u64,
}

/// A line of the chart.
pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) href: Option<String>,
    pub(crate) length: u64,
    pub(crate) count: String,
}

/// Lying bars, ready to be drawn. The chart is a table already.
pub(crate) struct RankChart {
    /// Identifier of its heading on the page.
    pub(crate) id: &'static str,
    pub(crate) title: String,
    pub(crate) class: &'static str,
    pub(crate) lines: Vec<Line>,
}

impl RankChart {
    /// Draws the `most` longest.
    pub(crate) fn new(
        id: &'static str,
        title: String,
        tone: Tone,
        mut ranks: Vec<Rank>,
        most: usize,
    ) -> Self {
        ranks.sort_by(|one, other| other.count.cmp(&one.count).then_with(|| one.name.cmp(&other.name)));
        ranks.truncate(most);
        let longest = ranks.first().map_or(0, |rank| rank.count);
        let line = |rank: Rank| Line {
            length: scaled(rank.count, longest, LENGTH),
            count: grouped(rank.count),
            name: rank.name,
            href: rank.href,
        };
        Self { id, title, class: tone.class(), lines: ranks.into_iter().map(line).collect() }
    }
}

//! Charts, drawn on the server as SVG out of the style sheet's colours.
//!
//! Owns the geometry and the words of axes; `templates/components/chart.html` draws. Only shapes stand in the
//! picture: all text is HTML around it, so that it keeps its size on every screen and is escaped like any
//! other. Behind every picture stands the same as a table.

mod buckets;
mod ranks;
mod scale;
mod spark;
mod time;

pub(crate) use buckets::Buckets;
pub(crate) use ranks::{Rank, RankChart};
pub(crate) use scale::grouped;
pub(crate) use spark::Sparkline;
pub(crate) use time::{Series, TimeChart};

/// What a series means, which chooses its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    /// What is counted.
    Accent,
    /// What went wrong.
    Danger,
}

impl Tone {
    /// Class of the shapes.
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Accent => "tone-accent",
            Self::Danger => "tone-danger",
        }
    }
}

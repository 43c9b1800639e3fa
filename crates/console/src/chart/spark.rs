//! A line of the size of a word.

use std::fmt::Write as _;

use super::{grouped, scale::scaled};

const HEIGHT: u64 = 20;

/// A sparkline, ready to be drawn.
pub(crate) struct Sparkline {
    /// Units of the picture's width.
    pub(crate) width: usize,
    /// The path's `d`.
    pub(crate) path: String,
    /// The numbers, for those who listen.
    pub(crate) label: String,
}

impl Sparkline {
    /// Draws values over time, oldest first; none when there is nothing to see.
    pub(crate) fn new(name: &str, values: &[u64]) -> Option<Self> {
        let max = values.iter().copied().max().filter(|max| *max > 0)?;
        let mut path = String::new();
        for (at, value) in values.iter().enumerate() {
            let letter = if at == 0 { 'M' } else { 'L' };
            let y = HEIGHT - scaled(*value, max, HEIGHT);
            write!(path, "{letter}{at} {y}").ok()?;
        }
        let numbers: Vec<String> = values.iter().map(|value| grouped(*value)).collect();
        Some(Self {
            width: values.len().saturating_sub(1).max(1),
            path,
            label: format!("{name}: {}", numbers.join(", ")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sparkline_touches_its_top_and_its_ground() {
        let spark = Sparkline::new("Sign-ins", &[0, 4, 2]).unwrap();
        assert_eq!(spark.path, "M0 20L1 0L2 10");
        assert_eq!(spark.label, "Sign-ins: 0, 4, 2");
        assert!(Sparkline::new("Sign-ins", &[0, 0]).is_none());
    }
}

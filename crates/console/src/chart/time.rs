//! Bars over time, one or more series on top of each other.

use countersign_i18n::Localizer;
use countersign_types::TextArg;

use super::{
    Buckets, Tone, grouped,
    scale::{ceiling, scaled},
};

/// Units of the picture's height.
pub(crate) const HEIGHT: u64 = 100;
/// Units of a part of time, the gap between bars included.
const PITCH: usize = 10;

/// One thing counted over time.
#[derive(Clone, Debug)]
pub(crate) struct Series {
    /// What is counted.
    pub(crate) name: String,
    /// What it means.
    pub(crate) tone: Tone,
    /// How many in each part of time; missing ones are none.
    pub(crate) values: Vec<u64>,
}

/// A piece of a bar.
pub(crate) struct Piece {
    pub(crate) y: u64,
    pub(crate) height: u64,
    pub(crate) class: &'static str,
}

/// The bar of one part of time.
pub(crate) struct Bar {
    pub(crate) x: usize,
    pub(crate) pieces: Vec<Piece>,
    /// When it begins, where that depends on the zone.
    pub(crate) at: Option<String>,
    /// What it says, for whoever rests on it: when, and after the first dot how many.
    pub(crate) title: String,
}

/// A word under the axis, and the moment that it stands for where that depends on the zone.
pub(crate) struct Tick {
    pub(crate) text: String,
    pub(crate) at: Option<String>,
}

/// A line of the legend.
pub(crate) struct Legend {
    pub(crate) class: &'static str,
    pub(crate) name: String,
    pub(crate) total: String,
}

/// Bars over time, ready to be drawn.
pub(crate) struct TimeChart {
    pub(crate) title: String,
    /// The picture in a sentence.
    pub(crate) summary: String,
    /// Units of the picture's width.
    pub(crate) width: usize,
    /// What the axis ends at, and its half.
    pub(crate) top: String,
    pub(crate) middle: String,
    pub(crate) bars: Vec<Bar>,
    pub(crate) ticks: Vec<Tick>,
    pub(crate) legend: Vec<Legend>,
    /// The table: its rows with when they begin, and as many numbers as there are series.
    pub(crate) rows: Vec<(Tick, Vec<String>)>,
    /// Words around the table.
    pub(crate) words: TableWords,
}

/// Words around the table behind a picture.
pub(crate) struct TableWords {
    pub(crate) open: String,
    pub(crate) when: String,
    /// Of what zone the days are; empty for hours, which are those of the reader.
    pub(crate) zone: String,
}

impl TimeChart {
    /// Draws series over parts of time.
    pub(crate) fn new(words: &Localizer, title: String, buckets: &Buckets, series: &[Series]) -> Self {
        let value = |one: &Series, at: usize| one.values.get(at).copied().unwrap_or(0);
        let sum = |at: usize| series.iter().map(|one| value(one, at)).sum::<u64>();
        let end = ceiling((0..buckets.count).map(sum).max().unwrap_or(0));
        let labels: Vec<String> = (0..buckets.count).map(|at| buckets.label(words, at)).collect();
        let moment = |at: usize| (!buckets.are_days()).then(|| buckets.begin(at).to_rfc3339());
        let bars = labels.iter().enumerate().map(|(at, label)| {
            let numbers: Vec<(&Series, u64)> = series.iter().map(|one| (one, value(one, at))).collect();
            Bar { at: moment(at), ..bar(at, label, &numbers, end) }
        });
        let every = buckets.count.div_ceil(buckets.tick_count()).max(1);
        let legend = series.iter().map(|one| Legend {
            class: one.tone.class(),
            name: one.name.clone(),
            total: grouped(one.values.iter().sum()),
        });
        let rows = labels.iter().enumerate().map(|(at, label)| {
            let numbers = series.iter().map(|one| grouped(value(one, at))).collect();
            (Tick { text: label.clone(), at: moment(at) }, numbers)
        });
        let tick = |at: usize| Tick { text: buckets.tick(words, at), at: moment(at) };
        let zone = if buckets.are_days() { words.t("console-chart-days") } else { String::new() };
        Self {
            summary: summary(words, &title, series),
            title,
            width: buckets.count * PITCH,
            top: grouped(end),
            middle: grouped(end / 2),
            bars: bars.collect(),
            ticks: (0..buckets.count).step_by(every).map(tick).collect(),
            legend: legend.collect(),
            rows: rows.collect(),
            words: TableWords {
                open: words.t("console-chart-table"),
                when: words.t("console-chart-when"),
                zone,
            },
        }
    }
}

fn bar(at: usize, label: &str, numbers: &[(&Series, u64)], end: u64) -> Bar {
    let mut below = 0;
    let mut pieces = Vec::new();
    for (one, number) in numbers.iter().filter(|(_, number)| *number > 0) {
        let height = scaled(*number, end, HEIGHT).min(HEIGHT - below);
        below += height;
        pieces.push(Piece { y: HEIGHT - below, height, class: one.tone.class() });
    }
    let said: Vec<String> =
        numbers.iter().map(|(one, number)| format!("{}: {}", one.name, grouped(*number))).collect();
    Bar { x: at * PITCH, pieces, at: None, title: format!("{label} · {}", said.join(" · ")) }
}

/// `Sign-ins by hour. Successful: 12. Failed: 3.`
fn summary(words: &Localizer, title: &str, series: &[Series]) -> String {
    let parts = series.iter().map(|one| {
        let total = grouped(one.values.iter().sum());
        let (name, total) = (TextArg::from(one.name.as_str()), TextArg::from(total.as_str()));
        words.t_args("console-chart-total", &[("name", name), ("total", total)])
    });
    std::iter::once(title.to_owned()).chain(parts).collect::<Vec<_>>().join(". ")
}

//! Figures with their targets, as a table and as JSON.

use std::{fmt::Write as _, fs};

use countersign_crypto::SystemClock;
use countersign_types::Clock;
use rustix::system::uname;
use serde::Serialize;

/// What a figure has to be.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Target {
    AtMost(f64),
    AtLeast(f64),
}

/// Something measured.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Figure {
    name: String,
    value: f64,
    unit: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<Target>,
}

impl Figure {
    fn is_met(&self) -> bool {
        match self.target {
            None => true,
            Some(Target::AtMost(most)) => self.value <= most,
            Some(Target::AtLeast(least)) => self.value >= least,
        }
    }
}

/// Everything that was measured in one run, and where.
#[derive(Debug, Serialize)]
pub struct Report {
    date: String,
    machine: String,
    database: &'static str,
    figures: Vec<Figure>,
}

impl Report {
    pub(crate) fn new(processors: u32, database: &'static str) -> Self {
        let date = SystemClock.now().to_rfc3339().chars().take(10).collect();
        let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = cpuinfo.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or("unknown");
        let model = model.trim_start_matches([' ', '\t', ':']);
        let kernel = uname().release().to_string_lossy().into_owned();
        Self {
            date,
            machine: format!("{processors} × {model}, Linux {kernel}"),
            database,
            figures: Vec::new(),
        }
    }

    /// For information.
    pub(crate) fn note(&mut self, name: impl Into<String>, value: f64, unit: &'static str) {
        self.figures.push(Figure { name: name.into(), value, unit, target: None });
    }

    /// With a target.
    pub(crate) fn aim(&mut self, name: impl Into<String>, value: f64, unit: &'static str, target: Target) {
        self.figures.push(Figure { name: name.into(), value, unit, target: Some(target) });
    }

    /// Whether every target is met.
    pub fn is_met(&self) -> bool {
        self.figures.iter().all(Figure::is_met)
    }

    /// For programs.
    pub fn json(&self) -> String {
        // A structure of strings and finite numbers always has a JSON form.
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// For people.
    pub fn table(&self) -> String {
        let mut table = format!("{} · {} · {}\n\n", self.date, self.machine, self.database);
        let width = self.figures.iter().map(|figure| figure.name.chars().count()).max().unwrap_or_default();
        for figure in &self.figures {
            let verdict = match (figure.target, figure.is_met()) {
                (None, _) => String::new(),
                (Some(Target::AtMost(most)), met) => format!("   ≤ {most:<6} {}", word(met)),
                (Some(Target::AtLeast(least)), met) => format!("   ≥ {least:<6} {}", word(met)),
            };
            let value = number(figure.value);
            // Writing to a string does not fail.
            let _ = writeln!(table, "{:width$}  {value:>9} {:<8}{verdict}", figure.name, figure.unit);
        }
        table
    }
}

const fn word(met: bool) -> &'static str {
    if met { "met" } else { "MISSED" }
}

/// Three digits that say something.
fn number(value: f64) -> String {
    match value.abs() {
        100.0.. => format!("{value:.0}"),
        10.0.. => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missed_target_is_seen_in_the_table_and_in_the_verdict() {
        let mut report = Report::new(2, "SQLite");
        report.aim("fast enough", 36.0, "%", Target::AtLeast(35.0));
        assert!(report.is_met());
        report.aim("small enough", 40.1, "MB", Target::AtMost(40.0));
        assert!(!report.is_met());
        assert!(report.table().contains("40.1 MB") && report.table().contains("MISSED"));
    }
}

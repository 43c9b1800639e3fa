//! What was found after the crashes.

use std::{fmt, time::Duration};

use crate::load::{Samples, millis};

/// What was found after the crashes.
#[derive(Debug)]
pub struct Tally {
    database: &'static str,
    restarts: Samples,
    enrolments: u64,
    passwords: u64,
    grants: u64,
    refusals: u64,
    /// What must not be, in words.
    complaints: Vec<String>,
}

impl Tally {
    pub(super) fn new(database: &'static str) -> Self {
        let restarts = Samples::default();
        Self {
            database,
            restarts,
            enrolments: 0,
            passwords: 0,
            grants: 0,
            refusals: 0,
            complaints: Vec::new(),
        }
    }

    pub(super) fn restarted(&mut self, took: Duration) {
        self.restarts.add(millis(took));
    }

    /// So many acknowledged enrolments were looked for.
    pub(super) fn enrolments(&mut self, count: usize) {
        self.enrolments += count as u64;
    }

    /// An acknowledged change of a password was looked for.
    pub(super) fn passwords(&mut self, count: u64) {
        self.passwords += count;
    }

    /// A code or refresh generation that was handed out was looked for.
    pub(super) fn grant(&mut self) {
        self.grants += 1;
    }

    /// A code or refresh generation that was used was tried again.
    pub(super) fn refusal(&mut self) {
        self.refusals += 1;
    }

    pub(super) fn complain(&mut self, complaint: String) {
        self.complaints.push(complaint);
    }

    /// Whether nothing was lost or accepted twice.
    pub(super) fn is_intact(&self) -> bool {
        self.complaints.is_empty()
    }

    /// Whether nothing was lost or accepted twice, and the server was ready in time after every crash.
    pub fn is_sound(&self, ready_within: Duration) -> bool {
        self.is_intact() && self.restarts.percentile(100.0) <= millis(ready_within)
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { database, restarts, enrolments, passwords, grants, refusals, complaints } = self;
        let (median, slowest) = (restarts.median(), restarts.percentile(100.0));
        writeln!(f, "{database}: killed {} times", restarts.len())?;
        writeln!(
            f,
            "  acknowledged, and there: {enrolments} enrolments, {passwords} passwords, {grants} codes and refresh tokens"
        )?;
        writeln!(f, "  used ones tried again, and refused: {refusals} codes and refresh tokens")?;
        writeln!(f, "  ready again after {median:.0} ms (median), {slowest:.0} ms (slowest)")?;
        write!(f, "  lost or accepted twice: {}", complaints.len())?;
        complaints.iter().take(20).try_for_each(|complaint| write!(f, "\n    {complaint}"))
    }
}

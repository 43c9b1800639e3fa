//! What can be wrong with a blueprint, told so that it can be found: file, entry, field.

use std::fmt;

use countersign_types::ErrorKind;

/// Something wrong at some place below an entry or the head of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The place, outermost step first.
    steps: Vec<String>,
    /// The line of the file, counted from 1.
    line: Option<usize>,
    /// What is wrong.
    message: String,
}

impl Problem {
    /// Something wrong right here.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { steps: Vec::new(), line: None, message: message.into() }
    }

    /// The same, on this line unless a nearer one is known.
    #[must_use]
    pub(crate) fn on_line(mut self, line: usize) -> Self {
        self.line.get_or_insert(line);
        self
    }

    /// The same, seen from one level further out.
    #[must_use]
    pub(crate) fn at(mut self, step: impl fmt::Display) -> Self {
        self.steps.insert(0, step.to_string());
        self
    }

    /// The place as a dotted path; empty for the whole.
    pub fn field(&self) -> String {
        self.steps.join(".")
    }

    /// The line of the file on which it stands, counted from 1.
    pub const fn line(&self) -> Option<usize> {
        self.line
    }

    /// What is wrong there.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.steps.is_empty() {
            f.write_str(&self.field())?;
        }
        if let Some(line) = self.line {
            let comma = if self.steps.is_empty() { "" } else { ", " };
            write!(f, "{comma}line {line}")?;
        }
        let colon = if self.steps.is_empty() && self.line.is_none() { "" } else { ": " };
        write!(f, "{colon}{}", self.message)
    }
}

/// Which entry of a file is meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EntryName {
    /// Its number, counted from 1 over all sections.
    pub number: usize,
    /// The line at which it begins.
    pub line: Option<usize>,
    /// Its section, when entries stand in sections.
    pub section: Option<String>,
    /// Its `id`, if it has one.
    pub id: Option<String>,
    /// Its model label.
    pub model: String,
}

impl fmt::Display for EntryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "entry {}", self.number)?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        if let Some(section) = &self.section {
            write!(f, " in section “{section}”")?;
        }
        match (&self.id, self.model.as_str()) {
            (Some(id), "") => write!(f, " (id “{id}”)"),
            (Some(id), model) => write!(f, " (id “{id}”, {model})"),
            (None, "") => Ok(()),
            (None, model) => write!(f, " ({model})"),
        }
    }
}

/// Why a blueprint was not applied. Nothing of it was kept.
#[derive(Clone, Debug, thiserror::Error)]
pub enum BlueprintError {
    /// The file, or one of its entries, is wrong.
    #[error("{file}: {}{problems}", entry_prefix(.entry.as_deref()), problems = .problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Wrong {
        /// The file.
        file: String,
        /// The entry, when it is about one.
        entry: Option<Box<EntryName>>,
        /// What is wrong; at least one.
        problems: Vec<Problem>,
    },
    /// The actor may not do this.
    #[error("{file}: {}this account may not change configuration", entry_prefix(.entry.as_deref()))]
    Denied {
        /// The file.
        file: String,
        /// The entry.
        entry: Option<Box<EntryName>>,
    },
    /// The database did not do its part.
    #[error("the database failed: {0}")]
    Store(String, ErrorKind),
}

impl BlueprintError {
    /// What a surface makes of it.
    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::Wrong { .. } => ErrorKind::Invalid,
            Self::Denied { .. } => ErrorKind::Denied,
            Self::Store(_, kind) => *kind,
        }
    }
}

fn entry_prefix(entry: Option<&EntryName>) -> String {
    entry.map_or_else(String::new, |entry| format!("{entry}: "))
}

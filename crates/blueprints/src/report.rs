//! What applying a blueprint did.

use countersign_types::{JsonObject, RawId, Secret};
use serde_json::Value;

use crate::EntryName;

/// What became of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// Its object was made.
    Created,
    /// Its object was changed.
    Updated,
    /// Its object was as it should be.
    Unchanged,
    /// Its object was deleted.
    Deleted,
    /// Its conditions did not hold.
    Skipped,
    /// Another blueprint was seen to.
    Dependency,
}

impl Done {
    /// In a word, for programs and the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Unchanged => "unchanged",
            Self::Deleted => "deleted",
            Self::Skipped => "skipped",
            Self::Dependency => "dependency",
        }
    }
}

/// What happened to one entry.
#[derive(Debug)]
pub struct EntryReport {
    /// Which.
    pub entry: EntryName,
    /// What became of it.
    pub done: Done,
    /// Its object, if there is one now.
    pub id: Option<RawId>,
    /// What tells the object from others of its kind.
    pub identifiers: JsonObject,
    /// What is different from before; looked up in a rehearsal only.
    pub changes: Vec<Change>,
    /// Secrets that were made: shown now and never again.
    pub generated: Vec<(String, Secret<String>)>,
}

impl EntryReport {
    /// Whether the entry made a difference.
    pub const fn is_change(&self) -> bool {
        matches!(self.done, Done::Created | Done::Updated | Done::Deleted)
    }

    /// How people would call its object.
    pub fn name(&self) -> String {
        let said = |value: &Value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        self.identifiers.values().map(said).collect::<Vec<_>>().join(" ")
    }
}

/// An attribute that is different from before. References are told by name; of secrets only that they differ.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Its name.
    pub field: String,
    /// What it was; null when there was no object, and for secrets.
    pub before: Value,
    /// What it is; null when there is no object any more, and for secrets.
    pub after: Value,
}

/// What happened to a file.
#[derive(Debug, Default)]
pub struct Report {
    /// The file.
    pub file: String,
    /// The blueprint's name.
    pub name: String,
    /// Every entry, in order.
    pub entries: Vec<EntryReport>,
    /// Things to look at: attributes and keys that were ignored.
    pub warnings: Vec<String>,
    /// The blueprints that this one needed applied.
    pub dependencies: Vec<Report>,
}

impl Report {
    /// How many entries came to this.
    pub fn count(&self, done: Done) -> usize {
        self.entries.iter().filter(|entry| entry.done == done).count()
    }

    /// The entries of the blueprints that were needed, and of this one after them.
    pub fn every(&self) -> Vec<&EntryReport> {
        self.dependencies.iter().flat_map(Self::every).chain(&self.entries).collect()
    }

    /// Whether anything is different from before, dependencies included.
    pub fn has_changes(&self) -> bool {
        self.entries.iter().any(EntryReport::is_change) || self.dependencies.iter().any(Self::has_changes)
    }

    /// The secrets that were made, with the entry that they belong to.
    pub fn generated(&self) -> impl Iterator<Item = (&EntryName, &str, &Secret<String>)> {
        self.entries.iter().flat_map(|entry| {
            entry.generated.iter().map(|(field, secret)| (&entry.entry, field.as_str(), secret))
        })
    }
}

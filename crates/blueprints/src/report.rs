//! What applying a blueprint did.

use countersign_types::{RawId, Secret};

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

/// What happened to one entry.
#[derive(Debug)]
pub struct EntryReport {
    /// Which.
    pub entry: EntryName,
    /// What became of it.
    pub done: Done,
    /// Its object, if there is one now.
    pub id: Option<RawId>,
    /// Secrets that were made: shown now and never again.
    pub generated: Vec<(String, Secret<String>)>,
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

    /// Whether anything is different from before, dependencies included.
    pub fn has_changes(&self) -> bool {
        let changes =
            |entry: &EntryReport| matches!(entry.done, Done::Created | Done::Updated | Done::Deleted);
        self.entries.iter().any(changes) || self.dependencies.iter().any(Self::has_changes)
    }

    /// The secrets that were made, with the entry that they belong to.
    pub fn generated(&self) -> impl Iterator<Item = (&EntryName, &str, &Secret<String>)> {
        self.entries.iter().flat_map(|entry| {
            entry.generated.iter().map(|(field, secret)| (&entry.entry, field.as_str(), secret))
        })
    }
}

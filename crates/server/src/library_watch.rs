//! The directory of blueprints, looked at again and again: a file that changes is applied, and what was applied from a
//! file that is gone is marked.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use countersign_blueprints::{Blueprints, Library};
use countersign_tasks::{JobError, Schedule};
use countersign_types::Span;

/// Hashes of the files by their paths.
type Seen = BTreeMap<String, String>;

/// Keeps the blueprints of a directory applied.
pub(crate) struct LibraryWatch {
    blueprints: Blueprints,
    /// As they were when this process last applied them.
    seen: Mutex<Seen>,
}

impl LibraryWatch {
    /// A watch over a library that was just applied.
    pub(crate) fn new(blueprints: Blueprints) -> Self {
        let seen = Mutex::new(hashes(blueprints.library()));
        Self { blueprints, seen }
    }
}

fn hashes(library: &Library) -> Seen {
    library.sources().into_iter().map(|source| (source.file.clone(), source.hash())).collect()
}

#[async_trait]
impl Schedule for LibraryWatch {
    fn name(&self) -> &'static str {
        "blueprints"
    }

    fn every(&self) -> Span {
        Span::from_mins(1)
    }

    async fn run(&self) -> Result<(), JobError> {
        let library = self.blueprints.library().clone();
        // Reads files.
        let now = tokio::task::spawn_blocking(move || hashes(&library))
            .await
            .map_err(|error| JobError::Again(error.to_string()))?;
        if *self.seen.lock().unwrap_or_else(PoisonError::into_inner) == now {
            return Ok(());
        }
        // A file that fails is noted with its blueprint, and tried again when it changes.
        let outcome = self.blueprints.apply_library().await;
        outcome.map_err(|error| JobError::Again(error.to_string()))?;
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = now;
        Ok(())
    }
}

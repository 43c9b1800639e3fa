//! Floor 5: configuration as YAML files.
//!
//! Owns the format (version 1), its tags, applying in one transaction, export, and the embedded default
//! set. Names no kind: everything goes through the registry, which checks, writes and records.

mod document;
mod evaluate;
mod format;
mod node;
mod outside;
mod problem;

pub use document::Document;
pub use outside::{Outside, Variable};
pub use problem::{BlueprintError, EntryName, Problem};

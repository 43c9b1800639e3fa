//! Floor 5: configuration as YAML files.
//!
//! Owns the format (version 1), its tags, applying in one transaction, export, and the set that is embedded
//! in the binary. Names no kind: everything goes through the registry, which checks, writes and records.

mod apply;
mod blueprints;
mod changes;
mod document;
mod evaluate;
mod export;
mod format;
mod give;
mod instances;
mod keeper;
mod library;
mod needs;
mod node;
mod outside;
mod problem;
mod report;
mod reset;
mod schema;
mod words;
mod yaml;

pub use blueprints::Blueprints;
pub use document::Document;
pub use export::Selection;
pub use keeper::Keeper;
pub use library::{Library, Source};
pub use outside::{Outside, Variable};
pub use problem::{BlueprintError, EntryName, Problem};
pub use report::{Change, Done, EntryReport, Report};
pub use schema::schema;

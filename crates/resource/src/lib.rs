//! Floor 1: one description per configurable object.
//!
//! An object is a Rust struct; its doc comments are the help text, the types of its fields are widgets,
//! secrets and reference edges. From the struct come a [`Descriptor`] and the handling of documents:
//! parsing with paths, merging, redaction, differences, references and sealing. Owns no I/O and knows no
//! store: `registry` puts documents into rows.

mod descriptor;
mod document;
mod facts;
mod kind;
mod path;
mod redaction;
mod references;
mod sealing;
pub mod target;
mod walk;

pub use descriptor::{Descriptor, FieldInfo, schema_of};
pub use document::{canonical, merge, parse, parse_whole, unknown_attributes};
pub use kind::{Common, ConfigKind, Describe, Facts, Named, Nothing, check_name};
pub use path::Path;
pub use redaction::{REDACTED, diff, redact};
pub use references::{Reference, references};
pub use sealing::{
    LoadError, SealError, Unavailable, Vault, load, load_document, load_plain, sealed, unsealed,
    without_secrets,
};

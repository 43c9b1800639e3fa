//! Floor 0 vocabulary: what every other crate may say.
//!
//! Owns identifiers, time and randomness as parameters, secrets, the kinds of error that a surface can
//! show, text that waits for a language, and the field types from which forms, schemas, redaction and
//! reference edges are derived. Owns no I/O and no policy.

mod clock;
mod duration;
mod error;
mod field;
mod id;
mod network;
mod page;
mod rng;
mod secret;
mod text;

pub use clock::{Civil, Clock, Timestamp};
pub use duration::{ParseSpanError, Span};
pub use error::{ErrorKind, FieldError, FieldErrors};
pub use field::{Color, Expression, FilePath, Markdown, ParseSlugError, Ref, RefTarget, Slug};
pub use id::{Digest, RawId, random_uuid, timed_uuid};
pub use network::ClientAddr;
pub use page::{Page, PageRequest};
pub use rng::Rng;
pub use secret::Secret;
pub use text::{Text, TextArg};

/// JSON object as it is kept in attributes, contexts and configuration documents.
pub type JsonObject = serde_json::Map<String, serde_json::Value>;

//! Message catalogues and the choice of language.
//!
//! Owns the Fluent catalogues of `locales/<tag>/*.ftl`, which are embedded when the crate is built, the
//! negotiation between what a person asked for and what there is (RFC 4647 lookup, RFC 9110 §12.5.4),
//! and dates and spans in words. Does not own *which* sources of preference are asked in what order:
//! that is the web kit's.
//!
//! Blueprints hold plain English. The words of ours that are in them stand in `defaults.ftl` too, and are
//! looked up there by what they say, so that a default that nobody changed speaks every language and words
//! of administrators are left alone.
//!
//! A new language is a new folder and nothing else. Its `base.ftl` says the language's own name
//! (`language-name`) and the direction of its script (`language-direction`), each in a line.

mod accept;
mod catalogue;
mod embedded;
mod localizer;
mod negotiate;
mod template;
mod time;

pub use accept::parse_accept_language;
pub use catalogue::{Catalogues, Language, LoadError, Locale, Missing, MissingReason};
pub use localizer::{Direction, Localizer};
pub use time::UtcOffset;

//! Who is told of which events, on a real database.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod attacks;
mod authorities;
mod delivery;
mod rules;
mod world;

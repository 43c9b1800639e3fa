//! The REST API over the whole server: stories, attacks, and a walk over every row of its table.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test whose world does not stand has failed"
)]

mod actions;
mod attacks;
mod canaries;
mod document;
mod stories;
mod walk;
mod world;

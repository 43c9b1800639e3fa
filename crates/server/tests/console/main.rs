//! The console over the whole server: every kind by its generic pages, as a browser without scripts uses them.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod access;
mod blueprints;
mod directory;
mod flows;
mod kinds;
mod objects;
mod posts;
mod trail;
mod walk;
mod words;
mod world;

//! The store on both databases, as stories.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]
#![expect(missing_docs, reason = "tests")]

mod access;
mod announcements;
mod configuration;
mod directory;
mod durability;
mod jobs;
mod migrations;
mod units;

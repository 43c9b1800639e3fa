//! The store on both databases, as stories.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod access;
mod announcements;
mod configuration;
mod directory;
mod durability;
mod growth;
mod jobs;
mod lists;
mod migrations;
mod reputation;
mod roles;
mod trail;
mod units;

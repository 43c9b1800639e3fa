//! Stories of stages, told by the real executor on both databases.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod captchas;
mod certificates;
mod consent;
mod invitations;
mod journeys;
mod leaving;
mod planning;
mod plans;
mod prompts;
mod setup;
mod sign_in;
mod sign_out;
mod skipping;
mod sources;
mod staying;
mod throttling;
mod world;
mod writing;

//! Stories of the whole house, told over public HTTP and the command line.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod captcha;
mod certificates;
mod command_line;
mod demo;
mod email_proof;
mod email_stage;
mod inbox;
mod journeys;
mod letters;
mod library;
mod mail;
mod notifications;
mod oidc;
mod people;
mod relying_party;
mod running;
mod setup;

use countersign_alloc::CountingAllocator;

/// As in the binary: expressions are bounded by it.
#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

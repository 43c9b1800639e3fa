//! Attacks on the whole server, over public HTTP: what the tests of the single crates cannot see. Each test is
//! named after its attack; `docs/security.md` says which requirement it stands for.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod accounts;
mod book;
mod canaries;
mod expressions;
mod fuzz;
mod headers;
mod impersonation;
mod kills;
mod parameters;
mod proxies;
mod redirects;
mod secrets;
mod sessions;
mod setup;
mod stale;
mod tampering;
mod wire;
mod world;

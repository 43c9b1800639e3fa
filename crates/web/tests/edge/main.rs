//! The edge, the extractors and the surfaces, through HTTP on a fresh database.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod bodies;
mod csrf;
mod errors;
mod headers;
mod keys;
mod log;
mod pages;
mod proxies;
mod sessions;
mod wire;
mod world;

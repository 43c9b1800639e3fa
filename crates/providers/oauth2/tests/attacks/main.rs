//! Stories of applications, the people who use them, and those who attack both.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod authorize;
mod bearer;
mod codes;
mod consent;
mod documents;
mod logout;
mod machines;
mod refresh;
mod world;

//! The messages by the attacks on them, and arbitrary bytes.

mod fuzz;
mod messages;
mod redirect;

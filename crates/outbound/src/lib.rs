//! Floor 1: requests to other machines, and questions about names.
//!
//! Owns the guard that keeps them where the administrator allows (server-side request forgery), and their limits.
//! Does not own what they are for.
//!
//! ```text
//!   address ─▶ scheme, host and port in a rule? ─▶ name looked up ─▶ address global, or in a network of the rules?
//!           ─▶ connected to that very address (a second look-up could say something else) ─▶ answer, in limits
//!   redirect ─▶ the same from the beginning, a few times
//! ```
//! Everything runs on a thread of its own, which is started with the first request: whoever asks may be on any
//! thread, inside or outside of a runtime.

mod address;
mod client;
mod error;
mod names;
mod rules;
mod runtime;

pub use client::{Answer, Limits, Method, Outbound, Request};
pub use error::OutboundError;
pub use names::Family;
pub use rules::{HostRule, Rules};

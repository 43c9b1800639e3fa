//! The server measured from outside, as a process that is spoken to over HTTP.
//!
//! Owns two things: [`speed`], figures of speed and memory as ratios against yardsticks of the same run, and
//! [`crash`], what is left of a server that was killed under load. Links nothing of the server but the
//! cryptography of the yardstick.

mod application;
mod browser;
mod build;
pub mod crash;
mod fault;
mod http;
mod load;
mod place;
mod process;
pub mod speed;
mod yardstick;

pub use build::server_binary;
pub use fault::Fault;
pub use yardstick::serve as serve_yardsticks;

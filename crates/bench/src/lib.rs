//! The server measured from outside, as a process that is spoken to over HTTP.
//!
//! Owns three things: [`speed`], figures of speed and memory as ratios against yardsticks of the same run,
//! [`directory`], what pages cost among a million users beside a thousand, and [`crash`], what is left of a
//! server that was killed under load. Links of the server what the yardstick and the filling of a database
//! need: cryptography and store.

mod application;
mod browser;
mod build;
pub mod crash;
pub mod directory;
mod fault;
mod http;
mod load;
mod place;
mod process;
mod report;
pub mod speed;
mod yardstick;

pub use build::server_binary;
pub use fault::Fault;
pub use report::Report;
pub use yardstick::serve as serve_yardsticks;

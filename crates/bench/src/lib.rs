//! The server measured from outside, as a process that is spoken to over HTTP.
//!
//! Owns five things: [`speed`], figures of speed and memory as ratios against yardsticks of the same run,
//! [`directory`], what pages cost among a million users beside a thousand, [`crash`], what is left of a
//! server that was killed under load, and, from inside, [`engine`], what flows and expressions cost by themselves, and
//! [`fuzz`], what becomes of input that nobody would write.

mod application;
mod browser;
mod build;
pub mod crash;
pub mod directory;
pub mod engine;
mod fault;
pub mod fuzz;
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

//! Passwords: argon2id (RFC 9106) on threads of their own, and the hashes that other systems left behind.
//!
//! What is kept is a PHC string. A stored hash that is not argon2id with the parameters in force still
//! verifies, and comes back with a new hash to be kept instead.

mod argon;
mod foreign;
mod input;
mod pool;
mod worker;

pub use input::MAX_PASSWORD_LEN;
pub use pool::{HashError, HashLoad, HashOptions, HashOptionsError, HashPool, Verdict};

#[cfg(test)]
mod tests;

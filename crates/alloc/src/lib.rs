//! The global allocator that counts what an evaluation of an expression holds.
//!
//! Owns the one `unsafe` trait of the house. [`CountingAllocator`] forwards to the system's allocator and,
//! on a thread that has an [`Account`] open, adds and subtracts sizes in that account. Threads without an
//! account pay one thread-local read per call.
//!
//! The interpreter can look at one number of the process only, while several evaluations run at once. A sum
//! would let one greedy evaluation starve the others of their allowance and would let a lone one take
//! everybody's. So what is published ([`publish_to`]) is the size of the *largest* open account: each
//! evaluation has its own allowance, whatever runs beside it. What remains: between the moment an evaluation
//! exceeds its allowance and the moment it is gone (milliseconds), one that runs beside it may be stopped
//! too. It then fails as every evaluation does that meets a limit: closed.
//!
//! A second, hard limit is for code that allocates without looking at the number. An allocator may neither
//! unwind nor fail without ending the process, so a thread that reaches its hard limit is parked for good;
//! whoever waits for it sees a timeout, and [`lost_threads`] counts.

mod account;
mod counting;

pub use account::{Account, lost_threads, publish_to};
pub use counting::{CountingAllocator, is_installed};

//! Expressions as administrators write them, and as attackers would.
//!
//! The binary runs on the counting allocator, so memory limits are the real ones.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod hostile;
mod house;
mod language;
mod modules;
mod objects;
mod pool;

#[global_allocator]
static ALLOCATOR: countersign_alloc::CountingAllocator = countersign_alloc::CountingAllocator;

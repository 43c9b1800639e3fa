//! Policies on a real database, with the real interpreter.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod constructs;
mod engine;
mod expressions;
mod hostile;
mod house;
mod passwords;
mod places;
mod reach;
mod trial;

#[global_allocator]
static ALLOCATOR: countersign_alloc::CountingAllocator = countersign_alloc::CountingAllocator;

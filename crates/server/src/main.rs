//! `countersign`: one binary that signs people in to everything they use.

use std::process::ExitCode;

use countersign_alloc::CountingAllocator;

/// Counts what expressions hold, so that their memory can be bounded.
#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

fn main() -> ExitCode {
    countersign_server::run()
}

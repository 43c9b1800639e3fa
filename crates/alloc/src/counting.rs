//! The allocator itself: forwards to [`System`] and tells the account of the thread.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::account::{grow, shrink};

static INSTALLED: AtomicBool = AtomicBool::new(false);

/// Whether this process runs on a [`CountingAllocator`]: without one, memory limits of expressions are not
/// enforced.
pub fn is_installed() -> bool {
    INSTALLED.load(Ordering::Relaxed)
}

/// The system's allocator with accounts. The binary installs it:
///
/// ```
/// #[global_allocator]
/// static ALLOCATOR: countersign_alloc::CountingAllocator = countersign_alloc::CountingAllocator;
/// # assert!(countersign_alloc::is_installed());
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct CountingAllocator;

fn count_growth(bytes: usize) {
    if !INSTALLED.load(Ordering::Relaxed) {
        INSTALLED.store(true, Ordering::Relaxed);
    }
    grow(bytes);
}

#[expect(unsafe_code, reason = "GlobalAlloc is an unsafe trait; every call is forwarded unchanged")]
// SAFETY: layouts and pointers go to `System` exactly as they came, and the bookkeeping around them neither
// allocates nor unwinds: it touches thread-local cells and atomics.
unsafe impl GlobalAlloc for CountingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count_growth(layout.size());
        // SAFETY: the caller's contract for `alloc` is `System`'s.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count_growth(layout.size());
        // SAFETY: the caller's contract for `alloc_zeroed` is `System`'s.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        shrink(layout.size());
        // SAFETY: the pointer came from `System` with this layout.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        if new_size >= layout.size() {
            count_growth(new_size - layout.size());
        } else {
            shrink(layout.size() - new_size);
        }
        // SAFETY: the pointer came from `System` with this layout; the size is the caller's.
        unsafe { System.realloc(pointer, layout, new_size) }
    }
}

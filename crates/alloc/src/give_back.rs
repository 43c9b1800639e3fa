//! Memory that was freed and is still held: the system's allocator keeps it for later unless it is asked.

/// Gives freed memory back to the system. Start and floods leave much of it behind; it costs a look at every
/// page that the allocator holds, so ask once in a while and not in a request.
pub fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    trim();
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "a call of the C library that has no safe form")]
fn trim() {
    // SAFETY: takes no pointer, locks what it looks at, and leaves everything that is in use alone.
    unsafe {
        libc::malloc_trim(0);
    }
}

//! Memory that nobody needs now and that is still held: the system keeps it in place unless it is told.

#[cfg(target_os = "linux")]
mod code;

/// Gives freed memory back to the system. Start and floods leave much of it behind; it costs a look at every
/// page that the allocator holds, so ask once in a while and not in a request.
pub fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    trim();
}

/// Takes the program's own code and constants, and those of its libraries, out of this process as far as they are in
/// memory; what is needed comes back at the first use, from the system's cache of files. Half of the code is for the
/// start alone, and the system, which maps sixteen pages where one is touched, would leave all of it mapped until
/// memory is short. Ask when the start is over; returns how many bytes of addresses were let go.
pub fn let_go_of_code() -> usize {
    #[cfg(target_os = "linux")]
    {
        code::let_go()
    }
    #[cfg(not(target_os = "linux"))]
    {
        0
    }
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "a call of the C library that has no safe form")]
fn trim() {
    // SAFETY: takes no pointer, locks what it looks at, and leaves everything that is in use alone.
    unsafe {
        libc::malloc_trim(0);
    }
}

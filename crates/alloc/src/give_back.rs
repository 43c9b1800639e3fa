//! Memory that nobody needs now and that is still held: the system keeps it in place unless it is told.

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

#[cfg(target_os = "linux")]
mod code {
    use std::{fs, ops::Range};

    /// Lets go of every mapping that is a view of a file and nothing else.
    pub(super) fn let_go() -> usize {
        let smaps = fs::read_to_string("/proc/self/smaps").unwrap_or_default();
        views(&smaps).into_iter().filter(|range| forget(range.clone())).map(|range| range.len()).sum()
    }

    /// Addresses of the mappings that nobody can write to and of which no page was changed since it was read: code
    /// and constants. What the linker relocated has pages of its own and is none of them.
    pub(super) fn views(smaps: &str) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        let mut candidate = None;
        for line in smaps.lines() {
            if let Some((range, is_view)) = head(line) {
                candidate = is_view.then_some(range);
            } else if let Some(own) = line.strip_prefix("Anonymous:") {
                let is_untouched = own.trim() == "0 kB";
                found.extend(candidate.take().filter(|_| is_untouched));
            }
        }
        found
    }

    /// The first line of a mapping: its addresses, and whether it is private, of a file, and not to be written to.
    fn head(line: &str) -> Option<(Range<usize>, bool)> {
        let mut words = line.split_ascii_whitespace();
        let (start, end) = words.next()?.split_once('-')?;
        let address = |text| usize::from_str_radix(text, 16).ok();
        let range = address(start)?..address(end)?;
        let is_readable = matches!(words.next()?, "r-xp" | "r--p");
        let is_of_a_file = words.nth(2).is_some_and(|inode| inode != "0");
        Some((range, is_readable && is_of_a_file))
    }

    #[expect(unsafe_code, reason = "a call of the system that has no safe form")]
    fn forget(range: Range<usize>) -> bool {
        let start = std::ptr::without_provenance_mut::<libc::c_void>(range.start);
        // SAFETY: the range is one private mapping of a file, which cannot be written to and has no page of its own,
        // so every byte of it is the file's, and whoever reads one after this call reads the same byte again. The
        // system itself takes such pages out of processes whenever memory is short. A mapping that were gone by now,
        // or another, does not happen to code: nothing here unloads libraries, and mappings of files that are
        // neither code nor constants of a loaded object are not made by this program.
        unsafe { libc::madvise(start, range.len(), libc::MADV_DONTNEED) == 0 }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        const SMAPS: &str = "\
55d0a0000000-55d0a0010000 r--p 00000000 fe:00 77 /usr/bin/countersign
Rss:                  64 kB
Anonymous:             0 kB
55d0a0010000-55d0a0030000 r-xp 00010000 fe:00 77 /usr/bin/countersign
Anonymous:             0 kB
55d0a0030000-55d0a0031000 r--p 00030000 fe:00 77 /usr/bin/countersign
Anonymous:             4 kB
55d0a0031000-55d0a0032000 rw-p 00031000 fe:00 77 /usr/bin/countersign
Anonymous:             0 kB
7f0000000000-7f0000001000 r--s 00000000 fe:00 78 /var/lib/countersign/x.sqlite3-shm
Anonymous:             0 kB
7f0000001000-7f0000002000 r-xp 00000000 00:00 0 [vdso]
Anonymous:             0 kB
";

        #[test]
        fn only_views_of_files_are_let_go() {
            let expected = [0x55d0_a000_0000..0x55d0_a001_0000, 0x55d0_a001_0000..0x55d0_a003_0000];
            assert_eq!(views(SMAPS), expected);
        }

        #[test]
        fn code_runs_and_constants_read_the_same_afterwards() {
            static WORDS: [&str; 3] = ["constants", "are", "there"];
            let before = WORDS.join(" ");
            assert!(let_go() > 0);
            assert_eq!(WORDS.join(" "), before);
            assert!(std::panic::catch_unwind(|| std::panic::resume_unwind(Box::new(1))).is_err());
        }
    }
}

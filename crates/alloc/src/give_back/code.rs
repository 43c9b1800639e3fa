//! Code and constants of the program and its libraries: which pages they are, and letting go of them.

use std::{ffi::c_void, ops::Range, slice};

/// What the visit to the loaded objects needs and finds.
struct Visit {
    page: usize,
    let_go: usize,
}

/// Lets go of the segments of every loaded object that cannot be written to.
#[expect(unsafe_code, reason = "calls of the C library that have no safe form")]
pub(super) fn let_go() -> usize {
    // SAFETY: asks for a number.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    let mut visit = Visit { page: usize::try_from(page).unwrap_or_default(), let_go: 0 };
    // SAFETY: the loader calls `object` with descriptions that are valid for the time of the call and with the
    // pointer given here, which no one else uses meanwhile.
    unsafe { libc::dl_iterate_phdr(Some(object), (&raw mut visit).cast()) };
    visit.let_go
}

/// Called by the loader for each object, while it lets nobody load or unload any.
#[expect(unsafe_code, reason = "the form that the C library calls")]
unsafe extern "C" fn object(info: *mut libc::dl_phdr_info, _: usize, visit: *mut c_void) -> libc::c_int {
    // SAFETY: both come from the call in `let_go` and are valid until this one returns.
    let (info, visit) = unsafe { (&*info, &mut *visit.cast::<Visit>()) };
    // SAFETY: so the loader describes its table of segments, which it keeps as long as the object.
    let segments = unsafe { slice::from_raw_parts(info.dlpi_phdr, usize::from(info.dlpi_phnum)) };
    for segment in segments {
        // What is relocated stands in segments that can be written to, as far as the file says.
        if segment.p_type == libc::PT_LOAD && segment.p_flags & libc::PF_W == 0 {
            let start = (info.dlpi_addr as usize).wrapping_add(segment.p_vaddr as usize);
            let pages = whole_pages(start, segment.p_filesz as usize, visit.page);
            if forget(&pages) {
                visit.let_go += pages.len();
            }
        }
    }
    0
}

/// The pages that lie within an area altogether.
fn whole_pages(start: usize, length: usize, page: usize) -> Range<usize> {
    let end = start.saturating_add(length).checked_div(page).unwrap_or_default() * page;
    let start = start.checked_next_multiple_of(page).unwrap_or(end);
    start.min(end)..end
}

#[expect(unsafe_code, reason = "a call of the system that has no safe form")]
fn forget(pages: &Range<usize>) -> bool {
    let start = std::ptr::without_provenance_mut::<c_void>(pages.start);
    // SAFETY: the pages are a private view of the object's file that nothing writes to, and the object stays loaded
    // during the call. So every byte of them is the file's, and whoever reads one afterwards reads the same again. The
    // system itself takes such pages out of processes whenever memory is short.
    !pages.is_empty() && unsafe { libc::madvise(start, pages.len(), libc::MADV_DONTNEED) == 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_that_belong_to_others_too_are_left() {
        assert_eq!(whole_pages(0x1000, 0x3000, 0x1000), 0x1000..0x4000);
        assert_eq!(whole_pages(0x1001, 0x2fff, 0x1000), 0x2000..0x4000);
        assert_eq!(whole_pages(0x1800, 0x2900, 0x1000), 0x2000..0x4000);
        assert!(whole_pages(0x1800, 0x400, 0x1000).is_empty());
        assert!(whole_pages(0x1800, 0, 0x1000).is_empty());
        assert!(whole_pages(usize::MAX, 8, 0x1000).is_empty());
        assert!(whole_pages(0x1000, 0x3000, 0).is_empty());
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

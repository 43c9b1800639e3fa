//! The log of the test process: kept, so that secrets can be looked for in it.

use std::{
    io,
    sync::{Mutex, Once, PoisonError},
};

use tracing_subscriber::{EnvFilter, fmt};

static KEPT: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Begins to keep the log, everything of ours down to the smallest detail.
pub(crate) fn begin() {
    static BEGUN: Once = Once::new();
    BEGUN.call_once(|| {
        let filter = EnvFilter::new("info,countersign=trace,request=info");
        let begun = fmt().with_env_filter(filter).with_ansi(false).with_writer(|| Keeper).try_init();
        begun.expect("nobody else listens to the log of a test");
    });
}

/// The log so far.
pub(crate) fn kept() -> String {
    String::from_utf8_lossy(&KEPT.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
}

/// How many queries a request took, by its identifier; none when the log does not say.
pub(crate) fn queries(request_id: &str) -> Option<u64> {
    let log = kept();
    let line = log.lines().rfind(|line| line.contains(request_id) && line.contains(" queries="))?;
    let (_, number) = line.split_once(" queries=")?;
    number.split(|letter: char| !letter.is_ascii_digit()).next()?.parse().ok()
}

struct Keeper;

impl io::Write for Keeper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        KEPT.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

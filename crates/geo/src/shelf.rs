//! A file that is kept in memory and read again, beside whoever asks, when it has changed.

use std::{
    fs,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant, SystemTime},
};

use arc_swap::ArcSwapOption;
use maxminddb::Reader;

/// What has been read.
pub(crate) type Book = Reader<Vec<u8>>;

/// By what a change is noticed: when the file was written, and how long it is.
type Stamp = (SystemTime, u64);

/// A file.
pub(crate) struct Shelf(Arc<Inner>);

struct Inner {
    file: PathBuf,
    every: Duration,
    opened: Instant,
    /// Milliseconds after `opened` at which the file is looked at next.
    next_look: AtomicU64,
    is_reading: AtomicBool,
    book: ArcSwapOption<Book>,
    /// Of what was read last, be it of use or not.
    stamp: ArcSwapOption<Stamp>,
}

impl Shelf {
    pub(crate) fn open(file: PathBuf, every: Duration) -> Self {
        let inner = Inner {
            file,
            every,
            opened: Instant::now(),
            next_look: AtomicU64::new(0),
            is_reading: AtomicBool::new(false),
            book: ArcSwapOption::empty(),
            stamp: ArcSwapOption::empty(),
        };
        match inner.stamp_of_file() {
            Some(stamp) => inner.read(stamp),
            None => tracing::warn!(file = %inner.file.display(), "there is no such file of addresses"),
        }
        inner.is_due();
        Self(Arc::new(inner))
    }

    /// What was read last.
    pub(crate) fn book(&self) -> Option<Arc<Book>> {
        if self.0.is_due() {
            self.look();
        }
        self.0.book.load_full()
    }

    /// Reads the file again, on a thread of its own, when it is not the one that was read.
    fn look(&self) {
        let Some(stamp) = self.0.stamp_of_file() else { return };
        if self.0.stamp.load().as_deref() == Some(&stamp) || self.0.is_reading.swap(true, Ordering::AcqRel) {
            return;
        }
        let inner = Arc::clone(&self.0);
        let reading = thread::Builder::new().name("addresses".to_owned()).spawn(move || {
            inner.read(stamp);
            inner.is_reading.store(false, Ordering::Release);
        });
        if reading.is_err() {
            self.0.is_reading.store(false, Ordering::Release);
        }
    }
}

impl Inner {
    /// Whether it is time to look at the file; only one of those who ask at once is told so.
    fn is_due(&self) -> bool {
        let now = u64::try_from(self.opened.elapsed().as_millis()).unwrap_or(u64::MAX);
        let next = self.next_look.load(Ordering::Relaxed);
        let then = now.saturating_add(u64::try_from(self.every.as_millis()).unwrap_or(u64::MAX));
        now >= next
            && self.next_look.compare_exchange(next, then, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    fn stamp_of_file(&self) -> Option<Stamp> {
        let about = fs::metadata(&self.file).ok()?;
        Some((about.modified().ok()?, about.len()))
    }

    fn read(&self, stamp: Stamp) {
        match Reader::open_readfile(&self.file) {
            Ok(book) => {
                tracing::info!(file = %self.file.display(), "addresses read");
                self.book.store(Some(Arc::new(book)));
            }
            Err(error) => {
                tracing::warn!(file = %self.file.display(), %error, "a file of addresses cannot be read");
            }
        }
        self.stamp.store(Some(Arc::new(stamp)));
    }
}

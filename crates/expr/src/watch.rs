//! Looking at an evaluation while the interpreter runs it: the clock and the memory it holds.
//!
//! The interpreter asks every few hundred instructions whether output is to be flushed. An error raised there
//! leaves the whole interpreter: no `except` of the expression sees it.

use std::borrow::Cow;
use std::cell::Cell;
use std::time::{Duration, Instant};

use monty_types::{ExcType, MontyException, PrintWriter, PrintWriterCallback};

use crate::Limit;

thread_local! {
    /// When the evaluation of this thread must have come to an end: those inside it have no more time than that.
    pub(crate) static DEADLINE: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// What looks at an evaluation while it runs. Output goes nowhere.
pub(crate) struct Watch {
    deadline: Instant,
    memory: usize,
    /// The first limit that was seen to be exceeded. A native function may swallow the exception, so it is
    /// raised again at every look and once more when the result is there.
    noticed: Option<Limit>,
}

impl Watch {
    pub(crate) fn new(deadline: Instant, memory: usize) -> Self {
        Self { deadline, memory, noticed: None }
    }

    /// Gives more time.
    pub(crate) fn extend(&mut self, by: Duration) {
        self.deadline += by;
        DEADLINE.set(Some(self.deadline));
    }

    pub(crate) fn noticed(&self) -> Option<Limit> {
        self.noticed
    }

    pub(crate) fn memory(&self) -> usize {
        self.memory
    }

    pub(crate) fn writer(&mut self) -> PrintWriter<'_> {
        PrintWriter::Callback(self)
    }

    fn look(&mut self) -> Result<(), MontyException> {
        if self.noticed.is_none() {
            if countersign_alloc::live() > self.memory {
                self.noticed = Some(Limit::Memory);
            } else if Instant::now() > self.deadline {
                self.noticed = Some(Limit::Time);
            }
        }
        self.noticed.map_or(Ok(()), |_| Err(stopped()))
    }
}

impl PrintWriterCallback for Watch {
    fn stdout_write(&mut self, _output: Cow<'_, str>) -> Result<(), MontyException> {
        Ok(())
    }

    fn stdout_push(&mut self, _end: char) -> Result<(), MontyException> {
        Ok(())
    }

    fn poll_flush(&mut self) -> Result<(), MontyException> {
        self.look()
    }
}

/// Ends the interpreter where it paused; no `except` sees it. The reason is in the machine's `stop` or in [`Watch::noticed`].
pub(crate) fn stopped() -> MontyException {
    MontyException::new(ExcType::RuntimeError, None)
}

/// Lets the alarm of another evaluation pass, which would stop this one too.
pub(crate) fn wait_for_calm() {
    for _ in 0..30 {
        if !countersign_alloc::is_alarm_raised() {
            return;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

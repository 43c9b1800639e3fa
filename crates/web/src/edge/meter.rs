//! Processor time of one request: what its worker thread spent while its future was polled, and on nothing else.
//!
//! Handlers do not block, so the clock on the wall says what the processor spent, for a fiftieth of what asking the
//! kernel for the thread's own clock costs twice in each poll. On a machine with more to do than processors the
//! figure also holds what the thread waited for its turn.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::{Duration, Instant},
};

/// A future that knows what it cost its thread.
pub(super) struct Metered<F> {
    inner: Pin<Box<F>>,
    spent: Duration,
}

impl<F: Future> Metered<F> {
    pub(super) fn new(inner: F) -> Self {
        Self { inner: Box::pin(inner), spent: Duration::ZERO }
    }
}

impl<F: Future> Future for Metered<F> {
    /// The result, and the time.
    type Output = (F::Output, Duration);

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let before = Instant::now();
        let polled = self.inner.as_mut().poll(cx);
        self.spent += before.elapsed();
        polled.map(|output| (output, self.spent))
    }
}

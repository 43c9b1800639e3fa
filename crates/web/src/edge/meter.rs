//! CPU time of one request: what this thread spent while its future was polled, and on nothing else.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

/// A future that knows what it cost its thread.
pub(super) struct Metered<F> {
    inner: Pin<Box<F>>,
    spent: Option<Duration>,
}

impl<F: Future> Metered<F> {
    pub(super) fn new(inner: F) -> Self {
        Self { inner: Box::pin(inner), spent: Some(Duration::ZERO) }
    }
}

impl<F: Future> Future for Metered<F> {
    /// The result, and the time; none where the system does not say.
    type Output = (F::Output, Option<Duration>);

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let before = thread_time();
        let polled = self.inner.as_mut().poll(cx);
        let during = thread_time().zip(before).map(|(after, before)| after.saturating_sub(before));
        self.spent = self.spent.zip(during).map(|(spent, during)| spent + during);
        polled.map(|output| (output, self.spent))
    }
}

#[cfg(any(target_os = "linux", target_os = "macos", target_os = "freebsd"))]
fn thread_time() -> Option<Duration> {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Some(Duration::new(u64::try_from(time.tv_sec).ok()?, u32::try_from(time.tv_nsec).ok()?))
}

#[cfg(not(any(target_os = "linux", target_os = "macos", target_os = "freebsd")))]
fn thread_time() -> Option<Duration> {
    None
}

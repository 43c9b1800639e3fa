//! Waiting for a future on a thread of expressions, inside of another such wait as well.
//!
//! Runtimes refuse to be waited for inside each other. Here only the thread waits; timers and what blocks are looked
//! after by a runtime that stands beside, started when first needed.

use std::{
    future::Future,
    pin::pin,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
};

use tokio::runtime::{Builder, Runtime};

/// The runtime beside.
#[derive(Default)]
pub(super) struct Beside(OnceLock<Option<Runtime>>);

struct Sleeper {
    thread: Thread,
    is_woken: AtomicBool,
}

impl Wake for Sleeper {
    fn wake(self: Arc<Self>) {
        self.is_woken.store(true, Ordering::Release);
        self.thread.unpark();
    }
}

impl Beside {
    /// What the future comes to; none when no runtime can be started.
    pub(super) fn wait_for<T>(&self, future: impl Future<Output = T>) -> Option<T> {
        let started = self.0.get_or_init(|| {
            let mut builder = Builder::new_multi_thread();
            builder
                .worker_threads(1)
                .max_blocking_threads(4)
                .thread_name("policies")
                .enable_time()
                .build()
                .ok()
        });
        let _entered = started.as_ref()?.enter();
        let sleeper = Arc::new(Sleeper { thread: thread::current(), is_woken: AtomicBool::new(false) });
        let waker = Waker::from(Arc::clone(&sleeper));
        let mut future = pin!(future);
        loop {
            if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
                return Some(value);
            }
            // Others may unpark the thread too.
            while !sleeper.is_woken.swap(false, Ordering::AcqRel) {
                thread::park();
            }
        }
    }
}

impl Drop for Beside {
    /// Without waiting: the last handle may go on a thread that serves requests.
    fn drop(&mut self) {
        if let Some(Some(runtime)) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

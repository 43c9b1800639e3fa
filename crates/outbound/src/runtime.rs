//! The thread on which requests run, and how anybody waits for them.

use std::{
    future::Future,
    sync::{OnceLock, mpsc},
    time::Duration,
};

use tokio::runtime::{Builder, Runtime};

use crate::OutboundError;

/// Look-ups of names that may block at once.
const LOOKUPS: usize = 8;

/// A runtime that begins with its first work.
#[derive(Default)]
pub(crate) struct Room(OnceLock<Option<Runtime>>);

impl Room {
    fn runtime(&self) -> Result<&Runtime, OutboundError> {
        let started = self.0.get_or_init(|| {
            let mut builder = Builder::new_multi_thread();
            builder.worker_threads(1).max_blocking_threads(LOOKUPS).thread_name("outbound").enable_all();
            builder.build().ok()
        });
        started.as_ref().ok_or(OutboundError::Busy)
    }

    /// Does it here, for whoever awaits it elsewhere. It ends in time.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        time: Duration,
        work: impl Future<Output = Result<T, OutboundError>> + Send + 'static,
    ) -> Result<T, OutboundError> {
        let (send, receive) = tokio::sync::oneshot::channel();
        self.runtime()?.spawn(async move { drop(send.send(within(time, work).await)) });
        receive.await.unwrap_or(Err(OutboundError::Failed))
    }

    /// The same for plain threads. Not for threads that serve requests.
    pub(crate) fn run_blocking<T: Send + 'static>(
        &self,
        time: Duration,
        work: impl Future<Output = Result<T, OutboundError>> + Send + 'static,
    ) -> Result<T, OutboundError> {
        let (send, receive) = mpsc::sync_channel(1);
        self.runtime()?.spawn(async move { drop(send.send(within(time, work).await)) });
        receive.recv_timeout(time + Duration::from_millis(250)).unwrap_or(Err(OutboundError::Time))
    }
}

async fn within<T>(
    time: Duration,
    work: impl Future<Output = Result<T, OutboundError>>,
) -> Result<T, OutboundError> {
    tokio::time::timeout(time, work).await.unwrap_or(Err(OutboundError::Time))
}

impl Drop for Room {
    /// Without waiting: the last handle may go on a thread that serves requests.
    fn drop(&mut self) {
        if let Some(Some(runtime)) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

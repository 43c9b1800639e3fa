//! Events of requests that write nothing else, such as `client_credentials`: many share one commit.
//!
//! Whoever records waits until the event is on disk. While a commit is under way the events of others
//! gather; the next commit takes them all.

use std::sync::{Arc, Mutex, PoisonError};

use countersign_store::{Store, StoreError};
use tokio::sync::oneshot;

use crate::{EventDraft, record::Batch};

/// Events that may wait for a commit; the next is refused as busy.
const MAX_WAITING: usize = 4_096;
/// Events in one commit.
const MAX_BATCH: usize = 512;

type Answer = oneshot::Sender<Result<(), StoreError>>;

/// Records events, several in one commit.
#[derive(Clone)]
pub struct Recorder {
    store: Store,
    queue: Arc<Mutex<Queue>>,
}

#[derive(Default)]
struct Queue {
    waiting: Vec<(EventDraft, Answer)>,
    /// Whether somebody is writing.
    busy: bool,
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recorder").finish_non_exhaustive()
    }
}

impl Recorder {
    /// Records into this store.
    pub fn new(store: Store) -> Self {
        Self { store, queue: Arc::default() }
    }

    /// Records an event and waits for its commit.
    pub async fn record(&self, draft: EventDraft) -> Result<(), StoreError> {
        self.begin(draft)?.done().await
    }

    /// Begins to record an event: there is time for something else until it is on disk.
    pub fn begin(&self, draft: EventDraft) -> Result<Recording, StoreError> {
        let (answer, answered) = oneshot::channel();
        let first = {
            let mut queue = self.lock();
            if queue.waiting.len() >= MAX_WAITING {
                return Err(StoreError::Busy);
            }
            queue.waiting.push((draft, answer));
            !std::mem::replace(&mut queue.busy, true)
        };
        if first {
            // A task of its own: the request that began it may be given up.
            tokio::spawn(self.clone().write());
        }
        Ok(Recording(answered))
    }

    /// Writes batches until nothing waits.
    async fn write(self) {
        let mut turn = Turn { queue: &self.queue, is_over: false };
        loop {
            let batch = {
                let mut queue = self.lock();
                let count = queue.waiting.len().min(MAX_BATCH);
                if count == 0 {
                    queue.busy = false;
                    turn.is_over = true;
                    return;
                }
                queue.waiting.drain(..count).collect::<Vec<_>>()
            };
            let (drafts, answers): (Vec<_>, Vec<_>) = batch.into_iter().unzip();
            let mut batch = Batch::of(drafts);
            let outcome = self.store.write(move |tx| batch.write(tx)).await;
            for answer in answers {
                // Who no longer waits is not told.
                drop(answer.send(outcome.clone()));
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An event on its way to the disk.
#[must_use = "it may fail"]
#[derive(Debug)]
pub struct Recording(oneshot::Receiver<Result<(), StoreError>>);

impl Recording {
    /// Waits until the event is on disk.
    pub async fn done(self) -> Result<(), StoreError> {
        self.0.await.unwrap_or(Err(StoreError::Busy))
    }
}

/// The turn of whoever writes. Should the runtime drop him, the next event begins anew, and nobody waits for
/// ever: the answers of those who waited go with the turn.
struct Turn<'q> {
    queue: &'q Mutex<Queue>,
    is_over: bool,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.waiting.clear();
        queue.busy = false;
    }
}

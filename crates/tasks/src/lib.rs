//! Floor 3: work that is done later, or again and again.
//!
//! Owns the job queue (rows written in the transaction that causes them, run at least once) and schedules
//! (run by one node at a time). Owns no work itself but the clearing away of what has expired.
//!
//! ```text
//! enqueue(tx) --commit--> queued --claim--> leased --Ok--> done
//!                           ^                 |--Err, lease lost--> queued, later
//!                           '-----------------'--Err, last try--> dead
//! ```
//!
//! A job that was begun may be run again: when its worker died, or when the answer could not be written. The
//! job's identifier is the key by which a handler recognises that.

mod clearing;
mod counting;
mod job;
mod schedule;
mod worker;

use std::sync::Arc;

use countersign_store::Store;

pub use clearing::ClearExpired;
use counting::CountEvents;
pub use job::{JobError, JobHandler, enqueue};
pub use schedule::Schedule;
pub use worker::{RunningWorker, Worker, WorkerOptions};

/// All recurring work on a store.
pub fn recurring(store: &Store) -> [Arc<dyn Schedule>; 2] {
    [Arc::new(ClearExpired::new(store)), Arc::new(CountEvents::new(store))]
}

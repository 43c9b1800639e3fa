//! Recurring work, run by one node at a time.

use async_trait::async_trait;
use countersign_store::{Store, StoreError, schedules};
use countersign_types::Span;

use crate::JobError;

/// How long a node may be at one piece of recurring work before another takes over.
const LEASE: Span = Span::from_mins(10);
/// After a failure it is tried again soon.
const AFTER_FAILURE: Span = Span::from_mins(1);

/// Recurring work. Like a job it may be run again after a crash.
#[async_trait]
pub trait Schedule: Send + Sync {
    /// Its name, the same on every node.
    fn name(&self) -> &'static str;

    /// From the end of one run to the beginning of the next.
    fn every(&self) -> Span;

    /// Does it.
    async fn run(&self) -> Result<(), JobError>;
}

/// Runs a schedule if it is due and nobody else has it; whether it was run.
pub(crate) async fn run_if_due(
    store: &Store,
    owner: &str,
    schedule: &dyn Schedule,
) -> Result<bool, StoreError> {
    let (name, own) = (schedule.name(), owner.to_owned());
    let won = store.write(move |tx| schedules::claim(tx, name, &own, LEASE)).await?;
    if !won {
        return Ok(false);
    }
    let pause = match schedule.run().await {
        Ok(()) => schedule.every(),
        Err(error) => {
            tracing::warn!(schedule = name, %error, "recurring work failed");
            metrics::counter!("countersign_schedule_failures_total", "schedule" => name).increment(1);
            schedule.every().min(AFTER_FAILURE)
        }
    };
    let own = owner.to_owned();
    store
        .write(move |tx| {
            let next = tx.now().plus(pause);
            schedules::release(tx, name, &own, next)
        })
        .await?;
    Ok(true)
}

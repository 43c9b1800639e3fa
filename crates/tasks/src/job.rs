//! A job: how it gets into the queue, and who does it.

use async_trait::async_trait;
use countersign_model::{Job, JobId};
use countersign_store::{StoreError, Tx, jobs};
use countersign_types::{ErrorKind, Timestamp};
use serde_json::Value;

/// Writes a job in the caller's transaction: it exists if and only if what causes it was committed. Workers
/// hear of it right after the commit.
pub fn enqueue(tx: &mut Tx<'_>, kind: &str, payload: Value, run_at: Timestamp) -> Result<JobId, StoreError> {
    let id = JobId::timed(tx.moment(), tx.rng());
    let job = Job { run_at, ..Job::queued(id, kind, payload, tx.now()) };
    jobs::create(tx, &job)?;
    Ok(id)
}

/// Does the jobs of one kind.
#[async_trait]
pub trait JobHandler: Send + Sync {
    /// The kind: `mail`, `backchannel_logout`, …
    fn kind(&self) -> &'static str;

    /// Tries before a job of this kind is given up; none for as many as the worker gives every job.
    fn tries(&self) -> Option<i32> {
        None
    }

    /// Does a job. It may have been done before: the job's identifier is the idempotency key.
    async fn run(&self, job: &Job) -> Result<(), JobError>;

    /// What is written when a job is given up, in the transaction that gives it up.
    fn given_up(&self, _tx: &mut Tx<'_>, _job: &Job, _error: &str) -> Result<(), StoreError> {
        Ok(())
    }
}

/// Why a job was not done. The text is kept for administrators and must hold no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JobError {
    /// It may go better later.
    #[error("{0}")]
    Again(String),
    /// It will never go: there is no use in trying again.
    #[error("{0}")]
    Hopeless(String),
}

impl JobError {
    /// What a surface makes of it.
    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::Again(_) => ErrorKind::Unavailable,
            Self::Hopeless(_) => ErrorKind::Internal,
        }
    }
}

impl From<StoreError> for JobError {
    fn from(error: StoreError) -> Self {
        Self::Again(error.to_string())
    }
}

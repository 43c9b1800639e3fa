//! Work written in the transaction that causes it and done later, at least once.

use countersign_types::Timestamp;
use serde_json::Value;

use crate::text_enum;

countersign_types::ids! {
    /// A job.
    JobId,
}

text_enum! {
    /// Where a job stands. `Queued → Done` or, after the last try, `Queued → Dead`.
    JobState {
        /// To be done.
        Queued = "queued",
        /// Done.
        Done = "done",
        /// Given up.
        Dead = "dead",
    }
}

/// A piece of work.
#[derive(Clone, Debug)]
pub struct Job {
    /// Identifier, which is also the idempotency key.
    pub id: JobId,
    /// Which handler does it.
    pub kind: String,
    /// What the handler needs.
    pub payload: Value,
    /// Where it stands.
    pub state: JobState,
    /// Not before.
    pub run_at: Timestamp,
    /// Tries so far.
    pub attempts: i32,
    /// Who has it now, until the lease ends.
    pub lease_owner: Option<String>,
    /// When the lease ends and another may take it.
    pub lease_until: Option<Timestamp>,
    /// What went wrong last.
    pub last_error: Option<String>,
    /// When it was written.
    pub created: Timestamp,
}

impl Job {
    /// A piece of work that is written now and may be done at once.
    pub fn queued(id: JobId, kind: &str, payload: Value, now: Timestamp) -> Self {
        Self {
            id,
            kind: kind.to_owned(),
            payload,
            state: JobState::Queued,
            run_at: now,
            attempts: 0,
            lease_owner: None,
            lease_until: None,
            last_error: None,
            created: now,
        }
    }
}

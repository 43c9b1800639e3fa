//! Clears away what has expired, in bounded batches, so that nobody waits for it.

use std::time::Duration;

use async_trait::async_trait;
use countersign_store::{
    Store,
    expired::{self, Expiring},
};
use countersign_types::Span;

use crate::{JobError, Schedule};

/// Between two batches the writer belongs to others.
const BREATH: Duration = Duration::from_millis(50);
/// Batches of one table in one run; the rest waits for the next.
const BATCHES: usize = 40;

/// The first schedule: expired sessions, plans, codes, grants, tokens, consents, events, throttles, and jobs
/// that are done.
pub struct ClearExpired {
    store: Store,
}

impl ClearExpired {
    /// Clears this store.
    pub fn new(store: &Store) -> Self {
        Self { store: store.background() }
    }
}

#[async_trait]
impl Schedule for ClearExpired {
    fn name(&self) -> &'static str {
        "clear_expired"
    }

    fn every(&self) -> Span {
        Span::from_mins(5)
    }

    async fn run(&self) -> Result<(), JobError> {
        let mut cleared = 0;
        for table in Expiring::ALL {
            for _ in 0..BATCHES {
                let count = self.store.write(move |tx| expired::clear(tx, table)).await?;
                cleared += count;
                if i64::try_from(count).unwrap_or(i64::MAX) < expired::BATCH {
                    break;
                }
                tokio::time::sleep(BREATH).await;
            }
        }
        tracing::debug!(cleared, "expired rows cleared");
        Ok(())
    }
}

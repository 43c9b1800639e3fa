//! Counts the events of the last minute, so that charts need not count those of a month.

use std::time::Duration;

use async_trait::async_trait;
use countersign_store::{
    Store,
    events::{self, Ranking},
};
use countersign_types::Span;

use crate::{JobError, Schedule};

/// Between two parts of a long trail the database belongs to others.
const BREATH: Duration = Duration::from_millis(20);
/// Parts in one run; the rest waits for the next.
const PARTS: usize = 200;

/// The schedule that keeps numbers of events and the ranking of applications.
pub(crate) struct CountEvents {
    store: Store,
}

impl CountEvents {
    /// Counts the trail of this store.
    pub(crate) fn new(store: &Store) -> Self {
        Self { store: store.background() }
    }
}

#[async_trait]
impl Schedule for CountEvents {
    fn name(&self) -> &'static str {
        "count_events"
    }

    fn every(&self) -> Span {
        Span::from_mins(1)
    }

    async fn run(&self) -> Result<(), JobError> {
        for _ in 0..PARTS {
            // Counted while nobody waits to write.
            let tally = self.store.read(events::tally).await?;
            if tally.is_empty() || !self.store.write(move |tx| events::keep(tx, &tally)).await? {
                break;
            }
            tokio::time::sleep(BREATH).await;
        }
        for ranking in Ranking::ALL {
            if let Some(ranks) = self.store.read(move |tx| events::rank(tx, ranking)).await? {
                self.store.write(move |tx| events::keep_ranks(tx, ranking, &ranks)).await?;
            }
        }
        Ok(())
    }
}

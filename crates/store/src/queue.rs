//! The bounded queue before the store's threads: first in, first out; full is refused, stale is answered.
//!
//! Of several idle threads the one that rested last is woken: its connection still has pages and statements
//! in the processor's caches, and when little is asked, the others do not spoil theirs by taking turns.

use std::{
    collections::VecDeque,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use crate::unit::Queued;

/// Units of work that wait for a thread.
pub(crate) struct Queue {
    bound: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Queued>,
    /// Where idle threads sleep; the last one is the first to be woken.
    idle: Vec<Arc<Condvar>>,
    closed: bool,
}

/// Why a unit was not taken.
pub(crate) enum Refused {
    Full(Queued),
    Closed(Queued),
}

impl Queue {
    pub(crate) fn new(bound: usize) -> Self {
        Self { bound: bound.max(1), state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn push(&self, queued: Queued) -> Result<(), Refused> {
        let mut state = self.state();
        if state.closed {
            return Err(Refused::Closed(queued));
        }
        if state.waiting.len() >= self.bound {
            return Err(Refused::Full(queued));
        }
        state.waiting.push_back(queued);
        let sleeper = state.idle.pop();
        drop(state);
        if let Some(sleeper) = sleeper {
            sleeper.notify_one();
        }
        Ok(())
    }

    /// Whether nobody waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.state().waiting.is_empty()
    }

    /// Waits for work and takes up to `most` units; none when the queue is closed and drained.
    pub(crate) fn take(&self, most: usize) -> Option<Vec<Queued>> {
        let mut state = self.state();
        loop {
            if !state.waiting.is_empty() {
                let count = most.min(state.waiting.len());
                return Some(state.waiting.drain(..count).collect());
            }
            if state.closed {
                return None;
            }
            let place = Arc::new(Condvar::new());
            state.idle.push(Arc::clone(&place));
            state = place.wait(state).unwrap_or_else(PoisonError::into_inner);
            // Whoever woke without being called is still among the idle.
            state.idle.retain(|sleeper| !Arc::ptr_eq(sleeper, &place));
        }
    }

    /// Takes out the units that waited longer than the bound.
    pub(crate) fn stale(&self, max_wait: Duration) -> Vec<Queued> {
        let now = Instant::now();
        let mut state = self.state();
        let count = state
            .waiting
            .iter()
            .take_while(|queued| now.saturating_duration_since(queued.since) > max_wait)
            .count();
        state.waiting.drain(..count).collect()
    }

    /// Takes no more; what waits is still worked off.
    pub(crate) fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        for sleeper in state.idle.drain(..) {
            sleeper.notify_one();
        }
    }
}

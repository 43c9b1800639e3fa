//! A unit of work on its way: the caller's closure, its outcome, and how the answer gets back.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Instant,
};

use crate::{
    CostMeter, StoreError, Tx,
    cost::{Cost, Mode},
};

/// A unit of work without its types.
pub(crate) trait Unit: Send {
    /// Runs the closure once; whether it wants its work kept.
    fn attempt(&mut self, tx: &mut Tx<'_>) -> bool;
    /// Answers the caller: with the closure's outcome, or with a failure of the store instead.
    fn answer(self: Box<Self>, end: Result<(), StoreError>);
}

/// A unit of work in a queue.
pub(crate) struct Queued {
    pub(crate) unit: Box<dyn Unit>,
    pub(crate) mode: Mode,
    /// Whether a power cut may not undo it once it was answered.
    pub(crate) is_lasting: bool,
    pub(crate) since: Instant,
    pub(crate) meter: Option<Arc<CostMeter>>,
}

impl Queued {
    pub(crate) fn answer(self, end: Result<(), StoreError>) {
        self.unit.answer(end);
    }

    /// Books what the unit cost.
    pub(crate) fn book(&self, mut cost: Cost) {
        match self.mode {
            Mode::Read => cost.reads = 1,
            Mode::Write => cost.writes = 1,
        }
        if let Some(meter) = &self.meter {
            meter.add(cost);
        }
        let mode = self.mode.as_str();
        metrics::counter!("countersign_store_units_total", "mode" => mode).increment(1);
        metrics::counter!("countersign_store_queries_total", "mode" => mode).increment(cost.queries);
        metrics::counter!("countersign_store_micros_total", "mode" => mode).increment(cost.db_micros);
    }
}

/// A closure, its outcome and the way back.
pub(crate) struct Work<F, T, E, R> {
    closure: F,
    outcome: Option<Result<T, E>>,
    reply: R,
}

impl<F, T, E, R> Work<F, T, E, R>
where
    F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
    R: FnOnce(Result<T, E>) + Send + 'static,
{
    pub(crate) fn new(closure: F, reply: R) -> Box<Self> {
        Box::new(Self { closure, outcome: None, reply })
    }
}

impl<F, T, E, R> Unit for Work<F, T, E, R>
where
    F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
    R: FnOnce(Result<T, E>) + Send + 'static,
{
    fn attempt(&mut self, tx: &mut Tx<'_>) -> bool {
        let closure = &mut self.closure;
        let outcome = catch_unwind(AssertUnwindSafe(|| closure(tx)))
            .unwrap_or_else(|_| Err(StoreError::Internal("a unit of work panicked".to_owned()).into()));
        let keep = outcome.is_ok();
        self.outcome = Some(outcome);
        keep
    }

    fn answer(self: Box<Self>, end: Result<(), StoreError>) {
        let Self { outcome, reply, .. } = *self;
        let answer = match (end, outcome) {
            (Ok(()), Some(outcome)) => outcome,
            (Ok(()), None) => Err(StoreError::Internal("a unit of work was never run".to_owned()).into()),
            (Err(error), _) => Err(error.into()),
        };
        reply(answer);
    }
}

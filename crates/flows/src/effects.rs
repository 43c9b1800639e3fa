//! Writes that wait to be committed with the moved plan.

use countersign_store::Tx;

use crate::EffectError;

/// A write, committed with the moved plan. It may run more than once: whole units of work are retried.
pub(crate) type Effect = Box<dyn FnMut(&mut Tx<'_>) -> Result<(), EffectError> + Send + Sync>;

/// What stages have queued, in order.
#[derive(Default)]
pub(crate) struct Effects {
    queued: Vec<Effect>,
    is_lasting: bool,
}

impl Effects {
    /// Adds one that no power cut may undo.
    pub(crate) fn push(&mut self, effect: Effect) {
        self.queued.push(effect);
        self.is_lasting = true;
    }

    /// Adds one that loses nothing when a power cut undoes it together with the step.
    pub(crate) fn push_fleeting(&mut self, effect: Effect) {
        self.queued.push(effect);
    }

    /// How many there are.
    pub(crate) const fn len(&self) -> usize {
        self.queued.len()
    }

    /// Whether there are none.
    pub(crate) const fn is_empty(&self) -> bool {
        self.queued.is_empty()
    }

    /// Whether one of them must outlast a power cut.
    pub(crate) const fn is_lasting(&self) -> bool {
        self.is_lasting
    }

    /// Runs them all in one unit of work.
    pub(crate) fn run(&mut self, tx: &mut Tx<'_>) -> Result<(), EffectError> {
        self.queued.iter_mut().try_for_each(|effect| effect(tx))
    }
}

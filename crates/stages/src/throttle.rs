//! The gate before a secret that can be guessed at: an account's password, the set-up code.
//!
//! The gate is looked at in the read unit, so that nothing is verified behind a closed one, and again in
//! the unit of work that commits the answer: what a verification came to is only told once its failure is
//! counted. However many guesses run at once, no more of them are answered than the limit allows, and the
//! right one among them is worth nothing while the gate is closed.

use countersign_crypto::digest;
use countersign_flows::EffectError;
use countersign_store::{
    StoreError, Tx,
    throttles::{self, Throttle, ThrottleRule},
};
use countersign_types::{Digest, FieldErrors, Span, Text, Timestamp};

use crate::SignInLimits;

const LIMITS: SignInLimits = SignInLimits::DEFAULT;

/// A gate as it stood when the request was read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gate {
    key: Digest,
    row: Option<Throttle>,
}

impl Gate {
    /// The gate before what this names.
    pub(crate) fn load(tx: &mut Tx<'_>, name: &str) -> Result<Self, StoreError> {
        let key = digest(name);
        Ok(Self { key, row: throttles::by_key(tx, &key)? })
    }

    /// How long it stays closed; none when it is open.
    pub(crate) fn closed_for(&self, now: Timestamp) -> Option<Span> {
        remaining(self.row.as_ref(), now)
    }

    /// Counts a failure, and closes the gate when that is one too many. Refused when the gate was closed in
    /// the meantime.
    pub(crate) fn count_failure(&self, tx: &mut Tx<'_>, field: &str) -> Result<(), EffectError> {
        let now = tx.now();
        let row = throttles::by_key(tx, &self.key)?;
        refuse_if_closed(row.as_ref(), now, field)?;
        let in_window = row.filter(|row| row.window_start > now.minus(LIMITS.window));
        let expected = in_window.map_or(0, |row| row.failures).saturating_add(1);
        let delay = LIMITS.delay(expected);
        let rule = ThrottleRule {
            window: LIMITS.window,
            limit: if delay.is_some() { expected } else { i32::MAX },
            lock: delay.unwrap_or(Span::ZERO),
        };
        let after = throttles::bump(tx, &self.key, &rule)?;
        // On a database with several writers another guess may have come between the two statements. As
        // long as failures are free that is no matter; beyond, only who closed the gate is answered.
        match LIMITS.delay(after.failures) {
            Some(delay) if after.failures != expected => Err(too_many(field, delay).into_refusal()),
            Some(_) | None => Ok(()),
        }
    }

    /// Forgets the failures after a success. Refused when the gate was closed in the meantime.
    pub(crate) fn forgive(&self, tx: &mut Tx<'_>, field: &str) -> Result<(), EffectError> {
        let row = throttles::by_key(tx, &self.key)?;
        refuse_if_closed(row.as_ref(), tx.now(), field)?;
        if row.is_some() {
            throttles::reset(tx, &self.key)?;
        }
        Ok(())
    }
}

/// Forgets the failures at a name, whatever its gate.
pub(crate) fn reset(tx: &mut Tx<'_>, name: &str) -> Result<(), StoreError> {
    throttles::reset(tx, &digest(name)).map(drop)
}

fn remaining(row: Option<&Throttle>, now: Timestamp) -> Option<Span> {
    let until = row?.locked_until?;
    (until > now).then(|| until.since(now))
}

fn refuse_if_closed(row: Option<&Throttle>, now: Timestamp, field: &str) -> Result<(), EffectError> {
    remaining(row, now).map_or(Ok(()), |wait| Err(too_many(field, wait).into_refusal()))
}

/// A complaint that turns into a refusal of the whole step.
pub(crate) struct TooMany(FieldErrors);

impl TooMany {
    pub(crate) fn into_errors(self) -> FieldErrors {
        self.0
    }

    fn into_refusal(self) -> EffectError {
        EffectError::Retry(self.0)
    }
}

/// What is said at a closed gate, to everybody alike.
pub(crate) fn too_many(field: &str, wait: Span) -> TooMany {
    let minutes = wait.as_secs().saturating_add(59) / 60;
    let text = Text::key("stages-too-many-attempts").with("minutes", minutes.max(1));
    TooMany(FieldErrors::one(field, "throttled", text))
}

//! What can go wrong in a flow. Nothing here grants anything.

use countersign_crypto::HashError;
use countersign_policies::PolicyError;
use countersign_store::StoreError;
use countersign_types::{ErrorKind, FieldErrors, Text};

/// A stage could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// The database did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No password was verified.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// A policy or expression could not be evaluated.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The stage cannot work as it is configured.
    #[error("stage “{stage}”: {problem}")]
    Configuration {
        /// Name of the stage.
        stage: String,
        /// What is wrong with it.
        problem: String,
    },
}

impl StageError {
    /// How a surface shows it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Store(error) => error.kind(),
            Self::Hash(error) => error.kind(),
            Self::Policy(_) | Self::Configuration { .. } => ErrorKind::Internal,
        }
    }
}

/// Why an effect, and with it the whole step, was not committed.
#[derive(Debug, thiserror::Error)]
pub enum EffectError {
    /// The database did not answer, or refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The state moved on; the person may mend the answer.
    #[error("the answer no longer fits")]
    Retry(FieldErrors),
    /// The state moved on so that the flow ends here.
    #[error("the flow ends here")]
    Deny(Text),
    /// Somebody answered the same step in the meantime.
    #[error("the step was answered already")]
    Stale,
}

/// A flow could not be run.
#[derive(Debug, thiserror::Error)]
pub enum FlowError {
    /// There is no such flow.
    #[error("there is no such flow")]
    NotFound,
    /// The answer is to an old, skipped or foreign step. The page offers to go on where the person is.
    #[error("the answer is not to the step in hand")]
    Stale,
    /// The answer is malformed.
    #[error("the answer is malformed")]
    Malformed,
    /// What another part of the house handed over cannot be read: expired, altered or of another browser.
    #[error("the start of the flow cannot be read")]
    BadStart,
    /// A stage could not do its work.
    #[error(transparent)]
    Stage(#[from] StageError),
    /// The database did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl FlowError {
    /// How a surface shows it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound => ErrorKind::NotFound,
            Self::Stale => ErrorKind::Conflict,
            Self::Malformed | Self::BadStart => ErrorKind::Invalid,
            Self::Stage(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }
}

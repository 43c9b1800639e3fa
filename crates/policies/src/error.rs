//! Why a policy or an expression came to no result. Nothing here grants anything.

use std::fmt;

use countersign_model::{ConfigObject, ConfigObjectId};
use countersign_store::StoreError;
use countersign_types::ErrorKind;

/// A policy or an expression could not be evaluated.
#[derive(Clone, Debug, thiserror::Error)]
pub enum PolicyError {
    /// The database did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A binding or a stage names a policy that does not exist.
    #[error("there is no policy {0}")]
    Missing(ConfigObjectId),
    /// The policy cannot work as it is configured.
    #[error("policy “{name}”: {problem}")]
    Configuration {
        /// Name of the policy.
        name: String,
        /// What is wrong with it.
        problem: String,
    },
    /// It took longer than its binding allows.
    #[error("no result after {0} s")]
    Timeout(u32),
    /// The expression does not compile, raised an exception or went beyond a limit.
    #[error("expression “{name}”: {problem}")]
    Expression {
        /// Name of the expression.
        name: String,
        /// What the interpreter says, with the line.
        problem: String,
    },
    /// A property mapping asks to be left out (`raise SkipObject`). A policy that does so has failed.
    #[error("the expression asks to be left out")]
    Skipped,
    /// The evaluator has more to do than it can; later it may work again.
    #[error("the expression evaluator is busy")]
    Busy,
    /// Something that the expression asked for did not answer.
    #[error("{0}")]
    Unavailable(String),
}

impl PolicyError {
    /// How a surface shows it.
    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::Store(error) => error.kind(),
            Self::Busy | Self::Unavailable(_) => ErrorKind::Unavailable,
            Self::Missing(_)
            | Self::Configuration { .. }
            | Self::Timeout(_)
            | Self::Expression { .. }
            | Self::Skipped => ErrorKind::Internal,
        }
    }

    /// A policy that cannot work as it is configured.
    pub fn configuration(object: &ConfigObject, problem: &impl fmt::Display) -> Self {
        Self::Configuration { name: object.name.clone(), problem: problem.to_string() }
    }
}

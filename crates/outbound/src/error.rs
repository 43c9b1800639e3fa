//! Why there is no answer.

use countersign_types::ErrorKind;

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutboundError {
    /// The address is none that requests may go to.
    #[error("{0} may not be reached from here")]
    Refused(String),
    /// The request cannot be made as it is.
    #[error("{0}")]
    Invalid(&'static str),
    /// It took too long.
    #[error("no answer in time")]
    Time,
    /// The answer is longer than allowed.
    #[error("the answer is too long")]
    TooLarge,
    /// The other machine could not be reached or spoke nonsense. No details: they could tell of what is inside.
    #[error("the request failed")]
    Failed,
    /// Too many requests are under way.
    #[error("too many requests are under way")]
    Busy,
}

impl OutboundError {
    /// How a surface shows it.
    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::Refused(_) | Self::Invalid(_) => ErrorKind::Invalid,
            Self::TooLarge => ErrorKind::TooLarge,
            Self::Time | Self::Failed | Self::Busy => ErrorKind::Unavailable,
        }
    }
}

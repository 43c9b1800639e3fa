//! Why an expression does not compile and why an evaluation gave no value.

use countersign_types::ErrorKind;
use thiserror::Error;

/// A resource of which an evaluation used all it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Limit {
    /// [`Limits::time`](crate::Limits::time).
    #[error("time")]
    Time,
    /// [`EvaluatorOptions::memory`](crate::EvaluatorOptions::memory).
    #[error("memory")]
    Memory,
    /// [`Limits::recursion`](crate::Limits::recursion).
    #[error("recursion")]
    Recursion,
    /// [`Limits::host_calls`](crate::Limits::host_calls).
    #[error("host calls")]
    HostCalls,
    /// [`Limits::result_bytes`](crate::Limits::result_bytes).
    #[error("size of the result")]
    ResultSize,
    /// Evaluations that evaluate others, four deep.
    #[error("nested evaluations")]
    Nesting,
}

/// The expression is not one that can be run.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CompileError {
    /// It is longer than 64 KiB.
    #[error("the expression is longer than {limit} bytes")]
    TooLong {
        /// Bytes allowed.
        limit: usize,
    },
    /// A name of a variable is not an identifier, is reserved or is given twice.
    #[error("'{name}' cannot name a variable")]
    BadName {
        /// The name.
        name: String,
    },
    /// Python's grammar, or what of it is supported here, does not allow it.
    #[error("line {line}: {message}")]
    Syntax {
        /// Line of the body, from 1.
        line: u32,
        /// What is wrong there.
        message: String,
    },
}

impl CompileError {
    /// How a surface shows it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::TooLong { .. } => ErrorKind::TooLarge,
            Self::BadName { .. } | Self::Syntax { .. } => ErrorKind::Invalid,
        }
    }

    /// Line of the body, where there is one.
    pub fn line(&self) -> Option<u32> {
        match self {
            Self::Syntax { line, .. } => Some(*line),
            Self::TooLong { .. } | Self::BadName { .. } => None,
        }
    }
}

/// An evaluation gave no value. Whoever decides by an expression denies then.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum EvalError {
    /// It raised an exception and did not handle it.
    #[error("line {}: {exception}: {message}", Line(*line))]
    Raised {
        /// Line of the body, from 1.
        line: Option<u32>,
        /// Type of the exception, `KeyError` say.
        exception: String,
        /// Its message.
        message: String,
    },
    /// It raised `SkipObject`: the mapping wants this object left out.
    #[error("skipped")]
    Skipped,
    /// It used all it may of something.
    #[error("line {}: limit exceeded: {limit}", Line(*line))]
    LimitExceeded {
        /// Of what.
        limit: Limit,
        /// Line of the body, from 1.
        line: Option<u32>,
    },
    /// It returned something that means nothing outside: a function, a class, a module.
    #[error("an expression cannot return {what}")]
    NotAValue {
        /// What it returned.
        what: String,
    },
    /// The host could not answer.
    #[error("line {}: {message}", Line(*line))]
    Unavailable {
        /// Line of the body, from 1.
        line: Option<u32>,
        /// What the host said.
        message: String,
    },
    /// All threads are at work and the queue is full, or the evaluation waited in it too long.
    #[error("too many expressions are being evaluated")]
    Busy,
    /// A fault of ours: a variable the program was compiled with was not given, or the interpreter failed.
    #[error("{message}")]
    Internal {
        /// What went wrong.
        message: String,
    },
}

impl EvalError {
    /// How a surface shows it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Raised { .. } | Self::Skipped | Self::NotAValue { .. } => ErrorKind::Invalid,
            Self::LimitExceeded { .. } => ErrorKind::TooLarge,
            Self::Unavailable { .. } | Self::Busy => ErrorKind::Unavailable,
            Self::Internal { .. } => ErrorKind::Internal,
        }
    }
}

struct Line(Option<u32>);

impl std::fmt::Display for Line {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Some(line) => line.fmt(formatter),
            None => formatter.write_str("?"),
        }
    }
}

//! What an evaluation may use, and what it leaves behind.

use std::time::Duration;

use crate::Value;

/// Bounds of one evaluation. Memory is bounded by [`EvaluatorOptions::memory`](crate::EvaluatorOptions).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Time from start to result, calls of the host included.
    pub time: Duration,
    /// Time on top of that for waiting on other machines, all in all: see [`Host::waits`](crate::Host::waits).
    pub waiting: Duration,
    /// Depth of nested calls inside the expression.
    pub recursion: usize,
    /// Calls of the host: functions, methods and attributes that were asked for.
    pub host_calls: u32,
    /// Bytes of the result, and of each argument list that goes to the host.
    pub result_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            time: Duration::from_millis(300),
            waiting: Duration::from_secs(5),
            recursion: 100,
            host_calls: 200,
            result_bytes: 256 * 1024,
        }
    }
}

/// What an evaluation came to.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What the expression returned; [`Value::None`] without a `return`.
    pub value: Value,
    /// What it said to `ak_logger`, in order, at most 100 lines.
    pub logs: Vec<LogLine>,
    /// Time from start to result.
    pub elapsed: Duration,
}

/// How loud a line to `ak_logger` is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogLevel {
    /// `debug`.
    Debug,
    /// `info`.
    Info,
    /// `warning` and `warn`.
    Warning,
    /// `error`, `exception` and `critical`.
    Error,
}

/// One line to `ak_logger`.
#[derive(Clone, Debug, PartialEq)]
pub struct LogLine {
    /// How loud.
    pub level: LogLevel,
    /// The text, cut at 1000 characters.
    pub message: String,
    /// Keyword arguments.
    pub fields: Vec<(String, Value)>,
}

//! The expression language of policies and property mappings.
//!
//! Expressions are Python bodies as administrators write them, run in the sandboxed interpreter `monty`.
//! This crate is the only one that names it. Owns compiling ([`Program`]), values ([`Value`]), running under
//! limits on threads of its own ([`Evaluator`], [`Limits`]) and what every expression may use without a
//! host: `regex_match`, `regex_replace`, `list_flatten`, `slugify`, `delete_none_values`, `ip_address`,
//! `ip_network`, `ak_logger`, `SkipObject`. Does not own what an expression is for: functions with a meaning
//! in the house and the objects an expression sees come through [`Host`] and [`HostObject`].
//!
//! There is no ambient authority: no file, environment, network, process or clock is reachable. The time of
//! day is the [`Clock`](countersign_types::Clock) the evaluator was given.
//!
//! What differs from Python is written down in `README.md` beside this crate.

mod builtins;
mod digests;
mod error;
mod evaluator;
mod generators;
mod host;
mod imports;
mod json;
mod limits;
mod machine;
mod plain;
mod prelude;
mod program;
mod rewrite;
mod urls;
mod value;
mod watch;
mod wire;

pub use error::{CompileError, EvalError, Limit};
pub use evaluator::{Evaluator, EvaluatorOptions};
pub use host::{Host, HostError, HostObject, NoHost};
pub use json::ValueError;
pub use limits::{Limits, LogLevel, LogLine, Outcome};
pub use program::Program;
pub use value::Value;

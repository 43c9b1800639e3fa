//! What is defined in every expression before its body runs, written in Python itself.
//!
//! Three kinds of things: classes and pure functions that are cheaper to say in Python; helpers (their names
//! begin with [`RESERVED`], which bodies may not use) that [`rewrite`](crate::rewrite) puts in the place of
//! what host objects cannot do in the interpreter; and the last look at the result, which is measured inside
//! the sandbox because copying it out knows no limit: `x = [x, x]` forty times is a small value there and a
//! terabyte outside.
//!
//! The interpreter runs `__contains__`, `__eq__` and their like without pausing, so these may not ask the
//! host: addresses are parsed when constructed and kept as text of one width that compares like numbers.

/// First characters of names that belong to this crate.
pub(crate) const RESERVED: &str = "_cs_";

/// The eager attribute that marks an object of the host.
pub(crate) const HOST_MARK: &str = "_cs_id";

/// The source. It follows the body, so that the lines of the body keep their numbers.
pub(crate) const SOURCE: &str = include_str!("prelude.py");

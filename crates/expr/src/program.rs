//! Compiling: a body becomes a function with the variables as its parameters.
//!
//! ```text
//! line 1      def _cs_body(request, context):
//! line 2…         the body, indented, so line n of it is line n + 1
//!                 return None
//!             the prelude
//!             _cs_out(_cs_body(request, context), 262144)
//! ```

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use monty::MontyRun;
use monty_types::{AssertMessageAnnotations, CompileOptions, MontyException};

use crate::CompileError;
use crate::generators::YIELDED;
use crate::prelude::{self, RESERVED};
use crate::rewrite::{Body, rewrite};

/// Longest body, in bytes.
pub(crate) const MAX_SOURCE: usize = 64 * 1024;
/// How often a plain body may fail to be done at once: on a busy machine any may now and then.
const TRIES: u8 = 8;
/// Lines before the first line of the body.
const LINES_BEFORE: u32 = 1;
/// The parser descends up to 200 levels, and dropping the tree of a flat `a.b.c…` descends once for every two
/// bytes of the source. Pages that are not touched cost nothing.
const COMPILE_STACK: usize = 64 * 1024 * 1024;

/// A compiled expression. Cheap to clone and to share; whoever keeps expressions keeps these.
#[derive(Clone, Debug)]
pub struct Program {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    // The interpreter's program fills caches of its own while it runs, so it is copied under a lock.
    run: Mutex<MontyRun>,
    names: Vec<String>,
    /// Whether the body mentions the variable of this place at all.
    mentioned: Vec<bool>,
    addresses: bool,
    /// Lines of the body in the program, and those among them that the source has not.
    lines: u32,
    added: Vec<u32>,
    /// How often it may yet fail to be done at once.
    tries: AtomicU8,
}

impl Program {
    /// Compiles a body whose variables are `names`. Takes tens of microseconds and a thread of its own.
    ///
    /// # Errors
    /// [`CompileError`]; a syntax error names the line of the body.
    pub fn compile(source: &str, names: &[&str]) -> Result<Self, CompileError> {
        if source.len() > MAX_SOURCE {
            return Err(CompileError::TooLong { limit: MAX_SOURCE });
        }
        check_names(names)?;
        std::thread::scope(|scope| {
            let work = || compile(source, names);
            let thread = std::thread::Builder::new().stack_size(COMPILE_STACK).spawn_scoped(scope, work);
            let failed = |message: &str| CompileError::Syntax { line: 1, message: message.to_owned() };
            let thread = thread.map_err(|_| failed("no thread to compile on"))?;
            thread.join().map_err(|_| failed("the compiler failed"))?
        })
    }

    /// The variables, in the order they were given.
    pub fn names(&self) -> &[String] {
        &self.inner.names
    }

    /// The variables, and whether the body mentions them at all.
    pub(crate) fn mentions(&self) -> impl Iterator<Item = (&str, bool)> {
        self.inner.names.iter().map(String::as_str).zip(self.inner.mentioned.iter().copied())
    }

    /// Whether it is worth trying on the thread that asks: see
    /// [`Evaluator::evaluate_at_once`](crate::Evaluator::evaluate_at_once).
    pub fn is_plain(&self) -> bool {
        self.inner.tries.load(Ordering::Relaxed) > 0
    }

    /// It was not done at once. After a few times it is not tried any more.
    pub(crate) fn was_not_plain(&self) {
        let tries = &self.inner.tries;
        let _ = tries.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
    }

    /// Whether an address is to enter as a tuple, of which the program makes an `ip_address`.
    pub(crate) fn takes_addresses(&self) -> bool {
        self.inner.addresses
    }

    pub(crate) fn instantiate(&self) -> MontyRun {
        self.inner.run.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The line of the body in which an exception came up: that of the innermost frame inside it.
    pub(crate) fn line_of(&self, exception: &MontyException) -> Option<u32> {
        let lines = exception.traceback().iter().rev().map(|frame| frame.start.line);
        let inside = lines
            .filter_map(|line| line.checked_sub(LINES_BEFORE))
            .find(|line| (1..=self.inner.lines).contains(line));
        inside.map(|line| written(line, &self.inner.added))
    }
}

/// A line of the body as its author counts.
fn written(line: u32, added: &[u32]) -> u32 {
    let before = added.iter().filter(|added| **added <= line).count();
    line.saturating_sub(u32::try_from(before).unwrap_or(0)).max(1)
}

fn check_names(names: &[&str]) -> Result<(), CompileError> {
    for (index, name) in names.iter().enumerate() {
        let mut letters = name.chars();
        let begins = letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_');
        let identifier = begins && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
        let taken = names.iter().take(index).any(|earlier| earlier == name);
        if !identifier || taken || name.starts_with(RESERVED) || KEYWORDS.contains(name) {
            return Err(CompileError::BadName { name: (*name).to_owned() });
        }
    }
    Ok(())
}

#[rustfmt::skip]
const KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def",
    "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda",
    "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

fn compile(source: &str, names: &[&str]) -> Result<Program, CompileError> {
    let Body { text: body, yields, added, is_plain } = rewrite(source)?;
    let lines = u32::try_from(body.lines().count()).unwrap_or(u32::MAX);
    let mut inputs: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mentioned: Vec<bool> = names.iter().map(|name| body.contains(name)).collect();
    let addresses = prelude::mentions_addresses(&body);
    // An address comes in as a tuple, which no other variable is: see `wire::variable`.
    let arguments: Vec<String> = names
        .iter()
        .zip(&mentioned)
        .map(|(name, mentioned)| match addresses && *mentioned {
            true => format!("ip_address({name}) if type({name}) is tuple else {name}"),
            false => (*name).to_owned(),
        })
        .collect();
    inputs.push(RESULT_BYTES.to_owned());
    // A body that yields takes the list of what it yields, and ends by giving it back.
    let last = if yields { YIELDED } else { "None" };
    let parameters: Vec<&str> = names.iter().copied().chain(yields.then_some(YIELDED)).collect();
    let given: Vec<&str> = arguments.iter().map(String::as_str).chain(yields.then_some("[]")).collect();
    let code = format!(
        "def _cs_body({}):\n{body}\n    return {last}\n{}\n_cs_out(_cs_body({}), {RESULT_BYTES})\n",
        parameters.join(", "),
        prelude::needed_by(&body),
        given.join(", "),
    );
    let options = CompileOptions { assert_message_annotations: AssertMessageAnnotations::Off };
    let run = MontyRun::new(code, "expression", inputs, options).map_err(|error| CompileError::Syntax {
        line: error
            .traceback()
            .last()
            .map_or(1, |frame| written(frame.start.line.saturating_sub(LINES_BEFORE), &added)),
        message: described(error.message().unwrap_or("cannot be compiled")),
    })?;
    let names = names.iter().map(|name| (*name).to_owned()).collect();
    let tries = AtomicU8::new(if is_plain { TRIES } else { 0 });
    let inner = Inner { run: Mutex::new(run), names, mentioned, addresses, lines, added, tries };
    Ok(Program { inner: Arc::new(inner) })
}

/// The interpreter's message, without its name.
fn described(message: &str) -> String {
    match message.strip_prefix("The monty syntax parser does not yet support ") {
        Some(what) => format!("expressions do not support {what}"),
        None => message.to_owned(),
    }
}

/// The variable that carries [`Limits::result_bytes`](crate::Limits::result_bytes) in.
const RESULT_BYTES: &str = "_cs_result_bytes";

//! Input that nobody would write, again and again: blueprints, expressions, answers to flows. What has to hold is that
//! nothing panics, nothing fails as an error of our own, nothing takes for ever, and nobody is signed in by it.
//!
//! Inputs are made by mutation ([`mutate`]) of those that people do write, from a seed: the same seed makes the same
//! inputs, so that a finding is found again.

mod answers;
mod blueprints;
mod expressions;
mod mutate;

use std::{
    fmt,
    panic::AssertUnwindSafe,
    path::PathBuf,
    time::{Duration, Instant},
};

use clap::ValueEnum;
use futures_util::FutureExt as _;

use self::mutate::Mutator;
use crate::{Fault, fault::While as _};

/// One input takes no longer than this, on whatever machine: ten times what the slowest limit allows.
const TOO_LONG: Duration = Duration::from_secs(20);
/// Findings after which a run ends.
const MAX_FINDINGS: usize = 20;

/// What is fuzzed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Subject {
    /// The loader of blueprints: read, evaluated, applied and undone.
    Blueprints,
    /// The compiler of expressions, and the evaluation of what compiles.
    Expressions,
    /// Answers to flows: forms and JSON.
    Answers,
}

/// How long.
#[derive(Clone, Copy, Debug)]
pub enum Bound {
    /// So long.
    Time(Duration),
    /// So many inputs, however long they take.
    Count(u64),
}

/// A run.
#[derive(Clone, Debug)]
pub struct Options {
    /// What is fuzzed.
    pub subject: Subject,
    /// Where inputs come from.
    pub seed: u64,
    /// When it ends.
    pub bound: Bound,
    /// A file that holds the input in hand, for what takes the whole process along.
    pub trace: Option<PathBuf>,
}

/// What came of a run.
#[derive(Debug)]
pub struct Tally {
    options: Options,
    executions: u64,
    /// Inputs that were taken for good ones.
    accepted: u64,
    took: Duration,
    findings: Vec<String>,
}

impl Tally {
    /// Whether there was no finding.
    pub const fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { options: Options { subject, seed, .. }, executions, accepted, took, findings } = self;
        let seconds = took.as_secs_f64();
        writeln!(
            f,
            "{subject:?}: {executions} executions in {seconds:.0} s (seed {seed}), {accepted} taken, {} findings",
            findings.len()
        )?;
        findings.iter().try_for_each(|finding| writeln!(f, "{finding}\n"))
    }
}

/// What one input came to.
pub(crate) enum Outcome {
    /// It was taken for good.
    Accepted,
    /// It was refused, as somebody's mistake.
    Refused,
    /// What must not be.
    Finding(String),
}

/// Something that takes inputs.
#[async_trait::async_trait(?Send)]
pub(crate) trait Target {
    /// What people write.
    fn corpus(&self) -> Vec<String>;
    /// Words that mean something in it.
    fn words(&self) -> &'static [&'static str];
    /// Takes an input.
    async fn take(&self, input: &str) -> Outcome;
}

/// Fuzzes one subject.
pub async fn run(options: Options) -> Result<Tally, Fault> {
    let target: Box<dyn Target> = match options.subject {
        Subject::Blueprints => Box::new(blueprints::Loader::open().await?),
        Subject::Expressions => Box::new(expressions::Compiler::open().await?),
        Subject::Answers => Box::new(answers::Flows::open().await?),
    };
    let mut mutator = Mutator::new(options.seed, target.corpus(), target.words());
    let began = Instant::now();
    let mut tally = Tally { executions: 0, accepted: 0, took: Duration::ZERO, findings: Vec::new(), options };
    while tally.findings.len() < MAX_FINDINGS {
        let is_over = match tally.options.bound {
            Bound::Time(time) => began.elapsed() >= time,
            Bound::Count(count) => tally.executions >= count,
        };
        if is_over {
            break;
        }
        let input = mutator.next();
        if let Some(file) = &tally.options.trace {
            std::fs::write(file, &input).during("writing the input in hand")?;
        }
        let started = Instant::now();
        let outcome = AssertUnwindSafe(target.take(&input)).catch_unwind().await;
        let took = started.elapsed();
        tally.executions += 1;
        let finding = match outcome {
            Err(_) => Some("it panics".to_owned()),
            Ok(_) if took > TOO_LONG => Some(format!("it takes {took:?}")),
            Ok(Outcome::Finding(what)) => Some(what),
            Ok(Outcome::Accepted) => {
                tally.accepted += 1;
                mutator.keep(&input);
                None
            }
            Ok(Outcome::Refused) => None,
        };
        if let Some(what) = finding {
            tally.findings.push(format!("{what}, execution {}:\n{input:?}", tally.executions));
        }
    }
    tally.took = began.elapsed();
    Ok(tally)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn finds_nothing(subject: Subject, count: u64) {
        let tally = run(Options { subject, seed: 7, bound: Bound::Count(count), trace: None }).await.unwrap();
        assert!(tally.is_clean(), "{tally}");
        assert_eq!(tally.executions, count);
        assert!(tally.accepted > 0, "what people write is among the inputs, and taken");
    }

    #[tokio::test]
    async fn the_loader_of_blueprints_survives_what_nobody_would_write() {
        finds_nothing(Subject::Blueprints, 150).await;
    }

    #[tokio::test]
    async fn the_compiler_of_expressions_survives_what_nobody_would_write() {
        finds_nothing(Subject::Expressions, 400).await;
    }

    #[tokio::test]
    async fn flows_survive_answers_that_nobody_would_send() {
        finds_nothing(Subject::Answers, 200).await;
    }
}

//! The threads on which expressions run.
//!
//! An evaluation blocks (it reads the store) and may use all the processor time it is given, so it never
//! runs on a thread that serves requests. Threads are started when there is work for them, up to a number;
//! work beyond that waits in a bounded queue, and beyond that is refused. One that waits for another machine has
//! another thread take its place, so that expressions which wait hold up none that does not.
//!
//! The interpreter stops itself at its limits. Should an evaluation not come back all the same (one huge
//! multiplication, say, is not interrupted), its caller is told after a while, the thread is given up and a
//! new one may take its place, a few times; it ends when it comes back.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};
use std::time::{Duration, Instant};

use countersign_types::Clock;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use monty_types::{BASELINE_MEMORY, LIVE_MEMORY};
use tokio::sync::oneshot;

use crate::machine::{Away, Surroundings, run};
use crate::watch::DEADLINE;
use crate::{EvalError, Host, Limit, Limits, Outcome, Program, Value};

/// Evaluations inside evaluations.
const MAX_NESTING: u8 = 4;
/// The interpreter's own recursion, four evaluations deep.
const STACK: usize = 16 * 1024 * 1024;
/// What at once means.
const AT_ONCE: Duration = Duration::from_micros(500);
/// Longest wait in the queue.
const MAX_WAIT: Duration = Duration::from_secs(1);
/// Threads that may be given up before the pool shrinks.
const MAX_GIVEN_UP: usize = 4;
/// Threads that may wait for other machines at once.
const MAX_AWAY: usize = 16;

/// Sizes of an [`Evaluator`].
#[derive(Clone, Copy, Debug)]
pub struct EvaluatorOptions {
    /// Most threads at once.
    pub threads: usize,
    /// Evaluations that may wait for a thread.
    pub queue: usize,
    /// Bytes one evaluation may hold. Enforced where the process runs on
    /// [`CountingAllocator`](countersign_alloc::CountingAllocator).
    pub memory: usize,
}

impl Default for EvaluatorOptions {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Self { threads: cores.max(2), queue: 256, memory: 64 * 1024 * 1024 }
    }
}

/// Runs programs on threads of its own. Cheap to clone; the threads end with the last clone.
#[derive(Clone)]
pub struct Evaluator {
    jobs: Sender<Job>,
    pool: Arc<Pool>,
}

struct Pool {
    waiting: Receiver<Job>,
    clock: Arc<dyn Clock>,
    options: EvaluatorOptions,
    crew: Mutex<Crew>,
    idle: AtomicUsize,
}

#[derive(Default)]
struct Crew {
    at_work: usize,
    /// Threads that wait for other machines; they do not count as being at work.
    away: usize,
    given_up: usize,
}

struct Job {
    program: Program,
    variables: Vec<(String, Value)>,
    host: Box<dyn Host>,
    limits: Limits,
    since: Instant,
    stage: Arc<Stage>,
    reply: Box<dyn FnOnce(Result<Outcome, EvalError>) + Send>,
}

/// How far a job is, for its caller to see.
#[derive(Default)]
struct Stage {
    at: AtomicU8,
    /// Whether it waited for another machine.
    waited: AtomicBool,
}

const QUEUED: u8 = 0;
const RUNNING: u8 = 1;
const GIVEN_UP: u8 = 2;
const DONE: u8 = 3;

thread_local! {
    static NESTING: Cell<u8> = const { Cell::new(0) };
}

impl Evaluator {
    /// An evaluator without threads yet. `clock` is what `datetime.now()` tells.
    pub fn new(options: EvaluatorOptions, clock: Arc<dyn Clock>) -> Self {
        static ARMED: Once = Once::new();
        ARMED.call_once(|| {
            // What the interpreter takes for its memory is 0 but in an alarm; it has no other reader here.
            countersign_alloc::alarm_in(&LIVE_MEMORY);
            BASELINE_MEMORY.store(0, Ordering::Relaxed);
            if !countersign_alloc::is_installed() {
                tracing::warn!(
                    "the counting allocator is not installed: memory of expressions is not bounded"
                );
            }
        });
        let (jobs, waiting) = bounded(options.queue.max(1));
        let pool = Pool { waiting, clock, options, crew: Mutex::default(), idle: AtomicUsize::new(0) };
        Self { jobs, pool: Arc::new(pool) }
    }

    /// Evaluates on a thread of the evaluator; inside a call of a [`Host`], as [`Evaluator::evaluate_blocking`] does.
    ///
    /// # Errors
    /// [`EvalError`]; whoever decides by the expression denies then.
    pub async fn evaluate(
        &self,
        program: Program,
        variables: Vec<(String, Value)>,
        host: Box<dyn Host>,
        limits: Limits,
    ) -> Result<Outcome, EvalError> {
        if NESTING.get() > 0 {
            return self.evaluate_blocking(program, variables, host, limits);
        }
        let (send, receive) = oneshot::channel();
        let reply = Box::new(move |result| drop(send.send(result)));
        let stage = self.submit(program, variables, host, limits, reply)?;
        let dropped = || EvalError::Internal { message: "the evaluation was dropped".to_owned() };
        let mut receive = receive;
        if let Ok(result) = tokio::time::timeout(patience(limits), &mut receive).await {
            return result.unwrap_or_else(|_| Err(dropped()));
        }
        match tokio::time::timeout(stage.more_patience(limits), receive).await {
            Ok(result) => result.unwrap_or_else(|_| Err(dropped())),
            Err(_) => Err(self.give_up(&stage)),
        }
    }

    /// Evaluates on this thread, a thread that serves requests say: in less time than another takes to wake up. Only for a
    /// program that [is plain](Program::is_plain), with a host that never waits: where it would have to, it answers
    /// [`HostError::Unavailable`](crate::HostError::Unavailable).
    ///
    /// None when it was not done at once. Then nothing of it counts, and it is evaluated elsewhere, from the beginning.
    pub fn evaluate_at_once(
        &self,
        program: &Program,
        variables: Vec<(String, Value)>,
        host: &mut dyn Host,
        limits: Limits,
    ) -> Option<Result<Outcome, EvalError>> {
        if NESTING.get() > 0 || countersign_alloc::is_alarm_raised() {
            return None;
        }
        let limits = Limits { time: limits.time.min(AT_ONCE), waiting: Duration::ZERO, ..limits };
        let result = self.pool.run(program, variables, host, limits, None);
        let elsewhere = |error: &EvalError| {
            matches!(
                error,
                EvalError::LimitExceeded { .. } | EvalError::Unavailable { .. } | EvalError::Internal { .. }
            )
        };
        if result.as_ref().is_err_and(elsewhere) {
            program.was_not_plain();
            return None;
        }
        Some(result)
    }

    /// Evaluates and waits. Inside a call of a [`Host`] the evaluation runs on the same thread, at most four
    /// deep and within the time of the one around it; elsewhere on a thread of the evaluator. Not for threads that serve requests.
    ///
    /// # Errors
    /// As [`Evaluator::evaluate`].
    pub fn evaluate_blocking(
        &self,
        program: Program,
        variables: Vec<(String, Value)>,
        mut host: Box<dyn Host>,
        limits: Limits,
    ) -> Result<Outcome, EvalError> {
        match NESTING.get() {
            0 => {}
            MAX_NESTING.. => return Err(EvalError::LimitExceeded { limit: Limit::Nesting, line: None }),
            _ => return self.pool.run(&program, variables, &mut *host, limits, None),
        }
        let (send, receive) = bounded(1);
        let reply = Box::new(move |result| drop(send.send(result)));
        let stage = self.submit(program, variables, host, limits, reply)?;
        let first = receive.recv_timeout(patience(limits));
        let answer = match first {
            Err(RecvTimeoutError::Timeout) => receive.recv_timeout(stage.more_patience(limits)),
            first => first,
        };
        match answer {
            Ok(result) => result,
            Err(RecvTimeoutError::Disconnected) => {
                Err(EvalError::Internal { message: "the evaluation was dropped".to_owned() })
            }
            Err(RecvTimeoutError::Timeout) => Err(self.give_up(&stage)),
        }
    }

    fn submit(
        &self,
        program: Program,
        variables: Vec<(String, Value)>,
        host: Box<dyn Host>,
        limits: Limits,
        reply: Box<dyn FnOnce(Result<Outcome, EvalError>) + Send>,
    ) -> Result<Arc<Stage>, EvalError> {
        let stage = Arc::new(Stage::default());
        let since = Instant::now();
        let job = Job { program, variables, host, limits, since, stage: Arc::clone(&stage), reply };
        self.jobs.try_send(job).map_err(|_| EvalError::Busy)?;
        self.pool.staff()?;
        Ok(stage)
    }

    /// Stops waiting. A thread that is still at it is no longer counted on.
    fn give_up(&self, stage: &Stage) -> EvalError {
        if stage.at.swap(GIVEN_UP, Ordering::AcqRel) != RUNNING {
            return EvalError::Busy;
        }
        tracing::error!(lost = countersign_alloc::lost_threads(), "an expression did not stop at its limits");
        let mut crew = self.pool.crew();
        if crew.given_up < MAX_GIVEN_UP {
            crew.given_up += 1;
            crew.at_work = crew.at_work.saturating_sub(1);
        }
        EvalError::LimitExceeded { limit: Limit::Time, line: None }
    }
}

/// How long a caller waits for an answer that should have come long before.
fn patience(limits: Limits) -> Duration {
    MAX_WAIT + limits.time * 4 + Duration::from_secs(1)
}

impl Stage {
    /// How much longer he waits for one that waits itself.
    fn more_patience(&self, limits: Limits) -> Duration {
        if self.waited.load(Ordering::Acquire) { limits.waiting } else { Duration::ZERO }
    }
}

impl Pool {
    fn crew(&self) -> MutexGuard<'_, Crew> {
        self.crew.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts a thread if there is more work than idle hands.
    fn staff(self: &Arc<Self>) -> Result<(), EvalError> {
        let mut crew = self.crew();
        let needed = self.waiting.len() > self.idle.load(Ordering::Acquire);
        if (needed || crew.at_work == 0) && crew.at_work < self.options.threads.max(1) {
            let (pool, waiting) = (Arc::downgrade(self), self.waiting.clone());
            let thread = std::thread::Builder::new().name("expressions".to_owned()).stack_size(STACK);
            let started = thread.spawn(move || {
                loop {
                    let Some(strong) = pool.upgrade() else { return };
                    strong.idle.fetch_add(1, Ordering::AcqRel);
                    drop(strong);
                    let job = waiting.recv();
                    let Some(strong) = pool.upgrade() else { return };
                    strong.idle.fetch_sub(1, Ordering::AcqRel);
                    let Ok(job) = job else { return };
                    if !strong.work(job) {
                        return;
                    }
                }
            });
            match started {
                Ok(_) => crew.at_work += 1,
                Err(_) if crew.at_work == 0 => return Err(EvalError::Busy),
                Err(_) => {}
            }
        }
        Ok(())
    }

    /// Does one job. Whether the thread is still wanted.
    fn work(self: &Arc<Self>, job: Job) -> bool {
        let Job { program, variables, mut host, limits, since, stage, reply } = job;
        if stage.at.compare_exchange(QUEUED, RUNNING, Ordering::AcqRel, Ordering::Acquire).is_err() {
            return true;
        }
        let result = if since.elapsed() > MAX_WAIT {
            Err(EvalError::Busy)
        } else {
            self.run(&program, variables, &mut *host, limits, Some(&stage))
        };
        if stage.at.swap(DONE, Ordering::AcqRel) == GIVEN_UP {
            let mut crew = self.crew();
            crew.given_up = crew.given_up.saturating_sub(1);
            return false;
        }
        reply(result);
        // While this one waited for another machine, others may have been started in its place.
        let mut crew = self.crew();
        let is_wanted = crew.at_work <= self.options.threads.max(1);
        if !is_wanted {
            crew.at_work -= 1;
        }
        is_wanted
    }

    fn run(
        self: &Arc<Self>,
        program: &Program,
        variables: Vec<(String, Value)>,
        host: &mut dyn Host,
        limits: Limits,
        stage: Option<&Arc<Stage>>,
    ) -> Result<Outcome, EvalError> {
        let (outer, until) = (NESTING.get(), DEADLINE.get());
        let now = Instant::now();
        // An evaluation inside another has what is left of that one's time.
        let limits = match until {
            Some(until) => {
                let left = until.saturating_duration_since(now);
                Limits { time: limits.time.min(left), waiting: Duration::ZERO, ..limits }
            }
            None => limits,
        };
        NESTING.set(outer + 1);
        DEADLINE.set(Some(until.unwrap_or(now + limits.time)));
        let (clock, memory) = (&*self.clock, self.options.memory);
        let away = &Waiting { pool: self, stage: stage.map(|stage| &**stage) };
        let surroundings = Surroundings { host, clock, limits, memory, away };
        let result = catch_unwind(AssertUnwindSafe(|| run(program, variables, surroundings)));
        NESTING.set(outer);
        DEADLINE.set(until);
        result.unwrap_or_else(|_| {
            tracing::error!("the interpreter of expressions panicked");
            Err(EvalError::Internal { message: "the interpreter failed".to_owned() })
        })
    }
}

/// A job that may wait.
struct Waiting<'a> {
    pool: &'a Arc<Pool>,
    stage: Option<&'a Stage>,
}

impl Away for Waiting<'_> {
    fn leave(&self) -> bool {
        let mut crew = self.pool.crew();
        if crew.away >= MAX_AWAY {
            return false;
        }
        crew.away += 1;
        crew.at_work = crew.at_work.saturating_sub(1);
        drop(crew);
        if let Some(stage) = self.stage {
            stage.waited.store(true, Ordering::Release);
        }
        if let Err(error) = self.pool.staff() {
            tracing::warn!(%error, "no thread takes the place of one that waits");
        }
        true
    }

    fn come_back(&self) {
        let mut crew = self.pool.crew();
        crew.away = crew.away.saturating_sub(1);
        crew.at_work += 1;
    }
}

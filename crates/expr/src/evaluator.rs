//! The threads on which expressions run.
//!
//! An evaluation blocks (it reads the store) and may use all the processor time it is given, so it never
//! runs on a thread that serves requests. Threads are started when there is work for them, up to a number;
//! work beyond that waits in a bounded queue, and beyond that is refused.
//!
//! The interpreter stops itself at its limits. Should an evaluation not come back all the same (one huge
//! multiplication, say, is not interrupted), its caller is told after a while, the thread is given up and a
//! new one may take its place, a few times; it ends when it comes back.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};
use std::time::{Duration, Instant};

use countersign_types::Clock;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use monty_types::{BASELINE_MEMORY, LIVE_MEMORY};
use tokio::sync::oneshot;

use crate::machine::{Surroundings, run};
use crate::{EvalError, Host, Limit, Limits, Outcome, Program, Value};

/// Evaluations inside evaluations.
const MAX_NESTING: u8 = 4;
/// The interpreter's own recursion, four evaluations deep.
const STACK: usize = 16 * 1024 * 1024;
/// Longest wait in the queue.
const MAX_WAIT: Duration = Duration::from_secs(1);
/// Threads that may be given up before the pool shrinks.
const MAX_GIVEN_UP: usize = 4;

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
    given_up: usize,
}

struct Job {
    program: Program,
    variables: Vec<(String, Value)>,
    host: Box<dyn Host>,
    limits: Limits,
    since: Instant,
    stage: Arc<AtomicU8>,
    reply: Box<dyn FnOnce(Result<Outcome, EvalError>) + Send>,
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

    /// Evaluates on a thread of the evaluator.
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
        let (send, receive) = oneshot::channel();
        let reply = Box::new(move |result| drop(send.send(result)));
        let stage = self.submit(program, variables, host, limits, reply)?;
        match tokio::time::timeout(patience(limits), receive).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(EvalError::Internal { message: "the evaluation was dropped".to_owned() }),
            Err(_) => Err(self.give_up(&stage)),
        }
    }

    /// Evaluates and waits. Inside a call of a [`Host`] the evaluation runs on the same thread, at most four
    /// deep; elsewhere on a thread of the evaluator. Not for threads that serve requests.
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
            _ => return self.pool.run(&program, variables, &mut *host, limits),
        }
        let (send, receive) = bounded(1);
        let reply = Box::new(move |result| drop(send.send(result)));
        let stage = self.submit(program, variables, host, limits, reply)?;
        match receive.recv_timeout(patience(limits)) {
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
    ) -> Result<Arc<AtomicU8>, EvalError> {
        let stage = Arc::new(AtomicU8::new(QUEUED));
        let since = Instant::now();
        let job = Job { program, variables, host, limits, since, stage: Arc::clone(&stage), reply };
        self.jobs.try_send(job).map_err(|_| EvalError::Busy)?;
        self.pool.staff()?;
        Ok(stage)
    }

    /// Stops waiting. A thread that is still at it is no longer counted on.
    fn give_up(&self, stage: &AtomicU8) -> EvalError {
        if stage.swap(GIVEN_UP, Ordering::AcqRel) != RUNNING {
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
    fn work(&self, job: Job) -> bool {
        let Job { program, variables, mut host, limits, since, stage, reply } = job;
        if stage.compare_exchange(QUEUED, RUNNING, Ordering::AcqRel, Ordering::Acquire).is_err() {
            return true;
        }
        let result = if since.elapsed() > MAX_WAIT {
            Err(EvalError::Busy)
        } else {
            self.run(&program, variables, &mut *host, limits)
        };
        if stage.swap(DONE, Ordering::AcqRel) == GIVEN_UP {
            let mut crew = self.crew();
            crew.given_up = crew.given_up.saturating_sub(1);
            return false;
        }
        reply(result);
        true
    }

    fn run(
        &self,
        program: &Program,
        variables: Vec<(String, Value)>,
        host: &mut dyn Host,
        limits: Limits,
    ) -> Result<Outcome, EvalError> {
        let outer = NESTING.get();
        NESTING.set(outer + 1);
        let surroundings = Surroundings { host, clock: &*self.clock, limits, memory: self.options.memory };
        let result = catch_unwind(AssertUnwindSafe(|| run(program, variables, surroundings)));
        NESTING.set(outer);
        result.unwrap_or_else(|_| {
            tracing::error!("the interpreter of expressions panicked");
            Err(EvalError::Internal { message: "the interpreter failed".to_owned() })
        })
    }
}

//! The threads behind the pool and the queue between them.

use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Instant,
};

use argon2::Params;
use countersign_types::{Rng, Secret};
use tokio::sync::oneshot;

use super::{
    argon::{Argon2Hash, Memory},
    foreign::{Stored, Unverifiable},
    input::Input,
    pool::{HashError, HashLoad, HashOptions, Verdict},
};

/// Nobody is sent away for longer.
const MAX_RETRY_SECS: u32 = 60;

/// Something to do, and who asked.
pub(super) struct Job {
    pub(super) work: Work,
    pub(super) asker: oneshot::Sender<Answer>,
}

pub(super) enum Work {
    Hash(Input),
    Verify { input: Input, stored: Option<Secret<String>> },
}

pub(super) enum Answer {
    Hash(Secret<String>),
    Verdict(Verdict),
}

/// What the handles and the threads share.
pub(super) struct Shared {
    options: HashOptions,
    params: Params,
    rng: Arc<dyn Rng>,
    state: Mutex<State>,
    wake: Condvar,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Job>,
    threads: usize,
    idle: usize,
    closed: bool,
    /// How long a job takes, smoothed, in microseconds.
    usual_micros: u64,
}

impl Shared {
    pub(super) fn new(options: HashOptions, params: Params, rng: Arc<dyn Rng>) -> Arc<Self> {
        let state = Mutex::new(State { usual_micros: 50_000, ..State::default() });
        Arc::new(Self { options, params, rng, state, wake: Condvar::new() })
    }

    /// Queues a job, starting a thread when none is free.
    pub(super) fn submit(this: &Arc<Self>, job: Job) -> Result<(), HashError> {
        let mut state = this.lock();
        if state.queue.len() >= this.options.queue.max(1) {
            return Err(HashError::Busy { retry_after_secs: this.retry_after_secs(&state) });
        }
        state.queue.push_back(job);
        if state.queue.len() > state.idle && state.threads < this.options.threads.get() {
            let shared = Arc::clone(this);
            let started = thread::Builder::new().name("password".into()).spawn(move || shared.run());
            match started {
                Ok(_) => state.threads += 1,
                Err(error) if state.threads == 0 => {
                    tracing::error!(%error, "no thread can be started to hash passwords");
                    state.queue.pop_back();
                    return Err(HashError::Failed);
                }
                Err(error) => tracing::warn!(%error, "no further thread can be started to hash passwords"),
            }
        }
        drop(state);
        this.wake.notify_one();
        Ok(())
    }

    pub(super) fn load(&self) -> HashLoad {
        let state = self.lock();
        HashLoad { queued: state.queue.len(), running: state.threads - state.idle, threads: state.threads }
    }

    /// Threads end when the queue is empty.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.wake.notify_all();
    }

    /// When the queue that is full now will have been worked off, and up to twice that: all who are sent away at once
    /// would be back at once, and everybody else's requests would wait behind theirs.
    fn retry_after_secs(&self, state: &State) -> u32 {
        let waiting = u64::try_from(state.queue.len()).unwrap_or(u64::MAX);
        let threads = u64::try_from(self.options.threads.get()).unwrap_or(1);
        let secs = waiting.saturating_mul(state.usual_micros) / threads / 1_000_000 + 1;
        let secs = u32::try_from(secs).unwrap_or(MAX_RETRY_SECS).min(MAX_RETRY_SECS / 2 - 1);
        let mut dice = [0_u8; 1];
        self.rng.fill(&mut dice);
        secs + u32::from(dice[0]) % (secs + 2)
    }

    /// Nothing panics while holding the lock, and the state is whole between statements.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A thread's life.
    fn run(&self) {
        yield_to_others();
        let mut memory = Memory::new(&self.params);
        while let Some(job) = self.next(&mut memory) {
            if job.asker.is_closed() {
                continue;
            }
            let began = Instant::now();
            // A fault in a hash function must cost this one answer, not the thread.
            if let Ok(Some(answer)) = catch_unwind(AssertUnwindSafe(|| self.perform(job.work, &mut memory))) {
                let _ = job.asker.send(answer);
            }
            let took = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
            let mut state = self.lock();
            state.usual_micros = (state.usual_micros.saturating_mul(7).saturating_add(took)) / 8;
        }
    }

    /// The next job; none when the thread is to end, having given its memory back.
    fn next(&self, memory: &mut Memory) -> Option<Job> {
        let ends = Instant::now() + self.options.idle;
        let mut is_released = false;
        let mut state = self.lock();
        loop {
            if let Some(job) = state.queue.pop_front() {
                return Some(job);
            }
            if state.closed || is_released {
                state.threads -= 1;
                return None;
            }
            let left = ends.saturating_duration_since(Instant::now());
            if left.is_zero() {
                // Not under the lock; whoever asks meanwhile is served by the next turn of the loop.
                drop(state);
                memory.release();
                is_released = true;
                state = self.lock();
                continue;
            }
            state.idle += 1;
            state = self.wake.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
            state.idle -= 1;
        }
    }

    fn perform(&self, work: Work, memory: &mut Memory) -> Option<Answer> {
        match work {
            Work::Hash(input) => self.fresh(&input, memory).map(Answer::Hash),
            Work::Verify { input, stored } => Some(Answer::Verdict(self.verdict(&input, stored, memory))),
        }
    }

    fn fresh(&self, input: &Input, memory: &mut Memory) -> Option<Secret<String>> {
        let hash = Argon2Hash::make(input.normal(), &self.params, memory, self.rng.as_ref())?;
        Some(Secret::new(hash.encode()))
    }

    fn verdict(&self, input: &Input, stored: Option<Secret<String>>, memory: &mut Memory) -> Verdict {
        let stored = stored.map_or(Err(Unverifiable::Unknown), |stored| Stored::parse(stored.expose()));
        if stored.as_ref().is_err_and(|reason| *reason == Unverifiable::TooCostly) {
            tracing::warn!("a stored password hash asks for more work than is allowed and never matches");
        }
        let Ok(stored) = stored else {
            // Unknown users take as long as known ones.
            let dummy = Argon2Hash::dummy(&self.params);
            for candidate in input.candidates() {
                dummy.matches(candidate, memory);
            }
            return Verdict { matches: false, rehash: None };
        };
        let Some(matched) = input.candidates().position(|candidate| stored.matches(candidate, memory)) else {
            return Verdict { matches: false, rehash: None };
        };
        let is_current = matches!(&stored, Stored::Argon2(hash) if hash.is_current(&self.params));
        let rehash = if is_current && matched == 0 { None } else { self.fresh(input, memory) };
        Verdict { matches: true, rehash }
    }
}

/// Lowers the priority of the calling thread. On Linux "process" 0 is the calling thread; elsewhere it is the
/// whole process, which is not what is wanted.
fn yield_to_others() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::setpriority_process(None, 19) {
        tracing::debug!(%error, "password threads run at the usual priority");
    }
}

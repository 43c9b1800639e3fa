//! The pool: a bounded queue before a bounded number of threads.
//!
//! ```text
//! hash/verify ─▶ queue (bounded; full: Busy) ─▶ thread ─▶ answer
//!                                                 └ idle for a while: gives its memory back and ends
//! ```
//! Threads start when there is work and none is free. On Linux they run at a lower priority, so that a flood
//! of sign-ins leaves the processor to everything else. A job whose asker has gone is not done.

use std::{num::NonZeroUsize, sync::Arc, thread, time::Duration};

use argon2::Params;
use countersign_types::{ErrorKind, Rng, Secret};
use tokio::sync::oneshot;

use super::{
    input::Input,
    worker::{Answer, Job, Shared, Work},
};

/// How passwords are hashed, and how many at a time.
#[derive(Clone, Debug)]
pub struct HashOptions {
    /// Memory of one hash in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub iterations: u32,
    /// Lanes. They are computed one after another: more of them do not make a hash faster here.
    pub parallelism: u32,
    /// How many hashes are computed at the same time; each takes `memory_kib` while threads are awake.
    pub threads: NonZeroUsize,
    /// How many may wait for a thread.
    pub queue: usize,
    /// After so long without work a thread gives its memory back.
    pub idle: Duration,
}

impl Default for HashOptions {
    fn default() -> Self {
        Self {
            memory_kib: 19_456,
            iterations: 2,
            parallelism: 1,
            threads: thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
            queue: 64,
            idle: Duration::from_secs(10),
        }
    }
}

/// The parameters are outside what argon2 or a server can bear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("argon2 needs 8 KiB of memory per lane to 256 MiB, 1 to 64 passes, 1 to 64 lanes")]
pub struct HashOptionsError;

impl HashOptionsError {
    /// What a surface makes of it.
    pub fn kind(&self) -> ErrorKind {
        ErrorKind::Invalid
    }
}

/// Why there is no answer about a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HashError {
    /// Too many wait already.
    #[error("too many passwords are waiting to be checked; try again in {retry_after_secs} s")]
    Busy {
        /// When to try again.
        retry_after_secs: u32,
    },
    /// Empty, or longer than [`MAX_PASSWORD_LEN`](super::MAX_PASSWORD_LEN).
    #[error("a password has 1 to {} bytes", super::MAX_PASSWORD_LEN)]
    Length,
    /// No thread could be started, or the work failed.
    #[error("the password could not be processed")]
    Failed,
}

impl HashError {
    /// What a surface makes of it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Busy { .. } => ErrorKind::Unavailable,
            Self::Length => ErrorKind::Invalid,
            Self::Failed => ErrorKind::Internal,
        }
    }
}

/// What came of comparing a password with a stored hash.
#[derive(Debug)]
pub struct Verdict {
    /// Whether it is the password.
    pub matches: bool,
    /// When it is, and the stored hash is not what we would make today: what to keep instead.
    pub rehash: Option<Secret<String>>,
}

/// How busy the pool is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashLoad {
    /// Passwords that wait.
    pub queued: usize,
    /// Passwords in work.
    pub running: usize,
    /// Threads alive.
    pub threads: usize,
}

/// Hashes and verifies passwords on threads of its own. Cheap to clone.
#[derive(Clone)]
pub struct HashPool(Arc<Owner>);

/// Ends the threads when the last handle goes.
struct Owner(Arc<Shared>);

impl Drop for Owner {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl std::fmt::Debug for HashPool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HashPool").field("load", &self.load()).finish_non_exhaustive()
    }
}

impl HashPool {
    /// A pool without threads yet; the first password starts one.
    pub fn new(options: HashOptions, rng: Arc<dyn Rng>) -> Result<Self, HashOptionsError> {
        let bounded = options.memory_kib <= 256 * 1024
            && (1..=64).contains(&options.iterations)
            && (1..=64).contains(&options.parallelism);
        let params = bounded
            .then(|| Params::new(options.memory_kib, options.iterations, options.parallelism, None).ok())
            .flatten()
            .ok_or(HashOptionsError)?;
        Ok(Self(Arc::new(Owner(Shared::new(options, params, rng)))))
    }

    /// A fresh hash (PHC) of a password.
    pub async fn hash(&self, password: Secret<String>) -> Result<Secret<String>, HashError> {
        fresh(self.submit_hash(&password)?.await)
    }

    /// [`HashPool::hash`] for plain threads: the command line, the first start.
    pub fn hash_blocking(&self, password: &Secret<String>) -> Result<Secret<String>, HashError> {
        fresh(self.submit_hash(password)?.blocking_recv())
    }

    /// Compares a password with a stored hash; without one, or with one of no use, it does the same work and
    /// never matches.
    pub async fn verify(
        &self,
        password: Secret<String>,
        stored: Option<Secret<String>>,
    ) -> Result<Verdict, HashError> {
        let Some(input) = Input::new(&password) else {
            // Nobody has such a password; that says nothing about whether the user exists.
            return Ok(Verdict { matches: false, rehash: None });
        };
        match self.submit(Work::Verify { input, stored })?.await {
            Ok(Answer::Verdict(verdict)) => Ok(verdict),
            _ => Err(HashError::Failed),
        }
    }

    /// How many passwords wait and are in work.
    pub fn load(&self) -> HashLoad {
        self.0.0.load()
    }

    fn submit_hash(&self, password: &Secret<String>) -> Result<oneshot::Receiver<Answer>, HashError> {
        self.submit(Work::Hash(Input::new(password).ok_or(HashError::Length)?))
    }

    fn submit(&self, work: Work) -> Result<oneshot::Receiver<Answer>, HashError> {
        let (asker, answer) = oneshot::channel();
        Shared::submit(&self.0.0, Job { work, asker })?;
        Ok(answer)
    }
}

fn fresh(answer: Result<Answer, oneshot::error::RecvError>) -> Result<Secret<String>, HashError> {
    match answer {
        Ok(Answer::Hash(hash)) => Ok(hash),
        _ => Err(HashError::Failed),
    }
}

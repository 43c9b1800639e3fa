//! The worker: takes what is due, does it, writes down how it went.
//!
//! It wakes when a job is written in this process (or another: the store tells), when the next job's time
//! comes, and every few seconds in case of doubt.

mod attempt;

use std::{collections::HashMap, sync::Arc, time::Duration};

use countersign_model::Job;
use countersign_store::{Change, Store, StoreError, jobs, schedules};
use countersign_types::{Span, Timestamp, random_uuid};
use tokio::{
    sync::{Notify, watch},
    task::{JoinHandle, JoinSet},
};

use crate::{JobHandler, Schedule, schedule};

/// The bounds of a worker.
#[derive(Clone, Debug)]
pub struct WorkerOptions {
    /// Jobs at the same time.
    pub parallel: usize,
    /// How long a job stays with a worker of which nothing is heard; renewed while the job runs.
    pub lease: Span,
    /// How long one try may take.
    pub limit: Duration,
    /// Tries before a job is given up.
    pub max_attempts: i32,
    /// Pause after the first failure; it doubles with every further one.
    pub first_pause: Span,
    /// The longest pause.
    pub longest_pause: Span,
    /// How often to look without being told.
    pub poll: Duration,
}

impl Default for WorkerOptions {
    fn default() -> Self {
        Self {
            parallel: 4,
            lease: Span::from_mins(1),
            limit: Duration::from_secs(600),
            max_attempts: 10,
            first_pause: Span::from_secs(5),
            longest_pause: Span::from_hours(1),
            poll: Duration::from_secs(5),
        }
    }
}

/// Does jobs and recurring work for a store.
pub struct Worker {
    store: Store,
    options: WorkerOptions,
    /// Names this worker in leases.
    owner: String,
    handlers: HashMap<&'static str, Arc<dyn JobHandler>>,
    schedules: Vec<Arc<dyn Schedule>>,
    wake: Arc<Notify>,
}

impl Worker {
    /// A worker that knows no work yet.
    pub fn new(store: &Store, options: WorkerOptions) -> Self {
        let owner = random_uuid(&**store.rng()).simple().to_string();
        let wake = Arc::new(Notify::new());
        let bell = Arc::clone(&wake);
        store.subscribe(move |change| {
            if matches!(change, Change::Jobs | Change::Everything) {
                bell.notify_one();
            }
        });
        Self {
            store: store.background(),
            options,
            owner,
            handlers: HashMap::new(),
            schedules: Vec::new(),
            wake,
        }
    }

    /// Adds who does the jobs of a kind.
    #[must_use]
    pub fn with_handler(mut self, handler: Arc<dyn JobHandler>) -> Self {
        self.handlers.insert(handler.kind(), handler);
        self
    }

    /// Adds recurring work.
    #[must_use]
    pub fn with_schedule(mut self, schedule: Arc<dyn Schedule>) -> Self {
        self.schedules.push(schedule);
        self
    }

    /// Starts working on the present runtime.
    pub fn start(self) -> RunningWorker {
        let (stop, stopped) = watch::channel(false);
        RunningWorker { stop, handle: tokio::spawn(Arc::new(self).work(stopped)) }
    }

    /// Does everything that is due now, one after the other, and returns how many tries and runs that were.
    /// For tests and for commands that want to leave nothing behind.
    pub async fn drain(&self) -> Result<usize, StoreError> {
        let mut count = self.run_schedules().await?;
        loop {
            let claimed = self.claim(1).await?;
            if claimed.is_empty() {
                return Ok(count);
            }
            for job in claimed {
                self.attempt(job).await;
                count += 1;
            }
        }
    }

    async fn work(self: Arc<Self>, mut stopped: watch::Receiver<bool>) {
        let mut running = JoinSet::new();
        while !*stopped.borrow() {
            let free = self.options.parallel.saturating_sub(running.len());
            let pause = match self.take_up(free, &mut running).await {
                Ok(pause) => pause,
                Err(error) => {
                    tracing::warn!(%error, "the job queue cannot be read");
                    self.options.poll
                }
            };
            tokio::select! {
                _ = stopped.changed() => {}
                () = self.wake.notified() => {}
                Some(_) = running.join_next() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
        // What was begun is finished.
        while running.join_next().await.is_some() {}
    }

    /// Begins what is due as far as there is room; how long to wait for the next.
    async fn take_up(
        self: &Arc<Self>,
        free: usize,
        running: &mut JoinSet<()>,
    ) -> Result<Duration, StoreError> {
        let longest = self.options.poll;
        if free == 0 {
            return Ok(longest);
        }
        let waits = self.waits().await?;
        if waits.job.is_some_and(|wait| wait.is_zero()) {
            for job in self.claim(free).await? {
                let worker = Arc::clone(self);
                running.spawn(async move { worker.attempt(job).await });
            }
        }
        if waits.schedule.is_some_and(|wait| wait.is_zero()) {
            let worker = Arc::clone(self);
            running.spawn(async move {
                if let Err(error) = worker.run_schedules().await {
                    tracing::warn!(%error, "recurring work could not be taken up");
                }
            });
        }
        // What was begun wakes the loop when it ends; what somebody else was faster at is looked at again soon.
        let waits = [waits.job, waits.schedule].into_iter().flatten().filter(|wait| !wait.is_zero());
        Ok(waits.min().map_or(longest, |wait| wait.min(longest)))
    }

    fn kinds(&self) -> Vec<&'static str> {
        self.handlers.keys().copied().collect()
    }

    async fn waits(&self) -> Result<Waits, StoreError> {
        let kinds = self.kinds();
        let names: Vec<&'static str> = self.schedules.iter().map(|schedule| schedule.name()).collect();
        self.store
            .read(move |tx| {
                let now = tx.now();
                let job = if kinds.is_empty() { None } else { jobs::next_due(tx, &kinds)? };
                let mut schedule = None;
                for name in &names {
                    // A schedule without a row has never been run.
                    let next = schedules::next_run(tx, name)?.unwrap_or(now);
                    schedule = Some(schedule.map_or(next, |earliest| next.min(earliest)));
                }
                let until = |due: Option<Timestamp>| due.map(|due| due.since(now).to_std());
                Ok(Waits { job: until(job), schedule: until(schedule) })
            })
            .await
    }

    async fn claim(&self, limit: usize) -> Result<Vec<Job>, StoreError> {
        let (kinds, owner, lease) = (self.kinds(), self.owner.clone(), self.options.lease);
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        self.store.write(move |tx| jobs::claim(tx, &owner, &kinds, lease, limit)).await
    }

    async fn run_schedules(&self) -> Result<usize, StoreError> {
        let mut count = 0;
        for recurring in &self.schedules {
            let name = recurring.name();
            let due = self
                .store
                .read(move |tx| {
                    Ok::<_, StoreError>(schedules::next_run(tx, name)?.map(|next| next <= tx.now()))
                })
                .await?;
            if due.is_none() {
                self.store.write(move |tx| schedules::ensure(tx, name)).await?;
            }
            if due.unwrap_or(true)
                && schedule::run_if_due(&self.store, &self.owner, recurring.as_ref()).await?
            {
                count += 1;
            }
        }
        Ok(count)
    }
}

/// How long until something is due; none when nothing is planned.
struct Waits {
    job: Option<Duration>,
    schedule: Option<Duration>,
}

/// A worker at work.
pub struct RunningWorker {
    stop: watch::Sender<bool>,
    handle: JoinHandle<()>,
}

impl RunningWorker {
    /// Takes up nothing new and waits until what was begun is finished. Who drops the future stops waiting;
    /// jobs that are cut off are taken up again when their lease ends.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        if self.handle.await.is_err() {
            tracing::error!("the worker had died");
        }
    }
}

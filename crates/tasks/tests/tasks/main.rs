//! The job queue and the schedules, as stories on both databases.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use async_trait::async_trait;
use countersign_model::{Job, JobId, JobState};
use countersign_store::{Store, StoreError, jobs, on_both_databases, sessions, testing::samples};
use countersign_tasks::{ClearExpired, JobError, JobHandler, Schedule, Worker, WorkerOptions, enqueue};
use countersign_types::{Clock, Span};
use serde_json::json;
use tokio::sync::Notify;

/// Answers with what was prepared, then with success, and remembers what it was given.
#[derive(Default)]
struct Scripted {
    answers: Mutex<VecDeque<Result<(), JobError>>>,
    seen: Mutex<Vec<(JobId, i32)>>,
    running: AtomicUsize,
    most_running: AtomicUsize,
    takes: Duration,
    done: Notify,
}

#[async_trait]
impl JobHandler for Scripted {
    fn kind(&self) -> &'static str {
        "scripted"
    }

    async fn run(&self, job: &Job) -> Result<(), JobError> {
        let running = self.running.fetch_add(1, SeqCst) + 1;
        self.most_running.fetch_max(running, SeqCst);
        tokio::time::sleep(self.takes).await;
        self.running.fetch_sub(1, SeqCst);
        self.seen.lock().unwrap().push((job.id, job.attempts));
        self.done.notify_one();
        assert!(job.payload != json!("panic"), "on purpose");
        self.answers.lock().unwrap().pop_front().unwrap_or(Ok(()))
    }
}

impl Scripted {
    fn failing(times: usize) -> Arc<Self> {
        let answers = (0..times).map(|_| Err(JobError::Again("not now".to_owned()))).collect();
        Arc::new(Self { answers: Mutex::new(answers), ..Self::default() })
    }

    fn seen(&self) -> usize {
        self.seen.lock().unwrap().len()
    }
}

fn worker(store: &Store, handler: &Arc<Scripted>) -> Worker {
    let options = WorkerOptions { max_attempts: 3, ..WorkerOptions::default() };
    Worker::new(store, options).with_handler(Arc::clone(handler) as Arc<dyn JobHandler>)
}

async fn put(store: &Store, payload: &'static str) -> JobId {
    store
        .write(move |tx| {
            let now = tx.now();
            enqueue(tx, "scripted", json!(payload), now)
        })
        .await
        .unwrap()
}

async fn state(store: &Store, id: JobId) -> Job {
    store.read(move |tx| jobs::by_id(tx, id)).await.unwrap().unwrap()
}

/// Nothing that ends within a few seconds is waited for longer.
async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(10), future).await.unwrap()
}

on_both_databases! {
    async fn a_job_is_done_once(world: TestStore) {
        let handler = Scripted::failing(0);
        let worker = worker(world.store(), &handler);
        let id = put(&world, "go").await;
        assert_eq!(worker.drain().await, Ok(1));
        assert_eq!(worker.drain().await, Ok(0));
        assert_eq!(state(&world, id).await.state, JobState::Done);
    }

    async fn a_job_of_an_undone_transaction_never_was(world: TestStore) {
        let handler = Scripted::failing(0);
        let worker = worker(world.store(), &handler);
        let undone: Result<(), StoreError> = world.write(|tx| {
            let now = tx.now();
            enqueue(tx, "scripted", json!("go"), now)?;
            Err(StoreError::Busy)
        }).await;
        assert!(undone.is_err());
        assert_eq!(worker.drain().await, Ok(0));
    }

    async fn a_job_waits_for_its_time(world: TestStore) {
        let handler = Scripted::failing(0);
        let worker = worker(world.store(), &handler);
        world.write(|tx| {
            let later = tx.now().plus(Span::from_hours(1));
            enqueue(tx, "scripted", json!("go"), later)
        }).await.unwrap();
        assert_eq!(worker.drain().await, Ok(0));
        world.clock.advance(Span::from_hours(1));
        assert_eq!(worker.drain().await, Ok(1));
    }

    async fn a_failing_job_is_tried_again_later_and_then_given_up(world: TestStore) {
        let handler = Scripted::failing(9);
        let worker = worker(world.store(), &handler);
        let id = put(&world, "go").await;
        for (pause, expected) in [(5, JobState::Queued), (10, JobState::Queued), (0, JobState::Dead)] {
            assert_eq!(worker.drain().await, Ok(1));
            assert_eq!(worker.drain().await, Ok(0), "not before the pause is over");
            assert_eq!(state(&world, id).await.state, expected);
            world.clock.advance(Span::from_secs(pause));
        }
        assert_eq!(handler.seen(), 3);
        assert_eq!(state(&world, id).await.last_error.as_deref(), Some("not now"));
    }

    async fn a_job_that_panics_has_failed(world: TestStore) {
        let handler = Scripted::failing(0);
        let worker = worker(world.store(), &handler);
        let id = put(&world, "panic").await;
        assert_eq!(worker.drain().await, Ok(1));
        let job = state(&world, id).await;
        assert_eq!((job.state, job.last_error.as_deref()), (JobState::Queued, Some("the job panicked")));
        put(&world, "go").await;
        assert_eq!(worker.drain().await, Ok(1), "the worker lives");
    }

    async fn a_crashed_workers_job_is_taken_over_after_its_lease(world: TestStore) {
        let id = put(&world, "go").await;
        // Claims and is never heard of again.
        let claimed = world
            .write(|tx| jobs::claim(tx, "crashed", &["scripted"], Span::from_mins(1), 1))
            .await
            .unwrap();
        assert_eq!(claimed.len(), 1);
        let handler = Scripted::failing(0);
        let worker = worker(world.store(), &handler);
        assert_eq!(worker.drain().await, Ok(0));
        world.clock.advance(Span::from_mins(1));
        assert_eq!(worker.drain().await, Ok(1));
        assert_eq!(*handler.seen.lock().unwrap(), [(id, 2)]);
        assert_eq!(state(&world, id).await.state, JobState::Done);
    }

    async fn two_workers_never_do_one_job_at_the_same_time(world: TestStore) {
        let handler = Arc::new(Scripted { takes: Duration::from_millis(20), ..Scripted::default() });
        let neighbour = world.neighbour(2);
        let (here, there) = (worker(world.store(), &handler).start(), worker(&neighbour, &handler).start());
        for _ in 0..20 {
            put(&world, "go").await;
        }
        soon(async {
            while handler.seen() < 20 {
                handler.done.notified().await;
            }
        }).await;
        soon(here.stop()).await;
        soon(there.stop()).await;
        let mut seen = handler.seen.lock().unwrap().clone();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!((seen.len(), handler.seen()), (20, 20));
        assert!(handler.most_running.load(SeqCst) > 1, "they did work side by side");
        assert_eq!(world.read(jobs::counts).await, Ok((0, 20, 0)));
    }

    async fn a_worker_wakes_when_a_job_is_written(world: TestStore) {
        let handler = Scripted::failing(0);
        let options = WorkerOptions { poll: Duration::from_secs(3600), ..WorkerOptions::default() };
        let running =
            Worker::new(world.store(), options).with_handler(Arc::clone(&handler) as Arc<dyn JobHandler>).start();
        tokio::time::sleep(Duration::from_millis(100)).await;
        put(&world, "go").await;
        soon(handler.done.notified()).await;
        soon(running.stop()).await;
    }

    async fn an_idle_worker_counts_for_no_budget(world: TestStore) {
        let handler = Scripted::failing(0);
        let options = WorkerOptions { poll: Duration::from_millis(10), ..WorkerOptions::default() };
        let before = world.trips();
        let running = Worker::new(world.store(), options).with_handler(handler as Arc<dyn JobHandler>).start();
        tokio::time::sleep(Duration::from_millis(100)).await;
        soon(running.stop()).await;
        assert_eq!(world.trips(), before);
    }

    async fn a_stopped_worker_finishes_what_it_began(world: TestStore) {
        let handler = Arc::new(Scripted { takes: Duration::from_millis(200), ..Scripted::default() });
        let running = worker(world.store(), &handler).start();
        let id = put(&world, "go").await;
        soon(async {
            while handler.running.load(SeqCst) == 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }).await;
        soon(running.stop()).await;
        assert_eq!(state(&world, id).await.state, JobState::Done);
    }

    async fn a_long_job_keeps_its_lease(world: TestStore) {
        let handler = Arc::new(Scripted { takes: Duration::from_secs(2), ..Scripted::default() });
        let lease = Span::from_micros(90_000);
        let options = WorkerOptions { lease, ..WorkerOptions::default() };
        let slow = Worker::new(world.store(), options).with_handler(Arc::clone(&handler) as Arc<dyn JobHandler>);
        let id = put(&world, "go").await;
        let working = tokio::spawn(async move { slow.drain().await });
        for _ in 0..2 {
            soon(async {
                while state(&world, id).await.lease_until < Some(world.clock.now().plus(lease)) {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            }).await;
            world.clock.advance(Span::from_micros(80_000));
        }
        let other = Scripted::failing(0);
        assert_eq!(worker(world.store(), &other).drain().await, Ok(0), "it is still somebody's");
        assert_eq!(soon(working).await.unwrap(), Ok(1));
        assert_eq!(handler.seen(), 1);
    }

    async fn recurring_work_is_done_by_one_of_several(world: TestStore) {
        let count = Arc::new(AtomicUsize::new(0));
        let neighbour = world.neighbour(2);
        let tick = || Arc::new(Tick(Arc::clone(&count))) as Arc<dyn Schedule>;
        let here = Worker::new(world.store(), WorkerOptions::default()).with_schedule(tick());
        let there = Worker::new(&neighbour, WorkerOptions::default()).with_schedule(tick());
        assert_eq!(here.drain().await, Ok(1));
        assert_eq!(there.drain().await, Ok(0));
        world.clock.advance(Span::from_hours(1));
        assert_eq!(there.drain().await, Ok(1));
        assert_eq!(here.drain().await, Ok(0));
        assert_eq!(count.load(SeqCst), 2);
    }

    async fn a_long_run_of_recurring_work_keeps_nobody_busy(world: TestStore) {
        let slow = Arc::new(Slow::default());
        let neighbour = world.neighbour(2);
        let start = |store: &Store| {
            let schedule = Arc::clone(&slow) as Arc<dyn Schedule>;
            Worker::new(store, WorkerOptions::default()).with_schedule(schedule).start()
        };
        let (here, there) = (start(world.store()), start(&neighbour));
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(slow.runs.load(SeqCst), 1);
        let asked = slow.asked.load(SeqCst);
        assert!(asked < 30, "the workers looked {asked} times");
        soon(here.stop()).await;
        soon(there.stop()).await;
    }

    async fn what_has_expired_is_cleared_in_batches(world: TestStore) {
        let now = world.now();
        world.write(move |tx| {
            for number in 0..200_u8 {
                sessions::create(tx, &samples::session(number, samples::user(1, "ada", now).id, now))?;
            }
            Ok::<_, StoreError>(())
        }).await.unwrap();
        let clearing = Arc::new(ClearExpired::new(world.store())) as Arc<dyn Schedule>;
        let worker = Worker::new(world.store(), WorkerOptions::default()).with_schedule(clearing);
        world.clock.advance(Span::from_hours(2));
        assert_eq!(worker.drain().await, Ok(1));
        let left = world
            .write(|tx| countersign_store::expired::clear(tx, countersign_store::expired::Expiring::Sessions))
            .await;
        assert_eq!(left, Ok(0));
    }
}

/// Takes a while, and counts how often anybody asks for it.
#[derive(Default)]
struct Slow {
    asked: AtomicUsize,
    runs: AtomicUsize,
}

#[async_trait]
impl Schedule for Slow {
    fn name(&self) -> &'static str {
        self.asked.fetch_add(1, SeqCst);
        "slow"
    }

    fn every(&self) -> Span {
        Span::from_hours(1)
    }

    async fn run(&self) -> Result<(), JobError> {
        self.runs.fetch_add(1, SeqCst);
        tokio::time::sleep(Duration::from_secs(1)).await;
        Ok(())
    }
}

/// Counts how often it was run.
struct Tick(Arc<AtomicUsize>);

#[async_trait]
impl Schedule for Tick {
    fn name(&self) -> &'static str {
        "tick"
    }

    fn every(&self) -> Span {
        Span::from_hours(1)
    }

    async fn run(&self) -> Result<(), JobError> {
        self.0.fetch_add(1, SeqCst);
        Ok(())
    }
}

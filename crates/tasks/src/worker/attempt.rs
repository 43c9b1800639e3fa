//! One try of one job: run it on a task of its own, keep its lease, write down how it went.

use std::{sync::Arc, time::Duration};

use countersign_model::Job;
use countersign_store::{StoreError, jobs, jobs::Settled};
use countersign_types::{Span, Timestamp};
use tokio::time::{Instant, sleep_until, timeout_at};

use super::{Worker, WorkerOptions};
use crate::{JobError, JobHandler};

impl Worker {
    pub(super) async fn attempt(&self, job: Job) {
        let (id, kind, attempts) = (job.id, job.kind.clone(), job.attempts);
        let handler = self.handlers.get(kind.as_str()).map(Arc::clone);
        let Some(outcome) = self.run_leased(job.clone(), handler.as_ref()).await else {
            tracing::warn!(job = %id, kind, "the lease on a job was lost");
            return;
        };
        let most = handler.as_ref().and_then(|handler| handler.tries()).unwrap_or(self.options.max_attempts);
        let settled = verdict(outcome, (attempts, most), self.store.now(), &self.options);
        let end = match &settled {
            Settled::Done => "done",
            Settled::Again { error, .. } => {
                tracing::warn!(job = %id, kind, attempts, error, "a job failed and will be tried again");
                "failed"
            }
            Settled::Dead { error } => {
                tracing::error!(job = %id, kind, attempts, error, "a job was given up");
                "dead"
            }
        };
        metrics::counter!("countersign_jobs_total", "kind" => kind, "end" => end).increment(1);
        let owner = self.owner.clone();
        let settle = self.store.write(move |tx| {
            let held = jobs::settle(tx, id, &owner, &settled)?;
            if let (true, Settled::Dead { error }, Some(handler)) = (held, &settled, &handler) {
                handler.given_up(tx, &job, error)?;
            }
            Ok::<_, StoreError>(held)
        });
        match settle.await {
            Ok(true) => {}
            Ok(false) => tracing::warn!(job = %id, "somebody else has taken a job over"),
            // The lease ends and the job is run again: at least once.
            Err(error) => tracing::warn!(job = %id, %error, "the end of a job could not be written"),
        }
    }

    /// Runs a job and renews its lease meanwhile; none when the lease was lost, and with it the job.
    async fn run_leased(
        &self,
        job: Job,
        handler: Option<&Arc<dyn JobHandler>>,
    ) -> Option<Result<(), JobError>> {
        let Some(handler) = handler.map(Arc::clone) else {
            return Some(Err(JobError::Again(format!("nobody does jobs of the kind {}", job.kind))));
        };
        let id = job.id;
        // A task of its own: a panic ends the task and not the worker.
        let mut running = tokio::spawn(async move { handler.run(&job).await });
        let deadline = Instant::now() + self.options.limit;
        let renewal = renewal(self.options.lease);
        loop {
            let next = Instant::now() + renewal;
            tokio::select! {
                ended = timeout_at(deadline, &mut running) => {
                    return Some(match ended {
                        Ok(Ok(outcome)) => outcome,
                        Ok(Err(_)) => Err(JobError::Again("the job panicked".to_owned())),
                        Err(_) => {
                            running.abort();
                            Err(JobError::Again("the job took too long".to_owned()))
                        }
                    });
                }
                () = sleep_until(next) => {
                    let (owner, lease) = (self.owner.clone(), self.options.lease);
                    let renewed: Result<bool, StoreError> = self
                        .store
                        .write(move |tx| {
                            let until = tx.now().plus(lease);
                            jobs::extend(tx, id, &owner, until)
                        })
                        .await;
                    if renewed == Ok(false) {
                        running.abort();
                        return None;
                    }
                }
            }
        }
    }
}

/// A lease is renewed when a third of it is over.
fn renewal(lease: Span) -> Duration {
    (lease.to_std() / 3).max(Duration::from_millis(10))
}

/// What comes after a try.
fn verdict(
    outcome: Result<(), JobError>,
    (attempts, most): (i32, i32),
    now: Timestamp,
    options: &WorkerOptions,
) -> Settled {
    match outcome {
        Ok(()) => Settled::Done,
        Err(JobError::Hopeless(error)) => Settled::Dead { error: bounded(error) },
        Err(JobError::Again(error)) if attempts >= most => Settled::Dead { error: bounded(error) },
        Err(JobError::Again(error)) => {
            Settled::Again { run_at: now.plus(pause(attempts, options)), error: bounded(error) }
        }
    }
}

/// Doubles with every failure.
fn pause(attempts: i32, options: &WorkerOptions) -> Span {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(0).min(30);
    let micros = options.first_pause.as_micros().saturating_mul(1_i64 << doublings);
    Span::from_micros(micros).min(options.longest_pause)
}

/// Errors are for people: the first part says it.
fn bounded(error: String) -> String {
    if error.len() <= 2000 { error } else { error.chars().take(2000).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_bound() {
        let options = WorkerOptions::default();
        let pauses: Vec<i64> =
            [1, 2, 3, 9, 10, 40].map(|attempts| pause(attempts, &options).as_secs()).to_vec();
        assert_eq!(pauses, [5, 10, 20, 1280, 2560, 3600]);
    }

    #[test]
    fn the_last_try_ends_it() {
        let options = WorkerOptions::default();
        let now = Timestamp::from_secs(0);
        let failed = || Err(JobError::Again("no".to_owned()));
        assert!(matches!(verdict(failed(), (1, 2), now, &options), Settled::Again { .. }));
        assert!(matches!(verdict(failed(), (2, 2), now, &options), Settled::Dead { .. }));
        let hopeless = Err(JobError::Hopeless("never".to_owned()));
        assert!(matches!(verdict(hopeless, (1, 2), now, &options), Settled::Dead { .. }));
    }
}

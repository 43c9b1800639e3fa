//! `tasks/…`: jobs, and putting one back that was given up.

use countersign_authz::Permission;
use countersign_model::{EventAction, Job, JobId, JobState};
use countersign_store::jobs::{self, JobFilter};
use countersign_types::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use super::shapes::LogEvent;
use crate::{Access, Answer, ApiError, Call, Endpoint};

const VIEW: Permission = Permission::named("authentik_tasks.view_task");
const RETRY: Permission = Permission::named("authentik_tasks.retry_task");

pub(super) fn rows() -> Vec<Endpoint> {
    vec![
        Endpoint::get("tasks/tasks/", "tasks_tasks_list", Access::Global(VIEW), list)
            .about("Jobs, the latest first.")
            .param::<String>("actor_name", "Only those that this handler does.")
            .param::<String>("aggregated_status", "Only those that stand so: `queued`, `done` or `error`.")
            .param::<u64>("page", "Number of the page, from 1.")
            .param::<u64>("page_size", "Results on a page.")
            .gives_page::<Task>(),
        Endpoint::get("tasks/tasks/status/", "tasks_tasks_status_retrieve", Access::Global(VIEW), status)
            .about("How many jobs stand where.")
            .gives::<GlobalTaskStatus>(),
        Endpoint::get("tasks/tasks/{message_id}/", "tasks_tasks_retrieve", Access::Global(VIEW), retrieve)
            .about("A job.")
            .gives::<Task>(),
        Endpoint::post(
            "tasks/tasks/{message_id}/retry/",
            "tasks_tasks_retry_create",
            Access::Global(RETRY),
            retry,
        )
        .about("Queues a job again that was given up.")
        .status(204),
        Endpoint::get("tasks/workers/", "tasks_workers_list", Access::Global(VIEW), workers)
            .about("Who does jobs: the process that answers does.")
            .gives_shape(crate::Shape::of::<Worker>().many()),
    ]
}

/// A job.
#[derive(Serialize, JsonSchema)]
struct Task {
    /// Identifier.
    message_id: String,
    /// Queue; there is one.
    queue_name: &'static str,
    /// The handler.
    actor_name: String,
    /// Where it stands: `queued`, `running`, `done` or `rejected`.
    state: &'static str,
    /// When it was written, or moved last.
    mtime: String,
    /// Tries so far.
    retries: u32,
    /// Not before.
    eta: Option<String>,
    /// The object that it is about; jobs are about none.
    rel_obj_app_label: &'static str,
    /// Its model.
    rel_obj_model: &'static str,
    /// Its identifier.
    rel_obj_id: Option<String>,
    /// Identifier, again.
    uid: String,
    /// What was said at the last try.
    logs: Vec<LogEvent>,
    /// What was said before.
    previous_logs: Vec<LogEvent>,
    /// Where it stands, and how it went.
    aggregated_status: &'static str,
    /// What it is.
    description: Option<String>,
}

impl Task {
    fn of(job: &Job, now: Timestamp) -> Self {
        let is_running = job.lease_until.is_some_and(|until| until > now);
        let (state, aggregated_status) = match job.state {
            JobState::Queued if is_running => ("running", "running"),
            JobState::Queued => ("queued", "queued"),
            JobState::Done => ("done", "done"),
            JobState::Dead => ("rejected", "error"),
        };
        let level = if job.state == JobState::Dead { "error" } else { "warning" };
        let said = job.last_error.iter().map(|words| LogEvent::new(job.run_at, level, &job.kind, words));
        Self {
            message_id: job.id.to_string(),
            queue_name: "default",
            actor_name: job.kind.clone(),
            state,
            mtime: job.run_at.max(job.created).to_rfc3339(),
            retries: u32::try_from(job.attempts).unwrap_or(0),
            eta: (job.state == JobState::Queued).then(|| job.run_at.to_rfc3339()),
            rel_obj_app_label: "",
            rel_obj_model: "",
            rel_obj_id: None,
            uid: job.id.to_string(),
            logs: said.collect(),
            previous_logs: Vec::new(),
            aggregated_status,
            description: None,
        }
    }
}

async fn list(call: Call) -> Result<Answer, ApiError> {
    let paging = call.paging().await?;
    let wanted = call.query("aggregated_status")?.or(call.query("state")?);
    let state = match wanted {
        None | Some("") => None,
        Some("queued" | "running" | "consumed") => Some(JobState::Queued),
        Some("done" | "info") => Some(JobState::Done),
        Some("error" | "rejected") => Some(JobState::Dead),
        // No job ever stands elsewhere.
        Some(_) => return Answer::json(&paging.answer(0, Vec::new())?),
    };
    let kind = call.query("actor_name")?.filter(|name| !name.is_empty()).map(str::to_owned);
    let (filter, skip, limit) = (JobFilter { state, kind }, paging.skipped(), paging.size);
    let read = move |tx: &mut countersign_store::Tx<'_>| {
        Ok((jobs::count(tx, &filter)?, jobs::list(tx, &filter, skip, limit)?))
    };
    let (count, found) = call.read(read).await?;
    let now = call.app.now();
    let results =
        found.iter().map(|job| serde_json::to_value(Task::of(job, now)).map_err(ApiError::internal));
    Answer::json(&paging.answer(count, results.collect::<Result<_, _>>()?)?)
}

async fn retrieve(call: Call) -> Result<Answer, ApiError> {
    let id = JobId(call.id_arg("message_id")?);
    let job = call.read(move |tx| Ok(jobs::by_id(tx, id)?)).await?.ok_or_else(ApiError::not_found)?;
    Answer::json(&Task::of(&job, call.app.now()))
}

async fn retry(call: Call) -> Result<Answer, ApiError> {
    let id = JobId(call.id_arg("message_id")?);
    call.write(move |tx, cx| {
        let job = jobs::by_id(tx, id)?.ok_or_else(ApiError::not_found)?;
        if !jobs::revive(tx, id)? {
            return Err(ApiError::field("", "invalid", "api-error-task-not-given-up"));
        }
        let change = json!({ "state": { "previous_value": job.state.as_str(), "new_value": "queued" } });
        let draft = cx
            .event(EventAction::ModelUpdated, "countersign.api")
            .about("authentik_tasks.task", &job.kind, id.to_string())
            .with("diff", change);
        Ok(countersign_events::record(tx, draft)?)
    })
    .await?;
    Ok(Answer::empty())
}

/// How many jobs stand where.
#[derive(Default, Serialize, JsonSchema)]
struct GlobalTaskStatus {
    /// Waiting for their time or a worker, or being done.
    queued: i64,
    /// Taken by a worker; counted as queued here.
    consumed: i64,
    /// About to be done; counted as queued here.
    preprocess: i64,
    /// Being done; counted as queued here.
    running: i64,
    /// Just done; counted as queued here.
    postprocess: i64,
    /// Given up.
    rejected: i64,
    /// Done.
    done: i64,
    /// Done, with something to say; counted as done here.
    info: i64,
    /// Done, with something to look at; counted as done here.
    warning: i64,
    /// Failed for good.
    error: i64,
}

async fn status(call: Call) -> Result<Answer, ApiError> {
    let (queued, done, dead) = call.read(|tx| Ok(jobs::counts(tx)?)).await?;
    Answer::json(&GlobalTaskStatus {
        queued,
        done,
        rejected: dead,
        error: dead,
        ..GlobalTaskStatus::default()
    })
}

/// Who does jobs.
#[derive(Serialize, JsonSchema)]
struct Worker {
    /// Its name.
    worker_id: &'static str,
    /// Its version.
    version: &'static str,
    /// Whether that is the server's.
    version_matching: bool,
}

async fn workers(_: Call) -> Result<Answer, ApiError> {
    let own = Worker { worker_id: "countersign", version: env!("CARGO_PKG_VERSION"), version_matching: true };
    Answer::json(&vec![own])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_that_was_given_up_says_why() {
        let now = Timestamp::from_secs(1_000);
        let job = Job {
            id: JobId(countersign_types::RawId::nil()),
            kind: "mail".to_owned(),
            payload: serde_json::Value::Null,
            state: JobState::Dead,
            run_at: now,
            attempts: 10,
            lease_owner: None,
            lease_until: None,
            last_error: Some("no route to host".to_owned()),
            created: now,
        };
        let task = serde_json::to_value(Task::of(&job, now)).unwrap();
        assert_eq!(task["aggregated_status"], "error");
        assert_eq!(task["logs"][0]["event"], "no route to host");
        let waiting = Job { state: JobState::Queued, lease_until: Some(Timestamp::from_secs(2_000)), ..job };
        assert_eq!(Task::of(&waiting, now).aggregated_status, "running");
    }
}

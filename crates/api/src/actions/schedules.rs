//! `tasks/schedules/…`: recurring work, and doing it now.
//!
//! How often it is done is part of the program: there is nothing to change.

use countersign_authz::Permission;
use countersign_crypto::digest;
use countersign_model::EventAction;
use countersign_store::schedules::{self, Recurring};
use countersign_tasks::recurring;
use countersign_types::{RawId, Span};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::{Access, Answer, ApiError, Call, Endpoint};

const VIEW: Permission = Permission::named("authentik_tasks_schedules.view_schedule");
const SEND: Permission = Permission::named("authentik_tasks_schedules.send_schedule");

pub(super) fn rows() -> Vec<Endpoint> {
    vec![
        Endpoint::get("tasks/schedules/", "tasks_schedules_list", Access::Global(VIEW), list)
            .about("Recurring work, by name.")
            .param::<String>("actor_name", "Only what is called so.")
            .param::<u64>("page", "Number of the page, from 1.")
            .param::<u64>("page_size", "Results on a page.")
            .gives_page::<Schedule>(),
        Endpoint::get("tasks/schedules/{id}/", "tasks_schedules_retrieve", Access::Global(VIEW), retrieve)
            .about("One piece of recurring work.")
            .gives::<Schedule>(),
        Endpoint::post(
            "tasks/schedules/{id}/send/",
            "tasks_schedules_send_create",
            Access::Global(SEND),
            send,
        )
        .about("Has it done as soon as a worker is free.")
        .status(204),
    ]
}

/// Recurring work.
#[derive(Clone, Serialize, JsonSchema)]
struct Schedule {
    /// Identifier, which follows from the name.
    id: RawId,
    /// Its name.
    identifier: Option<&'static str>,
    /// Its name, again.
    uid: &'static str,
    /// What does it.
    actor_name: &'static str,
    /// The object that it is about; it is about none.
    rel_obj_app_label: &'static str,
    /// Its model.
    rel_obj_model: &'static str,
    /// Its identifier.
    rel_obj_id: Option<String>,
    /// How often, about: the pause is counted from the end of a run.
    crontab: String,
    /// Whether it waits; it never does.
    paused: bool,
    /// When it is done next.
    next_run: String,
    /// What it is.
    description: Option<&'static str>,
    /// How the last run went; runs are not kept.
    last_task_status: Option<&'static str>,
}

impl Schedule {
    fn of(schedule: &dyn countersign_tasks::Schedule, next: &Recurring) -> Self {
        let name = schedule.name();
        Self {
            id: id_of(name),
            identifier: Some(name),
            uid: name,
            actor_name: name,
            rel_obj_app_label: "",
            rel_obj_model: "",
            rel_obj_id: None,
            crontab: crontab(schedule.every()),
            paused: false,
            next_run: next.next_run.to_rfc3339(),
            description: None,
            last_task_status: None,
        }
    }
}

/// An identifier that follows from a name: half of its SHA-256.
fn id_of(name: &str) -> RawId {
    let half = digest(name).as_bytes().iter().take(16).fold(0_u128, |id, byte| (id << 8) | u128::from(*byte));
    RawId::from_u128(half)
}

/// An interval as the rule of cron that comes next to it.
fn crontab(every: Span) -> String {
    match every.as_secs() / 60 {
        0 | 1 => "* * * * *".to_owned(),
        minutes @ 2..60 => format!("*/{minutes} * * * *"),
        minutes @ 60..1440 => format!("0 */{} * * *", minutes / 60),
        _ => "0 0 * * *".to_owned(),
    }
}

async fn all(call: &Call) -> Result<Vec<Schedule>, ApiError> {
    let found = call.read(|tx| Ok(schedules::all(tx)?)).await?;
    let known = recurring(call.app.store());
    let of = |next: &Recurring| {
        let schedule = known.iter().find(|known| known.name() == next.name)?;
        Some(Schedule::of(&**schedule, next))
    };
    Ok(found.iter().filter_map(of).collect())
}

async fn one(call: &Call) -> Result<Schedule, ApiError> {
    let id = call.id_arg("id")?;
    all(call).await?.into_iter().find(|schedule| schedule.id == id).ok_or_else(ApiError::not_found)
}

async fn list(call: Call) -> Result<Answer, ApiError> {
    let paging = call.paging().await?;
    let wanted = call.query("actor_name")?.filter(|name| !name.is_empty());
    let mut found = all(&call).await?;
    found.retain(|schedule| wanted.is_none_or(|name| name == schedule.actor_name));
    let shown = found.iter().map(|schedule| serde_json::to_value(schedule).map_err(ApiError::internal));
    Answer::json(&paging.cut(shown.collect::<Result<Vec<Value>, _>>()?)?)
}

async fn retrieve(call: Call) -> Result<Answer, ApiError> {
    Answer::json(&one(&call).await?)
}

async fn send(call: Call) -> Result<Answer, ApiError> {
    let name = one(&call).await?.uid;
    call.write(move |tx, cx| {
        if !schedules::hasten(tx, name)? {
            return Ok(());
        }
        let draft = cx
            .event(EventAction::ModelUpdated, "countersign.api")
            .about("authentik_tasks_schedules.schedule", name, id_of(name).to_string())
            .with("diff", serde_json::json!({ "next_run": { "previous_value": null, "new_value": "now" } }));
        Ok(countersign_events::record(tx, draft)?)
    })
    .await?;
    Ok(Answer::empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_read_as_cron_does() {
        let of = |minutes| crontab(Span::from_mins(minutes));
        assert_eq!([of(1), of(5), of(120)], ["* * * * *", "*/5 * * * *", "0 */2 * * *"]);
        assert_eq!(of(60 * 24), "0 0 * * *");
        assert_ne!(id_of("one"), id_of("two"));
    }
}

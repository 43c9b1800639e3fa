//! `admin/…`, `events/…`, `tasks/…`, `root/…`.

use countersign_model::{Job, JobId, JobState};
use countersign_store::{jobs, schedules};
use countersign_testkit::on_both_databases;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::events;
use crate::world::{Program, admin, program_with, token_of};

on_both_databases! {
    async fn settings_are_kept_and_gone_by(app: TestApp) {
        let admin = admin(app).await;
        let settings = admin.get("admin/settings/").await.ok();
        assert_eq!((&settings["event_retention"], &settings["impersonation"]), (&json!("days=365"), &json!(true)));
        let changed = admin.patch("admin/settings/", json!({ "default_token_duration": "hours=2", "avatars": "gravatar" })).await.ok();
        assert_eq!(changed["default_token_duration"], "hours=2");
        assert_eq!(changed.get("avatars"), None, "what nothing goes by is not kept");
        let me = admin.get("core/users/me/").await.ok()["user"]["pk"].clone();
        let made = admin.post("core/tokens/", json!({ "identifier": "short", "user": me })).await.ok();
        app.plant(made["key"].as_str().unwrap());
        app.advance(countersign_types::Span::from_hours(3));
        assert_eq!(Program::new(app, made["key"].as_str()).get("core/users/me/").await.status, 401);
        let changes = events(&admin, "model_updated").await;
        let said = |change: &Value| change["context"]["diff"]["default_token_duration"]["new_value"] == "hours=2";
        assert!(changes.iter().any(said), "{changes:?}");
        for (wrong, field) in [
            (json!({ "event_retention": "for ever" }), "event_retention"),
            (json!({ "event_retention": "days=0" }), "event_retention"),
            (json!({ "pagination_max_page_size": 0 }), "pagination_max_page_size"),
            (json!({ "impersonation": "yes" }), "impersonation"),
        ] {
            let complaint = admin.patch("admin/settings/", wrong).await.expect(StatusCode::BAD_REQUEST);
            assert!(complaint[field].is_array(), "{complaint}");
        }
        let viewer = program_with(app, &admin, "viewer", &[("authentik_rbac.view_system_settings", None)]).await;
        viewer.get("admin/settings/").await.ok();
        assert_eq!(viewer.patch("admin/settings/", json!({ "impersonation": false })).await.status, 403);
    }

    async fn the_system_describes_itself_without_secrets(app: TestApp) {
        let admin = admin(app).await;
        let system = admin.get("admin/system/").await.ok();
        assert_eq!(system["http_headers"]["authorization"], "***");
        assert_eq!(format!("{}/", system["base_url"].as_str().unwrap()), app.base().as_str());
        let version = admin.get("admin/version/").await.ok()["version_current"].clone();
        let history = admin.get("admin/version/history/").await.ok();
        assert_eq!(history[0]["version"], version);
        assert_eq!(admin.get("admin/version/history/1/").await.ok(), history[0]);
        assert_eq!(admin.get("admin/version/history/99/").await.status, 404);
        let apps = admin.get("admin/apps/").await.ok();
        assert!(apps.as_array().unwrap().contains(&json!({ "name": "authentik_core", "label": "Core" })), "{apps}");
        let models = admin.get("admin/models/?filter_has_attributes=true").await.ok();
        assert!(models.as_array().unwrap().iter().any(|model| model["name"] == "authentik_core.user"), "{models}");
        let config = Program::new(app, None).get("root/config/").await.ok();
        assert_eq!(config["capabilities"], json!(["can_impersonate"]));
    }

    async fn recurring_work_is_shown_and_done_now(app: TestApp) {
        let admin = admin(app).await;
        app.store().write(|tx| schedules::ensure(tx, "clear_expired")).await.unwrap();
        let found = admin.get("tasks/schedules/?actor_name=clear_expired").await.ok();
        let found = &found["results"][0];
        assert_eq!((&found["identifier"], &found["crontab"]), (&json!("clear_expired"), &json!("*/5 * * * *")));
        let path = format!("tasks/schedules/{}/", found["id"].as_str().unwrap());
        assert_eq!(admin.get(&path).await.ok()["id"], found["id"]);
        admin.post(&format!("{path}send/"), json!({})).await.expect(StatusCode::NO_CONTENT);
        let viewer = program_with(app, &admin, "viewer", &[("authentik_tasks_schedules.view_schedule", None)]).await;
        viewer.get(&path).await.ok();
        assert_eq!(viewer.post(&format!("{path}send/"), json!({})).await.status, 403);
    }

    async fn a_job_that_was_given_up_is_queued_again(app: TestApp) {
        let admin = admin(app).await;
        let id = app.store().write(|tx| {
            let now = tx.now();
            let job = Job {
                id: JobId::timed(now, tx.rng()),
                kind: "nobody_does_this".to_owned(),
                payload: Value::Null,
                state: JobState::Dead,
                run_at: now,
                attempts: 10,
                lease_owner: None,
                lease_until: None,
                last_error: Some("no route to host".to_owned()),
                created: now,
            };
            jobs::create(tx, &job)?;
            Ok::<_, countersign_store::StoreError>(job.id)
        }).await.unwrap();
        let found = admin.get("tasks/tasks/?aggregated_status=error").await.ok();
        assert_eq!(found["results"][0]["logs"][0]["event"], "no route to host", "{found}");
        assert_eq!(admin.get("tasks/tasks/status/").await.ok()["error"], 1);
        let path = format!("tasks/tasks/{id}/retry/");
        admin.post(&path, json!({})).await.expect(StatusCode::NO_CONTENT);
        assert_eq!(admin.get(&format!("tasks/tasks/{id}/")).await.ok()["state"], "queued");
        admin.post(&path, json!({})).await.expect(StatusCode::BAD_REQUEST);
        let nobody = program_with(app, &admin, "nobody", &[]).await;
        assert_eq!(nobody.post(&path, json!({})).await.status, 403);
        assert_eq!(nobody.get(&format!("tasks/tasks/{id}/")).await.status, 404, "what it says of itself is not for all");
        assert_eq!(nobody.get("admin/version/history/1/").await.status, 404);
        assert_eq!(admin.get("tasks/workers/").await.ok()[0]["version_matching"], true);
    }

    async fn events_are_counted(app: TestApp) {
        let admin = admin(app).await;
        app.user("ada").await;
        token_of(app, "ada", "api").await;
        let actions = admin.get("events/events/actions/").await.ok();
        assert!(actions.as_array().unwrap().iter().any(|action| action["component"] == "impersonation_started"));
        let volume = admin.get("events/events/volume/?action=login&history_days=1").await.ok();
        assert!(volume[0]["count"].as_u64().unwrap() >= 1, "{volume}");
        assert_eq!(volume[0]["action"], "login");
        let stats = admin.get("events/events/stats/?count_steps=hours%3D1&action=login").await.ok();
        assert!(stats["count_step"]["hours=1"].as_u64().unwrap() >= 1, "{stats}");
        assert!(stats["unique_users"].as_u64().unwrap() >= 1, "{stats}");
        assert_eq!(admin.get("events/events/top_per_user/").await.ok(), json!([]));
        assert_eq!(admin.get("events/events/volume/?username=nobody").await.ok(), json!([]));
        assert_eq!(admin.get("events/events/volume/?action=nonsense").await.status, 400);
        let narrow = program_with(app, &admin, "narrow", &[("authentik_core.view_user", None)]).await;
        assert_eq!(narrow.get("events/events/volume/").await.status, 403);
    }
}

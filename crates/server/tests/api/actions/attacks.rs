//! What a delegated administrator tries in order to become more than he is.

use countersign_testkit::{TestApp, on_both_databases};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Browser, pk_of};
use crate::world::{Program, admin, browser_asks, program_with};

/// What a help desk may do.
const HELP_DESK: [&str; 14] = [
    "authentik_core.view_user",
    "authentik_core.change_user",
    "authentik_core.reset_user_password",
    "authentik_core.impersonate",
    "authentik_core.view_group",
    "authentik_core.add_user_to_group",
    "authentik_core.remove_user_from_group",
    "authentik_core.view_token",
    "authentik_core.add_token",
    "authentik_core.set_token_key",
    "authentik_core.view_token_key",
    "authentik_rbac.view_role",
    "authentik_rbac.assign_role_permissions",
    "authentik_rbac.unassign_role_permissions",
];

async fn help_desk(app: &TestApp, admin: &Program) -> Program {
    let permissions: Vec<(&str, Option<&str>)> = HELP_DESK.iter().map(|name| (*name, None)).collect();
    program_with(app, admin, "helper", &permissions).await
}

async fn admins(admin: &Program) -> Value {
    let found = admin.get("core/groups/?is_superuser=true").await.ok();
    found["results"][0].clone()
}

on_both_databases! {
    async fn a_help_desk_does_not_take_over_an_administrator(app: TestApp) {
        let admin = admin(app).await;
        let helper = help_desk(app, &admin).await;
        let (_, _) = app.user("ada").await;
        let (root, ada) = (pk_of(&admin, "akadmin").await, pk_of(&admin, "ada").await);
        let password = json!({ "password": app.new_password() });
        for (what, body) in [
            ("set_password", password.clone()),
            ("recovery", json!({})),
        ] {
            let refused = helper.post(&format!("core/users/{root}/{what}/"), body.clone()).await;
            assert_eq!(refused.status, 403, "{what}: {}", refused.text);
            helper.post(&format!("core/users/{ada}/{what}/"), body).await.ok();
        }
        let token = json!({ "identifier": "borrowed", "intent": "api", "user": root });
        assert_eq!(helper.post("core/tokens/", token).await.status, 403);
        let key = json!({ "key": "a key that somebody chose for himself" });
        assert_eq!(helper.post("core/tokens/akadmin-api/set_key/", key).await.status, 403);
        for change in [json!({ "is_active": false }), json!({ "email": "mallory@example.com" })] {
            assert_eq!(helper.patch(&format!("core/users/{root}/"), change).await.status, 403);
        }
        app.sign_in("akadmin", app.admin_password()).await;
    }

    async fn a_help_desk_does_not_act_as_an_administrator(app: TestApp) {
        let admin = admin(app).await;
        help_desk(app, &admin).await;
        app.user("ada").await;
        let helper = pk_of(&admin, "helper").await;
        let password = app.new_password();
        admin.post(&format!("core/users/{helper}/set_password/"), json!({ "password": password })).await.ok();
        let browser = Browser::of(app.sign_in("helper", &password).await).await;
        let act = |pk: i64| format!("core/users/{pk}/impersonate/");
        let root = pk_of(&admin, "akadmin").await;
        assert_eq!(browser.post(&act(root), json!({ "reason": "promotion" })).await.0, 403);
        assert_eq!(browser.post(&act(helper), json!({ "reason": "myself" })).await.0, 400);
        admin.patch(&format!("core/users/{}/", pk_of(&admin, "ada").await), json!({ "is_active": false })).await.ok();
        assert_eq!(browser.post(&act(pk_of(&admin, "ada").await), json!({ "reason": "asleep" })).await.0, 400);
    }

    async fn nobody_is_made_an_administrator_by_somebody_who_is_none(app: TestApp) {
        let admin = admin(app).await;
        let helper = help_desk(app, &admin).await;
        let (own, root) = (pk_of(&admin, "helper").await, pk_of(&admin, "akadmin").await);
        let admins = admins(&admin).await;
        let path = |what: &str| format!("core/groups/{}/{what}/", admins["pk"].as_str().unwrap());
        assert_eq!(helper.post(&path("add_user"), json!({ "pk": own })).await.status, 403);
        assert_eq!(helper.post(&path("remove_user"), json!({ "pk": root })).await.status, 403);
        // Nor through a group that belongs to theirs.
        let child = json!({ "name": "Juniors", "parents": [admins["pk"]] });
        let child = admin.post("core/groups/", child).await.ok();
        let path = format!("core/groups/{}/add_user/", child["pk"].as_str().unwrap());
        assert_eq!(helper.post(&path, json!({ "pk": own })).await.status, 403);
        let groups = json!({ "groups": [child["pk"]] });
        assert_eq!(helper.patch(&format!("core/users/{own}/"), groups).await.status, 403);
    }

    async fn nobody_gives_a_role_what_he_lacks(app: TestApp) {
        let admin = admin(app).await;
        let helper = help_desk(app, &admin).await;
        let own = admin.get("rbac/roles/?search=role%20of%20helper").await.ok()["results"][0]["pk"].clone();
        let path = |what: &str| format!("rbac/permissions/assigned_by_roles/{}/{what}/", own.as_str().unwrap());
        for permission in ["authentik_core.delete_user", "authentik_rbac.edit_system_settings"] {
            let refused = helper.post(&path("assign"), json!({ "permissions": [permission] })).await;
            assert_eq!(refused.status, 403, "{permission}: {}", refused.text);
        }
        helper.post(&path("assign"), json!({ "permissions": ["authentik_core.view_user"] })).await.ok();
        let boss = json!({ "name": "boss", "permissions": [{ "permission": "authentik_core.delete_user" }] });
        let boss = admin.post("rbac/roles/", boss).await.ok()["pk"].clone();
        let give = format!("rbac/roles/{}/add_user/", boss.as_str().unwrap());
        assert_eq!(helper.post(&give, json!({ "pk": pk_of(&admin, "helper").await })).await.status, 403);
        let unassign = format!("rbac/permissions/assigned_by_roles/{}/unassign/", boss.as_str().unwrap());
        let refused = helper.patch(&unassign, json!({ "permissions": ["authentik_core.delete_user"] })).await;
        assert_eq!(refused.status, 403, "nor takes it from others: {}", refused.text);
    }

    async fn what_is_not_visible_is_not_found(app: TestApp) {
        let admin = admin(app).await;
        let blind = program_with(app, &admin, "blind", &[("authentik_core.view_application", None)]).await;
        app.user("ada").await;
        let (ada, admins) = (pk_of(&admin, "ada").await, admins(&admin).await);
        for (path, body) in [
            (format!("core/users/{ada}/set_password/"), json!({ "password": app.new_password() })),
            (format!("core/users/{ada}/recovery/"), json!({})),
            (format!("core/users/{ada}/impersonate/"), json!({ "reason": "curiosity" })),
            (format!("core/groups/{}/add_user/", admins["pk"].as_str().unwrap()), json!({ "pk": ada })),
            ("core/tokens/akadmin-api/set_key/".to_owned(), json!({ "key": "a key that somebody chose" })),
        ] {
            let status = blind.post(&path, body.clone()).await.status;
            assert!(matches!(status, 403 | 404), "{path}: {status}");
            let nowhere = path.replace(&format!("/{ada}/"), "/999999/").replace("akadmin-api", "nobody");
            assert_eq!(blind.post(&nowhere, body).await.status, status, "{path}: what is there is not told apart");
        }
        for (path, nowhere) in [
            ("core/tokens/akadmin-api/view_key/", "core/tokens/nobody/view_key/"),
            ("flows/instances/default-authentication-flow/export/", "flows/instances/nowhere/export/"),
            ("flows/inspector/default-authentication-flow/", "flows/inspector/nowhere/"),
            ("flows/instances/default-authentication-flow/diagram/", "flows/instances/nowhere/diagram/"),
        ] {
            let status = blind.get(path).await.status;
            assert!(matches!(status, 403 | 404), "{path}: {status}");
            assert_eq!(blind.get(nowhere).await.status, status, "{path}: what is there is not told apart");
        }
    }

    async fn impersonation_is_not_begun_or_ended_by_another_site(app: TestApp) {
        let admin = admin(app).await;
        app.user("ada").await;
        let path = format!("core/users/{}/impersonate/", pk_of(&admin, "ada").await);
        let own = Browser::of(app.admin().await).await;
        let body = || Some(json!({ "reason": "planted" }));
        assert_eq!(browser_asks(&own.person, Method::POST, &path, &[], body()).await.0, 403);
        let site = [("sec-fetch-site", "cross-site"), ("x-authentik-csrf", own.csrf.as_str())];
        assert_eq!(browser_asks(&own.person, Method::POST, &path, &site, body()).await.0, 403);
        assert_eq!(own.post(&path, json!({ "reason": "asked for" })).await.0, 204);
        let end = "core/users/impersonate_end/";
        let status = browser_asks(&own.person, Method::GET, end, &[("sec-fetch-site", "cross-site")], None).await.0;
        assert_eq!(status, 403);
        assert_eq!(own.get("core/users/me/").await.1["user"]["username"], "ada", "still");
    }

    async fn a_policy_is_not_run_by_whoever_may_only_look_at_it(app: TestApp) {
        let admin = admin(app).await;
        let policy = json!({ "name": "spy", "expression": "return True" });
        let policy = admin.post("policies/expression/", policy).await.ok()["pk"].clone();
        let looks = [("authentik_policies_expression.view_expressionpolicy", None), ("authentik_core.view_user", None)];
        let viewer = program_with(app, &admin, "viewer", &looks).await;
        let path = format!("policies/all/{}/test/", policy.as_str().unwrap());
        let body = json!({ "user": pk_of(&admin, "viewer").await });
        assert_eq!(viewer.post(&path, body.clone()).await.status, 403);
        admin.post(&path, body).await.expect(StatusCode::OK);
    }
}

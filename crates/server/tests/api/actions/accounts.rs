//! `core/users/…` and `core/groups/…`.

use countersign_store::users;
use countersign_testkit::on_both_databases;
use countersign_types::Span;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{Browser, events, pk_of};
use crate::world::{Program, admin, program_with, token_of};

on_both_databases! {
    async fn everybody_learns_who_he_is(app: TestApp) {
        let admin = admin(app).await;
        let me = admin.get("core/users/me/").await.ok();
        assert_eq!((&me["user"]["username"], &me["user"]["is_superuser"]), (&json!("akadmin"), &json!(true)));
        assert_eq!(me.get("original"), None);
        assert!(me["user"]["system_permissions"].as_array().unwrap().contains(&json!("access_admin_interface")));
        let ada = program_with(app, &admin, "ada", &[("authentik_core.view_group", None)]).await;
        let me = ada.get("core/users/me/").await.ok();
        assert_eq!(me["user"]["is_superuser"], false);
        let own = ada.get("stages/all/user_settings/").await.ok();
        let password = own.as_array().unwrap().iter().find(|one| one["component"] == "ak-user-settings-password").unwrap();
        assert!(password["configure_url"].as_str().unwrap().contains(password["object_uid"].as_str().unwrap()), "{own}");
        assert_eq!(me["user"]["system_permissions"], json!([]));
        assert_eq!(me["user"]["roles"][0]["name"], "role of ada");
        assert_eq!(Program::new(app, None).get("core/users/me/").await.status, 401);
    }

    async fn a_new_password_ends_the_sessions_of_the_old_one(app: TestApp) {
        let admin = admin(app).await;
        let (ada, old) = app.user("ada").await;
        let pk = pk_of(&admin, "ada").await;
        let new = app.new_password();
        let path = format!("core/users/{pk}/set_password/");
        admin.post(&path, json!({ "password": new })).await.expect(StatusCode::NO_CONTENT);
        assert_eq!(ada.get("/if/user/").await.status, 302, "signed out at once");
        let page = app.anonymous().sign_in_at("/", "ada", &old).await;
        assert_ne!(page.path(), "/if/user/", "the old password is worth nothing");
        app.sign_in("ada", &new).await;
        let letter = app.mail.to_with("ada@example.com", "What was changed: Password").await;
        assert!(letter.text.contains("By: An administrator"), "{}", letter.text);
        let found = events(&admin, "password_set").await;
        let about = |event: &Value| event["user"]["username"] == "akadmin" && event["context"]["model"]["name"] == "ada";
        assert!(found.iter().any(about), "{found:?}");
        let complaint = admin.post(&path, json!({ "password": "" })).await.expect(StatusCode::BAD_REQUEST);
        assert!(complaint["password"].is_array(), "{complaint}");
        let complaint = admin.post(&path, json!({})).await.expect(StatusCode::BAD_REQUEST);
        assert!(complaint["password"].is_array(), "{complaint}");
    }

    async fn a_recovery_link_lets_somebody_in_once(app: TestApp) {
        let admin = admin(app).await;
        app.user("ada").await;
        let path = format!("core/users/{}/recovery/", pk_of(&admin, "ada").await);
        let link = admin.post(&path, json!({ "token_duration": "hours=1" })).await.ok()["link"].as_str().unwrap().to_owned();
        app.plant(link.trim_end_matches('/').rsplit('/').next().unwrap());
        assert!(link.starts_with(app.base().as_str()), "{link}");
        let ada = app.anonymous();
        let page = ada.visit(&link).await;
        let page = ada.answer(&page, &[]).await;
        assert_eq!(page.path(), "/if/user/settings/", "{} {}", page.status, page.body);
        let again = app.anonymous();
        let page = again.visit(&link).await;
        assert_eq!(again.answer(&page, &[]).await.status, 403, "used up");
        // Without a body the link works for half an hour.
        let request = admin.request(reqwest::Method::POST, &path);
        let link = admin.send(request).await.ok()["link"].as_str().unwrap().to_owned();
        app.advance(Span::from_mins(31));
        let late = app.anonymous();
        let page = late.visit(&link).await;
        assert_eq!(late.answer(&page, &[]).await.status, 403, "too late");
        let complaint = admin.post(&path, json!({ "token_duration": "for ever" })).await;
        assert!(complaint.expect(StatusCode::BAD_REQUEST)["token_duration"].is_array());
    }

    async fn a_recovery_link_goes_to_the_users_own_address(app: TestApp) {
        let admin = admin(app).await;
        app.user("ada").await;
        let pk = pk_of(&admin, "ada").await;
        let path = format!("core/users/{pk}/recovery_email/");
        admin.post(&path, json!({ "token_duration": "hours=1" })).await.expect(StatusCode::NO_CONTENT);
        let received = app.mail.to_with("ada@example.com", "/use-token/").await;
        app.plant(received.link().trim_end_matches('/').rsplit('/').next().unwrap());
        let ada = app.anonymous();
        let page = ada.visit(received.link()).await;
        let page = ada.answer(&page, &[]).await;
        assert_eq!(page.path(), "/if/user/settings/", "{} {}", page.status, page.body);
        // With the template and the subject of an e-mail stage.
        let stage = json!({ "name": "welcome", "subject": "Welcome back", "template": "email/account_confirmation.html" });
        let stage = admin.post("stages/email/", stage).await.ok();
        assert_eq!(stage.get("password"), None);
        let order = json!({ "email_stage": stage["pk"] });
        admin.post(&path, order).await.expect(StatusCode::NO_CONTENT);
        let received = app.mail.to_with("ada@example.com", "/use-token/").await;
        app.plant(received.link().trim_end_matches('/').rsplit('/').next().unwrap());
        assert_eq!(received.subject, "Welcome back");
        let nowhere = json!({ "email_stage": "00000000-0000-4000-8000-000000000000" });
        let complaint = admin.post(&path, nowhere).await.expect(StatusCode::BAD_REQUEST);
        assert!(complaint["email_stage"].is_array(), "{complaint}");
        admin.patch(&format!("core/users/{pk}/"), json!({ "email": "" })).await.ok();
        let complaint = admin.post(&path, json!({})).await.expect(StatusCode::BAD_REQUEST);
        assert!(complaint["email"].is_array(), "{complaint}");
        let templates = admin.get("stages/email/templates/").await.ok();
        assert!(templates.as_array().unwrap().iter().any(|one| one["name"] == "email/password_reset.html"));
        let sent = admin.post("admin/email/test/", json!({ "to": "test@example.com" })).await.ok();
        assert_eq!(sent["successful"], true, "{sent}");
        app.mail.to("test@example.com").await;
        app.mail.close();
        let failed = admin.post("admin/email/test/", json!({ "to": "test@example.com" })).await.ok();
        assert_eq!(failed["successful"], false, "{failed}");
        let complaint = admin.post("admin/email/test/", json!({ "to": "nobody" })).await;
        assert!(complaint.expect(StatusCode::BAD_REQUEST)["to"].is_array());
    }

    async fn an_administrator_acts_as_somebody_and_returns(app: TestApp) {
        let admin = admin(app).await;
        let group = admin.post("core/groups/", json!({ "name": "Readers" })).await.ok();
        app.user("ada").await;
        let ada = pk_of(&admin, "ada").await;
        let role = json!({ "name": "writers", "permissions": [
            { "permission": "authentik_core.view_group" }, { "permission": "authentik_core.change_group" },
        ] });
        let role = admin.post("rbac/roles/", role).await.ok();
        admin.patch(&format!("core/users/{ada}/"), json!({ "roles": [role["pk"]] })).await.ok();

        let own = Browser::of(app.admin().await).await;
        let path = format!("core/users/{ada}/impersonate/");
        let (status, body) = own.post(&path, json!({ "reason": "" })).await;
        assert_eq!(status, 400, "a reason is needed: {body}");
        let (status, body) = own.post(&path, json!({ "reason": "her ticket 7" })).await;
        assert_eq!(status, 204, "{body}");
        let acting = Browser::of(own.person.clone()).await;
        let (_, me) = acting.get("core/users/me/").await;
        assert_eq!((&me["user"]["username"], &me["original"]["username"]), (&json!("ada"), &json!("akadmin")));
        let started = &events(&admin, "impersonation_started").await[0];
        assert_eq!((&started["user"]["username"], &started["context"]["reason"]), (&json!("akadmin"), &json!("her ticket 7")));

        let change = acting.send(reqwest::Method::PATCH, &format!("core/groups/{}/", group["pk"].as_str().unwrap()),
            Some(json!({ "name": "Writers" }))).await;
        assert_eq!(change.0, 200, "{}", change.1);
        let changed = events(&admin, "model_updated").await;
        let by_both = |event: &Value| {
            event["user"]["username"] == "akadmin" && event["user"]["on_behalf_of"]["username"] == "ada"
        };
        assert!(changed.iter().any(by_both), "who really did it, and in whose place: {changed:?}");

        let other = admin.post("core/users/", json!({ "username": "bob", "name": "Bob" })).await.ok();
        let (status, body) = acting.post(&format!("core/users/{}/impersonate/", other["pk"]), json!({ "reason": "more" })).await;
        assert!(matches!(status, 400 | 403 | 404), "nobody acts as somebody from within: {status} {body}");

        let (status, _) = acting.get("core/users/impersonate_end/").await;
        assert_eq!(status, 204);
        let (_, me) = own.get("core/users/me/").await;
        assert_eq!((&me["user"]["username"], me.get("original")), (&json!("akadmin"), None));
        assert_eq!(events(&admin, "impersonation_ended").await[0]["user"]["username"], "akadmin");
        let (status, _) = own.get("core/users/impersonate_end/").await;
        assert_eq!(status, 204, "there is nothing to end");
    }

    async fn impersonation_can_be_switched_off_and_needs_a_browser(app: TestApp) {
        let admin = admin(app).await;
        app.user("ada").await;
        let path = format!("core/users/{}/impersonate/", pk_of(&admin, "ada").await);
        let refused = admin.post(&path, json!({ "reason": "a script" })).await.expect(StatusCode::BAD_REQUEST);
        assert!(refused["non_field_errors"].is_array(), "{refused}");
        admin.patch("admin/settings/", json!({ "impersonation": false })).await.ok();
        assert_eq!(admin.get("root/config/").await.ok()["capabilities"], json!([]));
        let own = Browser::of(app.admin().await).await;
        assert_eq!(own.post(&path, json!({ "reason": "now?" })).await.0, 403);
        admin.patch("admin/settings/", json!({ "impersonation": true, "impersonation_require_reason": false })).await.ok();
        assert_eq!(own.post(&path, json!({ "reason": "" })).await.0, 204);
    }

    async fn a_hash_made_elsewhere_is_a_password(app: TestApp) {
        let admin = admin(app).await;
        app.user("ada").await;
        let kept = app.store().read(move |tx| users::by_username(tx, "ada")).await.unwrap().unwrap();
        let hash = kept.password.unwrap().expose().clone();
        admin.post("core/users/", json!({ "username": "bob", "name": "Bob" })).await.ok();
        let path = format!("core/users/{}/set_password_hash/", pk_of(&admin, "bob").await);
        let complaint = admin.post(&path, json!({ "password": "plain text" })).await.expect(StatusCode::BAD_REQUEST);
        assert!(complaint["password"].is_array(), "{complaint}");
        admin.post(&path, json!({ "password": hash })).await.expect(StatusCode::NO_CONTENT);
        let bob = app.store().read(move |tx| users::by_username(tx, "bob")).await.unwrap().unwrap();
        assert_eq!(bob.password.unwrap().expose(), &hash);
        assert!(bob.password_change_date.is_some());
        let events = events(&admin, "password_set").await;
        let about_bob = |event: &Value| event["context"]["model"]["name"] == "bob";
        assert!(events.iter().any(about_bob), "{events:?}");
        let stranger = program_with(app, &admin, "stranger", &[("authentik_core.view_user", None)]).await;
        assert_eq!(stranger.post(&path, json!({ "password": hash })).await.status, 403);
    }

    async fn a_service_account_is_made_in_one_go(app: TestApp) {
        let admin = admin(app).await;
        let asked = json!({ "name": "Backup Robot", "create_group": true, "expires": "2099-01-01T00:00:00Z" });
        let made = admin.post("core/users/service_account/", asked.clone()).await.ok();
        let token = made["token"].as_str().unwrap();
        app.plant(token);
        assert!(token.len() >= 40);
        let user = admin.get(&format!("core/users/{}/", made["user_pk"])).await.ok();
        assert_eq!((&user["username"], &user["type"]), (&json!("Backup Robot"), &json!("service_account")));
        assert_eq!(user["uid"], made["user_uid"]);
        assert_eq!(user["groups"], json!([made["group_pk"]]));
        let kept = admin.get("core/tokens/service-account-backup-robot-password/").await.ok();
        assert_eq!(kept["intent"], "app_password");
        assert!(kept["expires"].as_str().unwrap().starts_with("2099-01-01"), "{kept}");
        let again = admin.post("core/users/service_account/", asked).await.expect(StatusCode::BAD_REQUEST);
        assert!(again["name"].is_array(), "{again}");
        assert_eq!(Program::new(app, Some(token)).get("core/users/").await.status, 401, "it opens no API");
    }

    async fn users_join_groups_and_leave_them(app: TestApp) {
        let admin = admin(app).await;
        let group = admin.post("core/groups/", json!({ "name": "Readers" })).await.ok();
        let ada = admin.post("core/users/", json!({ "username": "ada", "name": "Ada" })).await.ok();
        let path = |what: &str| format!("core/groups/{}/{what}/", group["pk"].as_str().unwrap());
        admin.post(&path("add_user"), json!({ "pk": ada["pk"] })).await.expect(StatusCode::NO_CONTENT);
        admin.post(&path("add_user"), json!({ "pk": ada["pk"] })).await.expect(StatusCode::NO_CONTENT);
        let address = format!("core/users/{}/", ada["pk"]);
        assert_eq!(admin.get(&address).await.ok()["groups"], json!([group["pk"]]));
        admin.post(&path("remove_user"), json!({ "pk": ada["pk"] })).await.expect(StatusCode::NO_CONTENT);
        assert_eq!(admin.get(&address).await.ok()["groups"], json!([]));
        assert_eq!(admin.post(&path("add_user"), json!({ "pk": 999_999 })).await.status, 404);
        let changes = events(&admin, "model_updated").await;
        let about = changes.iter().filter(|change| change["context"]["model"]["name"] == "Readers").count();
        assert_eq!(about, 2, "nothing is said of what changed nothing: {changes:?}");
    }

    async fn places_of_the_directory_are_listed(app: TestApp) {
        let admin = admin(app).await;
        for (name, path) in [("ada", "staff/engines"), ("bob", "staff"), ("eve", "guests")] {
            admin.post("core/users/", json!({ "username": name, "name": name, "path": path })).await.ok();
        }
        let paths = admin.get("core/users/paths/?search=staff").await.ok();
        assert_eq!(paths["paths"], json!(["staff", "staff/engines"]));
        let bob = admin.get("core/users/?username=bob").await.ok()["results"][0]["uuid"].clone();
        let narrow = program_with(app, &admin, "narrow", &[("authentik_core.view_user", bob.as_str())]).await;
        assert_eq!(narrow.get("core/users/paths/").await.ok()["paths"], json!(["staff"]));
    }

    async fn deactivation_ends_sessions_and_tokens_at_once(app: TestApp) {
        let admin = admin(app).await;
        let (ada, _) = app.user("ada").await;
        let token = token_of(app, "ada", "api").await;
        let program = Program::new(app, Some(&token));
        program.get("core/users/me/").await.ok();
        let address = format!("core/users/{}/", pk_of(&admin, "ada").await);
        admin.patch(&address, json!({ "is_active": false })).await.ok();
        assert_eq!(program.get("core/users/me/").await.status, 401);
        assert_eq!(ada.get("/if/user/").await.status, 302);
        let shown = admin.get("core/tokens/ada-api/").await.ok();
        assert_eq!(shown["user_obj"]["is_active"], false, "and the token's page says why");
        admin.patch(&address, json!({ "is_active": true })).await.ok();
        assert_eq!(ada.get("/if/user/").await.status, 302, "a session that ended does not come back");
    }
}

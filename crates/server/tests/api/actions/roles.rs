//! `rbac/…`.

use countersign_testkit::on_both_databases;
use reqwest::StatusCode;
use serde_json::json;

use super::pk_of;
use crate::world::{Program, admin, program_with, token_of};

on_both_databases! {
    async fn permissions_are_listed_with_words(app: TestApp) {
        let admin = admin(app).await;
        let found = admin.get("rbac/permissions/?codename=view_user").await.ok();
        assert_eq!(found["results"][0]["name"], "Can view User");
        let id = &found["results"][0]["id"];
        assert_eq!(admin.get(&format!("rbac/permissions/{id}/")).await.ok()["codename"], "view_user");
        let all = admin.get("rbac/permissions/?page_size=100").await.ok();
        assert!(all["pagination"]["count"].as_u64().unwrap() > 100, "{}", all["pagination"]);
        let system = admin.get("rbac/permissions/?search=edit_system_settings").await.ok();
        assert_eq!(system["results"][0]["app_label"], "authentik_rbac");
    }

    async fn whoever_makes_an_object_is_given_what_his_role_says(app: TestApp) {
        let admin = admin(app).await;
        let program = program_with(app, &admin, "maker", &[("authentik_core.add_group", None)]).await;
        let role = admin.get("rbac/roles/?name=role of maker").await.ok()["results"][0]["pk"].clone();
        let id = async |codename: &str| {
            admin.get(&format!("rbac/permissions/?codename={codename}")).await.ok()["results"][0]["id"].clone()
        };
        let (view, change) = (id("view_group").await, id("change_group").await);
        let asked = json!({ "name": "own groups", "role": role, "permissions": [view, change] });
        let initial = admin.post("rbac/initial_permissions/", asked).await.expect(StatusCode::CREATED);
        assert!(initial["pk"].is_i64(), "{initial}");
        assert_eq!(initial["permissions"].as_array().unwrap().len(), 2);
        assert!(initial["permissions"].as_array().unwrap().contains(&view));
        assert_eq!(initial["permissions_obj"][0]["model"], "group");
        let own = format!("rbac/initial_permissions/{}/", initial["pk"]);
        assert_eq!(admin.get(&own).await.ok(), initial);

        let made = program.post("core/groups/", json!({ "name": "Mine" })).await.expect(StatusCode::CREATED);
        assert_eq!(made["name"], "Mine", "who makes it may see it at once");
        admin.post("core/groups/", json!({ "name": "Not mine" })).await.ok();
        let seen = program.get("core/groups/").await.ok();
        assert_eq!((seen["results"].as_array().unwrap().len(), &seen["results"][0]["name"]), (1, &json!("Mine")));
        let path = format!("core/groups/{}/", made["pk"].as_str().unwrap());
        program.patch(&path, json!({ "attributes": { "room": 1 } })).await.ok();
        assert_eq!(program.delete(&path).await.status, 403);

        let complaint = admin.patch(&own, json!({ "permissions": [1] })).await.expect(StatusCode::BAD_REQUEST);
        assert!(complaint["permissions.0"].is_array(), "{complaint}");
        let one = admin.patch(&own, json!({ "permissions": ["authentik_core.view_group"] })).await.ok();
        assert_eq!(one["permissions"], json!([view]), "names will do");
        admin.delete(&own).await.expect(StatusCode::NO_CONTENT);
        assert_eq!(program.get(&path).await.status, 200, "what was given stays");
    }

    async fn a_role_is_given_permissions_and_users(app: TestApp) {
        let admin = admin(app).await;
        let role = admin.post("rbac/roles/", json!({ "name": "readers" })).await.ok()["pk"].as_str().unwrap().to_owned();
        app.user("ada").await;
        let ada = pk_of(&admin, "ada").await;
        let program = Program::new(app, Some(&token_of(app, "ada", "api").await));
        let group = admin.post("core/groups/", json!({ "name": "Visible" })).await.ok()["pk"].clone();
        admin.post("core/groups/", json!({ "name": "Hidden" })).await.ok();
        let path = |what: &str| format!("rbac/permissions/assigned_by_roles/{role}/{what}/");
        let one = json!({ "permissions": ["authentik_core.view_group"], "model": "authentik_core.group", "object_pk": group });
        let given = admin.post(&path("assign"), one.clone()).await.expect(StatusCode::OK);
        assert_eq!(given.as_array().unwrap().len(), 1);
        assert_eq!(program.get("core/groups/").await.status, 403, "the role is nobody's yet");
        let user = json!({ "pk": ada });
        admin.post(&format!("rbac/roles/{role}/add_user/"), user.clone()).await.expect(StatusCode::NO_CONTENT);
        let seen = program.get("core/groups/").await.ok();
        assert_eq!((&seen["pagination"]["count"], &seen["results"][0]["name"]), (&json!(1), &json!("Visible")));

        let who = format!("rbac/permissions/assigned_by_roles/?model=authentik_core.group&object_pk={}", group.as_str().unwrap());
        let who = admin.get(&who).await.ok();
        let readers = who["results"].as_array().unwrap().iter().find(|found| found["role_pk"] == role).unwrap();
        assert_eq!(readers["object_permissions"][0]["codename"], "view_group");
        let what = admin.get(&format!("rbac/permissions/roles/?uuid={role}")).await.ok();
        assert_eq!(what["results"][0]["object_description"], "Visible");

        let all = json!({ "permissions": ["authentik_core.view_group"] });
        admin.post(&path("assign"), all.clone()).await.expect(StatusCode::OK);
        assert!(program.get("core/groups/").await.ok()["pagination"]["count"].as_u64().unwrap() > 1);
        admin.patch(&path("unassign"), all).await.expect(StatusCode::NO_CONTENT);
        admin.patch(&path("unassign"), one).await.expect(StatusCode::NO_CONTENT);
        assert_eq!(program.get("core/groups/").await.status, 403);
        admin.post(&format!("rbac/roles/{role}/remove_user/"), user).await.expect(StatusCode::NO_CONTENT);
        let complaint = admin.post(&path("assign"), json!({ "permissions": ["authentik_core.view_usr"] })).await;
        assert_eq!(complaint.status, 400, "{}", complaint.text);
    }
}

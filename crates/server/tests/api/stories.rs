//! What programs do with the API.

use countersign_testkit::on_both_databases;
use reqwest::{Method, StatusCode, header::IF_MATCH};
use serde_json::{Value, json};

use crate::world::{Program, admin, browser_asks, program_with, token_of};

async fn flow(admin: &Program, slug: &str) -> Value {
    admin.get(&format!("flows/instances/{slug}/")).await.ok()
}

on_both_databases! {
    async fn a_program_makes_changes_and_deletes_a_group(app: TestApp) {
        let admin = admin(app).await;
        let made = admin.post("core/groups/", json!({ "name": "Readers", "attributes": { "room": 7 } })).await;
        assert!(made.header("location").starts_with("/api/v3/core/groups/"), "{:?}", made.headers);
        let group = made.expect(StatusCode::CREATED);
        let address = format!("core/groups/{}/", group["pk"].as_str().unwrap());
        assert_eq!(admin.get(&address).await.ok()["name"], "Readers");

        let changed = admin.patch(&address, json!({ "name": "Writers" })).await.ok();
        assert_eq!((&changed["name"], &changed["attributes"]), (&json!("Writers"), &json!({ "room": 7 })));
        let complaint = admin.put(&address, json!({ "attributes": {} })).await.expect(StatusCode::BAD_REQUEST);
        assert!(complaint["name"].is_array(), "{complaint}");
        assert_eq!(admin.put(&address, json!({ "name": "Authors" })).await.ok()["name"], "Authors");

        admin.delete(&address).await.expect(StatusCode::NO_CONTENT);
        let gone = admin.get(&address).await.expect(StatusCode::NOT_FOUND);
        assert_eq!(gone["code"], "not_found");
    }

    async fn a_list_comes_in_pages(app: TestApp) {
        let admin = admin(app).await;
        for number in 1..=25 {
            let user = json!({ "username": format!("reader-{number:02}"), "name": "Reader" });
            admin.post("core/users/", user).await.ok();
        }
        let first = admin.get("core/users/?search=reader-&ordering=username").await.ok();
        assert_eq!(first["pagination"], json!({
            "next": 2, "previous": 0, "count": 25, "current": 1, "total_pages": 2, "start_index": 1, "end_index": 20,
        }));
        assert_eq!(first["results"][0]["username"], "reader-01");
        let second = admin.get("core/users/?search=reader-&ordering=username&page=2").await.ok();
        assert_eq!(second["results"].as_array().unwrap().len(), 5);
        assert_eq!(admin.get("core/users/?search=reader-&page=3").await.status, 404);
        let asked = admin.get("core/users/?search=reader-&ordering=username&page_size=10").await;
        let link = asked.header("link").to_owned();
        let next = link.split(['<', '>']).find_map(|part| part.split_once("/api/v3/")).unwrap().1;
        let behind = admin.get(next).await.ok();
        assert_eq!((&behind["results"][0]["username"], &behind["pagination"]["current"]), (&json!("reader-11"), &json!(2)));
        assert_eq!((&behind["pagination"]["next"], &behind["pagination"]["count"]), (&json!(3), &json!(25)));
        let last = admin.get("core/users/?search=reader-&ordering=-username&page_size=1").await.ok();
        assert_eq!(last["results"][0]["username"], "reader-25");
        let one = admin.get("core/users/?username=reader-07").await.ok();
        assert_eq!(one["pagination"]["count"], 1);
        let pk = one["results"][0]["pk"].as_i64().unwrap();
        assert_eq!(admin.get(&format!("core/users/{pk}/")).await.ok()["username"], "reader-07");
    }

    async fn references_to_providers_and_users_are_integers(app: TestApp) {
        let admin = admin(app).await;
        let authorization = flow(&admin, "default-provider-authorization-implicit-consent").await;
        let invalidation = flow(&admin, "default-provider-invalidation-flow").await;
        let provider = admin.post("providers/oauth2/", json!({
            "name": "Wiki",
            "authorization_flow": authorization["pk"],
            "invalidation_flow": invalidation["pk"],
            "redirect_uris": [{ "matching_mode": "strict", "url": "https://wiki.example/callback" }],
        })).await.expect(StatusCode::CREATED);
        let pk = provider["pk"].as_i64().unwrap();
        assert!(provider["client_secret"].as_str().is_some_and(|secret| secret.len() >= 40), "shown once");
        app.plant(provider["client_secret"].as_str().unwrap());
        let read = admin.get(&format!("providers/oauth2/{pk}/")).await.ok();
        assert_eq!(read.get("client_secret"), None, "and never again");

        let application = json!({ "name": "Wiki", "slug": "wiki", "provider": pk });
        let application = admin.post("core/applications/", application).await.expect(StatusCode::CREATED);
        assert_eq!(application["provider"], pk);
        let found = admin.get(&format!("core/applications/?provider={pk}")).await.ok();
        assert_eq!(found["results"][0]["slug"], "wiki");
        let nowhere = admin.get("core/applications/?provider=999999").await.ok();
        assert_eq!(nowhere["pagination"]["count"], 0);
        let complaint = admin.patch("core/applications/wiki/", json!({ "provider": 999_999 })).await;
        assert!(complaint.expect(StatusCode::BAD_REQUEST)["provider"].is_array());

        let user = admin.post("core/users/", json!({ "username": "ada", "name": "Ada" })).await.ok();
        let binding = json!({ "target": application["pk"], "user": user["pk"], "order": 0 });
        let binding = admin.post("policies/bindings/", binding).await.expect(StatusCode::CREATED);
        assert_eq!(binding["user"], user["pk"]);

        let refused = admin.delete(&format!("core/users/{}/", user["pk"])).await;
        assert_eq!(refused.status, 409, "the last that guards an application: {}", refused.text);
        assert_eq!(refused.body["code"], "would_open");
        assert_eq!(refused.body["used_by"][0]["model_name"], "application");
        let used_by = admin.get(&format!("core/users/{}/used_by/", user["pk"])).await.ok();
        assert_eq!(used_by[0]["model_name"], "policybinding");
    }

    async fn what_was_read_can_be_sent_back(app: TestApp) {
        let admin = admin(app).await;
        for list in ["flows/instances/", "stages/identification/", "stages/prompt/stages/", "policies/expression/",
            "propertymappings/provider/scope/", "core/brands/", "core/groups/"] {
            let found = admin.get(list).await.ok();
            let Some(first) = found["results"].get(0) else { continue };
            let key = ["slug", "pk"].iter().find_map(|name| first.get(*name)).and_then(Value::as_str).unwrap();
            let before = admin.get(&format!("{list}{key}/")).await;
            let (tag, first) = (before.header("etag").to_owned(), before.ok());
            let after = admin.put(&format!("{list}{key}/"), first.clone()).await;
            assert_eq!(after.header("etag"), tag, "{list}: nothing is different");
            assert_eq!(after.ok(), first, "{list}");
        }
    }

    async fn a_stale_change_is_not_made(app: TestApp) {
        let admin = admin(app).await;
        let made = admin.post("core/groups/", json!({ "name": "Readers" })).await;
        let seen = made.header("etag").to_owned();
        let address = format!("core/groups/{}/", made.ok()["pk"].as_str().unwrap());
        let changed = admin.patch(&address, json!({ "name": "Writers" })).await;
        let now = changed.header("etag").to_owned();
        changed.ok();
        assert_ne!(seen, now);
        for method in [Method::PATCH, Method::DELETE] {
            let request = admin.request(method, &address).header(IF_MATCH, &seen).json(&json!({ "name": "X" }));
            assert_eq!(admin.send(request).await.expect(StatusCode::PRECONDITION_FAILED)["code"], "stale");
        }
        let request = admin.request(Method::PATCH, &address).header(IF_MATCH, &now).json(&json!({ "name": "X" }));
        admin.send(request).await.ok();
    }

    async fn an_object_is_put_back_to_an_earlier_revision(app: TestApp) {
        let admin = admin(app).await;
        let made = admin.post("core/groups/", json!({ "name": "Readers", "attributes": { "room": 1 } })).await.ok();
        let address = format!("core/groups/{}/", made["pk"].as_str().unwrap());
        admin.patch(&address, json!({ "attributes": { "room": 2 } })).await.ok();
        let found = admin.get(&format!("{address}revisions/")).await.ok();
        let [changed, created] = found.as_array().unwrap().as_slice() else { panic!("{found}") };
        assert_eq!((&changed["action"], &created["action"]), (&json!("updated"), &json!("created")));
        assert_eq!(changed["user"]["username"], "akadmin");
        assert!(changed["diff"].to_string().contains("new_value"), "{changed}");
        let back = format!("{address}revisions/{}/revert/", created["pk"].as_str().unwrap());
        let viewer = program_with(app, &admin, "viewer", &[("authentik_core.view_group", None)]).await;
        assert_eq!(viewer.post(&back, json!({})).await.status, 403);
        assert_eq!(admin.post(&back, json!({})).await.ok()["attributes"], json!({ "room": 1 }));
        let found = admin.get(&format!("{address}revisions/")).await.ok();
        assert_eq!((found.as_array().unwrap().len(), &found[0]["action"]), (3, &json!("reverted")));
    }

    async fn a_family_is_one_list(app: TestApp) {
        let admin = admin(app).await;
        let types = admin.get("stages/all/types/").await.ok();
        assert!(types.as_array().unwrap().iter().any(|kind| kind["component"] == "ak-stage-password-form"), "{types}");
        let all = admin.get("stages/all/?page_size=100").await.ok();
        let password = all["results"].as_array().unwrap().iter()
            .find(|stage| stage["meta_model_name"] == "authentik_stages_password.passwordstage").unwrap().clone();
        let address = format!("stages/all/{}/", password["pk"].as_str().unwrap());
        assert_eq!(admin.get(&address).await.ok(), password);
        assert_eq!(admin.get(&format!("{address}used_by/")).await.status, 200);
        let narrow = program_with(app, &admin, "narrow", &[("authentik_stages_password.view_passwordstage", None)]).await;
        let seen = narrow.get("stages/all/").await.ok();
        assert!(seen["results"].as_array().unwrap().iter()
            .all(|stage| stage["component"] == "ak-stage-password-form"), "{seen}");
        assert_eq!(narrow.get("policies/all/").await.status, 403);
    }

    async fn a_warm_read_costs_at_most_one_trip(app: TestApp) {
        app.settled().await;
        let admin = admin(app).await;
        for path in ["core/groups/", "core/brands/", "flows/instances/", "core/users/?page_size=1", "stages/password/"] {
            admin.get(path).await.ok();
            // The first use of the token is noted beside the request.
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            let before = app.store().trips();
            admin.get(path).await.ok();
            let after = app.store().trips();
            assert!(after.reads - before.reads <= 1, "{path}: {} reads", after.reads - before.reads);
            assert_eq!(after.writes, before.writes, "{path}");
        }
    }

    async fn a_browser_changes_things_with_the_token_of_its_forms(app: TestApp) {
        let admin = app.admin().await;
        assert_eq!(browser_asks(&admin, Method::GET, "core/groups/", &[], None).await.0, 200);
        let page = admin.visit("/if/user/settings/").await;
        let form = page.form("");
        let (_, token) = form.hidden.iter().find(|(name, _)| name == "csrf").unwrap();
        let headers = [("x-authentik-csrf", token.as_str()), ("sec-fetch-site", "same-origin")];
        let made = browser_asks(&admin, Method::POST, "core/groups/", &headers, Some(json!({ "name": "New" }))).await;
        assert_eq!(made.0, 201, "{}", made.1);
    }

    async fn the_use_of_a_token_is_noted_now_and_then(app: TestApp) {
        app.settled().await;
        let token = token_of(app, "akadmin", "api").await;
        let program = Program::new(app, Some(&token));
        let before = app.store().trips();
        for _ in 0..5 {
            program.get("core/groups/").await.ok();
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        assert_eq!(app.store().trips().writes - before.writes, 1);
    }

    async fn errors_have_the_shapes_of_the_api(app: TestApp) {
        let admin = admin(app).await;
        let complaint = admin.post("core/groups/", json!({})).await.expect(StatusCode::BAD_REQUEST);
        assert!(complaint["name"][0].is_string(), "{complaint}");
        let nested = json!({ "name": "x", "redirect_uris": [{ "matching_mode": "sideways", "url": "x" }] });
        let complaint = admin.post("providers/oauth2/", nested).await.expect(StatusCode::BAD_REQUEST);
        assert!(complaint.as_object().unwrap().keys().any(|path| path.starts_with("redirect_uris")), "{complaint}");
        let missing = admin.get("core/nothing/").await.expect(StatusCode::NOT_FOUND);
        assert_eq!(missing["code"], "not_found");
        let wrong = admin.send(admin.request(Method::POST, "core/groups/").body("{")).await;
        assert_eq!(wrong.status, 400);
        assert_eq!(admin.get("core/groups").await.header("location"), "/api/v3/core/groups/");
        let head = admin.send(admin.request(Method::HEAD, "core/groups/")).await;
        assert_eq!((head.status, head.text.as_str()), (200, ""));
    }
}

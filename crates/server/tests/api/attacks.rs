//! What people try with the API who should not.

use countersign_testkit::on_both_databases;
use countersign_types::Span;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::world::{Program, admin, browser_asks, program_with, token_of};

on_both_databases! {
    async fn a_token_of_another_intent_opens_nothing(app: TestApp) {
        for intent in ["verification", "recovery", "app_password"] {
            let token = token_of(app, "akadmin", intent).await;
            let reply = Program::new(app, Some(&token)).get("core/users/").await;
            assert_eq!(reply.status, 401, "{intent}: {}", reply.text);
            assert!(reply.header("www-authenticate").contains("invalid_token"));
        }
    }

    async fn guessed_and_malformed_tokens_open_nothing(app: TestApp) {
        for token in ["x", "a.b.c", "eyJhbGciOiJub25lIn0.e30.", "Bearer", "null", &"x".repeat(9_000)] {
            let reply = Program::new(app, Some(token)).get("core/users/").await;
            assert!(matches!(reply.status, 401 | 431), "{token:.20}: {} {}", reply.status, reply.text);
        }
        let anonymous = Program::new(app, None);
        for header in ["Basic YWRtaW46YWRtaW4=", "Bearer", "Bearer  ", "", "Token x"] {
            let request = anonymous.request(Method::GET, "core/users/").header("authorization", header);
            assert_eq!(anonymous.send(request).await.status, 401, "{header}");
        }
    }

    async fn a_bad_token_is_not_made_good_by_a_cookie(app: TestApp) {
        let browser = app.admin().await;
        let headers = [("authorization", "Bearer nonsense")];
        assert_eq!(browser_asks(&browser, Method::GET, "core/users/", &headers, None).await.0, 401);
    }

    async fn an_expired_token_opens_nothing(app: TestApp) {
        let admin = admin(app).await;
        let me = admin.get("core/users/?username=akadmin").await.ok()["results"][0]["pk"].clone();
        let made = admin.post("core/tokens/", json!({ "identifier": "short", "intent": "api", "user": me })).await.ok();
        let key = made["key"].as_str().expect("shown once").to_owned();
        app.plant(&key);
        let program = Program::new(app, Some(&key));
        program.get("core/users/").await.ok();
        app.advance(Span::from_days(2));
        assert_eq!(program.get("core/users/").await.status, 401);
    }

    async fn a_deleted_token_and_a_deactivated_owner_open_nothing_at_once(app: TestApp) {
        let admin = admin(app).await;
        let program = program_with(app, &admin, "ada", &[("authentik_core.view_group", None)]).await;
        program.get("core/groups/").await.ok();
        let ada = admin.get("core/users/?username=ada").await.ok()["results"][0]["pk"].clone();
        admin.patch(&format!("core/users/{ada}/"), json!({ "is_active": false })).await.ok();
        assert_eq!(program.get("core/groups/").await.status, 401);
        admin.patch(&format!("core/users/{ada}/"), json!({ "is_active": true })).await.ok();
        let token = token_of(app, "ada", "api").await;
        let program = Program::new(app, Some(&token));
        program.get("core/groups/").await.ok();
        admin.delete("core/tokens/ada-api/").await.expect(StatusCode::NO_CONTENT);
        assert_eq!(program.get("core/groups/").await.status, 401);
    }

    async fn a_form_of_another_site_changes_nothing(app: TestApp) {
        let admin = app.admin().await;
        let body = || Some(json!({ "name": "Planted" }));
        let without = browser_asks(&admin, Method::POST, "core/groups/", &[], body()).await;
        assert_eq!(without.0, 403, "{}", without.1);
        let wrong = [("x-authentik-csrf", "AAAA")];
        assert_eq!(browser_asks(&admin, Method::POST, "core/groups/", &wrong, body()).await.0, 403);
        let stranger = app.user("mallory").await.0;
        let page = stranger.visit("/if/user/settings/").await;
        let form = page.form("");
        let (_, token) = form.hidden.iter().find(|(name, _)| name == "csrf").unwrap();
        let stolen = [("x-authentik-csrf", token.as_str())];
        assert_eq!(browser_asks(&admin, Method::POST, "core/groups/", &stolen, body()).await.0, 403);
        let site = [("sec-fetch-site", "cross-site")];
        assert_eq!(browser_asks(&admin, Method::DELETE, "core/groups/x/", &site, None).await.0, 403);
    }

    async fn mass_assignment_sets_nothing_that_is_read_only(app: TestApp) {
        let admin = admin(app).await;
        let mallory = program_with(app, &admin, "mallory", &[
            ("authentik_core.add_user", None), ("authentik_core.view_user", None), ("authentik_core.change_user", None),
        ]).await;
        let made = mallory.post("core/users/", json!({
            "username": "eve", "name": "Eve", "pk": 1, "uuid": "00000000-0000-4000-8000-000000000001",
            "is_superuser": true, "last_login": "2020-01-01T00:00:00Z", "uid": "x",
        })).await.expect(StatusCode::CREATED);
        assert_ne!(made["pk"], 1);
        assert_ne!(made["uuid"], "00000000-0000-4000-8000-000000000001");
        assert_eq!(made["is_superuser"], false);
    }

    async fn nobody_gives_himself_what_he_does_not_hold(app: TestApp) {
        let admin = admin(app).await;
        let admins = admin.get("core/groups/?is_superuser=true").await.ok()["results"][0]["pk"].clone();
        let role = admin.post("rbac/roles/", json!({
            "name": "mighty", "permissions": [{ "permission": "authentik_core.delete_user", "object": null }],
        })).await.ok();
        let mallory = program_with(app, &admin, "mallory", &[
            ("authentik_core.view_user", None), ("authentik_core.change_user", None), ("authentik_core.add_user", None),
            ("authentik_core.view_group", None), ("authentik_core.add_group", None), ("authentik_core.change_group", None),
            ("authentik_core.view_token", None), ("authentik_core.add_token", None), ("authentik_core.change_token", None),
            ("authentik_rbac.view_role", None), ("authentik_rbac.add_role", None), ("authentik_rbac.change_role", None),
        ]).await;
        let me = admin.get("core/users/?username=mallory").await.ok()["results"][0]["pk"].clone();
        let boss = admin.get("core/users/?username=akadmin").await.ok()["results"][0]["pk"].clone();
        let mine = format!("core/users/{me}/");
        let refused = [
            mallory.patch(&mine, json!({ "groups": [admins] })).await,
            mallory.patch(&mine, json!({ "roles": [role["pk"]] })).await,
            mallory.post("core/groups/", json!({ "name": "all", "is_superuser": true })).await,
            mallory.post("core/groups/", json!({ "name": "below", "parents": [admins] })).await,
            mallory.post("core/groups/", json!({ "name": "held", "roles": [role["pk"]] })).await,
            mallory.patch(&format!("core/groups/{}/", admins.as_str().unwrap()), json!({ "users": [me] })).await,
            mallory.patch(&format!("core/users/{boss}/"), json!({ "email": "mallory@example.com" })).await,
            mallory.post("core/tokens/", json!({ "identifier": "boss", "intent": "api", "user": boss })).await,
            mallory.post("rbac/roles/", json!({
                "name": "mine", "permissions": [{ "permission": "authentik_core.delete_user", "object": null }],
            })).await,
            mallory.post("core/users/", json!({ "username": "eve", "name": "Eve", "groups": [admins] })).await,
        ];
        for (at, reply) in refused.into_iter().enumerate() {
            assert!(matches!(reply.status, 400 | 403), "{at}: {} {}", reply.status, reply.text);
        }
    }

    async fn what_is_not_visible_is_as_if_it_were_not_there(app: TestApp) {
        let admin = admin(app).await;
        let hidden = admin.post("core/groups/", json!({ "name": "Hidden" })).await.ok()["pk"].clone();
        let seen = admin.post("core/groups/", json!({ "name": "Seen" })).await.ok()["pk"].clone();
        let mallory = program_with(app, &admin, "mallory", &[
            ("authentik_core.view_group", Some(seen.as_str().unwrap())),
            ("authentik_core.change_group", Some(seen.as_str().unwrap())),
        ]).await;
        let there = mallory.get(&format!("core/groups/{}/", hidden.as_str().unwrap())).await;
        let nowhere = mallory.get("core/groups/00000000-0000-4000-8000-000000000000/").await;
        assert_eq!((there.status, there.text), (nowhere.status, nowhere.text), "ids cannot be guessed at");
        let mine = format!("core/groups/{}/", seen.as_str().unwrap());
        mallory.patch(&mine, json!({ "attributes": { "a": 1 } })).await.ok();
        for filter in ["search=Hidden", "name=Hidden", "name__icontains=idde"] {
            let found = mallory.get(&format!("core/groups/?{filter}")).await.ok();
            assert_eq!(found["pagination"]["count"], 0, "{filter}");
        }
    }

    async fn oversized_and_tangled_bodies_are_refused(app: TestApp) {
        let admin = admin(app).await;
        let large = json!({ "name": "x".repeat(2_000_000) });
        assert_eq!(admin.post("core/groups/", large).await.status, 413);
        let deep = format!("{{\"name\":\"x\",\"attributes\":{}1{}}}", "{\"a\":".repeat(100), "}".repeat(100));
        for body in [deep.as_str(), "{\"name\":\"a\",\"name\":\"b\"}", "[]", "{\"name\":\"a\\u0000\"}"] {
            let request = admin.request(Method::POST, "core/groups/").header("content-type", "application/json");
            assert_eq!(admin.send(request.body(body.to_owned())).await.status, 400, "{body:.40}");
        }
        let form = admin.request(Method::POST, "core/groups/").form(&[("name", "x")]);
        assert_eq!(admin.send(form).await.status, 400);
    }

    async fn secrets_are_never_read_back(app: TestApp) {
        let admin = admin(app).await;
        for path in ["core/users/?page_size=100", "core/tokens/?page_size=100", "crypto/certificatekeypairs/"] {
            let text = admin.get(path).await.text;
            for trace in ["$argon2", "$sealed", "PRIVATE KEY", "password_hash"] {
                assert!(!text.contains(trace), "{path}: {trace}");
            }
        }
    }

    async fn somebody_who_tries_tokens_is_slowed_down(app: TestApp) {
        let mut statuses = Vec::new();
        for number in 0..40 {
            let program = Program::new(app, Some(&format!("guess-number-{number:020}")));
            statuses.push(program.get("core/users/").await.status);
        }
        assert!(statuses.contains(&429), "{statuses:?}");
        let token = token_of(app, "akadmin", "api").await;
        Program::new(app, Some(&token)).get("core/groups/").await.ok();
    }
}

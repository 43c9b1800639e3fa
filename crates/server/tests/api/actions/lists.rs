//! What lists are asked, as authentik's clients ask it, and what is not sent twice.

use countersign_testkit::on_both_databases;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::world::{Program, admin};

/// What stands under a name in the results of a list, in its order.
async fn named(program: &Program, path: &str, name: &str) -> Vec<String> {
    let found = program.get(path).await.ok();
    let results = found["results"].as_array().unwrap().iter();
    results.map(|result| result[name].as_str().unwrap().to_owned()).collect()
}

on_both_databases! {
    async fn users_are_found_by_what_clients_ask(app: TestApp) {
        let admin = admin(app).await;
        let role = admin.post("rbac/roles/", json!({ "name": "Keepers" })).await.ok()["pk"].clone();
        let staff = admin.post("core/groups/", json!({ "name": "Staff" })).await.ok()["pk"].clone();
        let guests = admin.post("core/groups/", json!({ "name": "Guests" })).await.ok()["pk"].clone();
        for (username, more) in [
            ("amy", json!({ "groups": [staff], "path": "people/north", "attributes": { "room": { "number": 7 } } })),
            ("ben", json!({ "groups": [guests], "roles": [role], "path": "people/south", "type": "external" })),
            ("cas", json!({ "path": "peoples", "type": "service_account" })),
        ] {
            let mut user = json!({ "username": username, "name": username });
            user.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            admin.post("core/users/", user).await.ok();
        }
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let (staff, guests, role) = (text(&staff), text(&guests), text(&role));
        for (query, expected) in [
            (format!("groups_by_pk={staff}"), vec!["amy"]),
            (format!("groups_by_pk={staff}&groups_by_pk={guests}"), vec!["amy", "ben"]),
            ("groups_by_name=Guests".to_owned(), vec!["ben"]),
            (format!("roles_by_pk={role}"), vec!["ben"]),
            ("roles_by_name=Keepers".to_owned(), vec!["ben"]),
            ("roles_by_name=Nobodies".to_owned(), vec![]),
            ("path_startswith=people/".to_owned(), vec!["amy", "ben"]),
            ("path=people/south".to_owned(), vec!["ben"]),
            ("type=external&type=service_account&search=cas".to_owned(), vec!["cas"]),
            ("attributes=%7B%22room%22:%7B%22number%22:7%7D%7D".to_owned(), vec!["amy"]),
            ("is_superuser=true".to_owned(), vec!["akadmin"]),
            ("date_joined__gt=2000-01-01T00:00:00Z&groups_by_name=Staff".to_owned(), vec!["amy"]),
            ("date_joined__lt=2000-01-01T00:00:00Z".to_owned(), vec![]),
        ] {
            let path = format!("core/users/?ordering=username&{query}");
            assert_eq!(named(&admin, &path, "username").await, expected, "{query}");
        }
    }

    async fn groups_show_members_in_lists_when_they_are_asked_for(app: TestApp) {
        let admin = admin(app).await;
        let role = admin.post("rbac/roles/", json!({ "name": "Inherited" })).await.ok()["pk"].clone();
        let top = admin.post("core/groups/", json!({ "name": "Top", "roles": [role] })).await.ok()["pk"].clone();
        let middle = admin.post("core/groups/", json!({ "name": "Middle", "parents": [top] })).await.ok()["pk"].clone();
        let user = admin.post("core/users/", json!({ "username": "amy", "name": "Amy" })).await.ok()["pk"].clone();
        let below = json!({ "name": "Below", "parents": [middle], "users": [user] });
        let below = admin.post("core/groups/", below).await.ok();
        assert_eq!(below["users"], json!([user]));
        assert_eq!(below["inherited_roles_obj"][0]["name"], "Inherited", "from a group above the one above");
        assert_eq!(below["roles_obj"], json!([]));
        let of = |list: Value| list["results"].as_array().unwrap().iter().find(|group| group["name"] == "Below").unwrap().clone();
        let plain = of(admin.get("core/groups/").await.ok());
        assert_eq!((&plain["users"], &plain["users_obj"]), (&Value::Null, &Value::Null));
        let whole = of(admin.get("core/groups/?include_users=true").await.ok());
        assert_eq!((&whole["users"], &whole["users_obj"][0]["username"]), (&json!([user]), &json!("amy")));
        assert_eq!(named(&admin, &format!("core/groups/?members_by_pk={user}"), "name").await, ["Below"]);
        assert_eq!(named(&admin, "core/groups/?members_by_username=amy", "name").await, ["Below"]);
    }

    async fn tokens_sessions_and_events_are_found_by_user_name(app: TestApp) {
        let admin = admin(app).await;
        let user = admin.post("core/users/", json!({ "username": "amy", "name": "Amy" })).await.ok()["pk"].clone();
        let made = admin.post("core/tokens/", json!({ "identifier": "amys", "user": user })).await.ok();
        app.plant(made["key"].as_str().unwrap());
        assert_eq!(named(&admin, "core/tokens/?user__username=amy", "identifier").await, ["amys"]);
        assert!(named(&admin, "core/tokens/?user__username=nobody", "identifier").await.is_empty());
        app.admin().await;
        assert!(!named(&admin, "core/authenticated_sessions/?user__username=akadmin", "uuid").await.is_empty());
        assert!(named(&admin, "core/authenticated_sessions/?user__username=amy", "uuid").await.is_empty());
        let about = "events/events/?username=akadmin&actions=model_created&actions=model_updated\
                     &context_model_app=authentik_core&context_model_name=token";
        let found = admin.get(about).await.ok();
        assert!(found["results"].as_array().unwrap().iter().any(|event| event["context"]["model"]["name"] == "amys"), "{found}");
        assert!(admin.get("events/events/?username=nobody").await.ok()["results"].as_array().unwrap().is_empty());
    }

    async fn applications_that_lead_nowhere_are_left_out(app: TestApp) {
        let admin = admin(app).await;
        admin.post("core/applications/", json!({ "name": "Door", "slug": "door", "meta_launch_url": "https://door.test/" })).await.ok();
        admin.post("core/applications/", json!({ "name": "Wall", "slug": "wall" })).await.ok();
        let led = named(&admin, "core/applications/?only_with_launch_url=true", "slug").await;
        assert!(led.contains(&"door".to_owned()) && !led.contains(&"wall".to_owned()), "{led:?}");
        assert!(named(&admin, "core/applications/", "slug").await.contains(&"wall".to_owned()));
    }

    async fn what_somebody_has_already_is_not_sent_again(app: TestApp) {
        let admin = admin(app).await;
        let group = admin.post("core/groups/", json!({ "name": "Readers" })).await;
        let (own, path) = (group.body["pk"].clone(), format!("core/groups/{}/", group.body["pk"].as_str().unwrap()));
        let first = admin.get(&path).await;
        let again = async |tag: &str| admin.send(admin.request(Method::GET, &path).header("if-none-match", tag)).await;
        let same = again(first.header("etag")).await;
        assert_eq!((same.status, same.text.as_str()), (304, ""));
        assert_eq!(same.header("etag"), first.header("etag"));
        assert_eq!(again(&format!("\"other\", W/{}", first.header("etag"))).await.status, 304);
        // Members are no part of the group's own document: another member, another answer.
        let user = json!({ "username": "amy", "name": "Amy", "groups": [own] });
        admin.post("core/users/", user).await.ok();
        assert_eq!(again(first.header("etag")).await.status, 200);
        let changed = admin.send(admin.request(Method::PATCH, &path).header("if-match", first.header("etag"))
            .json(&json!({ "name": "Writers" }))).await;
        assert_eq!(changed.status, 200, "the group itself is the one that was seen: {}", changed.text);
        let stale = admin.send(admin.request(Method::PATCH, &path).header("if-match", first.header("etag"))
            .json(&json!({ "name": "Lost" }))).await;
        assert_eq!(stale.status, StatusCode::PRECONDITION_FAILED.as_u16());
    }
}

//! Acting in another's place: what is done there names who is behind it, and nothing of it stays.

use std::collections::BTreeSet;

use countersign_model::{Event, EventAction, EventId};
use countersign_store::events::{self, EventFilter};
use countersign_testkit::{Person, TestApp, on_both_databases};
use countersign_types::PageRequest;
use reqwest::Method;
use serde_json::json;

use crate::world::{applications, call, is_active, tokens, userinfo};

/// The administrator in the place of somebody else.
async fn acting_as(app: &TestApp, username: &str) -> Person {
    let admin = app.admin().await;
    let found = admin.get(&format!("/api/v3/core/users/?username={username}")).await.json();
    let place = format!("/api/v3/core/users/{}/impersonate/", found["results"][0]["pk"]);
    let settings = admin.visit("/if/user/settings/").await;
    let fields: Vec<(String, String)> = settings.forms().into_iter().flat_map(|form| form.hidden).collect();
    let (_, csrf) = fields.iter().find(|(name, _)| name == "csrf").unwrap();
    let request = admin.request(Method::POST, &admin.address(&place)).header("x-authentik-csrf", csrf);
    let begun = admin.send(request.json(&json!({ "reason": "Ticket 7" }))).await;
    assert_eq!(begun.status, 204, "{}", begun.body);
    admin
}

async fn trail(app: &TestApp) -> Vec<Event> {
    let read = app.store().read(|tx| events::list(tx, &EventFilter::default(), &PageRequest::first(500)));
    read.await.unwrap().items
}

/// A policy that writes down what it says about whoever goes to the shop.
const WATCHED: &str = "version: 1
metadata: { name: watched }
entries:
  - model: authentik_policies_expression.expressionpolicy
    id: watching
    identifiers: { name: watching }
    attrs: { expression: return True, execution_logging: true }
  - model: authentik_policies.policybinding
    identifiers:
      target: !Find [authentik_core.application, [slug, shop]]
      policy: !KeyOf watching
      order: 0
";

on_both_databases! {
    async fn actions_while_impersonating_name_the_impersonator(app: TestApp) {
        app.apply(&applications()).await;
        app.apply(WATCHED).await;
        app.user("victim").await;
        let acting = acting_as(app, "victim").await;
        let before: BTreeSet<EventId> = trail(app).await.iter().map(|event| event.id).collect();

        // By the settings: the end of his other sessions; by flows: his profile, his password, the end of this one;
        // by a protocol: tokens.
        let settings = acting.get("/if/user/settings/").await;
        acting.submit(&settings.form("end-others"), &[]).await;
        let asked = acting.visit("/if/flow/default-user-settings-flow/").await;
        let profile = [("username", "victim"), ("name", "Another"), ("email", "victim@example.com")];
        acting.submit(&asked.form("/if/flow/"), &profile).await;
        let asked = acting.visit("/if/flow/default-password-change/").await;
        let password = app.new_password();
        let twice = [("password", password.as_str()), ("password_repeat", password.as_str())];
        acting.submit(&asked.form("/if/flow/"), &twice).await;
        let held = tokens(app, &acting, "openid offline_access").await;
        let refresh = held.refresh.clone().unwrap();
        let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
        let renewed = call(app, "/application/o/token/", &fields).await;
        assert_eq!(renewed.status, 200, "{}", renewed.body);
        let renewed = renewed.json();
        app.plant(renewed["refresh_token"].as_str().unwrap());
        let library = acting.get("/if/user/").await;
        acting.submit(&library.form("invalidation"), &[]).await;

        let mut seen = BTreeSet::new();
        for event in trail(app).await.iter().filter(|event| !before.contains(&event.id)) {
            // Letters leave when their turn comes, in nobody's name.
            if event.action == EventAction::EmailSent {
                continue;
            }
            let user = event.user.as_ref().unwrap_or_else(|| panic!("{event:?} names nobody"));
            let behalf = user.on_behalf_of.as_ref().map(|other| other.username.as_str());
            assert_eq!((user.username.as_str(), behalf), ("akadmin", Some("victim")), "{event:?}");
            let how = event.context.get("grant_type").and_then(|how| how.as_str()).unwrap_or_default();
            seen.insert(format!("{} {how}", event.action.as_str()).trim().to_owned());
        }
        let wanted = [
            "authorize_application authorization_code", "authorize_application refresh_token", "logout",
            "password_set", "policy_execution", "user_write",
        ];
        assert_eq!(seen.iter().map(String::as_str).collect::<Vec<_>>(), wanted);
    }

    async fn an_impersonator_takes_nothing_with_him(app: TestApp) {
        app.apply(&applications()).await;
        app.user("victim").await;
        let acting = acting_as(app, "victim").await;
        let held = tokens(app, &acting, "openid offline_access").await;
        assert_eq!(userinfo(app, &held.access).await, 200);
        let library = acting.get("/if/user/").await;
        acting.submit(&library.form("impersonation/end"), &[]).await;
        let refresh = held.refresh.unwrap();
        let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
        assert_eq!(call(app, "/application/o/token/", &fields).await.status, 400);
        assert_eq!(userinfo(app, &held.access).await, 401);
        assert!(!is_active(app, &refresh).await);
        assert_eq!(acting.get("/if/admin/identity/users/").await.status, 200, "he is himself again");
    }
}

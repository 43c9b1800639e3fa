//! `core/applications/…`, providers, brands.

use countersign_testkit::on_both_databases;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::pk_of;
use crate::world::{Program, admin, program_with};

async fn flow(admin: &Program, slug: &str) -> Value {
    admin.get(&format!("flows/instances/{slug}/")).await.ok()["pk"].clone()
}

/// A provider and its application as one call makes them, without what differs.
async fn wanted(admin: &Program) -> Value {
    json!({
        "app": { "name": "Wiki", "slug": "wiki" },
        "provider_model": "authentik_providers_oauth2.oauth2provider",
        "provider": {
            "name": "Wiki",
            "authorization_flow": flow(admin, "default-provider-authorization-implicit-consent").await,
            "invalidation_flow": flow(admin, "default-provider-invalidation-flow").await,
            "redirect_uris": [{ "matching_mode": "strict", "url": "https://wiki.example/callback" }],
        },
    })
}

const TRANSACTION: &str = "core/transactional/applications/";

on_both_databases! {
    async fn an_application_its_provider_and_its_guards_are_made_in_one_go(app: TestApp) {
        let admin = admin(app).await;
        let ada = admin.post("core/users/", json!({ "username": "ada", "name": "Ada" })).await.ok();
        let mut asked = wanted(&admin).await;
        asked["policy_bindings"] = json!([{ "user": ada["pk"], "order": 0 }]);
        let made = admin.put(TRANSACTION, asked).await.ok();
        assert_eq!((&made["applied"], &made["logs"]), (&json!(true), &json!([])));
        app.plant(made["provider"]["client_secret"].as_str().expect("shown this once"));
        let application = admin.get("core/applications/wiki/").await.ok();
        assert_eq!(application["provider"], made["provider"]["pk"]);
        let access = |user: &str| format!("core/applications/wiki/check_access/?for_user={user}");
        assert_eq!(admin.get(&access(&ada["pk"].to_string())).await.ok()["passing"], true);
        let own = admin.get("core/applications/wiki/check_access/").await.ok();
        assert_eq!(own["passing"], false, "bound to Ada alone");
    }

    async fn what_is_wrong_with_a_part_leaves_nothing_behind(app: TestApp) {
        let admin = admin(app).await;
        let mut asked = wanted(&admin).await;
        asked["provider"]["redirect_uris"] = json!([{ "matching_mode": "sideways", "url": "x" }]);
        let complaint = admin.put(TRANSACTION, asked).await.expect(StatusCode::BAD_REQUEST);
        let paths: Vec<&String> = complaint.as_object().unwrap().keys().collect();
        assert!(paths.iter().all(|path| path.starts_with("provider") || *path == "code"), "{complaint}");
        let mut asked = wanted(&admin).await;
        asked["app"]["slug"] = json!("not a slug");
        let complaint = admin.put(TRANSACTION, asked).await.expect(StatusCode::BAD_REQUEST);
        assert!(complaint.to_string().contains("app"), "{complaint}");
        let mut asked = wanted(&admin).await;
        asked["policy_bindings"] = json!([{ "user": 999_999, "order": 0 }]);
        let complaint = admin.put(TRANSACTION, asked).await.expect(StatusCode::BAD_REQUEST);
        assert!(complaint.to_string().contains("policy_bindings"), "{complaint}");
        for path in ["core/applications/?slug=wiki", "providers/oauth2/?name=Wiki"] {
            assert_eq!(admin.get(path).await.ok()["pagination"]["count"], 0, "{path}");
        }
        let mut asked = wanted(&admin).await;
        asked["provider_model"] = json!("authentik_core.user");
        admin.put(TRANSACTION, asked).await.expect(StatusCode::BAD_REQUEST);
    }

    async fn each_part_takes_its_own_permission(app: TestApp) {
        let admin = admin(app).await;
        let narrow = program_with(app, &admin, "narrow", &[("authentik_core.add_application", None)]).await;
        assert_eq!(narrow.put(TRANSACTION, wanted(&admin).await).await.status, 403);
        assert_eq!(admin.get("core/applications/?slug=wiki").await.ok()["pagination"]["count"], 0);
    }

    async fn nobody_learns_what_others_may_use(app: TestApp) {
        let admin = admin(app).await;
        admin.put(TRANSACTION, wanted(&admin).await).await.ok();
        let ada = program_with(app, &admin, "ada", &[]).await;
        assert_eq!(ada.get("core/applications/wiki/check_access/").await.ok()["passing"], true, "open to everybody");
        let root = pk_of(&admin, "akadmin").await;
        let asked = ada.get(&format!("core/applications/wiki/check_access/?for_user={root}")).await;
        assert_eq!(asked.status, 400, "{}", asked.text);
        let bob = admin.post("core/users/", json!({ "username": "bob", "name": "Bob" })).await.ok();
        let target = admin.get("core/applications/wiki/").await.ok()["pk"].clone();
        admin.post("policies/bindings/", json!({ "target": target, "user": bob["pk"], "order": 0 })).await.ok();
        assert_eq!(ada.get("core/applications/wiki/check_access/").await.status, 404, "there is nothing for her");
    }

    async fn a_provider_says_what_to_carry_to_the_application(app: TestApp) {
        let admin = admin(app).await;
        let made = admin.put(TRANSACTION, wanted(&admin).await).await.ok();
        let path = format!("providers/oauth2/{}/", made["provider"]["pk"]);
        let urls = admin.get(&format!("{path}setup_urls/")).await.ok();
        let base = app.base().as_str().trim_end_matches('/');
        assert_eq!(urls["issuer"], format!("{base}/application/o/wiki/"));
        assert_eq!(urls["provider_info"], format!("{base}/application/o/wiki/.well-known/openid-configuration"));
        let found = app.anonymous().get(urls["provider_info"].as_str().unwrap()).await.json();
        for (ours, theirs) in [("authorize", "authorization_endpoint"), ("token", "token_endpoint"),
            ("user_info", "userinfo_endpoint"), ("logout", "end_session_endpoint"), ("jwks", "jwks_uri"), ("issuer", "issuer")] {
            assert_eq!(urls[ours], found[theirs], "{ours}");
        }
    }

    async fn an_administrator_sees_what_an_application_would_learn(app: TestApp) {
        let admin = admin(app).await;
        app.user("ada").await;
        let mut asked = wanted(&admin).await;
        let scopes = admin.get("propertymappings/provider/scope/").await.ok();
        let scopes: Vec<Value> = scopes["results"].as_array().unwrap().iter().map(|scope| scope["pk"].clone()).collect();
        let broken = json!({ "name": "broken", "scope_name": "broken", "expression": "return 1 / 0" });
        let broken = admin.post("propertymappings/provider/scope/", broken).await.ok();
        asked["provider"]["property_mappings"] = scopes.into_iter().chain([broken["pk"].clone()]).collect();
        let made = admin.put(TRANSACTION, asked).await.ok();
        let path = format!("providers/oauth2/{}/preview_user/", made["provider"]["pk"]);
        let ada = pk_of(&admin, "ada").await;
        let seen = admin.get(&format!("{path}?for_user={ada}")).await.ok();
        assert_eq!(seen["preview"]["preferred_username"], "ada");
        assert_eq!(seen["preview"]["aud"], made["provider"]["client_id"]);
        assert!(seen["failures"]["broken"].as_str().unwrap().contains("division"), "{seen}");
        let looks = [("authentik_providers_oauth2.view_oauth2provider", None), ("authentik_core.view_user", None)];
        let viewer = program_with(app, &admin, "viewer", &looks).await;
        assert_eq!(viewer.get(&format!("{path}?for_user={ada}")).await.status, 403);
        assert_eq!(viewer.get(&path).await.ok()["preview"]["preferred_username"], "viewer");
    }

    async fn anybody_learns_how_the_house_looks(app: TestApp) {
        let nobody = Program::new(app, None);
        let brand = nobody.get("core/brands/current/").await.ok();
        assert_eq!(brand["flow_authentication"], "default-authentication-flow");
        assert_eq!(brand["ui_theme"], "automatic");
        assert!(brand["branding_title"].is_string());
    }
}

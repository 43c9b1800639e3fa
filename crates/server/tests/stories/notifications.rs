//! An administrator hears of what he has to mend.

use std::time::Duration;

use countersign_store::{StoreError, Tx, notifications, users};
use countersign_testkit::{Person, on_both_databases};
use reqwest::Method;
use serde_json::{Value, json};

const HERE: &str = "/if/user/notifications/";

/// An application whose policy cannot be evaluated.
const BROKEN: &str = "
version: 1
metadata: { name: broken }
entries:
  - model: authentik_core.application
    id: shop
    identifiers: { slug: shop }
    attrs: { name: Shop, meta_launch_url: https://shop.example.com/ }
  - model: authentik_policies_expression.expressionpolicy
    id: broken
    identifiers: { name: broken }
    attrs: { expression: return leaves }
  - model: authentik_policies.policybinding
    identifiers: { target: !KeyOf shop, policy: !KeyOf broken, order: 0 }
";

on_both_databases! {
    async fn an_administrator_hears_of_a_mistake_and_has_seen_it(app: TestApp) {
        app.apply(BROKEN).await;
        let admin = app.admin().await;
        let (member, _) = app.user("member").await;
        member.get("/if/user/").await;
        // The worker is told by the commit; whoever waits looks until it is done.
        while app.store().read(akadmin_is_told).await.unwrap() == 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }

        // The rules of a fresh server are for administrators.
        let page = admin.get(HERE).await;
        assert!(page.body.contains("leaves"), "{}", page.body);
        assert!(!member.get(HERE).await.body.contains("leaves"));
        assert!(admin.get("/if/user/").await.body.contains("unseen"));

        let list = admin.get("/api/v3/events/notifications/?seen=false").await.json();
        let told = &list["results"][0];
        assert_eq!((told["severity"].as_str(), told["seen"].as_bool()), (Some("alert"), Some(false)), "{list}");
        assert_eq!(told["event"]["action"], "policy_exception");
        let one = format!("/api/v3/events/notifications/{}/", told["pk"].as_str().unwrap());
        assert_eq!(member.get(&one).await.status, 404, "somebody else's");
        let refused = member.send(member.request(Method::DELETE, &member.address(&one))).await;
        assert!(refused.status >= 400, "{}", refused.status);
        assert_eq!(admin.get(&format!("{one}used_by/")).await.json(), json!([]));
        assert_eq!(member.get(&format!("{one}used_by/")).await.status, 404);
        is_found_by_what_it_says(&admin, told).await;
        let rules = "/api/v3/events/rules/?destination_group__name=";
        assert_eq!(admin.get(&format!("{rules}nobody")).await.json()["pagination"]["count"], 0);
        let rules = admin.get(&format!("{rules}authentik+Admins")).await.json();
        assert_eq!(rules["results"][0]["destination_group_obj"]["name"], "authentik Admins", "{rules}");

        let form = page.form(&format!("{HERE}seen/"));
        admin.submit(&form, &[]).await;
        let list = admin.get("/api/v3/events/notifications/?seen=false").await.json();
        assert_eq!(list["pagination"]["count"], 0);
    }
}

/// Lists find it by each filter, and by no other value of that.
async fn is_found_by_what_it_says(admin: &Person, told: &Value) {
    let is_found = async |name: &str, value: &str| {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair(name, value).finish();
        let list = admin.get(&format!("/api/v3/events/notifications/?{query}")).await.json();
        list["results"].as_array().unwrap().iter().any(|one| one["pk"] == told["pk"])
    };
    let text = |name: &str| told[name].as_str().unwrap().to_owned();
    let me = admin.get("/api/v3/core/users/me/").await.json()["user"]["pk"].as_i64().unwrap();
    for (name, value, other) in [
        ("search", "LEAVES".to_owned(), "l%ves".to_owned()),
        ("body", text("body"), "leaves".to_owned()),
        ("severity", "alert".to_owned(), "notice".to_owned()),
        ("seen", "false".to_owned(), "true".to_owned()),
        ("created", text("created"), "2020-01-01T00:00:00Z".to_owned()),
        ("event", told["event"]["pk"].as_str().unwrap().to_owned(), text("pk")),
        ("user", me.to_string(), (me + 1).to_string()),
    ] {
        assert!(is_found(name, &value).await, "{name}={value}: {told}");
        assert!(!is_found(name, &other).await, "{name}={other}: {told}");
    }
    for bad in ["event=x", "created=yesterday", "user=me", "severity=loud", "seen=maybe"] {
        let page = admin.get(&format!("/api/v3/events/notifications/?{bad}")).await;
        assert_eq!(page.status, 400, "{bad}: {}", page.body);
    }
}

/// How much he has not seen.
fn akadmin_is_told(tx: &mut Tx<'_>) -> Result<usize, StoreError> {
    let Some(akadmin) = users::by_username(tx, "akadmin")? else { return Ok(0) };
    notifications::unseen(tx, akadmin.id, 10)
}

//! An administrator hears of what he has to mend.

use std::time::Duration;

use countersign_store::{StoreError, Tx, notifications, users};
use countersign_testkit::on_both_databases;
use reqwest::Method;

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

        let form = page.form(&format!("{HERE}seen/"));
        admin.submit(&form, &[]).await;
        let list = admin.get("/api/v3/events/notifications/?seen=false").await.json();
        assert_eq!(list["pagination"]["count"], 0);
    }
}

/// How much he has not seen.
fn akadmin_is_told(tx: &mut Tx<'_>) -> Result<usize, StoreError> {
    let Some(akadmin) = users::by_username(tx, "akadmin")? else { return Ok(0) };
    notifications::unseen(tx, akadmin.id, 10)
}

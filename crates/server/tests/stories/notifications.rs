//! An administrator hears of what he has to mend.

use std::time::Duration;

use countersign_events::{EventDraft, record};
use countersign_model::EventAction;
use countersign_store::{StoreError, Tx, notifications, users};
use countersign_testkit::on_both_databases;
use reqwest::Method;

const HERE: &str = "/if/user/notifications/";

on_both_databases! {
    async fn an_administrator_hears_of_a_mistake_and_has_seen_it(app: TestApp) {
        let admin = app.finish_setup().await;
        let (member, _) = app.user("member").await;
        let draft = EventDraft::new(EventAction::ConfigurationError, "countersign.tests");
        let draft = draft.with("message", "the tree has no leaves");
        app.store().write(move |tx| record(tx, draft.clone())).await.unwrap();
        // The worker is told by the commit; whoever waits looks until it is done.
        while app.store().read(akadmin_is_told).await.unwrap() == 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }

        // The rules of a fresh server are for administrators.
        let page = admin.get(HERE).await;
        assert!(page.body.contains("Configuration error: the tree has no leaves"), "{}", page.body);
        assert!(!member.get(HERE).await.body.contains("leaves"));
        assert!(admin.get("/if/user/").await.body.contains("1 unseen"));

        let list = admin.get("/api/v3/events/notifications/?seen=false").await.json();
        assert_eq!(list["pagination"]["count"], 1, "{list}");
        let told = &list["results"][0];
        assert_eq!((told["severity"].as_str(), told["seen"].as_bool()), (Some("alert"), Some(false)));
        assert_eq!(told["event"]["context"]["message"], "the tree has no leaves");
        let one = format!("/api/v3/events/notifications/{}/", told["pk"].as_str().unwrap());
        assert_eq!(member.get(&one).await.status, 404, "somebody else's");
        let refused = member.send(member.request(Method::DELETE, &member.address(&one))).await;
        assert!(refused.status.is_client_error());

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

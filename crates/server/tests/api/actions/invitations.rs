//! `stages/invitation/invitations/<uuid>/send_email/`.

use countersign_store::jobs::{self, JobFilter};
use countersign_testkit::{TestApp, on_both_databases};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::events;
use crate::world::{Program, admin, program_with};

async fn written(app: &TestApp) -> u64 {
    let filter = JobFilter { state: None, kind: Some("mail".to_owned()) };
    app.store().read(move |tx| jobs::count(tx, &filter)).await.unwrap()
}

async fn invitation(admin: &Program, more: Value) -> (String, Value) {
    let flow = admin.get("flows/instances/default-enrollment-flow/").await.ok();
    let mut document = json!({ "name": "for-ada", "flow": flow["pk"], "single_use": true });
    document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let made = admin.post("stages/invitation/invitations/", document).await.ok();
    (format!("stages/invitation/invitations/{}/", made["pk"].as_str().unwrap()), made)
}

on_both_databases! {
    async fn an_invitation_goes_out_by_mail_to_each_who_is_invited(app: TestApp) {
        let admin = admin(app).await;
        let (path, made) = invitation(&admin, json!({})).await;
        assert_eq!(made["mailed"], Value::Null);
        let order = json!({
            "email_addresses": ["ada@example.com", "bob@example.com"],
            "cc_addresses": ["desk@example.com"],
            "template": "invitation",
        });
        admin.post(&format!("{path}send_email/"), order).await.expect(StatusCode::NO_CONTENT);
        for address in ["ada@example.com", "bob@example.com"] {
            let letter = app.mail.to(address).await;
            assert_eq!(letter.to, [address, "desk@example.com"], "a letter of his own");
            assert!(letter.subject.starts_with("You are invited"), "{}", letter.subject);
            let link = format!("{}if/flow/default-enrollment-flow/?itoken={}", app.base(), made["pk"].as_str().unwrap());
            assert_eq!(letter.link(), link);
        }
        assert!(admin.get(&path).await.ok()["mailed"].is_string());
        let told = events(&admin, "model_updated").await;
        let addresses = json!(["ada@example.com", "bob@example.com"]);
        assert!(told.iter().any(|event| event["context"]["mailed_to"] == addresses), "{told:?}");
    }

    async fn an_invitation_goes_to_nobody_by_a_bad_order(app: TestApp) {
        let admin = admin(app).await;
        let (path, _) = invitation(&admin, json!({})).await;
        let send = format!("{path}send_email/");
        let many: Vec<String> = (0..101).map(|number| format!("user{number}@example.com")).collect();
        for (order, field) in [
            (json!({ "email_addresses": [] }), "email_addresses"),
            (json!({ "email_addresses": ["ada@example.com", "nonsense"] }), "email_addresses"),
            (json!({ "email_addresses": ["ada@example.com\r\nBcc: victim@example.org"] }), "email_addresses"),
            (json!({ "email_addresses": many }), "email_addresses"),
            (json!({ "email_addresses": ["ada@example.com"], "bcc_addresses": [""] }), "bcc_addresses"),
            (json!({ "email_addresses": ["ada@example.com"], "template": "../../etc/passwd" }), "template"),
        ] {
            let complaint = admin.post(&send, order).await.expect(StatusCode::BAD_REQUEST);
            assert!(complaint[field].is_array(), "{field}: {complaint}");
        }
        let to_ada = json!({ "email_addresses": ["ada@example.com"] });
        let (nowhere, _) = invitation(&admin, json!({ "name": "for-any", "flow": null })).await;
        admin.post(&format!("{nowhere}send_email/"), to_ada.clone()).await.expect(StatusCode::BAD_REQUEST);
        let (late, _) = invitation(&admin, json!({ "name": "late", "expires": "2001-01-01T00:00:00Z" })).await;
        admin.post(&format!("{late}send_email/"), to_ada.clone()).await.expect(StatusCode::BAD_REQUEST);
        let seen = "authentik_stages_invitation.view_invitation";
        let reader = program_with(app, &admin, "reader", &[(seen, None)]).await;
        assert_eq!(reader.post(&send, to_ada.clone()).await.status, 403);
        let stranger = program_with(app, &admin, "stranger", &[]).await;
        assert_eq!(stranger.post(&send, to_ada).await.status, 403);
        assert_eq!(written(app).await, 0);
    }
}

//! `crypto/…` and `core/tokens/…`.

use countersign_testkit::on_both_databases;
use countersign_types::Span;
use reqwest::StatusCode;
use serde_json::json;

use super::events;
use crate::world::{Program, admin, program_with};

/// A self-signed certificate on a private key (PEM).
fn certificate_on(key: &str, name: &str) -> String {
    let key = rcgen::KeyPair::from_pem(key).unwrap();
    rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap().self_signed(&key).unwrap().pem()
}

on_both_databases! {
    async fn a_key_pair_is_made_taken_out_and_brought_back(app: TestApp) {
        let admin = admin(app).await;
        let asked = json!({ "common_name": "wiki.example", "subject_alt_name": "wiki.example, 192.0.2.1", "validity_days": 30, "alg": "ecdsa" });
        let made = admin.post("crypto/certificatekeypairs/generate/", asked.clone()).await.ok();
        assert_eq!((&made["name"], &made["key_type"]), (&json!("wiki.example"), &json!("ec")));
        assert!(made["cert_subject"].as_str().unwrap().contains("CN=wiki.example"), "{made}");
        let path = |what: &str| format!("crypto/certificatekeypairs/{}/{what}/", made["pk"].as_str().unwrap());
        let certificate = admin.get(&path("view_certificate")).await.ok()["data"].clone();
        let key = admin.get(&path("view_private_key")).await.ok()["data"].clone();
        app.plant(key.as_str().unwrap().lines().nth(1).unwrap());
        let found = events(&admin, "secret_view").await;
        assert!(found.iter().any(|event| event["context"]["model"]["name"] == "wiki.example"), "{found:?}");
        let file = admin.get(&format!("{}?download=true", path("view_certificate"))).await;
        assert!(file.header("content-disposition").contains("attachment") && file.text.starts_with("-----BEGIN CERTIFICATE"));

        let brought = json!({ "name": "brought", "certificate_data": certificate, "key_data": key });
        let again = admin.post("crypto/certificatekeypairs/generate/", asked).await.expect(StatusCode::BAD_REQUEST);
        assert!(again["common_name"].is_array(), "{again}");
        let twice = admin.post("crypto/certificatekeypairs/", brought.clone()).await.expect(StatusCode::BAD_REQUEST);
        assert!(twice["key_data"].is_array(), "{twice}");
        admin.delete(&format!("crypto/certificatekeypairs/{}/", made["pk"].as_str().unwrap())).await.expect(StatusCode::NO_CONTENT);
        let brought = admin.post("crypto/certificatekeypairs/", brought).await.expect(StatusCode::CREATED);
        assert_eq!(brought["fingerprint_sha256"], made["fingerprint_sha256"]);
        assert_eq!(brought.get("key_data"), None, "a secret is never read back");
        let mixed = admin.post("crypto/certificatekeypairs/", json!({ "name": "mixed", "certificate_data": "nonsense", "key_data": key })).await;
        assert_eq!(mixed.status, 400, "{}", mixed.text);
        for (wrong, field) in [
            (json!({ "common_name": "", "validity_days": 1 }), "common_name"),
            (json!({ "common_name": "x", "validity_days": 0 }), "validity_days"),
            (json!({ "common_name": "x", "validity_days": 1, "alg": "ed448" }), "alg"),
            (json!({ "common_name": "x", "validity_days": 1, "alg": "ecdsa", "subject_alt_name": "\u{e9}.example" }), "subject_alt_name"),
        ] {
            let complaint = admin.post("crypto/certificatekeypairs/generate/", wrong).await.expect(StatusCode::BAD_REQUEST);
            assert!(complaint[field].is_array(), "{complaint}");
        }
    }

    async fn a_certificate_renewed_on_the_same_key_keeps_its_kid(app: TestApp) {
        let admin = admin(app).await;
        let asked = json!({ "common_name": "wiki.example", "validity_days": 30, "alg": "ecdsa" });
        let made = admin.post("crypto/certificatekeypairs/generate/", asked).await.ok();
        let address = format!("crypto/certificatekeypairs/{}/", made["pk"].as_str().unwrap());
        let old = admin.get(&format!("{address}view_private_key/")).await.ok()["data"].as_str().unwrap().to_owned();
        app.plant(old.lines().nth(1).unwrap());
        let (authorization, invalidation) = ("default-provider-authorization-implicit-consent", "default-provider-invalidation-flow");
        let flow = async |slug: &str| admin.get(&format!("flows/instances/{slug}/")).await.ok()["pk"].clone();
        let provider = json!({
            "name": "Wiki", "client_id": "wiki", "signing_key": made["pk"],
            "authorization_flow": flow(authorization).await, "invalidation_flow": flow(invalidation).await,
            "redirect_uris": [{ "matching_mode": "strict", "url": "https://wiki.example/callback" }],
        });
        let provider = admin.post("providers/oauth2/", provider).await.expect(StatusCode::CREATED);
        app.plant(provider["client_secret"].as_str().unwrap());
        admin.post("core/applications/", json!({ "name": "Wiki", "slug": "wiki", "provider": provider["pk"] })).await.ok();
        let published = async || app.anonymous().get("/application/o/wiki/jwks/").await.json()["keys"].as_array().unwrap().clone();
        let before = published().await;
        assert_eq!((before.len(), &before[0]["kid"]), (1, &made["kid"]));

        let renew = async |certificate: &str, key: &str| {
            admin.patch(&address, json!({ "certificate_data": certificate, "key_data": key })).await
        };
        let renewed = renew(&certificate_on(&old, "renewed.example"), &old).await.ok();
        assert_eq!(renewed["kid"], made["kid"], "the same key has the same name");
        assert_ne!(renewed["fingerprint_sha256"], made["fingerprint_sha256"]);
        let after = published().await;
        assert_eq!((after.len(), &after[0]["kid"]), (1, &made["kid"]), "one key, one entry: {after:?}");
        assert_ne!(after[0]["x5c"], before[0]["x5c"], "with its new certificate");
        let revisions = admin.get(&format!("{address}revisions/")).await.ok();
        assert_eq!(revisions.as_array().unwrap().len(), 2, "{revisions}");

        // Another key takes over, and then the first one comes back.
        app.advance(Span::from_secs(1));
        let new = rcgen::KeyPair::generate().unwrap().serialize_pem();
        app.plant(new.lines().nth(1).unwrap());
        let other = renew(&certificate_on(&new, "other.example"), &new).await.ok();
        assert_ne!(other["kid"], made["kid"]);
        assert_eq!(published().await.len(), 2, "what the old one signed still lives");
        app.advance(Span::from_secs(1));
        let back = renew(&certificate_on(&old, "back.example"), &old).await.ok();
        assert_eq!(back["kid"], made["kid"], "it signs again");
        let both = published().await;
        let mut kids: Vec<&str> = both.iter().map(|key| key["kid"].as_str().unwrap()).collect();
        kids.sort_unstable();
        kids.dedup();
        assert_eq!((both.len(), kids.len()), (2, 2), "{both:?}");

        // A pair whose key it is keeps it for itself, and a certificate fits its key.
        let taken = json!({ "name": "thief", "certificate_data": certificate_on(&old, "thief.example"), "key_data": old });
        let taken = admin.post("crypto/certificatekeypairs/", taken).await.expect(StatusCode::BAD_REQUEST);
        assert!(taken["key_data"].is_array(), "{taken}");
        let unfit = renew(&certificate_on(&new, "unfit.example"), &old).await;
        assert_eq!(unfit.status, 400, "{}", unfit.text);
    }

    async fn a_private_key_takes_its_own_permission(app: TestApp) {
        let admin = admin(app).await;
        let pairs = admin.get("crypto/certificatekeypairs/").await.ok();
        let pk = pairs["results"][0]["pk"].as_str().unwrap().to_owned();
        let may = [
            ("authentik_crypto.view_certificatekeypair", None),
            ("authentik_crypto.change_certificatekeypair", None),
            ("authentik_crypto.view_certificatekeypair_certificate", None),
        ];
        let viewer = program_with(app, &admin, "viewer", &may).await;
        viewer.get(&format!("crypto/certificatekeypairs/{pk}/view_certificate/")).await.ok();
        assert_eq!(viewer.get(&format!("crypto/certificatekeypairs/{pk}/view_private_key/")).await.status, 403);
    }

    async fn a_token_shows_its_value_once_and_takes_another(app: TestApp) {
        let admin = admin(app).await;
        let me = admin.get("core/users/me/").await.ok()["user"]["pk"].clone();
        let made = admin.post("core/tokens/", json!({ "identifier": "robot", "intent": "api", "user": me })).await.ok();
        let old = made["key"].as_str().unwrap().to_owned();
        app.plant(&old);
        let told = admin.get("core/tokens/robot/view_key/").await.expect(StatusCode::GONE);
        assert_eq!(told["code"], "shown_once");
        let new = app.new_password();
        admin.post("core/tokens/robot/set_key/", json!({ "key": new })).await.expect(StatusCode::NO_CONTENT);
        assert_eq!(Program::new(app, Some(&old)).get("core/users/me/").await.status, 401);
        Program::new(app, Some(&new)).get("core/users/me/").await.ok();
        let found = events(&admin, "secret_rotate").await;
        assert!(found.iter().any(|event| event["context"]["model"]["name"] == "robot"), "{found:?}");
        let complaint = admin.post("core/tokens/robot/set_key/", json!({ "key": "short" })).await;
        assert!(complaint.expect(StatusCode::BAD_REQUEST)["key"].is_array());
        assert_eq!(admin.get("core/tokens/nobody/view_key/").await.status, 404);
    }
}

//! An application receives its users over OpenID Connect, from a relying party that was not written here.

use countersign_crypto::SystemRng;
use countersign_model::{CertificateKeyPair, KeyAlgorithm, KeyPairId};
use countersign_store::key_pairs;
use countersign_testkit::on_both_databases;
use countersign_types::Span;
use openidconnect::{OAuth2TokenResponse as _, TokenResponse as _};

use crate::{
    demo::{Asks, CALLBACK, Demo, GOODBYE},
    relying_party::{RelyingParty, go},
};

/// Lets the application's tokens be signed with another key pair.
const LATE_KEY: &str = "
version: 1
metadata: { name: a late key }
entries:
  - model: authentik_providers_oauth2.oauth2provider
    identifiers: { name: demo }
    attrs: { signing_key: !Find [authentik_crypto.certificatekeypair, [name, late]] }
";

const SCOPES: [&str; 3] = ["profile", "email", "offline_access"];

on_both_databases! {
    async fn an_application_receives_its_user(app: TestApp) {
        let demo = Demo::add(app, "demo", Asks::Never).await;
        let (_, password) = app.user("ada").await;
        let party = RelyingParty::discover(app, &demo).await;
        let ada = app.anonymous();
        let visit = party.send(&SCOPES);
        // She is not signed in: the pages come first, and lead on.
        let back = ada.sign_in_at(visit.address.as_str(), "ada", &password).await;
        assert!(back.leads_to().unwrap().as_str().starts_with(CALLBACK), "{} {}", back.status, back.body);
        let (tokens, claims) = party.receive(visit, &back).await;
        app.plant(tokens.access_token().secret());
        app.plant(tokens.refresh_token().unwrap().secret());
        assert_eq!(claims.preferred_username().unwrap().as_str(), "ada");
        let info = party.user_info(&tokens).await.unwrap();
        assert_eq!(info.subject(), claims.subject());
        assert_eq!(info.email().unwrap().as_str(), "ada@example.com");
        // A second application visit asks nobody.
        let visit = party.send(&SCOPES);
        let back = go(&ada, &visit).await;
        party.receive(visit, &back).await;
    }

    async fn consent_is_asked_once_and_may_be_refused(app: TestApp) {
        let demo = Demo::add(app, "demo", Asks::Consent).await;
        let (ada, _) = app.user("ada").await;
        let party = RelyingParty::discover(app, &demo).await;
        let visit = party.send(&SCOPES);
        let asked = go(&ada, &visit).await;
        assert_eq!(asked.status, 200);
        assert!(asked.body.contains("Application demo"), "{}", asked.body);
        let back = ada.answer(&asked, &[("choice", "allow")]).await;
        party.receive(visit, &back).await;
        let visit = party.send(&SCOPES);
        let back = go(&ada, &visit).await;
        assert!(back.leads_to().is_some(), "consent is on file");
        party.receive(visit, &back).await;
    }

    async fn a_code_is_good_once_and_its_second_use_ends_what_it_brought(app: TestApp) {
        let demo = Demo::add(app, "demo", Asks::Never).await;
        let (ada, _) = app.user("ada").await;
        let party = RelyingParty::discover(app, &demo).await;
        let visit = party.send(&SCOPES);
        let back = go(&ada, &visit).await;
        let code = back.parameter("code").unwrap();
        let (tokens, _) = party.receive(visit, &back).await;
        party.user_info(&tokens).await.unwrap();
        let replay = party.send(&SCOPES);
        let verifier = replay.into_verifier();
        assert!(party.exchange(&code, verifier).await.unwrap_err().contains("invalid_grant"));
        party.user_info(&tokens).await.unwrap_err();
        party.refresh(&tokens).await.unwrap_err();
    }

    async fn a_stolen_refresh_token_ends_the_family(app: TestApp) {
        let demo = Demo::add(app, "demo", Asks::Never).await;
        let (ada, _) = app.user("ada").await;
        let party = RelyingParty::discover(app, &demo).await;
        let visit = party.send(&SCOPES);
        let back = go(&ada, &visit).await;
        let (first, _) = party.receive(visit, &back).await;
        let second = party.refresh(&first).await.unwrap();
        assert!(party.refresh(&first).await.unwrap_err().contains("invalid_grant"));
        assert!(party.refresh(&second).await.unwrap_err().contains("invalid_grant"));
        party.user_info(&second).await.unwrap_err();
    }

    async fn sign_out_from_the_application_leads_back_to_it(app: TestApp) {
        let demo = Demo::add(app, "demo", Asks::Never).await;
        let (ada, _) = app.user("ada").await;
        let party = RelyingParty::discover(app, &demo).await;
        let visit = party.send(&["profile"]);
        let back = go(&ada, &visit).await;
        let (tokens, _) = party.receive(visit, &back).await;
        let mut address = ada.address("/application/o/demo/end-session/");
        address
            .query_pairs_mut()
            .append_pair("id_token_hint", &tokens.id_token().unwrap().to_string())
            .append_pair("post_logout_redirect_uri", GOODBYE)
            .append_pair("state", "farewell");
        let mut page = ada.visit(address.as_str()).await;
        if page.leads_to().is_none() {
            page = ada.answer(&page, &[]).await;
        }
        let to = page.leads_to().unwrap();
        assert!(to.as_str().starts_with(GOODBYE), "{to}");
        assert_eq!(page.parameter("state").as_deref(), Some("farewell"));
        assert_eq!(ada.visit("/if/user/").await.path(), "/if/flow/default-authentication-flow/");
    }

    async fn an_access_token_dies_in_time(app: TestApp) {
        let demo = Demo::add(app, "demo", Asks::Never).await;
        let (ada, _) = app.user("ada").await;
        let party = RelyingParty::discover(app, &demo).await;
        let visit = party.send(&["profile"]);
        let back = go(&ada, &visit).await;
        let (tokens, _) = party.receive(visit, &back).await;
        party.user_info(&tokens).await.unwrap();
        app.advance(Span::from_hours(2));
        party.user_info(&tokens).await.unwrap_err();
    }

    async fn a_key_that_is_being_made_is_waited_for(app: TestApp) {
        let demo = Demo::add(app, "demo", Asks::Never).await;
        app.settled().await;
        let known = app.store().read(key_pairs::all).await.unwrap();
        let ready = known.into_iter().find(|pair| pair.algorithm == KeyAlgorithm::EcdsaP256).unwrap();
        let late = CertificateKeyPair {
            id: KeyPairId::random(&SystemRng),
            name: "late".to_owned(),
            managed: None,
            algorithm: ready.algorithm,
            versions: Vec::new(),
        };
        let mut version = ready.versions.into_iter().next().unwrap();
        version.key_pair = late.id;
        let kid = version.kid.clone();
        app.store()
            .write(move |tx| {
                key_pairs::delete(tx, ready.id)?;
                key_pairs::create(tx, &late)
            })
            .await
            .unwrap();
        app.apply(LATE_KEY).await;

        let address = app.base().join("application/o/demo/jwks/").unwrap();
        let asked = tokio::spawn(async move { reqwest::get(address).await.unwrap() });
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        assert!(!asked.is_finished(), "an empty key set was handed out");
        app.store().write(move |tx| key_pairs::add_version(tx, &version)).await.unwrap();
        let keys: serde_json::Value = asked.await.unwrap().json().await.unwrap();
        assert_eq!(keys["keys"][0]["kid"], kid.as_str(), "{keys}");
        let party = RelyingParty::discover(app, &demo).await;
        assert_eq!(party.metadata.jwks().keys().len(), 1);
    }
}

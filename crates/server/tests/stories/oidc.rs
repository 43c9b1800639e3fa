//! An application receives its users over OpenID Connect, from a relying party that was not written here.

use countersign_testkit::on_both_databases;
use countersign_types::Span;
use openidconnect::{OAuth2TokenResponse as _, TokenResponse as _};

use crate::{
    demo::{Asks, CALLBACK, Demo, GOODBYE},
    relying_party::{RelyingParty, go},
};

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
}

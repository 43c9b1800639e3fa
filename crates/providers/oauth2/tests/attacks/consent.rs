//! What may happen while the user is asked.

use countersign_crypto::digest;
use countersign_flows::{FlowRequest, ReplyKind, Response};
use countersign_policies::{KnownDevices, RequestFacts};
use countersign_types::{JsonObject, Secret};
use serde_json::{Value, json};
use url::Url;

use crate::world::{BASE, Person, REDIRECT, Rp, World};

/// The consent page that an authorization led to.
struct Page {
    request: FlowRequest,
    token: String,
    fields: JsonObject,
}

fn flow_request(location: &str, person: &Person) -> FlowRequest {
    let url = Url::parse(BASE).unwrap().join(location).unwrap();
    FlowRequest {
        slug: url.path_segments().unwrap().nth(2).unwrap().to_owned(),
        query: url.query().unwrap_or_default().to_owned(),
        browser: Secret::from(person.browser.as_str()),
        session_key: Some(digest(person.token.expose())),
        facts: RequestFacts {
            client: None,
            user_agent: String::new(),
            host: "auth.example.com".to_owned(),
            base_url: BASE.to_owned(),
            query: String::new(),
            locale: "en".to_owned(),
            request_id: "r".to_owned(),
            is_cross_site: false,
            impersonator: None,
            devices: KnownDevices::default(),
            certificate: None,
        },
    }
}

async fn asked(world: &World, rp: &Rp, person: &Person, more: &[(&str, &str)]) -> Page {
    let answer = world.authorize(rp, person, more).await;
    assert!(answer.location().starts_with("/if/flow/"), "{} {}", answer.location(), answer.text());
    let request = flow_request(&answer.location(), person);
    let reply = world.app.executor().show(&request).await.unwrap();
    let ReplyKind::Challenge(shown) = reply.kind else { panic!("a question") };
    assert_eq!(shown.info.form_origins, ["https://rp.example"]);
    let hidden = shown.challenge.fields().map(|field| (field.name.clone(), Value::from(field.value.clone())));
    Page { request, fields: hidden.collect(), token: shown.token.clone() }
}

async fn answer(world: &World, page: &Page, decision: Option<&str>) -> ReplyKind {
    let mut fields = page.fields.clone();
    fields.extend(decision.map(|decision| ("decision".to_owned(), Value::from(decision))));
    let pairs = fields.into_iter().map(|(name, value)| (name, value.as_str().unwrap().to_owned())).collect();
    let response = Response::from_form(pairs).unwrap();
    world.app.executor().answer(&page.request, Some(&page.token), None, response).await.unwrap().kind
}

fn led_to(reply: ReplyKind) -> String {
    match reply {
        ReplyKind::Redirect { to } => to,
        other => panic!("{other:?}"),
    }
}

async fn asking(world: &World) -> Rp {
    world.rp_with("asking", json!({ "authorization_flow": world.flow("explicit") })).await
}

#[actix_web::test]
async fn who_agrees_is_handed_over_and_not_asked_again() {
    let world = World::new().await;
    let (rp, ada) = (asking(&world).await, world.person(1, "ada").await);
    let page = asked(&world, &rp, &ada, &[]).await;
    let to = led_to(answer(&world, &page, None).await);
    assert!(to.starts_with(&format!("{REDIRECT}?code=")), "{to}");
    let code = Url::parse(&to).unwrap().query_pairs().next().unwrap().1.into_owned();
    assert_eq!(world.redeem(&rp, &code, &[]).await.status, 200);
    world.code(&rp, &ada, &[]).await;
    asked(&world, &rp, &ada, &[("prompt", "consent")]).await;
    asked(&world, &rp, &ada, &[("scope", "openid email profile api")]).await;
}

#[actix_web::test]
async fn an_application_that_insists_on_consent_gets_one_question_whatever_the_flow() {
    let world = World::new().await;
    let ada = world.person(1, "ada").await;
    for rp in [world.rp("trusted").await, asking(&world).await] {
        let page = asked(&world, &rp, &ada, &[("prompt", "consent")]).await;
        let to = led_to(answer(&world, &page, None).await);
        assert!(to.starts_with(&format!("{REDIRECT}?code=")), "{to}");
    }
    let trusted = world.rp("trusted-too").await;
    let page = asked(&world, &trusted, &ada, &[("prompt", "consent")]).await;
    let to = led_to(answer(&world, &page, Some("deny")).await);
    assert!(to.starts_with(&format!("{REDIRECT}?error=access_denied")), "{to}");
}

#[actix_web::test]
async fn who_refuses_is_sent_back_without_a_code() {
    let world = World::new().await;
    let (rp, ada) = (asking(&world).await, world.person(1, "ada").await);
    let page = asked(&world, &rp, &ada, &[]).await;
    let to = led_to(answer(&world, &page, Some("deny")).await);
    assert!(to.starts_with(&format!("{REDIRECT}?error=access_denied")) && to.contains("state=s-1"), "{to}");
}

#[actix_web::test]
async fn nothing_is_handed_over_when_the_world_changed_while_the_user_was_asked() {
    for change in
        ["signed out", "deactivated", "somebody else", "redirect URI", "scope", "grant", "client_id"]
    {
        let world = World::new().await;
        let (rp, ada) = (asking(&world).await, world.person(1, "ada").await);
        let mut page = asked(&world, &rp, &ada, &[]).await;
        match change {
            "signed out" => world.sign_out(&ada).await,
            "deactivated" => world.deactivate(ada.user.id).await,
            "somebody else" => {
                let eve = world.person(2, "eve").await;
                page.request.session_key = Some(digest(eve.token.expose()));
            }
            "redirect URI" => {
                let patch = json!({ "redirect_uris": [{ "url": "https://rp.example/new" }] });
                world.change_provider(&rp, patch).await;
            }
            "scope" => {
                let patch = json!({ "property_mappings": [world.flow("openid")] });
                world.change_provider(&rp, patch).await;
            }
            "grant" => world.change_provider(&rp, json!({ "grant_types": ["refresh_token"] })).await,
            _ => world.change_provider(&rp, json!({ "client_id": "another" })).await,
        }
        let mut fields = page.fields.clone();
        let pairs = fields.iter_mut().map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()));
        let response = Response::from_form(pairs.collect()).unwrap();
        let outcome = world.app.executor().answer(&page.request, Some(&page.token), None, response).await;
        let handed_over = match outcome {
            Ok(reply) => matches!(reply.kind, ReplyKind::Redirect { to } if to.contains("code=")),
            Err(_) => false,
        };
        // A new name is the same application; everything else is not what the user was asked about.
        assert_eq!(handed_over, change == "client_id", "{change}");
    }
}

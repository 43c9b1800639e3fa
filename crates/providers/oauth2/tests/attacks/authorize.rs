//! The authorization endpoint.

use countersign_model::{Application, EventAction};
use countersign_store::{Trips, applications};
use countersign_types::Span;
use serde_json::json;

use crate::world::{BASE, REDIRECT, VERIFIER, World, authorize_url, challenge, get, post_raw};

#[actix_web::test]
async fn who_is_signed_in_is_handed_over_with_a_code() {
    let world = World::new().await;
    let (rp, ada) = (world.rp("demo").await, world.person(1, "ada").await);
    let answer = world.authorize(&rp, &ada, &[]).await;
    assert_eq!(answer.status, 302, "{}", answer.text());
    assert!(answer.location().starts_with(&format!("{REDIRECT}?")), "{}", answer.location());
    let sent = answer.sent();
    assert_eq!(sent["state"], "s-1");
    assert_eq!(sent["iss"], format!("{BASE}/application/o/demo/"));
    assert_eq!(sent["code"].len(), 43);
    assert_eq!(world.events(EventAction::AuthorizeApplication).await, 1);
    assert!(answer.header("access-control-allow-origin").is_empty());

    let form = authorize_url(&rp, &[]);
    let form = form.split_once('?').unwrap().1;
    let answer = world.ask(post_raw("/application/o/authorize/", form).person(&ada)).await;
    assert_eq!(answer.status, 303, "after a form");
    assert!(answer.sent().contains_key("code"));
    let answer = world.ask(post_raw("/application/o/authorize/", form)).await;
    assert_eq!(
        (answer.status.as_u16(), answer.location()),
        (303, authorize_url(&rp, &[])),
        "cookies come with a GET"
    );
}

#[actix_web::test]
async fn a_warm_authorization_is_one_write_and_no_read() {
    let world = World::new().await;
    let (rp, ada) = (world.rp("demo").await, world.person(1, "ada").await);
    world.code(&rp, &ada, &[]).await;
    let before = world.store.trips();
    world.code(&rp, &ada, &[]).await;
    assert_eq!(world.store.trips() - before, Trips { reads: 0, writes: 1 });
}

#[actix_web::test]
async fn an_unknown_client_or_redirect_uri_gets_a_page_and_nothing_is_redirected() {
    let world = World::new().await;
    let (rp, ada) = (world.rp("demo").await, world.person(1, "ada").await);
    for (name, value) in [
        ("client_id", "nobody"),
        ("client_id", "\0"),
        ("client_id", "x\ny"),
        ("redirect_uri", "https://evil.example/callback"),
        ("redirect_uri", "https://rp.example/callback/"),
        ("redirect_uri", "https://rp.example/callback?x=1"),
        ("redirect_uri", "https://rp.example/callback#x"),
        ("redirect_uri", "https://rp.example/Callback"),
        ("redirect_uri", "https://RP.example/callback"),
        ("redirect_uri", "https://rp.example:443/callback"),
        ("redirect_uri", "http://rp.example/callback"),
        ("redirect_uri", "https://rp.example/../callback"),
        ("redirect_uri", "https://rp.example/%63allback"),
        ("redirect_uri", "https://rp.example@evil.example/callback"),
        ("redirect_uri", "https://evil.example/https://rp.example/callback"),
        ("redirect_uri", "https://rp.example.evil.example/callback"),
        ("redirect_uri", "https://rp.example\\@evil.example/callback"),
        ("redirect_uri", "https://rp.example/bye"),
        ("redirect_uri", "//rp.example/callback"),
        ("redirect_uri", "javascript:alert(1)"),
        ("redirect_uri", " https://rp.example/callback"),
        ("redirect_uri", "https://rp.example/callback\u{0}"),
    ] {
        let answer = world.authorize(&rp, &ada, &[(name, value)]).await;
        assert_eq!(answer.status, 400, "{name}={value:?} {}", answer.location());
        assert_eq!(answer.location(), "", "{name}={value:?}");
        assert!(!answer.text().contains("<script"), "{value}");
    }
    assert_eq!(world.events(EventAction::AuthorizeApplication).await, 0);
}

#[actix_web::test]
async fn parameter_pollution_is_refused_before_anything_is_believed() {
    let world = World::new().await;
    let (rp, ada) = (world.rp("demo").await, world.person(1, "ada").await);
    let url = authorize_url(&rp, &[]);
    for more in
        ["client_id=other", "redirect_uri=https%3A%2F%2Fevil.example", "state=s-2", "scope=api", "x=1&x=2"]
    {
        let answer = world.ask(get(&format!("{url}&{more}")).person(&ada)).await;
        assert_eq!((answer.status.as_u16(), answer.location()), (400, String::new()), "{more}");
    }
    let answer = world.ask(get(&format!("{url}&unknown=1")).person(&ada)).await;
    assert_eq!(answer.status, 302, "what is unknown is ignored");
}

#[actix_web::test]
async fn errors_go_back_to_the_application_with_state_and_issuer() {
    let world = World::new().await;
    let (rp, ada) = (world.rp("demo").await, world.person(1, "ada").await);
    let long = "n".repeat(1025);
    for (more, error) in [
        (&[("response_type", "token")][..], "unsupported_response_type"),
        (&[("response_type", "code token"), ("nonce", "n")], "unsupported_response_type"),
        (&[("response_type", "id_token"), ("nonce", "n")], "unsupported_response_type"),
        (&[("response_type", "none")], "unsupported_response_type"),
        (&[("response_type", "\0")], "invalid_request"),
        (&[("request", "eyJ")], "request_not_supported"),
        (&[("request_uri", "https://x.example")], "request_uri_not_supported"),
        (&[("prompt", "none login")], "invalid_request"),
        (&[("max_age", "-1")], "invalid_request"),
        (&[("scope", "a\"b")], "invalid_scope"),
        (&[("nonce", &long)], "invalid_request"),
        (&[("code_challenge", "short"), ("code_challenge_method", "S256")], "invalid_request"),
        (&[("response_mode", "web_message")], "invalid_request"),
    ] {
        let answer = world.authorize(&rp, &ada, more).await;
        let sent = answer.sent();
        assert!(answer.location().starts_with(REDIRECT), "{more:?} {}", answer.text());
        assert_eq!(sent["error"], error, "{more:?}");
        assert_eq!(
            (sent["state"].as_str(), sent["iss"].as_str()),
            ("s-1", "https://auth.example.com/application/o/demo/")
        );
        assert!(!sent.contains_key("code"));
    }
}

#[actix_web::test]
async fn a_public_client_without_s256_gets_no_code() {
    let world = World::new().await;
    let rp = world.rp_with("spa", json!({ "client_type": "public" })).await;
    let ada = world.person(1, "ada").await;
    let good = challenge(VERIFIER);
    for more in [
        &[][..],
        &[("code_challenge", VERIFIER)],
        &[("code_challenge", VERIFIER), ("code_challenge_method", "plain")],
        &[("code_challenge", &good)],
        &[("code_challenge_method", "S256")],
    ] {
        let sent = world.authorize(&rp, &ada, more).await.sent();
        assert_eq!(sent["error"], "invalid_request", "{more:?}");
    }
    world.code(&rp, &ada, &[("code_challenge", &good), ("code_challenge_method", "S256")]).await;
}

#[actix_web::test]
async fn a_grant_that_is_not_open_is_refused() {
    let world = World::new().await;
    let rp = world.rp_with("machine", json!({ "grant_types": ["client_credentials"] })).await;
    let ada = world.person(1, "ada").await;
    assert_eq!(world.authorize(&rp, &ada, &[]).await.sent()["error"], "unauthorized_client");
    let rp = world.rp_with("nothing", json!({ "grant_types": [] })).await;
    assert_eq!(world.authorize(&rp, &ada, &[]).await.sent()["error"], "unauthorized_client");
}

#[actix_web::test]
async fn nobody_is_sent_to_the_sign_in_page_with_the_way_back() {
    let world = World::new().await;
    let rp = world.rp("demo").await;
    let before = world.store.trips();
    let answer = world.ask(get(&authorize_url(&rp, &[("login_hint", "ada"), ("ui_locales", "ko")]))).await;
    assert_eq!(answer.status, 302, "{}", answer.text());
    assert!(answer.location().starts_with("/if/flow/sign-in/?start="), "{}", answer.location());
    let sent = answer.sent();
    assert!(sent["next"].starts_with("/application/o/authorize/?client_id="), "{sent:?}");
    assert_eq!(sent["ui_locales"], "ko");
    assert!(answer.header("set-cookie").contains("countersign_browser="), "{:?}", answer.headers);
    assert_eq!((world.store.trips() - before).writes, 0, "a stranger writes nothing");
}

#[actix_web::test]
async fn prompt_none_never_shows_a_page() {
    let world = World::new().await;
    let (rp, ada) = (world.rp("demo").await, world.person(1, "ada").await);
    let none = [("prompt", "none")];
    assert_eq!(world.ask(get(&authorize_url(&rp, &none))).await.sent()["error"], "login_required");
    assert!(world.authorize(&rp, &ada, &none).await.sent().contains_key("code"));
    let old = [("prompt", "none"), ("max_age", "60")];
    world.wait(Span::from_secs(61));
    assert_eq!(world.authorize(&rp, &ada, &old).await.sent()["error"], "login_required");
    let asking = world.rp_with("asking", json!({ "authorization_flow": world.flow("explicit") })).await;
    assert_eq!(world.authorize(&asking, &ada, &none).await.sent()["error"], "consent_required");
    let closed = world.rp("closed").await;
    world.guard(&closed, "return False").await;
    assert_eq!(world.authorize(&closed, &ada, &none).await.sent()["error"], "access_denied");
    let sent = world.authorize(&rp, &ada, &[("prompt", "none"), ("id_token_hint", "nonsense")]).await.sent();
    assert_eq!(sent["error"], "login_required", "nobody would notice another user");
}

#[actix_web::test]
async fn prompt_login_asks_once_and_does_not_go_in_circles() {
    let world = World::new().await;
    let (rp, ada) = (world.rp("demo").await, world.person(1, "ada").await);
    for more in [[("prompt", "login")], [("max_age", "0")], [("prompt", "select_account")]] {
        world.wait(Span::from_secs(5));
        let answer = world.authorize(&rp, &ada, &more).await;
        assert!(answer.location().starts_with("/if/flow/sign-in/"), "{more:?} {}", answer.location());
        let back = answer.sent()["next"].clone();
        let unchanged = world.ask(get(&back).person(&ada)).await;
        assert!(unchanged.sent().contains_key("error"), "{more:?}: an old session is not enough");
        world.wait(Span::from_secs(5));
        let anew = world.sign_in(ada.clone()).await;
        let answer = world.ask(get(&back).person(&anew)).await;
        assert!(answer.sent().contains_key("code"), "{more:?} {}", answer.location());
        // The mark of one request does not spare another its sign-in.
        let mark = back.rsplit_once("countersign_since=").unwrap().1;
        world.wait(Span::from_secs(5));
        let other = format!("{}&countersign_since={mark}", authorize_url(&rp, &[more[0], ("state", "s-2")]));
        let answer = world.ask(get(&other).person(&anew)).await;
        assert!(answer.location().starts_with("/if/flow/sign-in/"), "{more:?} {}", answer.location());
    }
}

#[actix_web::test]
async fn a_hint_about_somebody_else_is_not_answered_with_whoever_is_there() {
    let world = World::new().await;
    let rp = world.rp("demo").await;
    let (ada, eve) = (world.person(1, "ada").await, world.person(2, "eve").await);
    let tokens = world.tokens(&rp, &ada, "openid").await;
    let hint = tokens["id_token"].as_str().unwrap();
    assert!(world.authorize(&rp, &ada, &[("id_token_hint", hint)]).await.sent().contains_key("code"));
    let answer = world.authorize(&rp, &eve, &[("id_token_hint", hint)]).await;
    assert!(answer.location().starts_with("/if/flow/sign-in/"), "{}", answer.location());
    let sent = world.authorize(&rp, &eve, &[("id_token_hint", hint), ("prompt", "none")]).await.sent();
    assert_eq!(sent["error"], "login_required");
}

#[actix_web::test]
async fn policies_of_the_application_decide_who_gets_in() {
    let world = World::new().await;
    let rp = world.rp("demo").await;
    world.guard(&rp, "ak_message('Only Ada.')\nreturn request.user.username == 'ada'").await;
    let (ada, eve) = (world.person(1, "ada").await, world.person(2, "eve").await);
    world.code(&rp, &ada, &[]).await;
    let answer = world.authorize(&rp, &eve, &[]).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (403, String::new()));
    assert!(answer.text().contains("Only Ada."), "{}", answer.text());
    let broken = world.rp("broken").await;
    world.guard(&broken, "return 1 // 0").await;
    assert_eq!(world.authorize(&broken, &ada, &[]).await.status, 403, "an error denies");
}

#[actix_web::test]
async fn policies_of_the_application_see_what_it_asks_for() {
    let world = World::new().await;
    let (rp, ada) = (world.rp("demo").await, world.person(1, "ada").await);
    let expression = format!(
        "asked = [oauth_grant_type, oauth_response_type, oauth_redirect_uri, oauth_max_age, oauth_code_challenge_method]\n\
         return asked == ['authorization_code', 'code', '{REDIRECT}', 3600, None] and 'email' not in oauth_scopes \
         and http_request.GET.get('state') == 's-1'"
    );
    world.guard(&rp, &expression).await;
    let asked = [("scope", "openid profile"), ("max_age", "3600")];
    assert!(world.authorize(&rp, &ada, &asked).await.sent().contains_key("code"));
    let answer = world.authorize(&rp, &ada, &[("max_age", "3600")]).await;
    assert_eq!(answer.status, 403, "the same with e-mail");
}

#[actix_web::test]
async fn a_deactivated_user_with_a_live_session_gets_nothing() {
    let world = World::new().await;
    let (rp, ada) = (world.rp("demo").await, world.person(1, "ada").await);
    world.code(&rp, &ada, &[]).await;
    world.deactivate(ada.user.id).await;
    let answer = world.authorize(&rp, &ada, &[]).await;
    assert!(answer.location().starts_with("/if/flow/sign-in/"), "{}", answer.location());
}

#[actix_web::test]
async fn answers_come_the_way_that_was_asked_for() {
    let world = World::new().await;
    let (rp, ada) = (world.rp("demo").await, world.person(1, "ada").await);
    let answer = world.authorize(&rp, &ada, &[("response_mode", "fragment")]).await;
    assert!(answer.location().starts_with(&format!("{REDIRECT}#code=")), "{}", answer.location());

    let answer = world.authorize(&rp, &ada, &[("response_mode", "form_post")]).await;
    assert!(answer.location().starts_with("/application/o/deliver/?r="), "{}", answer.location());
    let page = world.ask(get(&answer.location()).person(&ada)).await;
    assert_eq!(page.status, 200, "{}", page.text());
    assert!(
        page.text().contains("name=\"code\"") && page.text().contains("value=\"s-1\""),
        "{}",
        page.text()
    );
    assert!(page.header("content-security-policy").contains("form-action 'self' https://rp.example"));
    assert_eq!(page.header("cache-control"), "no-store");
    let eve = world.person(2, "eve").await;
    assert_eq!(world.ask(get(&answer.location()).person(&eve)).await.status, 400, "another session");
    assert_eq!(world.ask(get(&answer.location())).await.status, 400, "no session");
    world.wait(Span::from_mins(3));
    assert_eq!(world.ask(get(&answer.location()).person(&ada)).await.status, 400, "too late");

    let page =
        world.authorize(&rp, &ada, &[("response_mode", "form_post"), ("response_type", "token")]).await;
    assert!(page.status == 200 && page.text().contains("unsupported_response_type"), "{}", page.text());
}

#[actix_web::test]
async fn an_injected_state_stays_a_value() {
    let world = World::new().await;
    let (rp, ada) = (world.rp("demo").await, world.person(1, "ada").await);
    let state = "\"><script>alert(1)</script>&code=forged\r\nX: y#f";
    let answer = world.authorize(&rp, &ada, &[("state", state)]).await;
    assert_eq!(answer.sent()["state"], state);
    assert_eq!(answer.location().matches("code=").count(), 1, "{}", answer.location());
    let answer = world.authorize(&rp, &ada, &[("state", state), ("response_mode", "form_post")]).await;
    let page = world.ask(get(&answer.location()).person(&ada)).await;
    assert!(!page.text().contains("<script>alert"), "{}", page.text());
}

#[actix_web::test]
async fn a_slug_does_not_hide_an_endpoint() {
    let world = World::new().await;
    let (rp, ada) = (world.rp("demo").await, world.person(1, "ada").await);
    // The registry refuses such a slug; a row that came some other way is refused here.
    let id = countersign_model::ApplicationId(rp.application);
    let rename = move |tx: &mut countersign_store::Tx<'_>| {
        let application = applications::by_id(tx, id)?.unwrap();
        applications::update(tx, &Application { slug: "token".parse().unwrap(), ..application }).map(drop)
    };
    world.store.write::<_, countersign_store::StoreError>(rename).await.unwrap();
    assert_eq!(world.authorize(&rp, &ada, &[]).await.status, 400);
    assert_eq!(world.ask(get("/application/o/token/.well-known/openid-configuration")).await.status, 404);
}

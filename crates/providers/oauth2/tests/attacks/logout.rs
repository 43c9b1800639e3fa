//! Sign-out that an application starts.

use countersign_types::Span;

use crate::world::{Person, Rp, World, encode, get};

fn end_session(rp: &Rp, query: &[(&str, &str)]) -> String {
    format!("/application/o/{}/end-session/?{}", rp.slug, encode(query))
}

async fn is_signed_in(world: &World, rp: &Rp, person: &Person) -> bool {
    !world.authorize(rp, person, &[("prompt", "none")]).await.sent().contains_key("error")
}

#[actix_web::test]
async fn an_application_with_a_hint_signs_its_user_out_and_gets_him_back() {
    let world = World::new().await;
    let (rp, ada) = (world.rp("demo").await, world.person(1, "ada").await);
    let tokens = world.tokens(&rp, &ada, "openid").await;
    let hint = tokens["id_token"].as_str().unwrap();
    world.wait(Span::from_hours(2));
    let query =
        [("id_token_hint", hint), ("post_logout_redirect_uri", "https://rp.example/bye"), ("state", "a&b")];
    let answer = world.ask(get(&end_session(&rp, &query)).person(&ada)).await;
    assert_eq!(answer.status, 302, "{}", answer.text());
    assert_eq!(answer.location(), "https://rp.example/bye?state=a%26b", "an expired hint still says who");
    assert!(answer.header("set-cookie").contains("Max-Age=0"), "{:?}", answer.headers);
    assert!(!is_signed_in(&world, &rp, &ada).await);
}

#[actix_web::test]
async fn a_stranger_cannot_sign_people_out_behind_their_backs() {
    let world = World::new().await;
    let rp = world.rp("demo").await;
    let (ada, eve) = (world.person(1, "ada").await, world.person(2, "eve").await);
    let eves = world.tokens(&rp, &eve, "openid").await;
    let hint = eves["id_token"].as_str().unwrap();
    for query in [&[][..], &[("id_token_hint", "nonsense")], &[("id_token_hint", hint)]] {
        let ask = get(&end_session(&rp, query)).person(&ada).header("sec-fetch-site", "cross-site");
        let answer = world.ask(ask).await;
        assert!(
            answer.location().starts_with("/if/flow/sign-out/"),
            "{query:?}: asked first {}",
            answer.location()
        );
        assert!(is_signed_in(&world, &rp, &ada).await, "{query:?}");
    }
}

#[actix_web::test]
async fn the_way_back_from_logout_is_no_open_redirector() {
    let world = World::new().await;
    let (rp, ada) = (world.rp("demo").await, world.person(1, "ada").await);
    let other = world.rp("other").await;
    let tokens = world.tokens(&rp, &ada, "openid").await;
    let hint = tokens["id_token"].as_str().unwrap();
    for uri in [
        "https://evil.example/",
        "https://rp.example/bye/",
        "https://rp.example/bye?x=1",
        "https://rp.example/callback",
        "https://rp.example@evil.example/bye",
        "javascript:alert(1)",
        "//evil.example",
    ] {
        let query = [("id_token_hint", hint), ("post_logout_redirect_uri", uri)];
        let answer = world.ask(get(&end_session(&rp, &query)).person(&ada)).await;
        assert_eq!((answer.status.as_u16(), answer.location()), (400, String::new()), "{uri}");
    }
    let query = [("id_token_hint", hint), ("client_id", other.client_id.as_str())];
    assert_eq!(world.ask(get(&end_session(&rp, &query)).person(&ada)).await.status, 400, "another client");
    assert!(is_signed_in(&world, &rp, &ada).await);
}

#[actix_web::test]
async fn who_is_not_signed_in_is_simply_sent_on() {
    let world = World::new().await;
    let rp = world.rp("demo").await;
    let answer =
        world.ask(get(&end_session(&rp, &[("post_logout_redirect_uri", "https://rp.example/bye")]))).await;
    assert_eq!(answer.location(), "https://rp.example/bye");
    let answer = world.ask(get(&end_session(&rp, &[]))).await;
    assert_eq!(answer.location(), "/if/session-end/demo/");
}

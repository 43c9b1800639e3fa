//! Sessions that were planted, stolen or kept.

use crate::world::{SESSION, SIGN_IN, house, is_signed_in, sign_in, submit};

#[tokio::test]
async fn a_planted_session_cookie_is_not_the_one_somebody_signs_in_with() {
    let app = house().await;
    let (_, password) = app.user("fixated").await;
    let planted = "A".repeat(43);
    let victim = app.anonymous().with_cookie(SESSION, &planted);
    assert!(!is_signed_in(&victim).await);
    let asked = victim.get(SIGN_IN).await;
    let browser = asked.sets_cookie("countersign_browser").unwrap();
    let line = format!("{planted}; countersign_browser={browser}");
    let victim = victim.with_cookie(SESSION, &line);
    submit(&victim, &asked, &[("uid_field", "fixated")]).await;
    let asked = victim.get(SIGN_IN).await;
    let signed_in = submit(&victim, &asked, &[("password", &password)]).await;
    let session = signed_in.sets_cookie(SESSION).expect("a session");
    assert_ne!(session, planted);
    assert!(!is_signed_in(&app.anonymous().with_cookie(SESSION, &planted)).await);
    assert!(is_signed_in(&app.anonymous().with_cookie(SESSION, &session)).await);
}

#[tokio::test]
async fn the_cookie_from_before_a_second_sign_in_is_dead() {
    let app = house().await;
    let (_, password) = app.user("twice").await;
    let (person, first) = sign_in(&app, "twice", &password).await;
    // Asked again, as `prompt=login` does.
    let asked = person.visit(SIGN_IN).await;
    let asked = person.answer(&asked, &[("uid_field", "twice")]).await;
    let answer = submit(&person, &asked, &[("password", &password)]).await;
    let second = answer.sets_cookie(SESSION).expect("a new cookie");
    assert_ne!(first, second);
    assert!(!is_signed_in(&app.anonymous().with_cookie(SESSION, &first)).await);
    assert!(is_signed_in(&app.anonymous().with_cookie(SESSION, &second)).await);
}

#[tokio::test]
async fn a_session_cookie_is_out_of_reach_of_scripts_and_other_sites() {
    let app = house().await;
    let (_, password) = app.user("flagged").await;
    for proto in ["http", "https"] {
        let person = app.anonymous().with_header("x-forwarded-proto", proto);
        // The jar keeps no secure cookies of plain addresses, so they are carried by hand.
        let asked = person.get(SIGN_IN).await;
        let prefix = if proto == "https" { "__Host-" } else { "" };
        let name = format!("{prefix}countersign_browser");
        let browser = asked.sets_cookie(&name).unwrap();
        let person = person.with_cookie(&name, &browser).with_header("x-forwarded-proto", proto);
        submit(&person, &asked, &[("uid_field", "flagged")]).await;
        let asked = person.get(SIGN_IN).await;
        let answer = submit(&person, &asked, &[("password", &password)]).await;
        let mut lines = answer.headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap());
        let line = lines.find(|line| line.contains("countersign_session")).expect("a session");
        for wanted in ["HttpOnly", "SameSite=Lax", "Path=/"] {
            assert!(line.contains(wanted), "{line}");
        }
        assert!(!line.contains("Domain"), "{line}");
        let is_https = proto == "https";
        assert_eq!(line.starts_with("__Host-") && line.contains("Secure"), is_https, "{line}");
        assert_eq!(answer.header("strict-transport-security").is_some(), is_https);
    }
}

#[tokio::test]
async fn another_site_cannot_sign_people_out() {
    let app = house().await;
    let (person, _) = app.user("stays").await;
    // A link of another site asks, and signs nobody out; a neighbour's too, and so on plain HTTP, where
    // browsers do not say which site they come from.
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("referer", "https://evil.example/"),
    ] {
        let led = person.clone().with_header(name, value);
        for path in [
            "/flows/-/default/invalidation/",
            "/if/flow/default-invalidation-flow/",
            "/api/v3/flows/executor/default-invalidation-flow/",
            "/application/o/shop/end-session/",
            "/if/flow/default-invalidation-flow/?next=/",
        ] {
            let asked = led.visit(path).await;
            assert_eq!(asked.status, 200, "{value} {path}: {}", asked.body);
            assert!(is_signed_in(&person).await, "{value} {path}");
        }
    }
    let elsewhere = person.clone().with_header("sec-fetch-site", "cross-site");
    let forged = elsewhere.post("/flows/-/default/invalidation/", &[("csrf", "x")]).await;
    assert_eq!(forged.status, 403);
    assert!(is_signed_in(&person).await);
    // The own button, with the token of somebody else's session.
    let (mallory, _) = app.user("mallory").await;
    let token = mallory.get("/if/user/").await.form("invalidation").hidden;
    let fields: Vec<(&str, &str)> = token.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    let forged = person.post("/flows/-/default/invalidation/", &fields).await;
    assert!((400..500).contains(&forged.status), "{}", forged.status);
    assert!(is_signed_in(&person).await);
}

#[tokio::test]
async fn nobody_ends_the_sessions_or_consents_of_others() {
    let app = house().await;
    let (victim, _) = app.user("owner").await;
    let (mallory, _) = app.user("meddler").await;
    let own = mallory.get("/if/user/settings/").await;
    let token = own.form("").hidden.into_iter().find(|(name, _)| name == "csrf").expect("a token").1;
    let id = app
        .store()
        .read(|tx| {
            let user = countersign_store::users::by_username(tx, "owner")?.expect("the owner");
            countersign_store::sessions::of_user(tx, user.id)
        })
        .await
        .unwrap()[0]
        .id;
    let path = format!("/if/user/settings/sessions/{id}/end/");
    let answer = mallory.post(&path, &[("csrf", &token)]).await;
    assert!(is_signed_in(&victim).await, "{}", answer.status);
}

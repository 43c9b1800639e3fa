//! Guessing at accounts and their passwords.

use countersign_testkit::{Page, Person};
use countersign_types::Span;

use crate::world::{SESSION, SIGN_IN, house, own_house, submit};

/// A page without what differs in every answer anyway: tokens, identifiers, the name that was typed.
fn bare(page: &Page, name: &str) -> (u16, Vec<(String, String)>, String) {
    // The picture shows the first letter of what was typed, in a colour that it decides.
    let tokens =
        regex::Regex::new(r#"value="[A-Za-z0-9_-]{60,}"|Request: \w+|hue-\d" aria-hidden="true">\w<"#)
            .unwrap();
    let varying = ["x-request-id", "x-authentik-id", "date", "set-cookie", "content-length"];
    let mut headers: Vec<(String, String)> = page
        .headers
        .iter()
        .filter(|(key, _)| !varying.contains(&key.as_str()))
        .map(|(key, value)| (key.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    headers.sort();
    let body = tokens.replace_all(&page.body, "").replace(name, "NAME");
    (page.status, headers, body)
}

/// Signs in as far as the password is asked for, and returns every page on the way.
async fn name(person: &Person, name: &str) -> Vec<Page> {
    let asked = person.visit(SIGN_IN).await;
    let named = submit(person, &asked, &[("uid_field", name)]).await;
    let asked = person.follow(named.clone()).await;
    vec![named, asked]
}

#[tokio::test]
async fn accounts_cannot_be_enumerated() {
    let app = own_house().await;
    app.user("enumerated").await;
    // Names that are known, unknown, known as an address, unknown as an address: of the same length each.
    for (known, unknown) in
        [("enumerated", "ghostghost"), ("enumerated@example.com", "ghostghost@example.com")]
    {
        let (one, other) = (app.anonymous(), app.anonymous());
        let mut pages = (name(&one, known).await, name(&other, unknown).await);
        // Through the first delay, so that the closed gate is compared too.
        for _ in 0..8 {
            let asked = (pages.0.last().unwrap().clone(), pages.1.last().unwrap().clone());
            pages.0.push(submit(&one, &asked.0, &[("password", "wrong password")]).await);
            pages.1.push(submit(&other, &asked.1, &[("password", "wrong password")]).await);
            if pages.0.last().unwrap().status == 403 {
                break;
            }
        }
        // The flow was cancelled; two more failures in new ones, and the gate is closed.
        for _ in 0..3 {
            for (pages, known) in [(&mut pages.0, known), (&mut pages.1, unknown)] {
                let person = app.anonymous();
                let asked = name(&person, known).await.pop().unwrap();
                pages.push(submit(&person, &asked, &[("password", "wrong password")]).await);
            }
        }
        assert!(pages.1.last().unwrap().body.contains("Too many attempts"));
        assert_eq!(pages.0.len(), pages.1.len());
        for (one, other) in pages.0.iter().zip(&pages.1) {
            assert_eq!(bare(one, known), bare(other, unknown));
        }
        // So that the second round finds the gate open.
        app.advance(Span::from_hours(49));
    }
}

#[tokio::test]
async fn json_and_pages_enumerate_alike() {
    let app = house().await;
    app.user("programmed").await;
    let mut seen = Vec::new();
    let avatar = regex::Regex::new(r#""data:image[^"]*""#).unwrap();
    for name in ["programmed", "nobodyhere"] {
        let somebody = app.anonymous();
        let path = "/api/v3/flows/executor/default-authentication-flow/";
        somebody.get(path).await;
        let mut answers = Vec::new();
        for body in [
            serde_json::json!({ "component": "ak-stage-identification", "uid_field": name }),
            serde_json::json!({ "component": "ak-stage-password", "password": "wrong password" }),
        ] {
            let request = somebody.request(reqwest::Method::POST, &somebody.address(path));
            let answer = somebody.send(request.json(&body)).await;
            let body = answer.body.replace(name, "NAME");
            answers.push((answer.status, avatar.replace_all(&body, "AVATAR").into_owned()));
        }
        seen.push(answers);
    }
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test]
async fn a_known_and_an_unknown_name_cost_the_same() {
    let app = own_house().await;
    app.settled().await;
    let (_, _) = app.user("expensive").await;
    let mut costs = Vec::new();
    for who in ["expensive", "ghostghos", "expensive", "ghostghos"] {
        let somebody = app.anonymous();
        let asked = name(&somebody, who).await.pop().unwrap();
        let before = app.store().trips();
        submit(&somebody, &asked, &[("password", "wrong password")]).await;
        let after = app.store().trips();
        costs.push((after.reads - before.reads, after.writes - before.writes));
    }
    assert_eq!(costs[2], costs[3], "{costs:?}");
    app.verify().await;
}

/// Forty guesses at once, of forty browsers; the right password is among them.
#[tokio::test]
async fn parallel_guesses_get_no_more_answers_than_serial_ones() {
    let app = own_house().await;
    let (_, password) = app.user("besieged").await;
    let mut ready = Vec::new();
    for _ in 0..40 {
        let guesser = app.anonymous();
        let asked = name(&guesser, "besieged").await.pop().unwrap();
        ready.push((guesser, asked));
    }
    let mut storm = tokio::task::JoinSet::new();
    for (guesser, asked) in ready {
        storm.spawn(async move { submit(&guesser, &asked, &[("password", "a wrong guess")]).await });
    }
    let answers = storm.join_all().await;
    let is_told = |page: &&Page| page.status == 422 && !page.body.contains("Too many attempts");
    let told = answers.iter().filter(is_told).count();
    assert!((5..=6).contains(&told), "{told} guesses were answered");
    assert!(answers.iter().all(|page| page.sets_cookie(SESSION).is_none()));

    // The right password says nothing while the gate is closed, and opens once it is open again.
    let late = app.anonymous();
    let asked = name(&late, "besieged").await.pop().unwrap();
    let refused = submit(&late, &asked, &[("password", &password)]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.sets_cookie(SESSION).is_none());
    app.advance(Span::from_hours(1));
    app.sign_in("besieged", &password).await;
}

#[tokio::test]
async fn one_address_cannot_guess_at_many_accounts() {
    let app = countersign_testkit::TestApp::start(countersign_testkit::Backend::Sqlite).await.unwrap();
    app.finish_setup().await;
    let mut refused = None;
    for attempt in 0..80 {
        let guesser = app.anonymous().from_afar("203.0.113.77");
        let asked = guesser.visit(SIGN_IN).await;
        let page = submit(&guesser, &asked, &[("uid_field", &format!("account{attempt}"))]).await;
        if page.status == 429 {
            assert!(page.header("retry-after").is_some());
            refused = Some(attempt);
            break;
        }
    }
    assert!(refused.is_some_and(|attempt| attempt <= 60), "{refused:?}");
    // Neither does whoever sits somewhere else wait, nor does a forged hop before the own one help.
    let other = app.anonymous().from_afar("198.51.100.4");
    let asked = other.visit(SIGN_IN).await;
    assert_eq!(submit(&other, &asked, &[("uid_field", "x")]).await.status, 303);
    let forger = app.anonymous().from_afar("198.51.100.99, 203.0.113.77");
    let asked = forger.visit(SIGN_IN).await;
    assert_eq!(submit(&forger, &asked, &[("uid_field", "x")]).await.status, 429);
    app.verify().await;
}

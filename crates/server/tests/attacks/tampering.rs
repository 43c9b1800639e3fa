//! Cookies, step tokens and sealed starts that were garbled, cut, stretched or come from somewhere else.

use countersign_testkit::TestApp;
use reqwest::Method;

use crate::world::{SESSION, SIGN_IN, authorize, encoded, house, is_signed_in, raw, sign_in, submit};

/// Every way of changing one character, one at each place; cut and stretched ones besides.
fn forgeries(token: &str) -> Vec<String> {
    let mut forged = Vec::new();
    for at in 0..token.len() {
        let mut bytes = token.as_bytes().to_vec();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        forged.push(String::from_utf8(bytes).unwrap());
    }
    forged.push(token[..token.len() - 1].to_owned());
    forged.push(token[1..].to_owned());
    forged.push(format!("{token}A"));
    forged.push(format!("A{token}"));
    forged.push(format!("{token}="));
    forged.push(format!("{token}{token}"));
    forged.push(token.to_ascii_lowercase());
    forged.push("A".repeat(token.len()));
    forged.retain(|other| other != token);
    forged
}

#[tokio::test]
async fn a_session_cookie_flipped_anywhere_is_nobodys() {
    let app = house().await;
    let (_, password) = app.user("flipped").await;
    let (_, cookie) = sign_in(&app, "flipped", &password).await;
    for forged in forgeries(&cookie) {
        assert!(!is_signed_in(&app.anonymous().with_cookie(SESSION, &forged)).await, "{forged}");
    }
    for garbage in ["", "0", "null", "\"\"", "..%2f", "' or 1=1 --", &"A".repeat(6000)] {
        let page = app.anonymous().with_cookie(SESSION, garbage).get("/if/user/").await;
        assert_eq!(page.status, 302, "{garbage}");
    }
    assert!(is_signed_in(&app.anonymous().with_cookie(SESSION, &cookie)).await);
}

#[tokio::test]
async fn a_second_cookie_of_the_same_name_does_not_confuse() {
    let app = house().await;
    let (_, password) = app.user("doubled").await;
    let (_, cookie) = sign_in(&app, "doubled", &password).await;
    let ask = async |cookies: &str| {
        let request =
            format!("GET /if/user/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{cookies}\r\n\r\n");
        let answer = raw(app.base(), request.as_bytes()).await;
        answer.split_whitespace().nth(1).unwrap_or_default().to_owned()
    };
    // Whichever counts, it is one of the two, and never an error of ours.
    for cookies in [
        format!("Cookie: {SESSION}={cookie}; {SESSION}=forged"),
        format!("Cookie: {SESSION}=forged; {SESSION}={cookie}"),
        format!("Cookie: {SESSION}=forged\r\nCookie: {SESSION}={cookie}"),
        format!("Cookie: =; ;;; {SESSION}; {SESSION}={cookie};"),
    ] {
        assert!(["200", "302"].contains(&ask(&cookies).await.as_str()), "{cookies}");
    }
    for cookies in [
        "Cookie: \u{7f}\u{1}=x".to_owned(),
        "Cookie: é=ü".to_owned(),
        format!("Cookie: {}", ";".repeat(9000)),
    ] {
        let status = ask(&cookies).await;
        assert!(status.starts_with('3') || status.starts_with('4'), "{status}");
    }
}

#[tokio::test]
async fn a_step_token_flipped_anywhere_is_stale() {
    let app = house().await;
    let somebody = app.anonymous();
    let asked = somebody.visit(SIGN_IN).await;
    let form = asked.form("");
    let token = form.hidden.iter().find(|(name, _)| name == "plan").expect("a step token").1.clone();
    for forged in forgeries(&token) {
        let fields = [("plan", forged.as_str()), ("uid_field", "akadmin")];
        let answer = somebody.post(form.action.path(), &fields).await;
        assert!((400..500).contains(&answer.status) && answer.status != 422, "{} {forged}", answer.status);
    }
    // None of them moved anything: the genuine one still counts.
    assert_eq!(submit(&somebody, &asked, &[("uid_field", "akadmin")]).await.status, 303);
}

/// What a provider hands to a flow travels sealed in the address.
async fn started(app: &TestApp) -> (countersign_testkit::Person, String, String) {
    let name = format!("started{}", app.store().trips().writes);
    let (_, password) = app.user(&name).await;
    let (person, _) = sign_in(app, &name, &password).await;
    let page = person.get(&authorize(&[("client_id", "mill")])).await;
    let to = page.leads_to().unwrap_or_else(|| panic!("{} {}", page.status, page.body));
    let (_, start) = to.query_pairs().find(|(name, _)| name == "start").expect("a start");
    (person, to.path().to_owned(), start.into_owned())
}

#[tokio::test]
async fn a_start_flipped_anywhere_begins_nothing() {
    let app = house().await;
    let (person, path, start) = started(&app).await;
    let genuine = person.get(&format!("{path}?start={}", encoded(&start))).await;
    assert!(genuine.status == 200 && genuine.body.contains("The mill"), "{}", genuine.body);
    // Every seventh place: the seal covers them all alike, and the token is long.
    for forged in forgeries(&start).into_iter().step_by(7) {
        let page = person.get(&format!("{path}?start={}", encoded(&forged))).await;
        assert_eq!(page.status, 400, "{forged}");
        assert!(!page.body.contains("The mill"));
    }
    for other in ["", "a", "%00", &"A".repeat(8000)] {
        let page = person.get(&format!("{path}?start={other}")).await;
        assert!((400..500).contains(&page.status) || other.is_empty(), "{} {other}", page.status);
    }
}

#[tokio::test]
async fn a_start_is_worth_nothing_in_another_flow_or_browser() {
    let app = house().await;
    let (_, path, start) = started(&app).await;
    let (other, _) = app.user("otherbrowser").await;
    let page = other.get(&format!("{path}?start={}", encoded(&start))).await;
    assert_eq!(page.status, 400, "{}", page.body);
    let (person, _, start) = started(&app).await;
    let page = person.get(&format!("{SIGN_IN}?start={}", encoded(&start))).await;
    assert_eq!(page.status, 400, "{}", page.body);
}

#[tokio::test]
async fn login_csrf_does_not_sign_a_victim_in_as_the_attacker() {
    let app = house().await;
    let (_, password) = app.user("attacker").await;
    let attacker = app.anonymous();
    let asked = attacker.visit(SIGN_IN).await;
    let asked = attacker.answer(&asked, &[("uid_field", "attacker")]).await;
    let form = asked.form("");
    let mut fields: Vec<(&str, &str)> =
        form.hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.push(("password", &password));
    // The attacker's form, sent by a browser that was never here, by one that was, and by one that says so.
    let fresh = app.anonymous();
    let known = app.anonymous();
    known.visit(SIGN_IN).await;
    let telling = app.anonymous().with_header("sec-fetch-site", "cross-site");
    telling.visit(SIGN_IN).await;
    for victim in [fresh, known, telling] {
        let request = victim.request(Method::POST, &form.action);
        let answer = victim.send(request.form(&fields)).await;
        assert!((400..500).contains(&answer.status), "{}", answer.status);
        assert!(answer.sets_cookie(SESSION).is_none());
        assert!(!is_signed_in(&victim).await);
    }
}

#[tokio::test]
async fn a_method_cannot_be_overridden() {
    let app = house().await;
    let (person, _) = app.user("overridden").await;
    for (name, value) in
        [("x-http-method-override", "POST"), ("x-method-override", "DELETE"), ("x-http-method", "POST")]
    {
        let page =
            person.clone().with_header(name, value).get("/if/user/settings/sessions/end-others/").await;
        assert_eq!(page.status, 405, "{name}");
    }
    let page = person.get("/if/user/settings/sessions/end-others/?_method=POST").await;
    assert_eq!(page.status, 405);
    let page = person.post("/if/user/?_method=GET", &[("_method", "GET")]).await;
    assert_eq!(page.status, 405);
}

#[tokio::test]
async fn a_form_is_good_for_one_answer_however_many_come_at_once() {
    let app = house().await;
    let (_, password) = app.user("raced").await;
    let person = app.anonymous();
    let asked = person.visit(SIGN_IN).await;
    let asked = person.answer(&asked, &[("uid_field", "raced")]).await;
    let mut race = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (person, asked, password) = (person.clone(), asked.clone(), password.clone());
        race.spawn(async move { submit(&person, &asked, &[("password", &password)]).await });
    }
    let answers = race.join_all().await;
    let sessions = answers.iter().filter(|page| page.sets_cookie(SESSION).is_some()).count();
    assert_eq!(sessions, 1, "{:?}", answers.iter().map(|page| page.status).collect::<Vec<_>>());
}

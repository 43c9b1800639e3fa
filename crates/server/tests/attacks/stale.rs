//! What expired while nobody cleaned up: the clock moves, the jobs stand still (CVE-2025-64708).

use countersign_testkit::TestApp;
use countersign_types::Span;

use crate::world::{
    SESSION, SIGN_IN, call, code, is_active, is_signed_in, own_house, redeem, sign_in, submit, tokens,
    userinfo,
};

/// Rows that are past their time are still there: nothing but the clock can have refused them.
async fn sessions_left(app: &TestApp, username: &'static str) -> usize {
    app.store()
        .read(move |tx| {
            let user = countersign_store::users::by_username(tx, username)?.expect("the user");
            Ok::<_, countersign_store::StoreError>(countersign_store::sessions::of_user(tx, user.id)?.len())
        })
        .await
        .unwrap()
}

#[tokio::test]
async fn what_expired_is_dead_though_its_row_is_there() {
    let app = own_house().await;
    let (_, password) = app.user("late").await;
    let (person, cookie) = sign_in(&app, "late", &password).await;
    let held = tokens(&app, &person, "openid offline_access").await;
    let spare = code(&person, "openid").await;

    app.advance(Span::from_mins(2));
    let answer = redeem(&app, &spare).await;
    assert_eq!((answer.status, answer.json()["error"].as_str()), (400, Some("invalid_grant")));

    app.advance(Span::from_hours(2));
    assert_eq!(userinfo(&app, &held.access).await, 401);
    assert!(!is_active(&app, &held.access).await);

    app.advance(Span::from_days(400));
    assert!(!is_signed_in(&app.anonymous().with_cookie(SESSION, &cookie)).await);
    let refresh = held.refresh.unwrap();
    let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
    let answer = call(&app, "/application/o/token/", &fields).await;
    assert_eq!((answer.status, answer.json()["error"].as_str()), (400, Some("invalid_grant")));
    assert!(!is_active(&app, &refresh).await);
    app.verify().await;
}

#[tokio::test]
async fn an_old_form_and_an_old_start_are_stale() {
    let app = own_house().await;
    let (_, password) = app.user("slow").await;
    let (person, _) = sign_in(&app, "slow", &password).await;
    let started = person.get(&crate::world::authorize(&[("client_id", "mill")])).await;
    let started = started.leads_to().expect("the consent page");
    let somebody = app.anonymous();
    let asked = somebody.visit(SIGN_IN).await;
    let half = app.anonymous();
    let named = half.visit(SIGN_IN).await;
    let named = half.answer(&named, &[("uid_field", "slow")]).await;
    assert!(sessions_left(&app, "slow").await > 0);

    app.advance(Span::from_days(3));
    for (person, page, field) in
        [(&somebody, &asked, ("uid_field", "slow")), (&half, &named, ("password", password.as_str()))]
    {
        let answer = submit(person, page, &[field]).await;
        assert!((400..500).contains(&answer.status), "{}", answer.status);
        assert!(answer.sets_cookie(SESSION).is_none());
    }
    let (person, _) = sign_in(&app, "slow", &password).await;
    let page = person.get(started.as_str()).await;
    assert_eq!(page.status, 400, "{}", page.body);
    app.verify().await;
}

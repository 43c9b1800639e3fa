//! What people of the stories do with the letters of flows, and what an onlooker sees of it.

use std::time::Duration;

use countersign_model::JobState;
use countersign_store::{jobs, jobs::JobFilter};
use countersign_testkit::{Page, Person, Received, TestApp};

/// Whether a stage wrote this letter, and not whoever tells people what happened to their accounts.
pub(crate) fn is_of_stage(letter: &Received) -> bool {
    let is_code = |line: &str| line.len() >= 6 && line.bytes().all(|byte| byte.is_ascii_digit());
    letter.text.contains("flow_token=") || letter.text.lines().any(is_code)
}

/// The letter of a stage to somebody. What in it opens doors is in nothing that the server keeps.
pub(crate) async fn letter(app: &TestApp, name: &str) -> Received {
    let received = loop {
        let received = app.mail.to(&format!("{name}@example.com")).await;
        if is_of_stage(&received) {
            break received;
        }
    };
    if let Some((_, token)) = received.text.split_once("flow_token=") {
        app.plant(token.split(['&', '\n', '\r', ' ']).next().unwrap());
    }
    received
}

/// Opens the link of a letter and confirms.
pub(crate) async fn follow_link(person: &Person, received: &Received) -> Page {
    let asked = person.visit(received.link()).await;
    assert_eq!(asked.status, 200, "{}", asked.body);
    person.answer(&asked, &[]).await
}

/// The same with a fresh browser.
pub(crate) async fn come_back(app: &TestApp, received: &Received) -> (Person, Page) {
    let person = app.anonymous();
    let page = follow_link(&person, received).await;
    (person, page)
}

/// Whether it is a signed-in browser.
pub(crate) async fn is_signed_in(person: &Person) -> bool {
    person.get("/if/user/").await.status == 200
}

/// Letters that were put into the queue, ever.
pub(crate) async fn letters_so_far(app: &TestApp) -> u64 {
    let filter = JobFilter { state: None, kind: Some("mail".to_owned()) };
    app.store().read(move |tx| jobs::count(tx, &filter)).await.unwrap()
}

/// A page without what differs from visit to visit, and without this name.
pub(crate) fn without_traces(page: &Page, name: &str) -> String {
    let varying =
        regex::Regex::new(r#"value="[A-Za-z0-9_-]{40,}"|Request: \w+|hue-\d" aria-hidden="true">\w<"#)
            .unwrap();
    varying.replace_all(&page.body, "").replace(name, "NAME")
}

/// Waits until the queue of letters is empty.
pub(crate) async fn settle(app: &TestApp) {
    let filter = JobFilter { state: Some(JobState::Queued), kind: Some("mail".to_owned()) };
    for _ in 0..400 {
        let filter = filter.clone();
        if app.store().read(move |tx| jobs::count(tx, &filter)).await.unwrap() == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let left = app.store().read(move |tx| jobs::list(tx, &filter, 0, 50)).await.unwrap();
    panic!("letters are left: {left:?}");
}

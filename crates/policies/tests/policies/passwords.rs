//! Policies about passwords: guessed, breached, used before, too old.

use std::{
    io::{Read, Write},
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use countersign_model::{BoundTo, PolicyEngineMode::Any, Subject};
use countersign_policies::{Breaches, PolicyRequest, Surroundings};
use countersign_store::users;
use countersign_types::Secret;
use serde_json::{Value as Json, json};

use crate::house::{House, id, request, with_context};

const PASSWORD: &str = "authentik_policies_password.passwordpolicy";
const UNIQUE: &str = "authentik_policies_unique_password.uniquepasswordpolicy";
const EXPIRY: &str = "authentik_policies_expiry.passwordexpirypolicy";

/// A list of breached passwords that answers everything alike, and notes what it was asked.
fn list(answer: &'static str) -> (String, Arc<AtomicUsize>, Arc<std::sync::Mutex<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
    let (asked, seen) = (Arc::new(AtomicUsize::new(0)), Arc::new(std::sync::Mutex::new(String::new())));
    let (counted, noted) = (Arc::clone(&asked), Arc::clone(&seen));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            counted.fetch_add(1, Ordering::SeqCst);
            let mut head = [0; 2048];
            let count = stream.read(&mut head).unwrap_or(0);
            *noted.lock().unwrap() = String::from_utf8_lossy(&head[..count]).into_owned();
            drop(stream.write_all(answer.as_bytes()));
        }
    });
    (url, asked, seen)
}

async fn choosing(house: &House, policy: &str, password: &str, user: Option<&Arc<Subject>>) -> Vec<String> {
    let asked = with_context(request(user), json!({ "prompt_data": { "password": password } }));
    said(house, policy, &asked).await
}

/// What a policy says against a request; nothing when it passes.
async fn said(house: &House, policy: &str, asked: &PolicyRequest) -> Vec<String> {
    let result = house.ask(id(policy), Any, asked).await;
    match (result.passing, result.messages.is_empty()) {
        (true, _) => Vec::new(),
        (false, true) => vec!["refused".to_owned()],
        (false, false) => result.messages,
    }
}

async fn guarded(house: &House, name: &str, kind: &str, config: Json) {
    let policy = house.policy(&format!("policy {name}"), kind, config).await;
    house.bind(id(name), BoundTo::Policy(policy), |_| {}).await;
}

#[tokio::test]
async fn an_easily_guessed_password_is_refused_with_advice() {
    let house = House::new();
    guarded(&house, "guess", PASSWORD, json!({ "check_zxcvbn": true })).await;
    let words = choosing(&house, "guess", "password1", None).await;
    assert_eq!(words[0], "This password is too easy to guess.");
    assert!(words.contains(&"Many people use a password like this one.".to_owned()), "{words:?}");
    assert_eq!(choosing(&house, "guess", "plum orbit walnut cathedral", None).await, Vec::<String>::new());
    let alice = house.user("quackenbush", &[]).await;
    assert!(!choosing(&house, "guess", "quackenbush2024", Some(&alice)).await.is_empty());
}

#[tokio::test]
async fn a_breached_password_is_refused_and_never_leaves_the_house() {
    let answer = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n0000:0\r\n1E4C9B93F3F0682250B6CF8331B7EE68FD8:3730471\r\n";
    let (url, asked, seen) = list(answer);
    let breaches = Breaches::new(&url).unwrap();
    let house = House::within(|store| Surroundings { breaches: Some(breaches), ..Surroundings::bare(store) });
    guarded(&house, "breach", PASSWORD, json!({ "check_have_i_been_pwned": true })).await;
    guarded(
        &house,
        "often",
        PASSWORD,
        json!({ "check_have_i_been_pwned": true, "hibp_allowed_count": 5000000 }),
    )
    .await;
    let words = choosing(&house, "breach", "password", None).await;
    assert_eq!(words, ["This password is known from data breaches. Choose another one."]);
    let head = seen.lock().unwrap().to_lowercase();
    assert!(head.starts_with("get /range/5baa6 "), "{head}");
    assert!(!head.contains("1e4c9b93") && !head.contains("password"), "{head}");
    assert!(head.contains("add-padding: true"), "{head}");
    assert_eq!(choosing(&house, "breach", "another one", None).await, Vec::<String>::new());
    assert_eq!(choosing(&house, "often", "password", None).await, Vec::<String>::new());
    assert_eq!(asked.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn a_list_that_does_not_answer_refuses_unless_it_may_be_passed_over() {
    for broken in [
        "HTTP/1.1 503 Away\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n<html>no list</html>",
        "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nConnection: close\r\n\r\n",
        "nonsense",
    ] {
        let (url, ..) = list(broken);
        let breaches = Breaches::new(&url).unwrap();
        let house =
            House::within(|store| Surroundings { breaches: Some(breaches), ..Surroundings::bare(store) });
        guarded(&house, "closed", PASSWORD, json!({ "check_have_i_been_pwned": true })).await;
        guarded(&house, "open", PASSWORD, json!({ "check_have_i_been_pwned": true, "hibp_fail_open": true }))
            .await;
        let words = choosing(&house, "closed", "x y z", None).await;
        assert_eq!(words, ["The password cannot be checked just now. Try again in a moment."], "{broken}");
        assert_eq!(choosing(&house, "open", "x y z", None).await, Vec::<String>::new(), "{broken}");
    }
    let house = House::new();
    guarded(&house, "none", PASSWORD, json!({ "check_have_i_been_pwned": true, "hibp_fail_open": true }))
        .await;
    assert_eq!(
        choosing(&house, "none", "x", None).await,
        ["refused"],
        "no list at all is a mistake, not a failure"
    );
}

#[tokio::test]
async fn a_password_that_was_used_before_is_refused() {
    let house = House::hashing();
    guarded(&house, "three", UNIQUE, json!({ "num_historical_passwords": 3 })).await;
    guarded(&house, "one", UNIQUE, json!({})).await;
    guarded(&house, "never", UNIQUE, json!({ "num_historical_passwords": 0 })).await;
    let alice = house.user("alice", &[]).await.user.id;
    for word in ["first one", "second one", "third one", "fourth one"] {
        let hash = house.hashes.hash(Secret::from(word)).await.unwrap();
        house.store.write(move |tx| users::set_password(tx, alice, Some(hash.expose()))).await.unwrap();
    }
    let alice = house.store.subject(alice).await.unwrap().unwrap();
    for (policy, word, passes) in [
        ("three", "fourth one", false),
        ("three", "third one", false),
        ("three", "second one", false),
        ("three", "first one", true),
        ("three", "a new one", true),
        ("one", "fourth one", false),
        ("one", "third one", true),
        ("never", "fourth one", true),
    ] {
        let words = choosing(&house, policy, word, Some(&alice)).await;
        assert_eq!(words.is_empty(), passes, "{policy} {word} {words:?}");
    }
    assert_eq!(
        choosing(&house, "one", "fourth one", Some(&alice)).await,
        ["You have used this password before. Choose another one."]
    );
    assert!(choosing(&house, "three", "fourth one", None).await.is_empty(), "nobody has no history");
    let without = request(Some(&alice));
    assert_eq!(said(&house, "three", &without).await, ["refused"], "no password to compare");
}

#[tokio::test]
async fn where_nothing_can_be_compared_nothing_passes() {
    let house = House::new();
    guarded(&house, "three", UNIQUE, json!({ "num_historical_passwords": 3 })).await;
    let alice = house.user("alice", &[]).await;
    assert_eq!(choosing(&house, "three", "a new one", Some(&alice)).await, ["refused"]);
}

#[tokio::test]
async fn an_expired_password_is_refused_and_taken_away() {
    let house = House::new();
    guarded(&house, "deny", EXPIRY, json!({ "days": 30, "deny_only": true })).await;
    guarded(&house, "take", EXPIRY, json!({ "days": 30 })).await;
    guarded(&house, "young", EXPIRY, json!({ "days": 36500 })).await;
    // The account of the tests is from 2023, and so is its password.
    let alice = house.user("alice", &[]).await;
    let expired = ["Your password has expired. Set a new one."];
    assert_eq!(said(&house, "young", &request(Some(&alice))).await, Vec::<String>::new());
    assert_eq!(said(&house, "deny", &request(Some(&alice))).await, expired);
    let user = alice.user.id;
    let has_password = async || {
        house.store.read(move |tx| users::by_id(tx, user)).await.unwrap().unwrap().password.is_some()
    };
    assert!(has_password().await, "denied only");
    let snapshot = house.store.snapshot().await.unwrap();
    let taking = snapshot.object_by_name(countersign_model::Family::Policy, "policy take").unwrap().id;
    let trial = house.policies.try_out(&snapshot, taking, request(Some(&alice))).await;
    assert!(!trial.outcome.unwrap().passing);
    assert!(has_password().await, "trying out takes nothing away");
    assert_eq!(said(&house, "take", &request(Some(&alice))).await, expired);
    assert!(!has_password().await);
    let alice = house.store.subject(user).await.unwrap().unwrap();
    assert_eq!(
        said(&house, "take", &request(Some(&alice))).await,
        Vec::<String>::new(),
        "there is none to expire"
    );
    assert_eq!(said(&house, "take", &request(None)).await, Vec::<String>::new());
}

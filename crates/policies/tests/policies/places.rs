//! Policies about where somebody is, and how well he does at signing in.

use std::{net::IpAddr, sync::Arc};

use countersign_events::EventDraft;
use countersign_geo::{Atlas, testing::Writer};
use countersign_model::{BoundTo, EventAction, PolicyEngineMode::Any, Subject};
use countersign_policies::{PolicyRequest, Reach, Reputations, Surroundings};
use countersign_types::{ClientAddr, Span};
use serde_json::{Value as Json, json};

use crate::house::{House, id, request, with_context};

const GEOIP: &str = "authentik_policies_geoip.geoippolicy";
const REPUTATION: &str = "authentik_policies_reputation.reputationpolicy";

const BERLIN: &str = "192.0.2.7";
const SEOUL: &str = "198.51.100.7";
const UNKNOWN: &str = "203.0.113.7";

fn atlas(folder: &tempfile::TempDir) -> Atlas {
    let (places, networks) = (folder.path().join("places.mmdb"), folder.path().join("networks.mmdb"));
    let writer = Writer::new("GeoLite2-City").place("192.0.2.0/24", "EU", "DE", "Berlin", 52.5, 13.4).place(
        "198.51.100.0/24",
        "AS",
        "KR",
        "Seoul",
        37.6,
        127.0,
    );
    std::fs::write(&places, writer.bytes()).unwrap();
    let writer = Writer::new("GeoLite2-ASN").network("192.0.2.0/24", 64_500, "Example Net");
    std::fs::write(&networks, writer.bytes()).unwrap();
    Atlas::open(Some(places), Some(networks))
}

fn house(folder: &tempfile::TempDir) -> House {
    let atlas = atlas(folder);
    let reach = Reach { atlas: atlas.clone(), ..Reach::default() };
    House::reaching(reach, move |store| Surroundings {
        reputations: Reputations::new(store, atlas.clone(), Span::from_days(1)),
        atlas,
        ..Surroundings::bare(store)
    })
}

fn from(address: &str, user: Option<&Arc<Subject>>) -> PolicyRequest {
    let mut asked = request(user);
    asked.facts.client = Some(ClientAddr(address.parse::<IpAddr>().unwrap()));
    asked
}

async fn guarded(house: &House, name: &str, kind: &str, config: Json) {
    let policy = house.policy(&format!("policy {name}"), kind, config).await;
    house.bind(id(name), BoundTo::Policy(policy), |_| {}).await;
}

async fn signed_in(house: &House, user: &Arc<Subject>, address: &str) {
    let event = EventDraft::new(EventAction::Login, "test").by(&user.user);
    let event = event.from(Some(ClientAddr(address.parse().unwrap())));
    house.store.write(move |tx| countersign_events::record(tx, event.clone())).await.unwrap();
}

#[tokio::test]
async fn countries_and_networks_pass_who_is_in_one_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let house = house(&folder);
    guarded(&house, "germany", GEOIP, json!({ "countries": ["DE"] })).await;
    guarded(&house, "either", GEOIP, json!({ "countries": ["KR"], "asns": [64500] })).await;
    guarded(&house, "nothing", GEOIP, json!({})).await;
    for (policy, address, passes) in [
        ("germany", BERLIN, true),
        ("germany", "::ffff:192.0.2.7", true),
        ("germany", SEOUL, false),
        ("germany", UNKNOWN, false),
        ("either", BERLIN, true),
        ("either", SEOUL, true),
        ("either", UNKNOWN, false),
        ("nothing", UNKNOWN, true),
    ] {
        assert_eq!(house.passes(id(policy), Any, &from(address, None)).await, passes, "{policy} {address}");
    }
    let mut nowhere = request(None);
    nowhere.facts.client = None;
    assert!(!house.passes(id("germany"), Any, &nowhere).await, "an unparsable address is in no country");
}

#[tokio::test]
async fn without_files_nobody_is_anywhere() {
    let house = House::new();
    guarded(&house, "germany", GEOIP, json!({ "countries": ["DE"] })).await;
    guarded(&house, "travel", GEOIP, json!({ "check_impossible_travel": true })).await;
    let alice = house.user("alice", &[]).await;
    assert!(!house.passes(id("germany"), Any, &from(BERLIN, None)).await);
    assert!(!house.passes(id("travel"), Any, &from(BERLIN, Some(&alice))).await);
}

#[tokio::test]
async fn who_cannot_have_travelled_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let house = house(&folder);
    guarded(&house, "travel", GEOIP, json!({ "check_impossible_travel": true })).await;
    guarded(
        &house,
        "distance",
        GEOIP,
        json!({ "check_history_distance": true, "history_max_distance_km": 500 }),
    )
    .await;
    guarded(&house, "forgetful", GEOIP, json!({ "check_impossible_travel": true, "history_login_count": 0 }))
        .await;
    let (alice, bob) = (house.user("alice", &[]).await, house.user("bob", &[]).await);
    for policy in ["travel", "distance"] {
        assert!(house.passes(id(policy), Any, &from(SEOUL, Some(&alice))).await, "the first sign-in");
    }
    signed_in(&house, &alice, BERLIN).await;
    signed_in(&house, &bob, SEOUL).await;
    for policy in ["travel", "distance"] {
        assert!(house.passes(id(policy), Any, &from(BERLIN, Some(&alice))).await, "{policy}");
        assert!(!house.passes(id(policy), Any, &from(SEOUL, Some(&alice))).await, "{policy}");
        assert!(house.passes(id(policy), Any, &from(SEOUL, Some(&bob))).await, "{policy}: others' sign-ins");
        assert!(!house.passes(id(policy), Any, &from(UNKNOWN, Some(&alice))).await, "{policy}: from nowhere");
        assert!(house.passes(id(policy), Any, &from(SEOUL, None)).await, "{policy}: nobody in particular");
    }
    assert!(house.passes(id("forgetful"), Any, &from(SEOUL, Some(&alice))).await);
}

#[tokio::test]
async fn expressions_see_where_the_client_is() {
    let folder = tempfile::tempdir().unwrap();
    let house = house(&folder);
    let seen = house
        .value(
            "return [context['geoip']['country'], geoip['city'], context['asn']['asn'], asn['as_org']]",
            &from(BERLIN, None),
        )
        .await;
    assert_eq!(seen, json!(["DE", "Berlin", 64500, "Example Net"]));
    let seen = house.value("return [context.get('geoip'), 'asn' in context]", &from(UNKNOWN, None)).await;
    assert_eq!(seen, json!([null, false]));
}

#[tokio::test]
async fn who_fails_too_often_has_a_reputation_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let house = house(&folder);
    guarded(&house, "both", REPUTATION, json!({ "threshold": -3 })).await;
    guarded(&house, "address", REPUTATION, json!({ "threshold": -3, "check_username": false })).await;
    guarded(&house, "account", REPUTATION, json!({ "threshold": -3, "check_ip": false })).await;
    let alice = house.user("alice", &[]).await;
    let passes = async |policy: &str, address: &str, user: Option<&Arc<Subject>>| {
        house.passes(id(policy), Any, &from(address, user)).await
    };
    let reputations = house.policies.reputations();
    let client = |address: &str| Some(ClientAddr(address.parse().unwrap()));
    for _ in 0..3 {
        assert!(!passes("both", BERLIN, Some(&alice)).await);
        reputations.failed("ALICE", client(BERLIN));
    }
    assert!(passes("both", BERLIN, Some(&alice)).await, "before anything is written");
    assert!(passes("address", BERLIN, None).await);
    assert!(passes("account", SEOUL, Some(&alice)).await, "an attacker has many addresses");
    assert!(!passes("address", SEOUL, Some(&alice)).await);
    assert!(!passes("account", SEOUL, None).await);
    let pretended = with_context(from(SEOUL, None), json!({ "pending_user": { "$pretended": "Alice" } }));
    assert!(
        house.passes(id("account"), Any, &pretended).await,
        "an account that is only pretended is judged alike"
    );
    let snapshot = house.store.snapshot().await.unwrap();
    let before = house.store.trips();
    let writing = Arc::clone(reputations);
    tokio::task::spawn_blocking(move || writing.write(&snapshot)).await.unwrap().unwrap();
    assert_eq!(house.store.trips().writes, before.writes, "no request pays for it");
    assert!(passes("both", BERLIN, Some(&alice)).await, "once it is written");
    for _ in 0..3 {
        reputations.succeeded("alice", client(BERLIN));
    }
    assert!(!passes("both", BERLIN, Some(&alice)).await);
    let mut nowhere = request(Some(&alice));
    nowhere.facts.client = None;
    assert!(!house.passes(id("address"), Any, &nowhere).await, "without an address there is no answer");
    reputations.failed("alice", None);
}

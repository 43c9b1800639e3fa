//! The engine on a real database: who passes, and what happens when nothing can be said.

use crate::house::{House, id, request, with_context};
use countersign_model::{
    BoundTo, EventAction,
    PolicyEngineMode::{All, Any},
};
use countersign_types::{Span, Timestamp};
use serde_json::json;

#[tokio::test]
async fn an_object_without_bindings_is_open() {
    let house = House::new();
    let nobody = request(None);
    assert!(house.passes(id("flow"), Any, &nobody).await);
    let policy = house.expression("no", "return False").await;
    house.bind(id("flow"), BoundTo::Policy(policy), |binding| binding.enabled = false).await;
    assert!(house.passes(id("flow"), All, &nobody).await, "a disabled binding does not count");
}

#[tokio::test]
async fn any_and_all_combine_policies_as_they_say() {
    let house = House::new();
    let (yes, no) =
        (house.expression("yes", "return True").await, house.expression("no", "return False").await);
    for (name, policies, any, all) in [
        ("yes", vec![yes], true, true),
        ("no", vec![no], false, false),
        ("yes yes", vec![yes, yes], true, true),
        ("yes no", vec![yes, no], true, false),
        ("no yes", vec![no, yes], true, false),
        ("no no", vec![no, no], false, false),
    ] {
        for (order, policy) in (0_i32..).zip(policies) {
            house.bind(id(name), BoundTo::Policy(policy), |binding| binding.order = order).await;
        }
        assert_eq!(house.passes(id(name), Any, &request(None)).await, any, "any of {name}");
        assert_eq!(house.passes(id(name), All, &request(None)).await, all, "all of {name}");
    }
}

#[tokio::test]
async fn negate_turns_a_result_round_but_not_a_failure() {
    let house = House::new();
    let yes = house.expression("yes", "return True").await;
    let no = house.expression("no", "return False").await;
    let broken = house.expression("broken", "return 1 / 0").await;
    for (policy, negate, failure_result, expected) in [
        (yes, false, false, true),
        (yes, true, false, false),
        (yes, true, true, false),
        (no, false, true, false),
        (no, true, false, true),
        (broken, false, false, false),
        (broken, true, false, false),
        (broken, false, true, true),
        (broken, true, true, true),
    ] {
        let target = id(&format!("{policy} {negate} {failure_result}"));
        let bound = BoundTo::Policy(policy);
        house
            .bind(target, bound, |binding| {
                binding.negate = negate;
                binding.failure_result = failure_result;
            })
            .await;
        let passing = house.passes(target, Any, &request(None)).await;
        assert_eq!(passing, expected, "negate {negate}, failure_result {failure_result}");
    }
}

#[tokio::test]
async fn an_expired_binding_neither_grants_nor_opens() {
    let house = House::new();
    let alice = house.user("alice", &[]).await;
    let bob = house.user("bob", &[]).await;
    let past = house.store.now().minus(Span::from_secs(1));
    house.bind(id("app"), BoundTo::User(alice.user.id), |binding| binding.expires = Some(past)).await;
    assert!(!house.passes(id("app"), Any, &request(Some(&alice))).await, "her time is over");
    assert!(!house.passes(id("app"), Any, &request(Some(&bob))).await, "his never was");
    house.bind(id("app"), BoundTo::User(bob.user.id), |binding| binding.order = 1).await;
    assert!(house.passes(id("app"), All, &request(Some(&bob))).await, "the expired one does not count");
    assert!(!house.passes(id("app"), All, &request(Some(&alice))).await);
    let future = Timestamp::from_secs(10_000_000_000);
    house.bind(id("other"), BoundTo::User(alice.user.id), |binding| binding.expires = Some(future)).await;
    assert!(house.passes(id("other"), Any, &request(Some(&alice))).await);
}

#[tokio::test]
async fn members_of_descendants_belong_to_the_group() {
    let house = House::new();
    let staff = house.group("staff", &[]).await;
    let engineers = house.group("engineers", &[staff]).await;
    let rustaceans = house.group("rustaceans", &[engineers]).await;
    let ferris = house.user("ferris", &[rustaceans]).await;
    let boss = house.user("boss", &[staff]).await;
    house.bind(id("app"), BoundTo::Group(engineers), |_| {}).await;
    assert!(house.passes(id("app"), Any, &request(Some(&ferris))).await);
    assert!(!house.passes(id("app"), Any, &request(Some(&boss))).await, "not the other way round");
    assert!(!house.passes(id("app"), Any, &request(None)).await, "nobody belongs to no group");
    house.bind(id("ban"), BoundTo::Group(staff), |binding| binding.negate = true).await;
    assert!(!house.passes(id("ban"), Any, &request(Some(&ferris))).await);
    assert!(house.passes(id("ban"), Any, &request(None)).await);
}

#[tokio::test]
async fn messages_come_in_the_order_of_bindings() {
    let house = House::new();
    for (order, word) in [(2, "second"), (1, "first"), (3, "third")] {
        let policy = house.expression(word, &format!("ak_message('{word}')\nreturn False")).await;
        house.bind(id("flow"), BoundTo::Policy(policy), |binding| binding.order = order).await;
    }
    let result = house.ask(id("flow"), All, &request(None)).await;
    assert_eq!(result.messages, ["first", "second", "third"]);
    let group = house.group("closed", &[]).await;
    house.bind(id("flow"), BoundTo::Group(group), |binding| binding.order = 9).await;
    let result = house.ask(id("flow"), All, &request(None)).await;
    assert_eq!(
        result.messages,
        Vec::<String>::new(),
        "a failing group settles it before any policy is asked"
    );
    assert_eq!(house.ask(id("flow"), Any, &request(None)).await.messages.len(), 3);
}

#[tokio::test]
async fn cve_2024_47070_an_unknown_client_address_does_not_grant() {
    let house = House::new();
    for (name, body) in [
        ("outside", "return ak_client_ip not in ip_network('10.0.0.0/8')"),
        ("inside", "return ak_client_ip in ip_network('10.0.0.0/8')"),
        ("public", "return not ak_client_ip.is_private"),
        ("text", "return str(ak_client_ip) != '10.1.2.3'"),
    ] {
        let policy = house.expression(name, body).await;
        house.bind(id(name), BoundTo::Policy(policy), |_| {}).await;
        house.bind(id("negated"), BoundTo::Policy(policy), |binding| binding.negate = true).await;
        let mut unknown = request(None);
        unknown.facts.client = None;
        assert!(!house.passes(id(name), Any, &unknown).await, "{name}");
        assert!(!house.passes(id("negated"), Any, &unknown).await, "{name}, negated");
        assert_eq!(house.passes(id(name), Any, &request(None)).await, name == "inside");
    }
}

#[tokio::test]
async fn a_policy_that_cannot_be_made_denies() {
    let house = House::new();
    let syntax = house.expression("syntax", "return (").await;
    let alien = house.policy("alien", "authentik_policies_alien.alienpolicy", json!({})).await;
    let malformed =
        house.policy("malformed", "authentik_policies_dummy.dummypolicy", json!({ "result": 7 })).await;
    for (name, policy) in [("syntax", syntax), ("alien", alien), ("malformed", malformed)] {
        house.bind(id(name), BoundTo::Policy(policy), |_| {}).await;
        assert!(!house.passes(id(name), Any, &request(None)).await, "{name}");
        let snapshot = house.store.snapshot().await.unwrap();
        let listed = house.policies.evaluate_list(&snapshot, &[policy], Any, &request(None)).await;
        assert!(!listed.passing, "{name} in a list");
    }
    let snapshot = house.store.snapshot().await.unwrap();
    let missing = [countersign_model::ConfigObjectId(id("missing"))];
    assert!(!house.policies.evaluate_list(&snapshot, &missing, All, &request(None)).await.passing);
    assert!(house.policies.evaluate_list(&snapshot, &[], All, &request(None)).await.passing);
}

#[tokio::test]
async fn a_policy_that_takes_too_long_counts_as_its_binding_says() {
    let house = House::new();
    let config = json!({ "result": true, "wait_min": 60, "wait_max": 60 });
    let slow = house.policy("slow", "authentik_policies_dummy.dummypolicy", config).await;
    house.bind(id("deny"), BoundTo::Policy(slow), |binding| binding.timeout = 0).await;
    house
        .bind(id("allow"), BoundTo::Policy(slow), |binding| {
            binding.timeout = 0;
            binding.failure_result = true;
        })
        .await;
    assert!(!house.passes(id("deny"), Any, &request(None)).await);
    assert!(house.passes(id("allow"), Any, &request(None)).await);
}

#[tokio::test]
async fn failures_are_recorded_once_a_minute_and_no_oftener() {
    let house = House::new();
    let broken = house.expression("broken", "return undefined_name").await;
    house.bind(id("flow"), BoundTo::Policy(broken), |_| {}).await;
    for _ in 0..5 {
        assert!(!house.passes(id("flow"), Any, &request(None)).await);
    }
    let events = house.events().await;
    let told: Vec<_> = events.iter().filter(|event| event.action == EventAction::PolicyException).collect();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].context["policy"]["name"], "broken");
    assert!(told[0].context["message"].as_str().unwrap().contains("undefined_name"));
    assert_eq!(told[0].client_ip.as_deref(), Some("10.1.2.3"));
}

#[tokio::test]
async fn results_are_recorded_where_logging_is_on() {
    let house = House::new();
    let config = json!({ "expression": "return True", "execution_logging": true });
    let kind = "authentik_policies_expression.expressionpolicy";
    let logged = house.policy("logged", kind, config).await;
    house.bind(id("flow"), BoundTo::Policy(logged), |_| {}).await;
    assert!(house.passes(id("flow"), Any, &request(None)).await);
    let events = house.events().await;
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].action, EventAction::PolicyExecution);
    assert_eq!(events[0].context["result"]["passing"], true);
}

#[tokio::test]
async fn a_warm_evaluation_makes_no_trip() {
    let house = House::new();
    let group = house.group("staff", &[]).await;
    let alice = house.user("alice", &[group]).await;
    let policy = house.expression("yes", "return ak_is_group_member(request.user, name='staff')").await;
    house.bind(id("app"), BoundTo::Policy(policy), |_| {}).await;
    assert!(house.passes(id("app"), Any, &request(Some(&alice))).await);
    let before = house.store.trips();
    assert!(house.passes(id("app"), Any, &request(Some(&alice))).await);
    let after = house.store.trips();
    assert_eq!((after.reads - before.reads, after.writes - before.writes), (0, 0));
}

#[tokio::test]
async fn a_password_is_judged_by_its_rules() {
    let house = House::new();
    let config = json!({ "length_min": 8, "amount_digits": 1, "error_message": "Too weak." });
    let policy = house.policy("strength", "authentik_policies_password.passwordpolicy", config).await;
    let snapshot = house.store.snapshot().await.unwrap();
    for (context, passing, messages) in [
        (json!({ "prompt_data": { "password": "abcdefg1" } }), true, &[][..]),
        (json!({ "password": "abcdefg1" }), true, &[]),
        (json!({ "prompt_data": { "password": "abcdefgh" } }), false, &["Too weak."]),
        (json!({ "prompt_data": { "password": "abc1" } }), false, &["Too weak."]),
        (json!({ "prompt_data": { "password": 12345678 } }), false, &[]),
        (json!({ "prompt_data": {} }), false, &[]),
        (json!({}), false, &[]),
    ] {
        let asked = with_context(request(None), context.clone());
        let result = house.policies.evaluate_list(&snapshot, &[policy], All, &asked).await;
        assert_eq!(
            (result.passing, &*result.messages),
            (passing, &*messages.iter().map(ToString::to_string).collect::<Vec<_>>()),
            "{context}"
        );
    }
}

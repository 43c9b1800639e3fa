//! Trying out, and the names that those who write expressions are told of.

use std::sync::Arc;

use countersign_model::{BoundTo, PolicyEngineMode};
use countersign_outbound::{Outbound, Rules};
use countersign_policies::{
    ContextChanges, Given, KNOWN_NAMES, Mapping, PolicyError, PolicyRequest, Reach, Returns, Shape, Source,
    Stand, Surroundings, given,
};
use serde_json::json;

use crate::{
    house::{House, id, request, with_context},
    reach::Mint,
};

#[tokio::test]
async fn who_tries_a_policy_sees_result_messages_and_log() {
    let house = House::new();
    let policy = house
        .expression("quiet hours", "ak_logger.info('asked', hour=3)\nak_message('too late')\nreturn False")
        .await;
    let snapshot = house.store.snapshot().await.unwrap();
    let trial = house.policies.try_out(&snapshot, policy, request(None)).await;
    let result = trial.outcome.unwrap();
    assert!(!result.passing);
    assert_eq!(trial.messages, ["too late"]);
    let [line] = trial.lines.as_slice() else { panic!("{:?}", trial.lines) };
    assert_eq!((line.logger.as_str(), line.level, line.message.as_str()), ("quiet hours", "info", "asked"));
    assert_eq!(line.fields["hour"], 3);
    assert!(house.events().await.is_empty(), "nothing follows from a trial");
}

#[tokio::test]
async fn a_trial_says_why_a_policy_fails() {
    let house = House::new();
    let policy = house.expression("broken", "return 1 / 0").await;
    let snapshot = house.store.snapshot().await.unwrap();
    let trial = house.policies.try_out(&snapshot, policy, request(None)).await;
    let problem = trial.outcome.unwrap_err();
    assert!(
        matches!(&problem, PolicyError::Expression { problem, .. } if problem.contains("division")),
        "{problem}"
    );
    assert!(house.events().await.is_empty(), "nothing follows from a trial");
}

#[tokio::test]
async fn an_expression_is_tried_with_the_context_as_variables() {
    let house = House::new();
    let mut asked = request(None);
    asked.context.insert("colour".to_owned(), json!("blue"));
    let source = Source::new("mapping", "return {'seen': colour}");
    let trial = house.policies.expressions().try_out(&source, asked).await;
    assert_eq!(trial.outcome.unwrap(), json!({ "seen": "blue" }));
}

#[tokio::test]
async fn an_endless_expression_that_is_tried_out_ends() {
    let house = House::new();
    let source = Source::new("hostile", "while True:\n    pass");
    let trial = house.policies.expressions().try_out(&source, request(None)).await;
    assert!(trial.outcome.unwrap_err().to_string().contains("limit exceeded: time"));
}

/// Every name of the list is there.
#[tokio::test]
async fn the_names_that_are_offered_exist() {
    let outbound = Some(Outbound::new(Rules::default()).unwrap());
    let reach = Reach { outbound, mint: Some(Arc::new(Mint)), ..Reach::default() };
    let house = House::reaching(reach, Surroundings::bare);
    house.expression("office-hours", "return True").await;
    let alice = house.user("alice", &[]).await;
    let context = json!({
        "prompt_data": { "email": "a@b.example" }, "value": "x", "geoip": { "country": "DE" }, "asn": { "asn": 1 },
    });
    for name in KNOWN_NAMES {
        let asked = with_context(request(Some(&alice)), context.clone());
        let trial = house.policies.expressions().try_out(&Source::new(name.name, name.usage), asked).await;
        match trial.outcome {
            Ok(_) | Err(PolicyError::Skipped) => {}
            Err(error) => panic!("{}: {error}", name.usage),
        }
    }
}

const PACKET: Given = Given::new("packet", "packet[\"a\"] = 1", Shape::Filled);
const DEFINE: Given = Given::new("define_attribute", "define_attribute(name=\"a\")", Shape::Function);
const TOKEN: Given = Given::new("token", "token[\"scope\"]", Shape::Token);

/// Tries a mapping out, with the examples of its kind for its context.
async fn mapped(house: &House, mapping: Mapping, body: &str) -> Result<serde_json::Value, PolicyError> {
    let mut asked = request(None);
    asked.context.extend(mapping.example());
    let source = Source::new("mapping", body);
    house.policies.expressions().try_mapping(mapping, &source, Stand::default(), asked).await.outcome
}

#[tokio::test]
async fn a_mapping_is_given_what_its_kind_says_and_nothing_else() {
    let house = House::new();
    let mapping = Mapping { given: &[given::SOURCE, given::GROUP, TOKEN], returns: Returns::Dict };
    for (body, expected) in [
        ("return {'path': source.get_user_path()}", json!({ "path": "goauthentik.io/sources/company" })),
        ("return {'group': group, 'scopes': token['scope']}", json!({ "group": null, "scopes": [] })),
        ("return None", json!(null)),
    ] {
        assert_eq!(mapped(&house, mapping, body).await.unwrap(), expected, "{body}");
    }
    for (body, problem) in [
        ("return {'name': provider.name}", "provider"),
        ("return 'text'", "the mapping returned a str, not a dict"),
        ("return [source.slug]", "the mapping returned a list, not a dict"),
        ("source['slug'] = 'other'\nreturn {}", "assign"),
    ] {
        let error = mapped(&house, mapping, body).await.unwrap_err().to_string();
        assert!(error.contains(problem), "{body}: {error}");
    }
    let values = Mapping { given: &[], returns: Returns::Values };
    assert_eq!(mapped(&house, values, "yield 'a'\nyield 2").await.unwrap(), json!(["a", 2]));
    assert!(mapped(&house, values, "return {'a': 1}").await.is_err());
}

#[tokio::test]
async fn what_is_not_of_the_kind_does_not_get_in_by_the_caller() {
    let house = House::new();
    let (mapping, source) =
        (Mapping { given: &[], returns: Returns::Anything }, Source::new("m", "return secret"));
    let variables = vec![("secret".to_owned(), "a secret".into())];
    let mapped = house.policies.expressions().map(mapping, &source, variables, &request(None)).await;
    assert!(mapped.unwrap_err().to_string().contains("secret"));
}

#[tokio::test]
async fn a_dictionary_is_filled_in_and_calls_are_noted() {
    let house = House::new();
    let mapping = Mapping { given: &[PACKET, DEFINE], returns: Returns::Dict };
    let body = "define_attribute(name='Seat', code=7)\npacket['Seat'] = '12'\npacket['Tags'] = ['a']\n\
                return packet if 'Seat' in packet else None";
    let source = Source::new("answer", body);
    let expressions = house.policies.expressions();
    let trial = expressions.try_mapping(mapping, &source, Stand::default(), request(None)).await;
    assert_eq!(trial.outcome.unwrap(), json!({ "Seat": "12", "Tags": ["a"] }));
    let [line] = trial.lines.as_slice() else { panic!("{:?}", trial.lines) };
    assert_eq!((line.message.as_str(), &line.fields["code"]), ("define_attribute", &json!(7)));
    for hostile in [
        "for n in range(1000):\n    packet[str(n)] = n\nreturn packet",
        "while True:\n    define_attribute(name='a')",
        "packet[7] = 'x'\nreturn packet",
        "packet['user'] = user\nreturn packet",
    ] {
        assert!(mapped(&house, mapping, hostile).await.is_err(), "{hostile}");
    }
}

/// Whoever listens hears what every binding said; nobody else pays for it.
#[tokio::test]
async fn who_listens_hears_the_verdict_of_every_binding() {
    let house = House::new();
    let staff = house.group("staff", &[]).await;
    let alice = house.user("alice", &[staff]).await;
    let open = house.expression("open", "ak_message('welcome')\nak_logger.info('here')\nreturn True").await;
    let broken = house.expression("broken", "return nowhere").await;
    let target = id("target");
    house.bind(target, BoundTo::Group(staff), |binding| binding.order = 0).await;
    house.bind(target, BoundTo::Policy(open), |binding| binding.order = 1).await;
    house.bind(target, BoundTo::Policy(broken), |binding| binding.order = 2).await;
    let snapshot = house.store.snapshot().await.unwrap();
    let silent = request(Some(&alice));
    house.policies.evaluate(&snapshot, target, PolicyEngineMode::Any, &silent).await;
    assert!(silent.changes.take_verdicts().is_empty());
    let asked = PolicyRequest { changes: ContextChanges::listening(), ..request(Some(&Arc::clone(&alice))) };
    house.policies.evaluate(&snapshot, target, PolicyEngineMode::Any, &asked).await;
    let verdicts = asked.changes.take_verdicts();
    let [group, welcome, failed] = verdicts.as_slice() else { panic!("{verdicts:?}") };
    assert!(group.passing && group.asked == BoundTo::Group(staff));
    assert_eq!((welcome.name.as_str(), welcome.messages.as_slice()), ("open", &["welcome".to_owned()][..]));
    assert_eq!(welcome.lines.len(), 1);
    assert!(welcome.elapsed.as_nanos() > 0);
    assert!(!failed.passing);
    assert!(failed.failure.as_deref().is_some_and(|failure| failure.contains("nowhere")), "{failed:?}");
}

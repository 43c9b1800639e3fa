//! What applying would make different, and putting one object back.

use countersign_blueprints::{Change, Done, Report, Source};
use countersign_model::Family;
use countersign_registry::Actor;
use countersign_store::{config_objects, on_both_databases, testing::TestStore};
use countersign_types::{JsonObject, RawId};
use serde_json::{Value, json};

use crate::kinds::{apply, blueprints, nothing};

const HOUSE: &str = "
version: 1
metadata: {name: House}
entries:
  - {model: test.rule, id: first, identifiers: {name: first}, attrs: {expression: return 1}}
  - {model: test.rule, id: second, state: created, identifiers: {name: second}, attrs: {expression: return 2}}
  - model: test.asking
    identifiers: {name: asking}
    attrs: {rules: [!KeyOf first], times: 3, secret: canary-one}
";

/// What an administrator makes of it.
const EDITS: &str = "
version: 1
metadata: {name: Edits}
entries:
  - {model: test.rule, identifiers: {name: first}, attrs: {expression: edited}}
  - {model: test.rule, id: second, identifiers: {name: second}, attrs: {expression: edited}}
  - {model: test.asking, identifiers: {name: asking}, attrs: {rules: [!KeyOf second]}}
";

async fn rule(world: &TestStore, name: &'static str) -> (RawId, Value) {
    let found =
        world.read(move |tx| config_objects::by_name(tx, Family::Policy, name)).await.unwrap().unwrap();
    (found.id.raw(), found.config["expression"].clone())
}

fn changes(report: &Report) -> Vec<(Done, Vec<Change>)> {
    report.entries.iter().map(|entry| (entry.done, entry.changes.clone())).collect()
}

on_both_databases! {
    async fn a_rehearsal_says_what_would_be_different(world: TestStore) {
        let blueprints = blueprints(&world, nothing());
        let source = Source::handed_in("story.yaml", HOUSE);
        let rehearse = async || blueprints.validate(&source, &JsonObject::new(), &Actor::System).await.unwrap();
        let made = rehearse().await;
        let change = |field: &str, before: Value, after: Value| Change { field: field.to_owned(), before, after };
        assert!(made.entries[0].changes.contains(&change("expression", Value::Null, json!("return 1"))), "{made:?}");
        assert!(!format!("{made:?}").contains("canary"));

        apply(&blueprints, HOUSE).await.unwrap();
        assert!(!rehearse().await.has_changes());
        apply(&blueprints, EDITS).await.unwrap();
        assert_eq!(changes(&rehearse().await), [
            (Done::Updated, vec![change("expression", json!("edited"), json!("return 1"))]),
            (Done::Unchanged, vec![]),
            (Done::Updated, vec![change("rules", json!(["second"]), json!(["first"]))]),
        ]);
        assert_eq!(rule(&world, "first").await.1, "edited", "nothing was written");

        let secret = Source::handed_in("story.yaml", HOUSE.replace("canary-one", "canary-two"));
        apply(&blueprints, HOUSE).await.unwrap();
        let report = blueprints.validate(&secret, &JsonObject::new(), &Actor::System).await.unwrap();
        assert_eq!(changes(&report)[2], (Done::Updated, vec![change("secret", Value::Null, Value::Null)]));
        assert!(!format!("{report:?}").contains("canary"));
    }

    async fn one_object_is_put_back_and_the_others_are_left_alone(world: TestStore) {
        let blueprints = blueprints(&world, nothing());
        apply(&blueprints, HOUSE).await.unwrap();
        apply(&blueprints, EDITS).await.unwrap();
        let source = Source::handed_in("story.yaml", HOUSE);
        let reset = async |object| blueprints.reset(&source, &JsonObject::new(), &Actor::System, object).await;
        let (second, _) = rule(&world, "second").await;
        let report = reset(second).await.unwrap();
        assert_eq!((report.count(Done::Updated), report.entries.len()), (1, 1), "also what is only created once");
        assert_eq!(rule(&world, "second").await.1, "return 2");
        assert_eq!(rule(&world, "first").await.1, "edited");
        assert_eq!(reset(second).await.unwrap().count(Done::Unchanged), 1);
        let error = reset(RawId::nil()).await.unwrap_err().to_string();
        assert!(error.contains("no entry is about this object"), "{error}");
    }
}

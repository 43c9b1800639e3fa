//! Stories of blueprints, on both databases.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod default_set;
mod drift;
mod kept;
mod kinds;
mod permissions;
mod places;
mod spoken;

use countersign_blueprints::{Done, Library, Selection, Source};
use countersign_model::BlueprintStatus;
use countersign_registry::Actor;
use countersign_store::{
    blueprint_instances, config_objects, events, flows, on_both_databases, testing::TestStore, users,
};
use countersign_types::{JsonObject, PageRequest};
use serde_json::Value;

use crate::kinds::{apply, blueprints, failure, nothing};

const HOUSE: &str = "
version: 1
metadata: {name: House}
context: {word: please}
entries:
  rules:
    - model: test.rule
      id: rule
      identifiers: {name: rule}
      attrs: {expression: return True}
  journey:
    - model: test.question
      id: question
      identifiers: {name: question}
      attrs: {label: !Format ['say %s', !Context word]}
    - model: test.asking
      id: stage
      identifiers: {name: asking}
      attrs:
        fields: [!KeyOf question]
        rules: [!KeyOf rule]
        times: 3
        secret: canary-one
    - model: authentik_flows.flow
      id: flow
      identifiers: {slug: journey}
      attrs: {name: Journey, title: Journey, designation: enrollment}
    - model: authentik_flows.flowstagebinding
      id: binding
      identifiers: {target: !KeyOf flow, stage: !KeyOf stage, order: 10}
    - model: authentik_policies.policybinding
      identifiers: {target: !KeyOf binding, policy: !KeyOf rule, order: 0}
      attrs: {negate: true}
    - model: authentik_policies.policybinding
      identifiers: {target: !KeyOf flow, group: !KeyOf people, order: 0}
      conditions: [false]
  application:
    - model: test.mapping
      id: mapping
      identifiers: {managed: test/mapping}
      attrs: {name: mapping, expression: 'return {}'}
    - model: test.gate
      id: gate
      identifiers: {name: gate}
      attrs: {authorization_flow: !KeyOf flow, property_mappings: [!KeyOf mapping]}
    - model: authentik_core.application
      identifiers: {slug: app}
      attrs: {name: App, provider: !KeyOf gate}
";

on_both_databases! {
    async fn a_house_is_built_once(world: TestStore) {
        let blueprints = blueprints(&world, nothing());
        let first = apply(&blueprints, HOUSE).await.unwrap();
        assert_eq!((first.count(Done::Created), first.count(Done::Skipped)), (9, 1), "{first:?}");
        let made: Vec<_> = first.generated().map(|(entry, field, _)| (entry.model.as_str(), field)).collect();
        assert_eq!(made, [("test.gate", "client_id"), ("test.gate", "client_secret")]);
        assert!(first.warnings.is_empty(), "{:?}", first.warnings);

        let again = apply(&blueprints, HOUSE).await.unwrap();
        assert_eq!(again.count(Done::Unchanged), 9, "{again:?}");
        assert!(!again.has_changes());
        assert_eq!(again.generated().count(), 0);

        let instance = world.read(|tx| blueprint_instances::by_name(tx, "House")).await.unwrap().unwrap();
        assert_eq!((instance.status, instance.last_error), (BlueprintStatus::Successful, None));
        let objects = world.read(config_objects::all).await.unwrap();
        assert!(objects.iter().all(|object| !object.config.to_string().contains("canary")));
    }

    async fn nothing_of_a_blueprint_that_fails_is_kept(world: TestStore) {
        let blueprints = blueprints(&world, nothing());
        let words = failure(&blueprints, "
version: 1
metadata: {name: Half}
entries:
  - model: test.rule
    identifiers: {name: one}
    attrs: {expression: return True}
  - model: test.rule
    identifiers: {name: two}
    attrs: {expression: return True}
  - model: test.asking
    id: third
    identifiers: {name: three}
    attrs: {times: many}
").await;
        assert!(words.starts_with("story.yaml: entry 3, line 11 (id “third”, test.asking): attrs.times, line 14: "), "{words}");
        assert!(world.read(config_objects::all).await.unwrap().is_empty());
        let instance = world.read(|tx| blueprint_instances::by_name(tx, "Half")).await.unwrap().unwrap();
        assert_eq!(instance.status, BlueprintStatus::Error);
        assert!(instance.last_error.unwrap().contains("entry 3"));
    }

    async fn errors_say_where(world: TestStore) {
        let blueprints = blueprints(&world, nothing());
        let entry = |entry: &str| format!("version: 1\nmetadata: {{name: x}}\nentries:\n  - {entry}\n");
        for (text, words) in [
            ("[".to_owned(), "not readable as YAML"),
            ("version: 2\nentries: []".to_owned(), "story.yaml: version, line 1: only version 1"),
            ("version: 1".to_owned(), "story.yaml: entries: missing"),
            ("version: 1\nentrys: []".to_owned(), "story.yaml: entrys, line 2: unknown key"),
            (entry("{model: test.rule, attr: {}}"), "story.yaml: entry 1, line 4 (test.rule): attr, line 4: unknown key"),
            (entry("{model: test.rule, state: gone, identifiers: {name: x}}"), "state, line 4: “gone” is not a state"),
            (entry("{model: test.rule}"), "entry 1, line 4 (test.rule): identifiers, line 4: missing"),
            (entry("{model: test.rul, identifiers: {name: x}}"), "model, line 4: test.rul is not a kind that is known"),
            (
                entry("{model: authentik_stages_captcha.captchastage, identifiers: {name: x}}"),
                "authentik_stages_captcha.captchastage is a kind of authentik that is not built here yet",
            ),
            (entry("{model: test.rule, identifiers: {name: x}}"), "attrs.expression, line 4: This is needed."),
            (
                entry("{model: test.asking, identifiers: {name: x}, attrs: {fields: [!KeyOf no]}}"),
                "attrs.fields.0, line 4: !KeyOf: no entry before this one has the id “no”",
            ),
            (
                entry("{model: test.asking, identifiers: {name: x}, attrs: {rules: [00000000-0000-0000-0000-000000000001]}}"),
                "attrs.rules.0, line 4: There is no policy with the identifier 00000000-0000-0000-0000-000000000001.",
            ),
            (
                entry("{model: test.rule, identifiers: {name: x}, attrs: {expression: !Env SECRET}}"),
                "attrs.expression, line 4: !Env may not read the variable SECRET",
            ),
            (entry("{model: test.rule, identifiers: {name: !Exec x}}"), "!Exec is not a tag of blueprints"),
        ] {
            let found = failure(&blueprints, &text).await;
            assert!(found.contains(words), "{found}\nhas no\n{words}");
        }
    }

    async fn states_decide(world: TestStore) {
        let blueprints = blueprints(&world, nothing());
        let rule = |state: &str, expression: &str| format!("
version: 1
metadata: {{name: States}}
entries:
  - model: test.rule
    state: {state}
    identifiers: {{name: rule}}
    attrs: {{expression: {expression}}}
");
        let expression = async || {
            let object = world
                .read(|tx| config_objects::by_name(tx, countersign_model::Family::Policy, "rule"))
                .await
                .unwrap();
            object.map(|object| object.config["expression"].as_str().unwrap().to_owned())
        };
        let done = async |text: String| apply(&blueprints, &text).await.unwrap().entries[0].done;
        assert_eq!(done(rule("absent", "x")).await, Done::Unchanged);
        assert_eq!(done(rule("must_created", "one")).await, Done::Created);
        assert_eq!(done(rule("created", "two")).await, Done::Unchanged);
        assert_eq!(expression().await.as_deref(), Some("one"), "created leaves alone what is there");
        assert_eq!(done(rule("present", "three")).await, Done::Updated);
        assert_eq!(expression().await.as_deref(), Some("three"));
        assert!(failure(&blueprints, &rule("must_created", "x")).await.contains("exists already"));
        assert_eq!(done(rule("absent", "x")).await, Done::Deleted);
        assert_eq!(expression().await, None);
    }

    async fn a_rehearsal_leaves_no_trace(world: TestStore) {
        let blueprints = blueprints(&world, nothing());
        let source = Source::handed_in("story.yaml", HOUSE);
        let report = blueprints.validate(&source, &JsonObject::new(), &Actor::System).await.unwrap();
        assert_eq!(report.count(Done::Created), 9);
        assert!(world.read(config_objects::all).await.unwrap().is_empty());
        assert!(world.read(blueprint_instances::all).await.unwrap().is_empty());
    }

    async fn passwords_are_hashed_and_told_to_nobody(world: TestStore) {
        let blueprints = blueprints(&world, nothing());
        let report = apply(&blueprints, "
version: 1
metadata: {name: People}
entries:
  - model: authentik_core.user
    identifiers: {username: ada}
    attrs: {password: canary-ada, email: ada@test, shoe_size: 40}
  - model: authentik_core.user
    identifiers: {username: bob}
    attrs: {password: canary-bob}
").await.unwrap();
        assert_eq!(report.warnings, [
            "story.yaml: entry 1, line 5 (authentik_core.user): attrs.shoe_size, line 7: the kind has no such attribute; ignored"
        ]);
        let ada = world.read(|tx| users::by_username(tx, "ada")).await.unwrap().unwrap();
        assert!(ada.password.unwrap().expose().starts_with("$argon2id$"));
        let trail = world
            .read(|tx| events::list(tx, &events::EventFilter::default(), &PageRequest::first(100)))
            .await
            .unwrap();
        assert_eq!(trail.items.len(), 2);
        for event in trail.items {
            let context = Value::Object(event.context).to_string();
            assert!(!context.contains("canary") && !context.contains("$argon2id$"), "{context}");
        }
        assert!(!format!("{report:?}").contains("canary"));
    }

    async fn what_is_passed_wins_over_the_files_own_context(world: TestStore) {
        let blueprints = blueprints(&world, nothing());
        let passed = JsonObject::from_iter([("word".to_owned(), Value::from("now"))]);
        let source = Source::handed_in("story.yaml", HOUSE);
        blueprints.apply(&source, &passed, &Actor::System).await.unwrap();
        let question = world
            .read(|tx| config_objects::by_name(tx, countersign_model::Family::Prompt, "question"))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(question.config["label"], "say now");
    }

    async fn an_export_applies_back_unchanged(world: TestStore) {
        let blueprints = blueprints(&world, nothing());
        apply(&blueprints, HOUSE).await.unwrap();
        for selection in [
            Selection::Everything,
            Selection::Object { model: "authentik_flows.flow".to_owned(), name: "journey".to_owned() },
            Selection::Object { model: "authentik_core.application".to_owned(), name: "app".to_owned() },
        ] {
            let text = blueprints.export(&selection).await.unwrap();
            assert!(!text.contains("canary") && !text.contains("client_secret"), "{text}");
            let report = apply(&blueprints, &text).await.unwrap_or_else(|error| panic!("{error}\n{text}"));
            assert!(!report.has_changes(), "{report:?}\n{text}");
        }
    }

    async fn an_export_builds_the_same_house_elsewhere(world: TestStore) {
        let here = blueprints(&world, nothing());
        apply(&here, HOUSE).await.unwrap();
        let flow = Selection::Object { model: "authentik_flows.flow".to_owned(), name: "journey".to_owned() };
        let text = here.export(&flow).await.unwrap();
        let Some(other) = TestStore::start(countersign_store::Backend::Sqlite) else { return };
        let there = blueprints(&other, nothing());
        let report = apply(&there, &text).await.unwrap_or_else(|error| panic!("{error}\n{text}"));
        assert_eq!(report.count(Done::Created), 6, "question, rule, stage, flow and two bindings\n{text}");
        assert_eq!(there.export(&flow).await.unwrap(), text);
    }

    async fn blueprints_need_others_but_not_each_other(world: TestStore) {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| std::fs::write(folder.path().join(path), text).unwrap();
        let needing = |name: &str, needed: &str| format!("
version: 1
metadata: {{name: {name}}}
entries:
  - model: authentik_blueprints.metaapplyblueprint
    attrs: {{identifiers: {{name: {needed}}}, required: true}}
  - model: test.rule
    identifiers: {{name: {name}}}
    attrs: {{expression: {name}}}
");
        write("a.yaml", &needing("A", "B"));
        write("b.yaml", "version: 1\nmetadata: {name: B}\nentries: [{model: test.rule, identifiers: {name: B}, attrs: {expression: B}}]");
        write("c.yaml", &needing("C", "D"));
        write("d.yaml", &needing("D", "C"));
        let library = Library::embedded().with_directory(folder.path());
        let blueprints = blueprints(&world, library.clone());
        let system = Actor::System;
        let source = library.by_name("A").unwrap();
        let report = blueprints.apply(&source, &JsonObject::new(), &system).await.unwrap();
        assert_eq!((report.count(Done::Created), report.dependencies[0].count(Done::Created)), (1, 1));
        let report = blueprints.apply(&source, &JsonObject::new(), &system).await.unwrap();
        assert!(report.dependencies.is_empty(), "what was applied as it is now is left alone");

        let source = library.by_name("C").unwrap();
        let error = blueprints.apply(&source, &JsonObject::new(), &system).await.unwrap_err().to_string();
        assert!(error.contains("“C” needs this blueprint in turn"), "{error}");
        let missing = failure(&blueprints, &needing("E", "Nowhere")).await;
        assert!(missing.contains("there is no blueprint “Nowhere”"), "{missing}");
    }

    async fn only_administrators_apply(world: TestStore) {
        let blueprints = blueprints(&world, nothing());
        apply(&blueprints, "
version: 1
metadata: {name: People}
entries: [{model: authentik_core.user, identifiers: {username: mallory}}]
").await.unwrap();
        let mallory = world.read(|tx| users::by_username(tx, "mallory")).await.unwrap().unwrap();
        let mallory = Actor::user(world.store().subject(mallory.id).await.unwrap().unwrap(), &[]);
        let source = Source::handed_in("story.yaml", HOUSE);
        let error = blueprints.apply(&source, &JsonObject::new(), &mallory).await.unwrap_err().to_string();
        assert!(error.contains("may not change configuration"), "{error}");
        assert!(world.read(flows::all).await.unwrap().is_empty());
    }
}

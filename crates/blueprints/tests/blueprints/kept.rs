//! Blueprints that are kept applied: texts and files, applied as they are saved, and the library as it changes.

use std::{
    fs,
    sync::{Arc, Weak},
};

use countersign_blueprints::{Blueprints, Keeper, Library, Outside, Source};
use countersign_model::{BlueprintInstance, BlueprintInstanceId, BlueprintStatus, Family};
use countersign_registry::{Actor, Prepared, Registry, ResourceError};
use countersign_store::{blueprint_instances, config_objects, on_both_databases, testing::TestStore, users};
use countersign_types::{FieldErrors, JsonObject, Text};
use serde_json::{Value, json};

use crate::kinds::{apply, blueprints_over, nothing, registry};

const MODEL: &str = "authentik_blueprints.blueprintinstance";

/// Blueprints, and the registry that applies them as they are saved.
struct House {
    blueprints: Blueprints,
    registry: Arc<Registry>,
}

fn house(world: &TestStore, library: Library) -> House {
    let registry = Arc::new_cyclic(|own| {
        let keeper = Keeper::new(Weak::clone(own), library.clone(), Outside::default());
        registry().keeping(Arc::new(keeper))
    });
    House { blueprints: blueprints_over(world, Arc::clone(&registry), library), registry }
}

impl House {
    /// Saves a new blueprint.
    async fn make(&self, world: &TestStore, document: Value) -> Result<BlueprintInstanceId, ResourceError> {
        let (registry, document) = (Arc::clone(&self.registry), document.as_object().unwrap().clone());
        let made = world.write(move |tx| {
            let (actor, prepared) = (Actor::System, Prepared::default());
            registry.create(tx, registry.cx(&actor, None, &prepared), MODEL, &document)
        });
        made.await.map(|written| BlueprintInstanceId(written.id))
    }

    async fn change(
        &self,
        world: &TestStore,
        id: BlueprintInstanceId,
        patch: Value,
    ) -> Result<(), ResourceError> {
        let (registry, patch) = (Arc::clone(&self.registry), patch.as_object().unwrap().clone());
        let changed = world.write(move |tx| {
            let (actor, prepared) = (Actor::System, Prepared::default());
            registry.get(MODEL)?.update(tx, registry.cx(&actor, None, &prepared), id.0, &patch)
        });
        changed.await.map(drop)
    }
}

fn rule(name: &str, expression: &str) -> String {
    format!(
        "version: 1\nmetadata: {{name: Text of {name}}}\nentries:\n  - model: test.rule\n    identifiers: {{name: \
         {name}}}\n    attrs:\n      expression: {expression}\n"
    )
}

async fn expression(world: &TestStore, name: &'static str) -> Option<String> {
    let found = world.read(move |tx| config_objects::by_name(tx, Family::Policy, name)).await.unwrap();
    found.map(|object| object.config["expression"].as_str().unwrap().to_owned())
}

async fn instance(world: &TestStore, id: BlueprintInstanceId) -> BlueprintInstance {
    world.read(move |tx| blueprint_instances::by_id(tx, id)).await.unwrap().unwrap()
}

async fn named(world: &TestStore, name: &'static str) -> Option<BlueprintInstance> {
    world.read(move |tx| blueprint_instances::by_name(tx, name)).await.unwrap()
}

/// The complaints about a field: path and words.
fn complaints(error: ResourceError) -> Vec<(String, String)> {
    let ResourceError::Fields(FieldErrors(errors)) = error else { panic!("{error}") };
    let words = |text: &Text| match text {
        Text::Literal(words) | Text::Template(words, _) => words.clone(),
        Text::Key(key, _) => key.to_string(),
    };
    errors.iter().map(|error| (error.path.clone(), words(&error.message))).collect()
}

fn complaint(path: &str, words: &str) -> Vec<(String, String)> {
    vec![(path.to_owned(), words.to_owned())]
}

on_both_databases! {
    async fn a_text_is_applied_as_it_is_saved_and_again_when_it_changes(world: TestStore) {
        let house = house(&world, nothing());
        let id = house.make(&world, json!({"name": "mine", "content": rule("one", "first")})).await.unwrap();
        assert_eq!(expression(&world, "one").await.as_deref(), Some("first"));
        let kept = instance(&world, id).await;
        assert_eq!((kept.status, kept.last_error.as_deref()), (BlueprintStatus::Successful, None));
        assert_eq!(kept.content_hash, Source::handed_in("", kept.content.as_str()).hash());
        assert!(kept.last_applied.is_some() && named(&world, "Text of one").await.is_none());

        house.change(&world, id, json!({"content": rule("one", "second")})).await.unwrap();
        assert_eq!(expression(&world, "one").await.as_deref(), Some("second"));
        // What is only renamed is not applied: the edits of administrators stay.
        apply(&house.blueprints, &rule("one", "edited")).await.unwrap();
        house.change(&world, id, json!({"name": "ours"})).await.unwrap();
        assert_eq!(expression(&world, "one").await.as_deref(), Some("edited"));
        // Switched off it is not applied; switched on it is.
        house.change(&world, id, json!({"enabled": false, "content": rule("one", "third")})).await.unwrap();
        assert_eq!(expression(&world, "one").await.as_deref(), Some("edited"));
        house.change(&world, id, json!({"enabled": true})).await.unwrap();
        assert_eq!(expression(&world, "one").await.as_deref(), Some("third"));
        // A start changes nothing of it.
        apply(&house.blueprints, &rule("one", "edited")).await.unwrap();
        house.blueprints.apply_library().await.unwrap();
        assert_eq!(expression(&world, "one").await.as_deref(), Some("edited"));
        // Asked for it is applied again.
        house.blueprints.apply_instance(&instance(&world, id).await, &Actor::System).await.unwrap();
        assert_eq!(expression(&world, "one").await.as_deref(), Some("third"));
    }

    async fn the_values_of_a_text_are_applied_when_they_change(world: TestStore) {
        let house = house(&world, nothing());
        let document = json!({"name": "mine", "content": rule("one", "!Context word"), "context": {"word": "first"}});
        let id = house.make(&world, document).await.unwrap();
        assert_eq!(expression(&world, "one").await.as_deref(), Some("first"));
        house.change(&world, id, json!({"context": {"word": "second"}})).await.unwrap();
        assert_eq!(expression(&world, "one").await.as_deref(), Some("second"));
    }

    async fn what_is_wrong_with_a_text_is_told_with_line_and_entry_and_nothing_is_saved(world: TestStore) {
        let house = house(&world, nothing());
        let error = house.make(&world, json!({"name": "mine", "content": rule("one", "[")})).await.unwrap_err();
        assert!(matches!(&complaints(error)[..], [(path, words)] if path == "content" && words.contains("line 8")));
        let wrong = format!("{}      shade: !KeyOf no\n", rule("one", "x"));
        let error = house.make(&world, json!({"name": "mine", "content": wrong})).await.unwrap_err();
        assert_eq!(complaints(error), complaint(
            "content",
            "entry 1, line 4 (test.rule): attrs.shade, line 8: !KeyOf: no entry before this one has the id “no”",
        ));
        let off = json!({"name": "mine", "content": "version: 2\nentries: []", "enabled": false});
        let error = house.make(&world, off).await.unwrap_err();
        assert_eq!(complaints(error), complaint("content", "version, line 1: only version 1 is known"));
        assert!(named(&world, "mine").await.is_none() && expression(&world, "one").await.is_none());

        let id = house.make(&world, json!({"name": "mine", "content": rule("one", "first")})).await.unwrap();
        house.change(&world, id, json!({"content": "- x"})).await.unwrap_err();
        let kept = instance(&world, id).await;
        assert_eq!((kept.content, kept.status), (rule("one", "first"), BlueprintStatus::Successful));
    }

    async fn a_text_is_bounded_and_excludes_a_path(world: TestStore) {
        let house = house(&world, nothing());
        let make = async |document| complaints(house.make(&world, document).await.unwrap_err());
        let long = format!("{}# {}", rule("one", "x"), "x".repeat(128 * 1024));
        assert_eq!(make(json!({"name": "mine", "content": long})).await, complaint("content", "field-too-long"));
        let both = json!({"name": "mine", "path": "default/default-brand.yaml", "content": rule("one", "x")});
        assert_eq!(make(both).await, complaint("content", "resource-error-blueprint-path-and-content"));
        assert_eq!(make(json!({"name": "mine"})).await, complaint("content", "resource-error-blueprint-nowhere"));
        let gone = json!({"name": "mine", "path": "no/such.yaml"});
        assert_eq!(make(gone).await, complaint("path", "resource-error-blueprint-no-file"));
        let out = json!({"name": "mine", "path": "../../../etc/passwd"});
        assert_eq!(make(out).await, complaint("path", "resource-error-blueprint-no-file"));
    }

    async fn nothing_is_fetched_from_a_registry_of_containers(world: TestStore) {
        let house = house(&world, nothing());
        for path in ["oci://127.0.0.1:1/blueprints:latest", "OCI://127.0.0.1:1/x"] {
            for enabled in [true, false] {
                let document = json!({"name": "mine", "path": path, "enabled": enabled});
                let error = house.make(&world, document).await.unwrap_err();
                assert_eq!(complaints(error), complaint("path", "resource-error-blueprint-oci"));
            }
        }
        // One that was kept before they were refused.
        let old = BlueprintInstance {
            id: BlueprintInstanceId(countersign_types::RawId::nil()),
            name: "old".to_owned(),
            path: "oci://127.0.0.1:1/x".to_owned(),
            content: String::new(),
            content_hash: String::new(),
            status: BlueprintStatus::Unknown,
            last_applied: None,
            last_error: None,
            enabled: true,
            context: JsonObject::new(),
            metadata: JsonObject::new(),
        };
        world.write(move |tx| blueprint_instances::create(tx, &old)).await.unwrap();
        house.blueprints.apply_library().await.unwrap();
        let old = named(&world, "old").await.unwrap();
        assert_eq!(old.status, BlueprintStatus::Error);
        assert!(old.last_error.unwrap().contains("not fetched from registries (oci://)"));
        house.change(&world, old.id, json!({"enabled": false})).await.unwrap();
    }

    async fn a_text_that_a_blueprint_brings_is_applied_with_it(world: TestStore) {
        let house = house(&world, nothing());
        let outer = |content: &str| {
            let content = Value::from(content);
            format!("version: 1\nmetadata: {{name: Outer}}\nentries:\n  - model: {MODEL}\n    identifiers: {{name: inner}}\n    attrs:\n      content: {content}\n")
        };
        apply(&house.blueprints, &outer(&rule("one", "first"))).await.unwrap();
        assert_eq!(expression(&world, "one").await.as_deref(), Some("first"));
        assert_eq!(named(&world, "inner").await.unwrap().status, BlueprintStatus::Successful);
        let error = apply(&house.blueprints, &outer("version: 2\nentries: []")).await.unwrap_err().to_string();
        assert!(error.contains("attrs.content, line 7: version, line 1: only version 1"), "{error}");
        let oci = outer("").replace("content: \"\"", "content: ''\n      path: oci://127.0.0.1:1/x");
        let error = apply(&house.blueprints, &oci).await.unwrap_err().to_string();
        assert!(error.contains("attrs.path, line 8: Blueprints are not fetched from registries"), "{error}");
        let outer = named(&world, "Outer").await.unwrap();
        assert_eq!(outer.status, BlueprintStatus::Error);
    }

    async fn blueprints_that_bring_each_other_without_end_are_refused(world: TestStore) {
        let folder = tempfile::tempdir().unwrap();
        let again = format!("
version: 1
metadata: {{name: Again}}
context: {{n: ''}}
entries:
  - model: {MODEL}
    identifiers: {{name: !Format ['again%s', !Context n]}}
    attrs: {{path: again.yaml, context: {{n: !Format ['%sx', !Context n]}}}}
");
        fs::write(folder.path().join("again.yaml"), again).unwrap();
        let house = house(&world, Library::embedded().with_directory(folder.path()));
        let error = house.make(&world, json!({"name": "again", "path": "again.yaml"})).await.unwrap_err();
        let said = complaints(error);
        assert!(said.len() == 1 && said[0].1.contains("more than 8 blueprints, one in another"), "{said:?}");
        assert!(world.read(blueprint_instances::all).await.unwrap().is_empty());
    }

    async fn passwords_of_a_text_are_hashed_before_it_is_applied(world: TestStore) {
        let house = house(&world, nothing());
        let content = "version: 1\nentries:\n  - {model: authentik_core.user, identifiers: {username: ada}, attrs: {password: canary-ada}}\n";
        let error = house.make(&world, json!({"name": "mine", "content": content})).await.unwrap_err();
        let ResourceError::NeedsHash(password) = error else { panic!("{error}") };
        let registry = Arc::clone(&house.registry);
        let document = json!({"name": "mine", "content": content}).as_object().unwrap().clone();
        world.write(move |tx| {
            let mut prepared = Prepared::default();
            prepared.add_hash(password.clone(), "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$aGFzaA".to_owned().into());
            registry.create(tx, registry.cx(&Actor::System, None, &prepared), MODEL, &document)
        }).await.unwrap();
        assert!(world.read(|tx| users::by_username(tx, "ada")).await.unwrap().unwrap().password.is_some());
    }

    async fn what_was_handed_in_does_not_take_the_place_of_what_is_kept(world: TestStore) {
        let house = house(&world, nothing());
        let id = house.make(&world, json!({"name": "Text of one", "content": rule("one", "first")})).await.unwrap();
        let before = instance(&world, id).await;
        apply(&house.blueprints, &rule("one", "second")).await.unwrap();
        assert_eq!(instance(&world, id).await, before);
        assert_eq!(world.read(blueprint_instances::all).await.unwrap().len(), 1);
    }

    async fn a_blueprint_relies_on_one_that_stands_in_no_file(world: TestStore) {
        let house = house(&world, nothing());
        let content = rule("one", "first");
        house.make(&world, json!({"name": "mine", "content": content, "enabled": false})).await.unwrap();
        let needing = "version: 1\nmetadata: {name: Needing}\nentries:\n  - model: authentik_blueprints.metaapplyblueprint\n    \
                       attrs: {identifiers: {name: mine}, required: true}\n";
        let report = apply(&house.blueprints, needing).await.unwrap();
        assert_eq!((report.dependencies.len(), expression(&world, "one").await.as_deref()), (1, Some("first")));
        assert!(apply(&house.blueprints, needing).await.unwrap().dependencies.is_empty());
    }

    async fn a_file_is_kept_applied_under_a_name_and_with_values_of_its_own(world: TestStore) {
        let folder = tempfile::tempdir().unwrap();
        let write = |text: &str| fs::write(folder.path().join("rule.yaml"), text).unwrap();
        let shared = |tail: &str| rule("!Context name", "!Context word") + tail;
        write(&shared(""));
        let house = house(&world, Library::embedded().with_directory(folder.path()));
        for (name, word) in [("one", "first"), ("two", "second")] {
            let document = json!({"name": format!("kept {name}"), "path": "rule.yaml", "context": {"name": name, "word": word}});
            house.make(&world, document).await.unwrap();
        }
        let both = async || (expression(&world, "one").await.unwrap(), expression(&world, "two").await.unwrap());
        assert_eq!(both().await, ("first".to_owned(), "second".to_owned()));
        apply(&house.blueprints, &rule("one", "edited")).await.unwrap();
        let of_file = async || {
            let outcomes = house.blueprints.apply_library().await.unwrap();
            outcomes.iter().filter(|outcome| outcome.as_ref().is_ok_and(|report| report.file == "rule.yaml")).count()
        };
        assert_eq!(of_file().await, 0, "it did not change");
        write(&shared("# another\n"));
        assert_eq!(of_file().await, 2);
        assert_eq!(both().await, ("first".to_owned(), "second".to_owned()));
        let kept = world.read(blueprint_instances::all).await.unwrap();
        let kept: Vec<_> = kept.iter().filter(|one| one.path == "rule.yaml").map(|one| one.name.as_str()).collect();
        assert_eq!(kept, ["kept one", "kept two"], "none under the name that the file gives itself");
    }

    async fn a_file_that_breaks_leaves_what_was_applied_and_says_so_until_it_is_mended(world: TestStore) {
        let folder = tempfile::tempdir().unwrap();
        let write = |text: &str| fs::write(folder.path().join("rule.yaml"), text).unwrap();
        let house = house(&world, Library::embedded().with_directory(folder.path()));
        let good = rule("one", "first");
        write(&good);
        house.blueprints.apply_library().await.unwrap();
        for broken in ["version: 1\nentries: [", &format!("{good}      shade: !KeyOf no\n")] {
            write(broken);
            house.blueprints.apply_library().await.unwrap();
            let kept = named(&world, "Text of one").await.unwrap();
            assert_eq!((kept.status, kept.path.as_str()), (BlueprintStatus::Error, "rule.yaml"));
            assert!(kept.last_error.unwrap().contains("rule.yaml"));
            assert_eq!(expression(&world, "one").await.as_deref(), Some("first"));
        }
        write(&good);
        house.blueprints.apply_library().await.unwrap();
        let kept = named(&world, "Text of one").await.unwrap();
        assert_eq!((kept.status, kept.last_error), (BlueprintStatus::Successful, None));
        assert!(named(&world, "rule.yaml").await.is_none(), "no second blueprint for the same file");
    }
}

//! The directory of blueprints as it changes under a running house, and what blueprints may read beside it.

use std::{fs, path::Path};

use countersign_config::Config;
use countersign_model::{BlueprintInstance, BlueprintStatus};
use countersign_server::{Circumstances, House};
use countersign_store::{blueprint_instances, groups};
use countersign_types::JsonObject;

/// A house with a directory of blueprints, and nobody who looks after it.
fn house(folder: &Path, change: impl FnOnce(&mut Config)) -> House {
    let mut config = Config::defaults(folder).unwrap();
    config.blueprints_dir = Some(folder.join("blueprints"));
    fs::create_dir_all(folder.join("blueprints")).unwrap();
    change(&mut config);
    House::open(config, Circumstances::real()).unwrap()
}

fn group(notes: &str) -> String {
    format!(
        "version: 1\nmetadata: {{name: Crew}}\nentries:\n  - model: authentik_core.group\n    identifiers: {{name: \
         crew}}\n    attrs:\n      attributes: {{notes: {notes}}}\n"
    )
}

async fn notes(house: &House) -> Option<String> {
    let crew = house.store.read(|tx| groups::by_name(tx, "crew")).await.unwrap()?;
    Some(crew.attributes["notes"].as_str().unwrap().to_owned())
}

async fn crew(house: &House) -> BlueprintInstance {
    house.store.read(|tx| blueprint_instances::by_name(tx, "Crew")).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_directory_is_watched() {
    let folder = tempfile::tempdir().unwrap();
    let house = house(folder.path(), |_| {});
    let file = folder.path().join("blueprints/crew.yaml");
    fs::write(&file, group("one")).unwrap();
    house.blueprints().apply_library().await.unwrap();
    assert_eq!(notes(&house).await.as_deref(), Some("one"));
    // What the server looks after every minute is done here step by step.
    let watch = house.library_watch().unwrap();

    // Nothing changed: what an administrator edited stays.
    let source = countersign_blueprints::Source::handed_in("edit.yaml", group("edited"));
    let actor = countersign_registry::Actor::System;
    house.blueprints().apply(&source, &JsonObject::new(), &actor).await.unwrap();
    watch.run().await.unwrap();
    assert_eq!(notes(&house).await.as_deref(), Some("edited"));

    // A file that changes is applied again.
    fs::write(&file, group("two")).unwrap();
    watch.run().await.unwrap();
    assert_eq!(notes(&house).await.as_deref(), Some("two"));

    // One that is broken leaves what was applied, and says what is wrong.
    for (broken, said) in [
        ("version: 1\nentries: [".to_owned(), "not readable as YAML"),
        (group("three").replace("attributes:", "parents:"), "attrs.parents, line 7"),
    ] {
        fs::write(&file, broken).unwrap();
        watch.run().await.unwrap();
        let kept = crew(&house).await;
        assert_eq!((kept.status, notes(&house).await.as_deref()), (BlueprintStatus::Error, Some("two")));
        assert!(kept.last_error.as_ref().unwrap().contains(said), "{kept:?}");
    }
    fs::write(&file, group("three")).unwrap();
    watch.run().await.unwrap();
    let kept = crew(&house).await;
    assert_eq!((kept.status, kept.last_error), (BlueprintStatus::Successful, None));
    assert_eq!(notes(&house).await.as_deref(), Some("three"));

    // One that is gone is marked; what it made stays.
    fs::remove_file(&file).unwrap();
    watch.run().await.unwrap();
    assert_eq!(
        (crew(&house).await.status, notes(&house).await.as_deref()),
        (BlueprintStatus::Orphaned, Some("three"))
    );

    // A new one is applied, in a directory below as well; what is no blueprint is not.
    fs::create_dir(folder.path().join("blueprints/below")).unwrap();
    fs::write(folder.path().join("blueprints/below/crew.yaml"), group("four")).unwrap();
    fs::write(folder.path().join("blueprints/notes.txt"), "version: 1").unwrap();
    watch.run().await.unwrap();
    let kept = crew(&house).await;
    assert_eq!((kept.path.as_str(), kept.status), ("below/crew.yaml", BlueprintStatus::Successful));
    assert_eq!(notes(&house).await.as_deref(), Some("four"));
    house.store.close();
}

#[tokio::test]
async fn a_house_without_a_directory_watches_none() {
    let folder = tempfile::tempdir().unwrap();
    let house = house(folder.path(), |config| config.blueprints_dir = None);
    assert!(house.library_watch().is_none());
    house.store.close();
}

/// Cure53 2023: a blueprint reads files of the server. Variables are opened by a setting of their own.
#[tokio::test]
async fn a_blueprint_reads_no_file_that_is_not_opened_to_it() {
    let folder = tempfile::tempdir().unwrap();
    let open = folder.path().join("open");
    fs::create_dir(&open).unwrap();
    fs::write(open.join("note.txt"), "hello").unwrap();
    fs::write(folder.path().join("secret.txt"), "canary").unwrap();
    std::os::unix::fs::symlink(folder.path().join("secret.txt"), open.join("link")).unwrap();
    let reads = async |house: &House, path: &str| {
        let text = group("one").replace("{notes: one}", &format!("{{notes: !File ['{path}', fallback]}}"));
        let source = countersign_blueprints::Source::handed_in("leak.yaml", text);
        let actor = countersign_registry::Actor::System;
        let outcome = house.blueprints().apply(&source, &JsonObject::new(), &actor).await;
        match outcome {
            Ok(_) => Ok(notes(house).await.unwrap()),
            Err(error) => Err(error.to_string()),
        }
    };
    let data = folder.path().join("data");
    let closed = house(&data, |_| {});
    fs::write(data.join("blueprints/beside.txt"), "canary").unwrap();
    let whole = |path: &Path| path.display().to_string();
    let note = whole(&open.join("note.txt"));
    // Nothing is open unless it is set, not even the directory of blueprints.
    for path in ["beside.txt", "/etc/passwd", note.as_str()] {
        let refused = reads(&closed, path).await.unwrap_err();
        assert!(refused.contains("!File may not read"), "{refused}");
    }
    closed.store.close();

    let data = folder.path().join("other");
    let opened = house(&data, |config| {
        // The setting of variables opens no file.
        config.blueprints_env = "*".to_owned();
        config.blueprints_files = Some(format!("{}, {}", open.display(), data.display()));
    });
    assert_eq!(reads(&opened, "note.txt").await.as_deref(), Ok("hello"));
    assert_eq!(reads(&opened, &note).await.as_deref(), Ok("hello"));
    assert_eq!(reads(&opened, "absent.txt").await.as_deref(), Ok("fallback"));
    let secret = whole(&folder.path().join("secret.txt"));
    let master = whole(&data.join("keys/master"));
    for path in ["../secret.txt", "link", &secret, &master, "keys/master", "/etc/passwd", "/etc/absent"] {
        let refused = reads(&opened, path).await.unwrap_err();
        assert!(refused.contains("!File may not read") && !refused.contains("canary"), "{path}: {refused}");
    }
    opened.store.close();
}

//! The blueprint files that authentik ships, where a checkout of its public repository is at hand:
//! `COUNTERSIGN_AUTHENTIK_BLUEPRINTS` names the directory. They stay where they are; what applies is told file by file.

use std::{collections::BTreeMap, fs, num::NonZeroUsize, path::Path, sync::Arc, time::Duration};

use countersign_blueprints::{Blueprints, Document, Done, Library, Outside, Source, Variable};
use countersign_crypto::{HashOptions, HashPool, SystemRng};
use countersign_registry::{Actor, Registry, ResourceError};
use countersign_store::Backend;
use countersign_testkit::TestApp;
use countersign_types::JsonObject;

const DIRECTORY: &str = "COUNTERSIGN_AUTHENTIK_BLUEPRINTS";

/// Paths below a directory, what others build on first.
pub(crate) fn files(directory: &Path) -> Vec<String> {
    fn collect(root: &Path, directory: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(directory).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                collect(root, &path, found);
            } else if path.extension().is_some_and(|ending| ending == "yaml") {
                found.push(path.strip_prefix(root).unwrap().to_string_lossy().into_owned());
            }
        }
    }
    let mut found = Vec::new();
    collect(directory, directory, &mut found);
    found.sort_by_key(|path| (!path.starts_with("system/"), !path.starts_with("default/"), path.clone()));
    found
}

/// Where the files are, if they are at hand.
#[expect(clippy::disallowed_methods, reason = "a test is told by the environment what is at hand")]
#[expect(clippy::print_stdout, reason = "whoever reads the output of a run should see what it left out")]
pub(crate) fn directory() -> Option<String> {
    let found = std::env::var(DIRECTORY).ok();
    if found.is_none() {
        println!("SKIPPED: {DIRECTORY} names no directory");
    }
    found
}

/// The kinds of a file that are not built.
fn waits_for(registry: &Registry, document: &Document) -> Vec<String> {
    let unbuilt = |model: &&str| matches!(registry.get(model), Err(ResourceError::NotBuilt(_)));
    document.models().into_iter().filter(unbuilt).map(str::to_owned).collect()
}

#[tokio::test]
async fn authentiks_own_blueprints_apply_or_name_the_kind_that_they_wait_for() {
    let Some(directory) = directory() else { return };
    let Some(app) = TestApp::start(Backend::Sqlite).await else { return };
    let options = HashOptions {
        memory_kib: 8,
        iterations: 1,
        parallelism: 1,
        threads: NonZeroUsize::MIN,
        queue: 8,
        idle: Duration::from_millis(10),
    };
    let hashes = HashPool::new(options, Arc::new(SystemRng)).unwrap();
    let library = Library::embedded().with_directory(&directory);
    let outside = Outside::default().with_variables(|_| Variable::Unset);
    let blueprints = Blueprints::new(app.store().clone(), app.kinds(), hashes, library).reaching(outside);
    let (mut report, mut faults, mut waiting) = (Vec::new(), Vec::new(), BTreeMap::<String, usize>::new());
    let files = files(Path::new(&directory));
    let mut applied = 0;
    for path in &files {
        let text = fs::read_to_string(Path::new(&directory).join(path)).unwrap();
        let source = Source::handed_in(path.as_str(), text.as_str());
        let document = match Document::parse(&text) {
            Ok(document) => document,
            Err((_, problem)) => {
                faults.push(format!("{path}: {problem}"));
                continue;
            }
        };
        let unbuilt = waits_for(app.registry(), &document);
        match blueprints.apply(&source, &JsonObject::new(), &Actor::System).await {
            Ok(first) => {
                applied += 1;
                let counts = [Done::Created, Done::Updated, Done::Unchanged, Done::Deleted, Done::Skipped]
                    .map(|done| first.count(done));
                report.push(format!("{path}: applied {counts:?}"));
                report.extend(first.warnings.iter().map(|warning| format!("    {warning}")));
                let again = blueprints.apply(&source, &JsonObject::new(), &Actor::System).await;
                match again {
                    Ok(again) if !again.has_changes() => {}
                    Ok(again) => {
                        faults.push(format!("{path}: applying it again changes something: {again:?}"));
                    }
                    Err(error) => faults.push(format!("{path}: it does not apply again: {error}")),
                }
            }
            Err(error) => {
                let words = error.to_string();
                if !words.contains("that is not built here yet") {
                    faults.push(words);
                    continue;
                }
                if !unbuilt.is_empty() && !unbuilt.iter().any(|kind| words.contains(kind.as_str())) {
                    faults.push(format!("{path} waits for {unbuilt:?}, and says {words}"));
                }
                report.push(format!("{path}: {words}"));
                for kind in unbuilt {
                    *waiting.entry(kind).or_default() += 1;
                }
            }
        }
    }
    println!("{}\n{applied} of {} applied", report.join("\n"), files.len());
    for (kind, count) in waiting {
        println!("waited for by {count}: {kind}");
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(applied > 0, "there is nothing in {directory}");
    app.verify().await;
}

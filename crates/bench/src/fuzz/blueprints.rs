//! The loader of blueprints: everything from the text to what would be in the database, which is then undone.

use std::{path::Path, sync::Arc};

use countersign_blueprints::{Blueprints, Library, Outside, Source, Variable};
use countersign_config::Config;
use countersign_registry::Actor;
use countersign_server::{Circumstances, House};
use countersign_types::{ErrorKind, JsonObject};
use tempfile::TempDir;

use super::{Outcome, Target};
use crate::{Fault, fault::While as _};

const WORDS: &[&str] = &[
    "!KeyOf flow",
    "!Find [authentik_flows.flow, [slug, x]]",
    "!FindObject [authentik_flows.flow, [slug, x]]",
    "!Context x",
    "!Format [\"%s-%d\", a, 1]",
    "!If [true, 1, 2]",
    "!Condition [AND, true, false]",
    "!Condition [XNOR]",
    "!Enumerate [[1, 2], SEQ, !Value 0]",
    "!Enumerate [{a: 1}, MAP, [!Index 0, !Value 0]]",
    "!Value 1",
    "!Index 99",
    "!AtIndex [[1], 5]",
    "!AtIndex [{a: 1}, b, c]",
    "!Env BLUEPRINT_X",
    "!File /etc/passwd",
    "!ParseJSON '{\"a\": [1]}'",
    "!ParseJSON '['",
    "!Unknown x",
    "&a ",
    "*a",
    "<<: *a",
    "---\n",
    "? ",
    "|-\n",
    ">",
    "~",
    ".nan",
    ".inf",
    "null",
    "true",
    "{}",
    "[]",
    "model: authentik_core.user\n",
    "state: absent\n",
    "state: must_created\n",
    "state: nonsense\n",
    "id: x\n",
    "conditions: [false]\n",
    "identifiers: {}\n",
    "attrs: {}\n",
    "permissions: [{permission: view_user, user: 1}]\n",
    "context: {a: {b: [c]}}\n",
    "metadata: {name: x, labels: {a: b}}\n",
    "version: 2\n",
    "entries: {a: []}\n",
    "password: x\n",
    "groups: [x]\n",
    "expression: |\n  return 1\n",
    "\u{feff}",
    "!!binary aGVsbG8=",
    "!!set {a}",
    "2001-01-01",
];

/// The loader, in a house of its own.
pub(super) struct Loader {
    blueprints: Blueprints,
    library: Library,
    _house: House,
    _folder: TempDir,
}

impl Loader {
    pub(super) async fn open() -> Result<Self, Fault> {
        let folder = tempfile::tempdir().during("a directory")?;
        let house = House::open(configuration(folder.path())?, Circumstances::real())
            .map_err(|failure| Fault::Program(failure.to_string()))?;
        let outside = Outside::default().with_variables(|_| Variable::Unset);
        let (store, kinds) = (house.store.clone(), Arc::clone(&house.registry));
        let library = Library::embedded();
        let blueprints =
            Blueprints::new(store, kinds, house.hashes.clone(), Library::embedded()).reaching(outside);
        // What people have is what inputs find.
        for applied in blueprints.apply_library().await.map_err(|error| Fault::Program(error.to_string()))? {
            applied.map_err(|error| Fault::Program(error.to_string()))?;
        }
        Ok(Self { blueprints, library, _house: house, _folder: folder })
    }
}

fn configuration(folder: &Path) -> Result<Config, Fault> {
    let mut config = Config::defaults(folder).map_err(|error| Fault::Program(error.to_string()))?;
    (config.argon2.memory_kib, config.argon2.iterations) = (8192, 1);
    Ok(config)
}

#[async_trait::async_trait(?Send)]
impl Target for Loader {
    fn corpus(&self) -> Vec<String> {
        self.library.sources().into_iter().map(|source| source.text).collect()
    }

    fn words(&self) -> &'static [&'static str] {
        WORDS
    }

    async fn take(&self, input: &str) -> Outcome {
        let source = Source::handed_in("fuzz.yaml", input);
        match self.blueprints.validate(&source, &JsonObject::new(), &Actor::System).await {
            Ok(_) => Outcome::Accepted,
            Err(error) if matches!(error.kind(), ErrorKind::Internal | ErrorKind::Unavailable) => {
                Outcome::Finding(format!("an error of our own: {error}"))
            }
            Err(_) => Outcome::Refused,
        }
    }
}

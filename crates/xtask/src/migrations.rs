//! Migrations come in pairs: the same names under `migrations/sqlite` and `migrations/postgres`, each with
//! `up.sql` and `down.sql`, so that both backends always stand at the same version.

use std::collections::BTreeSet;
use std::path::Path;

use crate::{CheckError, Findings};

const BACKENDS: [&str; 2] = ["sqlite", "postgres"];
const SCRIPTS: [&str; 2] = ["up.sql", "down.sql"];

/// Compares the two folders below `root`.
pub(crate) fn check(root: &Path) -> Findings {
    let mut found = Vec::new();
    let [sqlite, postgres] = [names(root, BACKENDS[0])?, names(root, BACKENDS[1])?];
    if sqlite.is_empty() && postgres.is_empty() {
        found.push(format!("{} holds no migration", root.display()));
    }
    found.extend(sqlite.difference(&postgres).map(|name| format!("{name} is missing for postgres")));
    found.extend(postgres.difference(&sqlite).map(|name| format!("{name} is missing for sqlite")));
    for backend in BACKENDS {
        for name in names(root, backend)? {
            let folder = root.join(backend).join(&name);
            let missing = SCRIPTS.iter().filter(|script| !folder.join(script).is_file());
            found.extend(missing.map(|script| format!("{backend}/{name} has no {script}")));
        }
    }
    Ok(found)
}

fn names(root: &Path, backend: &str) -> Result<BTreeSet<String>, CheckError> {
    let folder = root.join(backend);
    let mut names = BTreeSet::new();
    for entry in std::fs::read_dir(&folder).map_err(CheckError::read(&folder))? {
        let entry = entry.map_err(CheckError::read(&folder))?;
        if entry.path().is_dir() {
            names.insert(entry.file_name().to_string_lossy().into_owned());
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lay(root: &Path, files: &[&str]) {
        for backend in BACKENDS {
            std::fs::create_dir_all(root.join(backend)).unwrap();
        }
        for file in files {
            let path = root.join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
    }

    #[test]
    fn a_pair_with_a_way_back_is_in_order() {
        let root = tempfile::tempdir().unwrap();
        lay(
            root.path(),
            &["sqlite/1_a/up.sql", "sqlite/1_a/down.sql", "postgres/1_a/up.sql", "postgres/1_a/down.sql"],
        );
        assert!(check(root.path()).unwrap().is_empty());
    }

    #[test]
    fn a_migration_for_one_backend_only_is_found() {
        let root = tempfile::tempdir().unwrap();
        lay(root.path(), &["sqlite/1_a/up.sql", "sqlite/1_a/down.sql"]);
        assert_eq!(check(root.path()).unwrap(), ["1_a is missing for postgres"]);
    }

    #[test]
    fn a_migration_without_a_way_back_is_found() {
        let root = tempfile::tempdir().unwrap();
        lay(root.path(), &["sqlite/1_a/up.sql", "postgres/1_a/up.sql", "postgres/1_a/down.sql"]);
        assert_eq!(check(root.path()).unwrap(), ["sqlite/1_a has no down.sql"]);
    }

    #[test]
    fn an_empty_folder_is_not_in_order() {
        let root = tempfile::tempdir().unwrap();
        lay(root.path(), &[]);
        assert_eq!(check(root.path()).unwrap().len(), 1);
    }
}

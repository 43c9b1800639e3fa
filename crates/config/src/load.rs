//! Puts the sources together: who wins, what it means, and everything that is wrong.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    path::{Path, PathBuf},
};

use crate::{
    Config, Provenance, Setting, check,
    environment::{self, Environment},
    file,
    indirection::{Resolved, resolve},
    problem::{ConfigErrors, Origin, Problem, Warning},
    table::{Key, Section},
    value::Value,
};

/// The longest value, wherever it stands.
pub(crate) const MAX_VALUE_BYTES: usize = 64 * 1024;
/// Files that are looked for in the working directory when none is named.
const DEFAULT_FILES: [&str; 3] = ["countersign.yml", "countersign.yaml", "countersign.toml"];
/// The variable that names the file.
const FILE_VARIABLE: &str = "COUNTERSIGN_CONFIG";

/// Who wins; the smaller first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rank {
    /// `COUNTERSIGN_LISTEN__HTTP`.
    Own,
    /// `COUNTERSIGN_BOOTSTRAP_PASSWORD`.
    OwnAlias,
    /// `AUTHENTIK_LISTEN__HTTP`.
    Foreign,
    /// `AUTHENTIK_BOOTSTRAP_PASSWORD`.
    ForeignAlias,
    /// `PG_PASS`.
    Bare,
    /// The file.
    File,
}

/// A value that one source has for a setting.
pub(crate) struct Candidate {
    pub(crate) path: String,
    pub(crate) text: String,
    pub(crate) origin: Origin,
    pub(crate) rank: Rank,
}

impl Config {
    /// Reads the configuration.
    ///
    /// `file` is what `--config` named; without it `COUNTERSIGN_CONFIG` is asked, then `countersign.yml`,
    /// `.yaml` and `.toml` of the working directory. A file that was named must be there.
    ///
    /// # Errors
    /// Everything that is wrong, not just the first.
    pub fn load<N: Into<OsString>, V: Into<OsString>>(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Self, ConfigErrors> {
        let environment = Environment::new(environment);
        let named = environment.path(FILE_VARIABLE);
        let file = file.map(Path::to_owned).or(named).or_else(default_file);
        let (mut problems, mut warnings) = (Vec::new(), Vec::new());
        let keys = all_keys();
        let mut candidates = environment::collect(&environment, &keys, &mut problems, &mut warnings);
        if let Some(path) = file {
            candidates.extend(file::collect(&path, &keys, &mut problems, &mut warnings));
        }
        let mut reader = Reader::new(candidates, environment, problems, warnings);
        match Self::read(&mut reader) {
            Some(mut config) => {
                check::contradictions(&mut config, &mut reader.problems);
                if reader.problems.is_empty() { Ok(config) } else { Err(ConfigErrors(reader.problems)) }
            }
            None => Err(ConfigErrors(reader.problems)),
        }
    }

    /// The defaults, with everything that is kept under one directory: what tests start from.
    ///
    /// # Errors
    /// Never, as long as the defaults are valid, which a test asserts.
    pub fn defaults(data_dir: &Path) -> Result<Self, ConfigErrors> {
        let mut reader =
            Reader::new(Vec::new(), Environment::new::<OsString, OsString>([]), Vec::new(), Vec::new());
        let config = Self::read(&mut reader).ok_or(ConfigErrors(reader.problems))?;
        Ok(Self { data_dir: data_dir.to_owned(), ..config })
    }
}

fn default_file() -> Option<PathBuf> {
    DEFAULT_FILES.iter().map(PathBuf::from).find(|path| path.exists())
}

/// Every row of the table, in order.
pub(crate) fn all_keys() -> Vec<&'static Key> {
    let mut tables = Vec::new();
    Config::tables(&mut tables);
    tables.into_iter().flat_map(|table| table.keys).collect()
}

/// Hands out the winning value of each setting and remembers where it came from.
pub(crate) struct Reader {
    found: BTreeMap<String, Candidate>,
    environment: Environment,
    problems: Vec<Problem>,
    provenance: Provenance,
}

impl Reader {
    fn new(
        candidates: Vec<Candidate>,
        environment: Environment,
        problems: Vec<Problem>,
        warnings: Vec<Warning>,
    ) -> Self {
        let mut found = BTreeMap::<String, Candidate>::new();
        for candidate in candidates.into_iter().filter(|candidate| !candidate.text.trim().is_empty()) {
            let wins = found.get(&candidate.path).is_none_or(|held| candidate.rank < held.rank);
            if wins {
                found.insert(candidate.path.clone(), candidate);
            }
        }
        Self { found, environment, problems, provenance: Provenance { settings: Vec::new(), warnings } }
    }

    /// The value of a row; `None` when it is unusable, which is noted.
    pub(crate) fn value<T: Value>(&mut self, key: &'static Key) -> Option<T> {
        let candidate = self.found.remove(&key.path());
        let (text, origin) = match candidate {
            Some(candidate) => (candidate.text, candidate.origin),
            None => (key.default.to_owned(), Origin::Default),
        };
        let parsed =
            resolve(&text, &self.environment).map_err(|complaint| (None, complaint)).and_then(|resolved| {
                match parse::<T>(key, &resolved) {
                    Ok(value) => Ok((value, resolved.via)),
                    // What an indirection fetched was not meant to be shown, whatever the setting is.
                    Err(complaint) if T::SECRET || resolved.via.is_some() => Err((None, complaint)),
                    Err(complaint) => Err((Some(shortened(&resolved.text)), complaint)),
                }
            });
        match parsed {
            Ok((value, via)) => {
                self.provenance.settings.push(Setting::new(key, value.shown(), origin, via));
                Some(value)
            }
            Err((value, complaint)) => {
                self.problems.push(Problem::Value { key: key.path(), origin, value, complaint });
                None
            }
        }
    }

    pub(crate) fn take_provenance(&mut self) -> Provenance {
        std::mem::take(&mut self.provenance)
    }
}

/// What was looked up may be empty too, and then counts as unset.
fn parse<T: Value>(key: &Key, resolved: &Resolved) -> Result<T, String> {
    let text = if resolved.text.trim().is_empty() { key.default } else { &resolved.text };
    if let (Some((min, max)), Ok(number)) = (key.range, text.trim().parse::<i64>())
        && !(min..=max).contains(&number)
    {
        return Err(format!("must be between {min} and {max}"));
    }
    T::parse(text)
}

fn shortened(text: &str) -> String {
    if text.len() <= 60 { text.to_owned() } else { text.chars().take(60).chain(['…']).collect() }
}

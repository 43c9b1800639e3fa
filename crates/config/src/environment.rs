//! Which variable sets which setting.

use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    path::PathBuf,
};

use crate::{
    ignored::is_ignored,
    load::{Candidate, MAX_VALUE_BYTES, Rank},
    nearest::nearest,
    problem::{Origin, Problem, Warning},
    table::Key,
};

/// Our prefix: unknown names are errors.
const OWN: &str = "COUNTERSIGN_";
/// The prefix of a `.env` written for authentik: unknown names are warnings.
const FOREIGN: &str = "AUTHENTIK_";
/// Variables with our prefix that are no settings: where the file is, and what tests read.
const NOT_SETTINGS: [&str; 2] = ["COUNTERSIGN_CONFIG", "COUNTERSIGN_TEST_"];

/// A copy of the environment, for lookups by name.
pub(crate) struct Environment(BTreeMap<OsString, OsString>);

impl Environment {
    pub(crate) fn new<N: Into<OsString>, V: Into<OsString>>(
        variables: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        Self(variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }

    /// The value of a variable, if it is UTF-8.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(OsStr::new(name)).and_then(|value| value.to_str())
    }

    /// The value of a variable that names a file; empty is none.
    pub(crate) fn path(&self, name: &str) -> Option<PathBuf> {
        self.0.get(OsStr::new(name)).filter(|value| !value.is_empty()).map(PathBuf::from)
    }
}

/// What a variable is to us.
enum Meaning {
    Setting(String, Rank),
    Ignored,
    Unknown,
    Nothing,
}

/// Every setting that the environment makes.
pub(crate) fn collect(
    environment: &Environment,
    keys: &[&'static Key],
    problems: &mut Vec<Problem>,
    warnings: &mut Vec<Warning>,
) -> Vec<Candidate> {
    let names = Names::new(keys);
    let mut found = Vec::new();
    for (name, value) in &environment.0 {
        let Some(name) = name.to_str() else { continue };
        match names.meaning(name) {
            Meaning::Setting(path, rank) => {
                let origin = Origin::Variable(name.to_owned());
                match value.to_str() {
                    Some(text) if text.len() <= MAX_VALUE_BYTES => {
                        found.push(Candidate { path, text: text.to_owned(), origin, rank });
                    }
                    _ => problems.push(Problem::Value {
                        key: path,
                        origin,
                        value: None,
                        complaint: format!("must be UTF-8 text of at most {MAX_VALUE_BYTES} bytes"),
                    }),
                }
            }
            Meaning::Ignored => {
                warnings.push(Warning(format!("{name}: this setting of authentik has no effect here")));
            }
            Meaning::Unknown if is_service_link(name, value.to_str().unwrap_or_default()) => {}
            Meaning::Unknown if name.starts_with(FOREIGN) => {
                warnings.push(Warning(format!("{name}: there is no such setting; it has no effect")));
            }
            Meaning::Unknown => problems.push(Problem::Unknown {
                name: name.to_owned(),
                origin: Origin::Variable(name.to_owned()),
                nearest: nearest(name, keys.iter().map(|key| key.variable())),
            }),
            Meaning::Nothing => {}
        }
    }
    found
}

/// Known names, by what follows the prefix, and by whole name for the rest.
struct Names {
    tails: BTreeMap<String, String>,
    aliases: BTreeMap<&'static str, String>,
}

impl Names {
    fn new(keys: &[&'static Key]) -> Self {
        let tails = keys.iter().map(|key| (key.variable_tail(), key.path())).collect();
        let aliases =
            keys.iter().flat_map(|key| key.aliases.iter().map(|alias| (*alias, key.path()))).collect();
        Self { tails, aliases }
    }

    fn meaning(&self, name: &str) -> Meaning {
        let (tail, canonical, alias) = if let Some(tail) = name.strip_prefix(OWN) {
            (Some(tail), Rank::Own, Rank::OwnAlias)
        } else if let Some(tail) = name.strip_prefix(FOREIGN) {
            (Some(tail), Rank::Foreign, Rank::ForeignAlias)
        } else {
            (None, Rank::Bare, Rank::Bare)
        };
        if let Some(path) = self.aliases.get(name) {
            return Meaning::Setting(path.clone(), alias);
        }
        let Some(tail) = tail else { return Meaning::Nothing };
        if let Some(path) = self.tails.get(tail) {
            return Meaning::Setting(path.clone(), canonical);
        }
        if NOT_SETTINGS
            .iter()
            .any(|known| name == *known || (known.ends_with('_') && name.starts_with(known)))
        {
            return Meaning::Nothing;
        }
        if is_ignored(&tail.replace("__", ".").to_ascii_lowercase()) {
            Meaning::Ignored
        } else {
            Meaning::Unknown
        }
    }
}

/// Kubernetes and container links put the addresses of a service named "countersign" into the environment.
fn is_service_link(name: &str, value: &str) -> bool {
    let tail = name.strip_prefix(OWN).or_else(|| name.strip_prefix(FOREIGN)).unwrap_or(name);
    let has_part = |part: &str| tail.starts_with(part) || tail.contains(&format!("_{part}"));
    has_part("SERVICE_HOST")
        || has_part("SERVICE_PORT")
        || (has_part("PORT") && (value.contains("://") || tail.contains("_TCP") || tail.contains("_UDP")))
}

//! What blueprints may reach outside of the database.
//!
//! `!Env` of the bootstrap variables goes through the configuration, which knows their other names and
//! `file://`. Of the other variables it reads those that `blueprints_env` names. The server's own are always closed to
//! blueprints: they may hold the master secret or the password of the database.
//!
//! `!File` reads what `blueprints_files` names and nothing else; the server's own directory is always closed.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use countersign_blueprints::{Outside, Variable};
use countersign_config::{Bootstrap, Config};

/// Beginnings of the names of variables that configure the server.
const OWN: [&str; 3] = ["COUNTERSIGN_", "AUTHENTIK_", "PG_"];

/// The doors for blueprints. `beside` is a directory that is open as well: that of a file at the command line.
pub(crate) fn doors(config: &Config, beside: Option<&Path>) -> Outside {
    let bootstrap = config.bootstrap.clone();
    let environment: BTreeMap<String, String> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, _)| is_open(&config.blueprints_env, name))
        .collect();
    let open = config.blueprints_env.clone();
    let outside = Outside::default().with_variables(move |name| {
        let value = match of_bootstrap(&bootstrap, name) {
            Some(value) => value,
            None if !is_open(&open, name) => return Variable::Forbidden,
            None => environment.get(name).cloned(),
        };
        value.map_or(Variable::Unset, Variable::Value)
    });
    let listed = config
        .blueprints_files
        .as_deref()
        .unwrap_or_default()
        .split(',')
        .map(str::trim)
        .filter(|path| !path.is_empty());
    outside
        .with_files(beside.map(Path::to_owned).into_iter().chain(listed.map(PathBuf::from)))
        .without_files_below(&config.data_dir)
}

/// Whether blueprints may read a variable, by names and beginnings of names (`APP_*`) with commas between them.
fn is_open(open: &str, name: &str) -> bool {
    let fits = |pattern: &str| match pattern.strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => pattern == name,
    };
    !OWN.iter().any(|own| name.starts_with(own)) && open.split(',').map(str::trim).any(fits)
}

fn of_bootstrap(bootstrap: &Bootstrap, name: &str) -> Option<Option<String>> {
    let tail = name.strip_prefix("COUNTERSIGN_").or_else(|| name.strip_prefix("AUTHENTIK_"))?;
    let secret = |secret: &Option<countersign_types::Secret<String>>| {
        secret.as_ref().map(|secret| secret.expose().clone())
    };
    match tail.strip_prefix("BOOTSTRAP_")? {
        "PASSWORD" => Some(secret(&bootstrap.password)),
        "PASSWORD_HASH" => Some(secret(&bootstrap.password_hash)),
        "EMAIL" => Some(bootstrap.email.clone()),
        "TOKEN" => Some(secret(&bootstrap.token)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::is_open;

    #[test]
    fn blueprints_read_only_the_variables_that_are_named() {
        for (open, name, expected) in [
            ("BLUEPRINT_*", "BLUEPRINT_COLOUR", true),
            ("BLUEPRINT_*", "AWS_SECRET_ACCESS_KEY", false),
            ("", "HOME", false),
            ("APP_*, TZ", "TZ", true),
            ("APP_*, TZ", "TZDIR", false),
            ("*", "HOME", true),
            ("*", "COUNTERSIGN_SECRET_KEY", false),
            ("*,PG_PASS", "PG_PASS", false),
            ("AUTHENTIK_*", "AUTHENTIK_POSTGRESQL__PASSWORD", false),
        ] {
            assert_eq!(is_open(open, name), expected, "{open} {name}");
        }
    }
}

//! What blueprints may reach outside of the database.
//!
//! `!Env` of the bootstrap variables goes through the configuration, which knows their other names and
//! `file://`. Every other variable of the server's own is closed to blueprints: it may hold the master secret
//! or the password of the database.

use std::{collections::BTreeMap, path::Path};

use countersign_blueprints::{Outside, Variable};
use countersign_config::{Bootstrap, Config};

/// Beginnings of the names of variables that configure the server.
const OWN: [&str; 3] = ["COUNTERSIGN_", "AUTHENTIK_", "PG_"];

/// The doors for blueprints, with files below one directory.
pub(crate) fn doors(config: &Config, files: Option<&Path>) -> Outside {
    let bootstrap = config.bootstrap.clone();
    let environment: BTreeMap<String, String> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, _)| !OWN.iter().any(|own| name.starts_with(own)))
        .collect();
    let outside = Outside::default().with_variables(move |name| {
        let value = match of_bootstrap(&bootstrap, name) {
            Some(value) => value,
            None if OWN.iter().any(|own| name.starts_with(own)) => return Variable::Forbidden,
            None => environment.get(name).cloned(),
        };
        value.map_or(Variable::Unset, Variable::Value)
    });
    match files {
        Some(directory) => outside.with_files_below(directory),
        None => outside,
    }
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

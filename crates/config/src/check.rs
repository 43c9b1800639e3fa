//! Rules between settings.

use crate::{Config, Origin, problem::Problem, problem::Warning};

/// A master secret shorter than this is probably a word.
const SECRET_KEY_CHARS: usize = 32;

/// Finds settings that contradict each other, and those that have no effect.
pub(crate) fn contradictions(config: &mut Config, problems: &mut Vec<Problem>) {
    let mut contradiction = |text: &str| problems.push(Problem::Contradiction(text.to_owned()));
    if config.listen.http.is_none() && config.listen.https.is_none() {
        contradiction("listen.http and listen.https are both off: nobody could sign in");
    }
    if config.tls.certificate.is_some() != config.tls.key.is_some() {
        contradiction("tls.certificate and tls.key go together: one of them is not set");
    }
    if config.postgresql.sslcert.is_some() != config.postgresql.sslkey.is_some() {
        contradiction("postgresql.sslcert and postgresql.sslkey go together: one of them is not set");
    }
    if config.email.use_tls && config.email.use_ssl {
        contradiction("email.use_tls (STARTTLS) and email.use_ssl (TLS from the start) exclude each other");
    }
    if config.bootstrap.password.is_some() && config.bootstrap.password_hash.is_some() {
        contradiction("bootstrap.password and bootstrap.password_hash exclude each other");
    }
    let warnings = without_effect(config);
    config.provenance.warnings.extend(warnings);
}

fn without_effect(config: &Config) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let mut warn = |text: &str| warnings.push(Warning(text.to_owned()));
    let has_postgresql_settings = config
        .provenance
        .settings
        .iter()
        .any(|setting| setting.key.starts_with("postgresql.") && setting.origin != Origin::Default);
    if config.database_url.is_none() && config.postgresql.host.is_none() && has_postgresql_settings {
        warn("PostgreSQL is configured without postgresql.host: the embedded database is used");
    }
    if config.database_url.is_some() && config.postgresql.host.is_some() {
        warn("database_url is set: postgresql.host and what belongs to it have no effect");
    }
    if config.secret_key.as_ref().is_some_and(|key| key.expose().chars().count() < SECRET_KEY_CHARS) {
        warn("secret_key is short: use 50 or more random characters");
    }
    if config.listen.trusted_proxy_cidrs.iter().any(|network| network.prefix_len() == 0) {
        warn("listen.trusted_proxy_cidrs believes everyone: any visitor can claim any address");
    }
    warnings
}

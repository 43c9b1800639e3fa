//! Where values come from, and who wins.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::{fs, path::Path, path::PathBuf};

use countersign_config::{Config, ConfigErrors, Database, Origin, Setting};
use countersign_types::Span;

fn from_env(variables: &[(&str, &str)]) -> Result<Config, ConfigErrors> {
    // A directory without countersign.yml: the crate's own.
    Config::load(None, variables.iter().copied())
}

fn from_file(name: &str, text: &str, variables: &[(&str, &str)]) -> Result<Config, ConfigErrors> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    fs::write(&path, text).unwrap();
    Config::load(Some(&path), variables.iter().copied())
}

fn setting(config: &Config, key: &str) -> Setting {
    config.describe().into_iter().find(|setting| setting.key == key).expect("the setting exists")
}

#[test]
fn an_empty_configuration_works() {
    let config = from_env(&[]).unwrap();
    assert_eq!(config.listen.http.unwrap().to_string(), "[::]:9000");
    assert!(config.listen.http.unwrap().wants_dual_stack());
    assert_eq!(config.listen.http.unwrap().ipv4_fallback().unwrap().to_string(), "0.0.0.0:9000");
    assert_eq!(config.listen.https.unwrap().to_string(), "[::]:9443");
    assert_eq!(config.listen.metrics.unwrap().to_string(), "[::]:9300");
    assert_eq!(config.email.timeout, Span::from_secs(10));
    assert!(config.warnings().is_empty());
    assert!(config.describe().iter().all(|setting| setting.origin == Origin::Default));
    let Database::Sqlite(path) = config.database() else { panic!("the default is the embedded database") };
    assert_eq!(path, Path::new("./data/countersign.sqlite3"));
}

#[test]
fn the_defaults_are_valid_and_live_under_one_directory() {
    let config = Config::defaults(Path::new("/srv/here")).unwrap();
    assert_eq!(config.database().url().expose(), "/srv/here/countersign.sqlite3");
}

#[test]
fn our_variable_beats_authentiks_beats_the_short_name_beats_the_file() {
    let file = "listen:\n  http: ':1'\n";
    let all =
        [("COUNTERSIGN_LISTEN__HTTP", ":4"), ("AUTHENTIK_LISTEN__HTTP", ":3"), ("COMPOSE_PORT_HTTP", "2")];
    let port = |config: &Config| config.listen.http.unwrap().socket().port();
    for (skipped, expected) in [(0, 4), (1, 3), (2, 2), (3, 1)] {
        let config = from_file("countersign.yml", file, all.get(skipped..).unwrap()).unwrap();
        assert_eq!(port(&config), expected);
    }
    let config = from_file("countersign.yml", file, &[("COUNTERSIGN_LISTEN__HTTP", "")]).unwrap();
    assert_eq!(port(&config), 1, "an empty value is none");
}

#[test]
fn yaml_and_toml_say_the_same() {
    let yaml = "log_level: debug\nlisten:\n  trusted_proxy_cidrs: [10.0.0.0/8, 'fd00::/8']\nemail:\n  use_tls: true\n  port: 587\nsqlite:\n";
    let toml = "log_level = 'debug'\n[listen]\ntrusted_proxy_cidrs = ['10.0.0.0/8', 'fd00::/8']\n[email]\nuse_tls = true\nport = 587\n";
    for (name, text) in [("c.yml", yaml), ("c.toml", toml), ("c.TOML", toml)] {
        let config = from_file(name, text, &[]).unwrap();
        assert_eq!(config.log_level.as_str(), "debug");
        assert_eq!(config.listen.trusted_proxy_cidrs.len(), 2);
        assert!(config.email.use_tls);
        assert_eq!(config.email.port, 587);
    }
}

#[test]
fn an_empty_file_is_an_empty_configuration() {
    for (name, text) in [("c.yml", ""), ("c.yml", "# nothing\n"), ("c.yml", "---\n"), ("c.toml", "")] {
        from_file(name, text, &[]).unwrap();
    }
}

#[test]
fn the_file_may_be_named_by_a_variable_and_then_must_exist() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("my.toml");
    fs::write(&path, "data_dir = '/srv/elsewhere'").unwrap();
    let config = from_env(&[("COUNTERSIGN_CONFIG", path.to_str().unwrap())]).unwrap();
    assert_eq!(config.data_dir, PathBuf::from("/srv/elsewhere"));
    let error = from_env(&[("COUNTERSIGN_CONFIG", "/nowhere/my.toml")]).unwrap_err();
    assert!(error.to_string().contains("/nowhere/my.toml: the file cannot be opened"), "{error}");
}

#[test]
fn each_value_tells_where_it_stands() {
    let yaml = "# comment\nemail:\n  from: a@example.com\n  host: mail.example.com\nlisten:\n  http: ':1'\n";
    let config = from_file("c.yml", yaml, &[("AUTHENTIK_LOG_LEVEL", "warning"), ("N", "x")]).unwrap();
    assert!(setting(&config, "email.host").source().ends_with("c.yml:4"));
    assert!(setting(&config, "listen.http").source().ends_with("c.yml:6"));
    assert_eq!(setting(&config, "log_level").source(), "AUTHENTIK_LOG_LEVEL");
    assert_eq!(setting(&config, "email.port").source(), "default");
    assert_eq!(setting(&config, "email.host").env, "COUNTERSIGN_EMAIL__HOST");
    let toml = "data_dir = 'x'\n\n[email]\nhost = 'mail.example.com'\n";
    let config = from_file("c.toml", toml, &[]).unwrap();
    assert!(setting(&config, "email.host").source().ends_with("c.toml:4"));
}

#[test]
fn an_env_file_written_for_authentik_works_unchanged() {
    let config = from_env(&[
        ("PG_PASS", "p@ss/word"),
        ("PG_USER", "authentik"),
        ("PG_DB", "authentik"),
        ("AUTHENTIK_POSTGRESQL__HOST", "postgresql"),
        ("AUTHENTIK_SECRET_KEY", "0123456789012345678901234567890123456789"),
        ("AUTHENTIK_EMAIL__HOST", "mail.example.com"),
        ("AUTHENTIK_EMAIL__TIMEOUT", "30"),
        ("AUTHENTIK_EMAIL__USE_TLS", "True"),
        ("AUTHENTIK_BOOTSTRAP_PASSWORD", "first"),
        ("AUTHENTIK_BOOTSTRAP_EMAIL", "root@example.com"),
        ("AUTHENTIK_BOOTSTRAP_TOKEN", "token"),
        ("AUTHENTIK_ERROR_REPORTING__ENABLED", "true"),
        ("AUTHENTIK_TAG", "2026.8"),
        ("AUTHENTIK_NEW_AND_UNHEARD_OF", "1"),
        ("COMPOSE_PORT_HTTP", "8080"),
        ("COMPOSE_PORT_HTTPS", "127.0.0.1:8443"),
    ])
    .unwrap();
    assert_eq!(
        config.database().url().expose(),
        "postgres://authentik:p%40ss%2Fword@postgresql:5432/authentik?sslmode=prefer"
    );
    assert_eq!(config.email.timeout, Span::from_secs(30));
    assert!(config.email.use_tls);
    assert_eq!(config.bootstrap.password.as_ref().unwrap().expose(), "first");
    assert_eq!(config.listen.http.unwrap().to_string(), "[::]:8080");
    assert_eq!(config.listen.https.unwrap().to_string(), "127.0.0.1:8443");
    assert_eq!(config.warnings().len(), 3, "{:?}", config.warnings());
}

#[test]
fn a_postgresql_password_alone_does_not_leave_the_embedded_database() {
    let config = from_env(&[("PG_PASS", "secret")]).unwrap();
    assert!(matches!(config.database(), Database::Sqlite(_)));
    assert_eq!(config.warnings().len(), 1);
}

#[test]
fn the_bootstrap_variables_have_their_short_names() {
    for prefix in ["COUNTERSIGN", "AUTHENTIK"] {
        for name in ["BOOTSTRAP_PASSWORD", "BOOTSTRAP__PASSWORD"] {
            let config = Config::load(None, [(format!("{prefix}_{name}"), "x".to_owned())]).unwrap();
            assert_eq!(config.bootstrap.password.unwrap().expose(), "x");
        }
    }
    let config =
        from_env(&[("AUTHENTIK_BOOTSTRAP__TOKEN", "theirs"), ("COUNTERSIGN_BOOTSTRAP_TOKEN", "ours")])
            .unwrap();
    assert_eq!(config.bootstrap.token.unwrap().expose(), "ours");
}

#[test]
fn databases_are_written_in_several_ways() {
    for (text, url) in [
        ("postgres://u:p@db/x?sslmode=require", "postgres://u:p@db/x?sslmode=require"),
        ("postgresql://u@db:5433/x", "postgres://u@db:5433/x"),
        ("sqlite:///var/lib/x.db", "/var/lib/x.db"),
        ("sqlite://x.db", "x.db"),
        ("sqlite:x.db", "x.db"),
        ("/var/lib/x.db", "/var/lib/x.db"),
    ] {
        let config = from_env(&[("COUNTERSIGN_DATABASE_URL", text)]).unwrap();
        assert_eq!(config.database().url().expose(), url);
    }
    for (host, url) in [
        ("::1", "postgres://countersign@[::1]:5432/countersign?sslmode=prefer"),
        ("/run/postgresql", "postgres://countersign@%2Frun%2Fpostgresql:5432/countersign?sslmode=prefer"),
    ] {
        let config = from_env(&[("COUNTERSIGN_POSTGRESQL__HOST", host)]).unwrap();
        assert_eq!(config.database().url().expose(), url);
    }
    for text in ["mysql://db/x", "postgres://[::", "sqlite:", "sqlite://"] {
        assert!(from_env(&[("COUNTERSIGN_DATABASE_URL", text)]).is_err(), "{text}");
    }
}

#[test]
fn values_may_stand_in_another_variable() {
    let look = |value: &str| {
        from_env(&[("COUNTERSIGN_EMAIL__HOST", value), ("MAIL", "mail.example.com"), ("NOTHING", "")])
            .map(|config| config.email.host.unwrap_or_default())
    };
    assert_eq!(look("env://MAIL").unwrap(), "mail.example.com");
    assert_eq!(look("env://MAIL?other").unwrap(), "mail.example.com");
    assert_eq!(look("env://ABSENT?other").unwrap(), "other");
    assert_eq!(look("env://NOTHING?other").unwrap(), "other");
    assert_eq!(look("env://ABSENT?").unwrap(), "", "an empty default is none");
    let error = look("env://ABSENT").unwrap_err().to_string();
    assert!(error.contains("email.host refers to the variable ABSENT, which is not set"), "{error}");
}

#[test]
fn values_may_stand_in_a_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("password");
    let reference = format!("file://{}", path.display());
    let read = |reference: &str| {
        from_file("c.yml", &format!("email:\n  password: '{reference}'"), &[])
            .map(|config| config.email.password.unwrap().expose().clone())
    };
    for (contents, value) in
        [("secret", "secret"), ("secret\n", "secret"), ("secret\r\n", "secret"), (" a \n\n", " a \n")]
    {
        fs::write(&path, contents).unwrap();
        assert_eq!(read(&reference).unwrap(), value);
    }
    fs::write(&path, "env://HOME").unwrap();
    assert_eq!(read(&reference).unwrap(), "env://HOME", "one step only");
    assert_eq!(read("file:///nowhere?fallback").unwrap(), "fallback");
    assert!(read("file:///nowhere").unwrap_err().to_string().contains("cannot be opened"));
    fs::write(&path, vec![b'x'; 64 * 1024 + 1]).unwrap();
    assert!(read(&reference).unwrap_err().to_string().contains("is larger than 65536 bytes"));
    fs::write(&path, [0xff, 0xfe]).unwrap();
    assert!(read(&reference).unwrap_err().to_string().contains("is not UTF-8 text"));
    assert!(
        read(&format!("file://{}", dir.path().display())).unwrap_err().to_string().contains("cannot be read")
    );
}

#[cfg(unix)]
#[test]
fn an_endless_file_does_not_fill_the_memory() {
    let error = from_env(&[("COUNTERSIGN_SECRET_KEY", "file:///dev/zero")]).unwrap_err();
    assert!(error.to_string().contains("is larger than"), "{error}");
    let error = Config::load::<String, String>(Some(Path::new("/dev/zero")), []).unwrap_err();
    assert!(error.to_string().contains("is larger than"), "{error}");
}

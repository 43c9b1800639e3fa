//! What is refused, in which words, and what is never said.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::{fs, time::Instant};

use countersign_config::{Config, ConfigErrors, Problem, reference_markdown};
use countersign_types::ErrorKind;

fn from_env(variables: &[(&str, &str)]) -> Result<Config, ConfigErrors> {
    Config::load(None, variables.iter().copied())
}

fn from_file(name: &str, text: &str) -> Result<Config, ConfigErrors> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    fs::write(&path, text).unwrap();
    Config::load::<String, String>(Some(&path), [])
}

fn complaint(name: &str, text: &str) -> String {
    from_file(name, text).unwrap_err().to_string()
}

#[test]
fn a_misspelt_name_is_answered_with_the_nearest() {
    for (wrong, right) in [
        ("COUNTERSIGN_LISTEN_HTTP", "COUNTERSIGN_LISTEN__HTTP"),
        ("COUNTERSIGN_LISTEN__HTPT", "COUNTERSIGN_LISTEN__HTTP"),
        ("COUNTERSIGN_DATADIR", "COUNTERSIGN_DATA_DIR"),
        ("COUNTERSIGN_EMAIL__USERNAM", "COUNTERSIGN_EMAIL__USERNAME"),
        ("COUNTERSIGN_secret_key", "COUNTERSIGN_SECRET_KEY"),
    ] {
        let error = from_env(&[(wrong, "x")]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        let expected = format!("{wrong}: there is no setting {wrong} (did you mean {right}?)");
        assert!(error.to_string().contains(&expected), "{error}");
    }
    let yaml = complaint("c.yml", "listen:\n  # where\n  htpp: ':1'\n");
    assert!(yaml.contains("c.yml:3: there is no setting listen.htpp (did you mean listen.http?)"), "{yaml}");
    let toml = complaint("c.toml", "[listen]\nhtpp = ':1'\n");
    assert!(toml.contains("c.toml:2: there is no setting listen.htpp (did you mean listen.http?)"), "{toml}");
    let stranger = complaint("c.yml", "kubernetes:\n  replicas: 3\n");
    assert!(stranger.contains("c.yml:1: there is no setting kubernetes"), "{stranger}");
    assert!(!stranger.contains("did you mean"), "{stranger}");
}

#[test]
fn all_problems_are_told_at_once() {
    let error = from_env(&[
        ("COUNTERSIGN_LISTEN__HTTP", "nowhere"),
        ("COUNTERSIGN_EMAIL__PORT", "0"),
        ("COUNTERSIGN_LOG_LEVEL", "loud"),
        ("COUNTERSIGN_NONSENSE", "1"),
    ])
    .unwrap_err();
    assert_eq!(error.0.len(), 4, "{error}");
    let text = error.to_string();
    assert!(text.contains("COUNTERSIGN_LISTEN__HTTP: listen.http must be an address and port"), "{text}");
    assert!(text.contains("email.port must be between 1 and 65535, not \"0\""), "{text}");
    assert!(text.contains("log_level must be error, warning, info, debug or trace, not \"loud\""), "{text}");
}

#[test]
fn listen_addresses_are_read_as_people_write_them() {
    let listen = |text: &str| {
        from_env(&[("COUNTERSIGN_LISTEN__HTTP", text)])
            .map(|config| config.listen.http.map(|addr| addr.to_string()))
    };
    for (text, expected) in [
        ("127.0.0.1:9000", "127.0.0.1:9000"),
        ("[::]:9000", "[::]:9000"),
        ("0.0.0.0:9000", "0.0.0.0:9000"),
        ("[::1]:0", "[::1]:0"),
        (":9000", "[::]:9000"),
        ("9000", "[::]:9000"),
        (" *:9000 ", "[::]:9000"),
        ("localhost:9000", "127.0.0.1:9000"),
    ] {
        assert_eq!(listen(text).unwrap().as_deref(), Some(expected), "{text}");
    }
    assert_eq!(listen("off").unwrap(), None);
    for text in
        ["127.0.0.1", "::", ":", ":65536", ":+9000", ":-1", "example.com:9000", "[::]", "http://[::]:9000"]
    {
        assert!(listen(text).is_err(), "{text}");
    }
}

#[test]
fn values_are_checked_by_type() {
    for (name, value) in [
        ("COUNTERSIGN_EMAIL__USE_TLS", "maybe"),
        ("COUNTERSIGN_EMAIL__TIMEOUT", "soon"),
        ("COUNTERSIGN_EMAIL__TIMEOUT", "0"),
        ("COUNTERSIGN_EMAIL__TIMEOUT", "seconds=-1"),
        ("COUNTERSIGN_EMAIL__FROM", "a@example.com\r\nBcc: all@example.com"),
        ("COUNTERSIGN_LISTEN__TRUSTED_PROXY_CIDRS", "10.0.0.0/33"),
        ("COUNTERSIGN_LISTEN__TRUSTED_PROXY_CIDRS", "everyone"),
        ("COUNTERSIGN_ARGON2__MEMORY_KIB", "1"),
        ("COUNTERSIGN_ARGON2__MEMORY_KIB", "99999999999999999999"),
        ("COUNTERSIGN_ARGON2__THREADS", "0"),
        ("COUNTERSIGN_LIMITS__BODY_BYTES", "-1"),
        ("COUNTERSIGN_THROTTLE__SIGN_IN_PER_ADDRESS", "0/minute"),
        ("COUNTERSIGN_THROTTLE__SIGN_IN_PER_ADDRESS", "20/fortnight"),
        ("COUNTERSIGN_POSTGRESQL__SSLMODE", "please"),
        ("COUNTERSIGN_SQLITE__SYNCHRONOUS", "off"),
        ("COUNTERSIGN_WEB__BASE_URL", "id.example.com"),
        ("COUNTERSIGN_WEB__BASE_URL", "https://user@id.example.com"),
        ("COUNTERSIGN_WEB__BASE_URL", "https://id.example.com/path"),
    ] {
        assert!(from_env(&[(name, value)]).is_err(), "{name}={value}");
    }
}

#[test]
fn off_and_none_are_understood() {
    let config = from_env(&[
        ("COUNTERSIGN_THROTTLE__SIGN_IN_PER_ADDRESS", "off"),
        ("COUNTERSIGN_LISTEN__TRUSTED_PROXY_CIDRS", "none"),
        ("COUNTERSIGN_WEB__BASE_URL", "https://id.example.com:443/"),
    ])
    .unwrap();
    assert_eq!(config.throttle.sign_in_per_address, None);
    assert!(config.listen.trusted_proxy_cidrs.is_empty());
    assert_eq!(config.web.base_url.unwrap().as_str(), "https://id.example.com");
    let config = from_file("c.yml", "listen:\n  trusted_proxy_cidrs: []\n").unwrap();
    assert!(config.listen.trusted_proxy_cidrs.is_empty());
}

#[test]
fn contradictions_are_refused() {
    for variables in [
        &[("COUNTERSIGN_LISTEN__HTTP", "off"), ("COUNTERSIGN_LISTEN__HTTPS", "off")][..],
        &[("COUNTERSIGN_TLS__KEY", "/key.pem")],
        &[("COUNTERSIGN_EMAIL__USE_TLS", "1"), ("COUNTERSIGN_EMAIL__USE_SSL", "1")],
        &[("COUNTERSIGN_BOOTSTRAP_PASSWORD", "a"), ("COUNTERSIGN_BOOTSTRAP_PASSWORD_HASH", "b")],
    ] {
        let error = from_env(variables).unwrap_err();
        assert!(matches!(error.0.as_slice(), [Problem::Contradiction(_)]), "{error}");
    }
}

#[test]
fn settings_of_authentik_without_meaning_here_only_warn() {
    let file = "disable_update_check: true\nerror_reporting:\n  enabled: true\nlisten:\n  ldap: ':389'\npostgresql:\n  read_replicas:\n    0:\n      host: x\n";
    let config = from_file("c.yml", file).unwrap();
    assert_eq!(config.warnings().len(), 4, "{:?}", config.warnings());
    let config =
        from_env(&[("COUNTERSIGN_WORKER__PROCESSES", "2"), ("AUTHENTIK_WEB__PATH", "/auth/")]).unwrap();
    assert_eq!(config.warnings().len(), 2);
    assert!(from_file("c.yml", "events:\n  context_processor: 1\n").is_err());
}

#[test]
fn places_and_reputations_are_set_by_authentiks_names() {
    let file = "events:\n  context_processors:\n    geoip: /geo/city.mmdb\nreputation:\n  expiry: 3600\n";
    let config = from_file("c.yml", file).unwrap();
    assert!(config.warnings().is_empty(), "{:?}", config.warnings());
    assert_eq!(config.context_processors.geoip.unwrap().to_str(), Some("/geo/city.mmdb"));
    assert_eq!((config.context_processors.asn, config.reputation.expiry), (None, 3600));
    let config = from_env(&[("AUTHENTIK_EVENTS__CONTEXT_PROCESSORS__ASN", "/geo/asn.mmdb")]).unwrap();
    assert_eq!(config.context_processors.asn.unwrap().to_str(), Some("/geo/asn.mmdb"));
    assert!(
        from_env(&[("COUNTERSIGN_PASSWORDS__BREACHED_URL", "off")]).unwrap().passwords.breached_url.is_none()
    );
    assert!(from_env(&[("COUNTERSIGN_REPUTATION__EXPIRY", "1")]).is_err());
}

#[test]
fn what_a_cluster_puts_into_the_environment_is_no_setting() {
    let config = from_env(&[
        ("COUNTERSIGN_SERVICE_HOST", "10.0.0.1"),
        ("COUNTERSIGN_SERVICE_PORT", "9000"),
        ("COUNTERSIGN_SERVICE_PORT_HTTP", "9000"),
        ("COUNTERSIGN_PORT", "tcp://10.0.0.1:9000"),
        ("COUNTERSIGN_PORT_9000_TCP", "tcp://10.0.0.1:9000"),
        ("COUNTERSIGN_PORT_9000_TCP_ADDR", "10.0.0.1"),
        ("COUNTERSIGN_METRICS_SERVICE_HOST", "10.0.0.2"),
        ("COUNTERSIGN_TEST_POSTGRES", "postgres://"),
    ])
    .unwrap();
    assert!(config.warnings().is_empty());
}

#[test]
fn malformed_files_name_the_line() {
    for (name, text, expected) in [
        ("c.yml", "listen:\n  http: [\n", "line"),
        ("c.yml", "- a\n- b\n", "settings by name"),
        ("c.yml", "listen: 9000\n", "c.yml:1: listen is a section"),
        ("c.yml", "data_dir:\n  a: b\n", "c.yml:1: data_dir must be a single value"),
        ("c.yml", "listen:\n  http: ':1'\n  http: ':2'\n", "duplicate"),
        ("c.yml", "1: 2\n", "no setting 1"),
        ("c.toml", "a = 1\n[listen\n", "line 2"),
        ("c.toml", "data_dir = 'a'\ndata_dir = 'b'\n", "duplicate key"),
    ] {
        let error = complaint(name, text);
        assert!(error.contains(expected), "{text:?}: {error}");
    }
}

#[test]
fn billion_laughs_and_bottomless_brackets_end_early() {
    let mut yaml = "a: &a ['x','x','x','x','x','x','x','x','x']\n".to_owned();
    for (this, last) in "bcdefghij".chars().zip("abcdefghi".chars()) {
        yaml.push_str(&format!(
            "{this}: &{this} [*{last},*{last},*{last},*{last},*{last},*{last},*{last},*{last}]\n"
        ));
    }
    let deep = format!("listen: {}{}", "[".repeat(100_000), "]".repeat(100_000));
    let deep_toml = format!("listen = {}{}", "[".repeat(100_000), "]".repeat(100_000));
    let wide: String = (0..50_000).map(|number| format!("listen.http{number}: 1\n")).collect();
    let large = "#".repeat((1 << 20) + 1);
    let started = Instant::now();
    for (name, text) in
        [("c.yml", &yaml), ("c.yml", &deep), ("c.toml", &deep_toml), ("c.yml", &wide), ("c.yml", &large)]
    {
        let error = complaint(name, text);
        assert!(error.len() < 20_000, "{}", error.len());
    }
    assert!(started.elapsed().as_secs() < 20);
}

#[test]
fn secrets_are_never_shown() {
    const SENTINEL: &str = "hunter2-hunter2-hunter2-hunter2-hunter2";
    let url = format!("postgres://user:{SENTINEL}@db/x?sslpassword={SENTINEL}");
    let config = from_env(&[
        ("COUNTERSIGN_SECRET_KEY", SENTINEL),
        ("COUNTERSIGN_DATABASE_URL", &url),
        ("COUNTERSIGN_POSTGRESQL__PASSWORD", SENTINEL),
        ("COUNTERSIGN_EMAIL__PASSWORD", &format!("env://ABSENT?{SENTINEL}")),
        ("COUNTERSIGN_BOOTSTRAP_PASSWORD", SENTINEL),
        ("COUNTERSIGN_BOOTSTRAP_TOKEN", SENTINEL),
    ])
    .unwrap();
    assert_eq!(config.email.password.as_ref().unwrap().expose(), SENTINEL);
    for shown in
        [format!("{config:?}"), format!("{:?}", config.describe()), format!("{:?}", config.database())]
    {
        assert!(!shown.contains("hunter2"), "{shown}");
    }
    let described = config.describe();
    let value = |key: &str| {
        described
            .iter()
            .find(|setting| setting.key == key)
            .map(|setting| setting.value_masked.as_str())
            .unwrap()
    };
    assert_eq!(value("secret_key"), "***");
    assert_eq!(value("database_url"), "postgres://user:***@db/x?sslpassword=***");
    assert_eq!(value("bootstrap.password_hash"), "", "no secret, nothing to mask");
}

#[test]
fn a_refused_secret_is_not_quoted() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("secret");
    fs::write(&path, "hunter2").unwrap();
    for (name, value) in [
        ("COUNTERSIGN_DATABASE_URL", "mysql://user:hunter2@db/x".to_owned()),
        ("COUNTERSIGN_EMAIL__PORT", format!("file://{}", path.display())),
        ("COUNTERSIGN_EMAIL__PORT", "env://ABSENT?hunter2".to_owned()),
    ] {
        let error = from_env(&[(name, &value)]).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
    }
}

#[test]
fn every_setting_is_explained() {
    for setting in Config::load::<String, String>(None, []).unwrap().describe() {
        assert!(setting.doc.ends_with('.') && setting.doc.len() > 4, "{}: {}", setting.key, setting.doc);
    }
}

#[test]
fn the_reference_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/configuration.md");
    let committed = fs::read_to_string(path).unwrap_or_default();
    assert!(
        committed == reference_markdown(),
        "run: cargo run -p countersign-config --example reference > docs/reference/configuration.md"
    );
}

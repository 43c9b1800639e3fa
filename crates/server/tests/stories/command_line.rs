//! The command line beside a running server.

use std::{
    io::Write as _,
    process::{Command, Output, Stdio},
    time::Duration,
};

use countersign_store::users;
use countersign_testkit::{Backend, TestApp, on_both_databases};

/// Runs `countersign` with these variables and nothing else of the environment.
fn countersign(variables: &[(&str, String)], arguments: &[&str], input: &str) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_countersign"))
        .args(arguments)
        .env_clear()
        .envs(variables.iter().map(|(name, value)| (*name, value.as_str())))
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that reads nothing may be gone already.
    drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
    child.wait_with_output().unwrap()
}

fn said(output: &Output) -> String {
    assert!(output.status.success(), "{}", complaint(output));
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn complaint(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Waits for what the running server learns from the database.
async fn soon<T>(mut look: impl AsyncFnMut() -> Option<T>) -> T {
    for _ in 0..100 {
        if let Some(found) = look().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("waited five seconds in vain")
}

const APPLICATION: &str = "
version: 1
metadata: { name: by command line }
context: { slug: one }
entries:
  - model: authentik_providers_oauth2.oauth2provider
    id: provider
    identifiers: { name: !Context slug }
    attrs:
      authorization_flow: !Find [authentik_flows.flow, [slug, default-provider-authorization-implicit-consent]]
      invalidation_flow: !Find [authentik_flows.flow, [slug, default-provider-invalidation-flow]]
      redirect_uris:
        - { matching_mode: strict, url: 'http://127.0.0.1:1/callback', redirect_uri_type: authorization }
  - model: authentik_core.application
    identifiers: { slug: !Context slug }
    attrs: { name: By command line, provider: !KeyOf provider }
";

on_both_databases! {
    async fn a_running_server_learns_of_a_blueprint(app: TestApp) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("application.yaml");
        std::fs::write(&file, APPLICATION).unwrap();
        let (file, variables) = (file.to_str().unwrap(), app.variables());
        let arguments = ["blueprint", "apply", file, "--json", "--context", "slug=two"];
        let first: serde_json::Value = serde_json::from_str(&said(&countersign(&variables, &arguments, ""))).unwrap();
        assert_eq!((&first["created"], &first["unchanged"]), (&2.into(), &0.into()), "{first}");
        let credentials = &first["entries"][0]["generated"];
        assert_eq!(credentials["client_id"].as_str().unwrap().len(), 40);
        assert_eq!(credentials["client_secret"].as_str().unwrap().len(), 128);
        // Applied again it changes nothing, and still says the credentials.
        let again: serde_json::Value = serde_json::from_str(&said(&countersign(&variables, &arguments, ""))).unwrap();
        assert_eq!((&again["created"], &again["unchanged"]), (&0.into(), &2.into()), "{again}");
        assert_eq!(&again["entries"][0]["generated"], credentials);
        let visitor = app.anonymous();
        soon(async || {
            let page = visitor.get("/application/o/two/.well-known/openid-configuration").await;
            (page.status == 200).then_some(())
        })
        .await;
        let exported = said(&countersign(&variables, &["blueprint", "export", "--application", "two"], ""));
        assert!(exported.contains("slug: two"), "{exported}");
        assert!(!exported.contains(credentials["client_secret"].as_str().unwrap()));
    }

    async fn a_blueprint_with_a_fault_is_named_and_leaves_nothing(app: TestApp) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("broken.yaml");
        std::fs::write(&file, format!("{APPLICATION}  - model: authentik_core.group\n    identifiers: {{ name: g }}\n    attrs: {{ is_superuser: maybe }}\n")).unwrap();
        let variables = app.variables();
        for command in ["validate", "apply"] {
            let output = countersign(&variables, &["blueprint", command, file.to_str().unwrap()], "");
            assert!(!output.status.success());
            let complaint = complaint(&output);
            for word in ["broken.yaml", "entry 3", "authentik_core.group", "is_superuser"] {
                assert!(complaint.contains(word), "{word}: {complaint}");
            }
        }
        let left = app.store().read(|tx| countersign_store::applications::by_slug(tx, "one")).await.unwrap();
        assert!(left.is_none());
    }

    async fn users_are_made_with_passwords_from_standard_input(app: TestApp) {
        let (variables, password) = (app.variables(), app.new_password());
        said(&countersign(&variables, &["user", "create", "grace", "--name", "Grace", "--admin"], &password));
        let grace = app.sign_in("grace", &password).await;
        assert_eq!(grace.get("/if/admin/").await.status, 200, "she is an administrator");
        let another = app.new_password();
        said(&countersign(&variables, &["user", "set-password", "grace"], &format!("{another}\n")));
        soon(async || {
            let page = grace.visit("/if/user/").await;
            (page.path() != "/if/user/").then_some(())
        })
        .await;
        app.sign_in("grace", &another).await;
        let again = countersign(&variables, &["user", "create", "GRACE", "--no-password"], "");
        assert!(!again.status.success(), "the name is taken");
        assert!(complaint(&again).contains("username"), "{}", complaint(&again));
    }

    async fn a_recovery_link_signs_in_once(app: TestApp) {
        app.user("ada").await;
        let variables = app.variables();
        let make = || {
            let link = said(&countersign(&variables, &["user", "recovery-link", "ada"], ""));
            let path = link.trim().split_once("/recovery/").map(|(_, rest)| format!("/recovery/{rest}")).unwrap();
            app.plant(path.trim_end_matches('/').rsplit('/').next().unwrap());
            path
        };
        let (earlier, path) = (make(), make());
        let ada = app.anonymous();
        // Whoever only looks (a scanner of mail) does not use it up.
        for _ in 0..3 {
            assert_eq!(ada.get(&path).await.status, 200);
        }
        let asked = ada.get(&path).await;
        let inside = ada.answer(&asked, &[]).await;
        assert!(inside.status == 200 && !inside.path().contains("authentication"), "{} {}", inside.status, inside.path());
        assert_eq!(ada.get("/if/user/").await.status, 200);
        for (link, why) in [(&path, "the link is used up"), (&earlier, "the later link took its place")] {
            let thief = app.anonymous();
            let page = thief.get(link).await;
            assert_ne!(page.status, 500);
            if page.status == 200 {
                thief.answer(&page, &[]).await;
            }
            assert_ne!(thief.get("/if/user/").await.status, 200, "{why}");
        }
    }

    async fn a_key_is_rotated_with_overlap(app: TestApp) {
        let variables = app.variables();
        let rotate = ["key", "rotate", "Countersign ES256 Signing Key", "--overlap", "5"];
        assert!(said(&countersign(&variables, &rotate, "")).contains("in 5 min"));
        let pair = app
            .store()
            .read(|tx| countersign_store::key_pairs::by_name(tx, "Countersign ES256 Signing Key"))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(pair.versions.len(), 2);
        assert_eq!(pair.versions.iter().filter(|version| version.retires.is_none()).count(), 1);
        let unknown = countersign(&variables, &["key", "rotate", "no such pair"], "");
        assert!(complaint(&unknown).contains("no such pair"));
    }
}

#[tokio::test]
async fn healthcheck_says_whether_the_server_is_ready() {
    let app = TestApp::start(Backend::Sqlite).await.unwrap();
    app.finish_setup().await;
    assert_eq!(said(&countersign(&app.variables(), &["healthcheck"], "")).trim(), "ready");
    let nobody = [("COUNTERSIGN_LISTEN__HTTP", "127.0.0.1:1".to_owned())];
    let output = countersign(&nobody, &["healthcheck"], "");
    assert!(!output.status.success());
    assert!(complaint(&output).contains("127.0.0.1:1"));
    app.verify().await;
}

#[test]
fn an_unknown_setting_names_the_nearest() {
    let output =
        countersign(&[("COUNTERSIGN_LISTEN__HTPP", "127.0.0.1:1".to_owned())], &["config", "show"], "");
    assert!(!output.status.success());
    let complaint = complaint(&output);
    assert!(
        complaint.contains("COUNTERSIGN_LISTEN__HTPP") && complaint.contains("COUNTERSIGN_LISTEN__HTTP?")
    );
}

#[test]
fn a_dotenv_of_authentik_is_understood_and_its_secrets_are_masked() {
    let secret = "a-master-secret-of-more-than-fifty-characters-0123456789";
    let variables = [
        ("AUTHENTIK_SECRET_KEY", secret.to_owned()),
        ("PG_PASS", "the-password-of-postgres".to_owned()),
        ("AUTHENTIK_POSTGRESQL__HOST", "db.example.com".to_owned()),
        ("AUTHENTIK_EMAIL__HOST", "mail.example.com".to_owned()),
        ("AUTHENTIK_BOOTSTRAP_PASSWORD", "the-first-password".to_owned()),
        ("COMPOSE_PORT_HTTP", "9999".to_owned()),
        ("COUNTERSIGN_LISTEN__HTTP", "0.0.0.0:9000".to_owned()),
    ];
    let shown = said(&countersign(&variables, &["config", "show"], ""));
    for (key, value, source) in [
        ("secret_key", "***", "AUTHENTIK_SECRET_KEY"),
        ("postgresql.password", "***", "PG_PASS"),
        ("postgresql.host", "db.example.com", "AUTHENTIK_POSTGRESQL__HOST"),
        ("email.host", "mail.example.com", "AUTHENTIK_EMAIL__HOST"),
        ("listen.http", "0.0.0.0:9000", "COUNTERSIGN_LISTEN__HTTP"),
    ] {
        let line = shown.lines().find(|line| line.split_whitespace().next() == Some(key)).unwrap();
        assert!(line.contains(value) && line.contains(source), "{line}");
    }
    for secret in [secret, "the-password-of-postgres", "the-first-password"] {
        assert!(!shown.contains(secret));
    }
}

#[test]
fn migrate_prepares_an_empty_folder_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let variables = [("COUNTERSIGN_DATA_DIR", folder.path().join("data").display().to_string())];
    for _ in 0..2 {
        assert!(said(&countersign(&variables, &["migrate"], "")).contains("is up to date"));
    }
}

#[tokio::test]
async fn a_password_never_comes_from_the_arguments() {
    let app = TestApp::start(Backend::Sqlite).await.unwrap();
    app.finish_setup().await;
    let output =
        countersign(&app.variables(), &["user", "create", "eve", "--password", "in plain sight"], "");
    assert!(!output.status.success());
    assert!(app.store().read(|tx| users::by_username(tx, "eve")).await.unwrap().is_none());
    app.verify().await;
}

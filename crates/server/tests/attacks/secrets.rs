//! Secrets that turn up where they do not belong: log, trail, exports, pages, error messages.

use countersign_model::EventAction;
use countersign_store::events::{self, EventFilter};
use countersign_types::PageRequest;

use crate::world::{
    ADDRESSES, OTHER_SECRET, SECRET, apply_file, authorize, call, code, command, own_house, redeem, sign_in,
    tokens,
};

#[tokio::test]
async fn no_secret_leaks_into_log_trail_exports_or_pages() {
    let app = own_house().await;
    let (_, password) = app.user("canary").await;
    let (person, cookie) = sign_in(&app, "canary", &password).await;
    let wrong = "a-mistyped-password-which-is-nearly-right";
    let stranger = app.anonymous();
    stranger.sign_in_at("/", "canary", wrong).await;
    let tokens = tokens(&app, &person, "openid profile offline_access").await;
    let refresh = tokens.refresh.clone().unwrap();
    let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
    let renewed = call(&app, "/application/o/token/", &fields).await.json();
    let renewed = renewed["refresh_token"].as_str().unwrap().to_owned();
    let spare = code(&person, "openid").await;
    redeem(&app, "a-code-that-never-was").await;
    call(&app, "/application/o/introspect/", &[("token", &tokens.access)]).await;
    call(&app, "/application/o/revoke/", &[("token", &renewed)]).await;
    crate::world::call_as(&app, "shop", "a-guessed-client-secret", "/application/o/token/", &fields).await;
    person.get(&format!("/nothing?code={spare}&password={password}")).await;
    person.get(&format!("/if/flow/default-authentication-flow/?token={}", tokens.access)).await;
    for secret in [
        SECRET,
        OTHER_SECRET,
        &cookie,
        wrong,
        &renewed,
        &spare,
        "a-guessed-client-secret",
        "a-code-that-never-was",
    ] {
        app.plant(secret);
    }
    let secrets: Vec<String> = [
        password.as_str(),
        app.admin_password(),
        wrong,
        SECRET,
        OTHER_SECRET,
        &cookie,
        &tokens.access,
        &tokens.id,
        &refresh,
        &renewed,
        &spare,
        app.setup_code().unwrap(),
        "a-guessed-client-secret",
    ]
    .map(str::to_owned)
    .to_vec();
    let clean = |text: &str, place: &str| {
        for (at, secret) in secrets.iter().enumerate() {
            assert!(!text.contains(secret.as_str()), "secret {at} stands in {place}");
        }
        assert!(!text.contains("$argon2"), "a hash stands in {place}");
        assert!(!text.contains("PRIVATE KEY"), "a key stands in {place}");
    };

    let trail = app
        .store()
        .read(|tx| events::list(tx, &EventFilter::default(), &PageRequest::first(100)))
        .await
        .unwrap();
    assert!(trail.items.iter().any(|event| event.action == EventAction::Login), "there is a trail");
    for event in &trail.items {
        clean(&serde_json::to_string(&event.context).unwrap(), "the trail");
    }

    let (ok, exported) = command(&app, &["blueprint", "export", "--all"], &[]).await;
    assert!(ok && exported.contains("client_id: shop"), "{exported}");
    clean(&exported, "the export");
    let (ok, shown) = command(&app, &["config", "show"], &[("COUNTERSIGN_SECRET_KEY", SECRET)]).await;
    assert!(ok, "{shown}");
    clean(&shown, "the configuration shown");

    let admin = app.admin().await;
    for path in ADDRESSES {
        for somebody in [&admin, &person, &app.anonymous()] {
            clean(&somebody.get(path).await.body, path);
        }
    }
    clean(&person.get(&authorize(&[("client_id", "mill")])).await.body, "the consent page");
    app.verify().await;
}

#[tokio::test]
async fn a_password_typed_into_the_name_is_not_kept_as_it_is() {
    let app = own_house().await;
    // The trail names who failed; the log must not: it is read by more people, and kept elsewhere.
    app.plant("a-password-typed-into-the-name");
    let stranger = app.anonymous();
    let asked = stranger.visit(crate::world::SIGN_IN).await;
    let asked = stranger.answer(&asked, &[("uid_field", "a-password-typed-into-the-name")]).await;
    stranger.answer(&asked, &[("password", "x")]).await;
    app.verify().await;
}

/// Cure53 2023: path traversal and leaks of the environment through blueprints.
#[tokio::test]
async fn a_blueprint_does_not_read_the_servers_files_or_variables() {
    let app = own_house().await;
    let leak = |value: &str| {
        format!(
            "version: 1\nmetadata: {{ name: leak }}\nentries:\n  - model: authentik_core.application\n    \
             identifiers: {{ slug: leak }}\n    attrs: {{ name: {value} }}\n"
        )
    };
    let name = async || {
        let snapshot = app.store().snapshot().await.unwrap();
        snapshot.application_by_slug("leak").map(|application| application.name.clone())
    };
    let variables = [("COUNTERSIGN_SECRET_KEY", SECRET), ("PG_PASS", OTHER_SECRET)];
    for (what, secret) in [
        ("!File /etc/passwd", "root:"),
        ("!File ../../../../../../etc/passwd", "root:"),
        ("!File ./../../../../../etc/passwd", "root:"),
        ("!File [/etc/passwd, x]", "root:"),
        ("!File 'file:///etc/passwd'", "root:"),
        ("!Env COUNTERSIGN_SECRET_KEY", SECRET),
        ("!Env [COUNTERSIGN_SECRET_KEY, x]", SECRET),
        ("!Env PG_PASS", OTHER_SECRET),
        ("!Env AUTHENTIK_SECRET_KEY", SECRET),
    ] {
        let (_, said) = apply_file(&app, &leak(what), &variables).await;
        assert!(!said.contains(secret), "{what}: {said}");
        assert!(name().await.is_none_or(|name| !name.contains(secret)), "{what}");
    }
    // A link beside the file is no way out either.
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/etc/passwd", folder.path().join("link")).unwrap();
    let file = folder.path().join("blueprint.yaml");
    std::fs::write(&file, leak("!File link")).unwrap();
    let (ok, said) = command(&app, &["blueprint", "apply", file.to_str().unwrap()], &[]).await;
    assert!(!ok && !said.contains("root:"), "{said}");
    app.verify().await;
}

#[tokio::test]
async fn a_hostile_blueprint_ends_in_a_message() {
    let app = own_house().await;
    let bomb = "version: 1\nmetadata: { name: bomb }\ncontext:\n  a: &a [x,x,x,x,x,x,x,x,x]\n  b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n  \
                c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n  d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n  e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\n  \
                f: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\n  g: &g [*f,*f,*f,*f,*f,*f,*f,*f,*f]\n  h: &h [*g,*g,*g,*g,*g,*g,*g,*g,*g]\nentries: []\n";
    let deep = format!(
        "version: 1\nmetadata: {{ name: deep }}\ncontext: {}{}\nentries: []\n",
        "[".repeat(5000),
        "]".repeat(5000)
    );
    for text in [
        bomb,
        &deep,
        "",
        "\u{0}",
        "- - - -",
        "version: 1",
        "entries: &a [*a]",
        "!!python/object:os.system x",
        "%YAML 9.9\n---\n{",
    ] {
        let (ok, said) = apply_file(&app, text, &[]).await;
        assert!(!ok && !said.contains("panicked") && said.len() < 20_000, "{said}");
    }
    app.verify().await;
}

#[tokio::test]
async fn the_files_of_secrets_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;

    let app = own_house().await;
    let mut folders = vec![app.config().data_dir.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let entry = entry.unwrap();
            let mode = entry.metadata().unwrap().permissions().mode();
            if entry.path().is_dir() {
                folders.push(entry.path());
            } else {
                assert_eq!(mode & 0o077, 0, "{} {mode:o}", entry.path().display());
            }
        }
    }
    app.verify().await;
}

//! A canary in every secret field of every kind, and in everything that is shown once; then a look everywhere: at the
//! answers of the API, the pages of the console, exports, revisions, the trail, the OpenAPI document and the files of
//! the database. The look round at the end takes the log, which says all that it can.

use std::collections::{BTreeSet, VecDeque};

use countersign_api::Method;
use countersign_registry::Verbs;
use countersign_store::events::{self, EventFilter};
use countersign_testkit::{Person, Selection, TestApp, on_both_databases};
use countersign_types::PageRequest;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::world::{Program, admin};

/// Most pages of the console that are looked at.
const MOST_PAGES: usize = 350;
/// Shows a private key to whoever may see it, and says so in the trail.
const SHOWS: &str = "view_private_key/";
/// Stands before the canary in a hash.
const SALT: &str = "$argon2id$v=19$m=8192,t=1,p=1$c2FsdHNhbHQ$";

/// A secret in a field: what an object is made with, and what it is changed to.
struct Planted {
    model: &'static str,
    fields: &'static [&'static str],
    document: Value,
    change: Value,
    /// A change that is refused, with a secret in it.
    refused: Value,
}

/// What sings.
#[derive(Default)]
struct Canaries(Vec<String>);

impl Canaries {
    /// A new one.
    fn hatch(&mut self, app: &TestApp) -> String {
        let canary = app.new_password();
        self.0.push(canary.clone());
        canary
    }

    /// Something that was made, and is shown once.
    fn ring(&mut self, app: &TestApp, shown: &Value) -> String {
        let canary = shown.as_str().expect("shown once").to_owned();
        app.plant(&canary);
        self.0.push(canary.clone());
        canary
    }

    /// A private key, of which no line is to be seen.
    fn key(&mut self, app: &TestApp) -> (String, String) {
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate = rcgen::CertificateParams::new(vec!["canary.example".to_owned()]).unwrap();
        let (pem, certificate) = (key.serialize_pem(), certificate.self_signed(&key).unwrap().pem());
        for line in pem.lines().filter(|line| !line.starts_with('-')) {
            app.plant(line);
            self.0.push(line.to_owned());
        }
        (pem, certificate)
    }

    #[track_caller]
    fn are_silent(&self, text: &str, place: &str) {
        for (number, canary) in self.0.iter().enumerate() {
            assert!(!text.contains(canary.as_str()), "canary {number} sings in {place}");
        }
        for trace in ["$argon2", "PRIVATE KEY", "$sealed"] {
            assert!(!text.contains(trace), "{trace} stands in {place}");
        }
    }
}

/// A document for every kind with a secret.
async fn planted(app: &TestApp, admin: &Program, canaries: &mut Canaries) -> Vec<Planted> {
    let flow = async |slug: &str| admin.get(&format!("flows/instances/{slug}/")).await.ok()["pk"].clone();
    let me = admin.get("core/users/me/").await.ok()["user"]["pk"].clone();
    let mut hatch = || canaries.hatch(app);
    let hash = |canary: String| format!("{SALT}{canary}");
    let mut planted = vec![
        Planted {
            model: "authentik_core.user",
            fields: &["password", "password_hash"],
            document: json!({ "username": "canary", "name": "Canary", "password": hatch() }),
            change: json!({ "password_hash": hash(hatch()) }),
            refused: json!({ "password": hatch(), "type": "none" }),
        },
        Planted {
            model: "authentik_core.token",
            fields: &["key"],
            document: json!({ "identifier": "canary", "user": me, "intent": "api", "key": hatch() }),
            change: json!({ "key": hatch() }),
            refused: json!({ "key": hatch(), "intent": "none" }),
        },
        Planted {
            model: "authentik_providers_oauth2.oauth2provider",
            fields: &["client_secret"],
            document: json!({
                "name": "canary", "client_id": "canary", "client_secret": hatch(),
                "authorization_flow": flow("default-provider-authorization-implicit-consent").await,
                "invalidation_flow": flow("default-provider-invalidation-flow").await,
                "redirect_uris": [{ "matching_mode": "strict", "url": "https://canary.example/" }],
            }),
            change: json!({ "client_secret": hatch() }),
            refused: json!({ "client_secret": hatch(), "access_code_validity": "for ever" }),
        },
        Planted {
            model: "authentik_stages_captcha.captchastage",
            fields: &["private_key"],
            document: json!({ "name": "canary-captcha", "public_key": "site", "private_key": hatch() }),
            change: json!({ "private_key": hatch() }),
            refused: json!({ "private_key": hatch(), "score_min_threshold": "high" }),
        },
        Planted {
            model: "authentik_stages_email.emailstage",
            fields: &["password"],
            document: json!({
                "name": "canary-mail", "use_global_settings": false, "host": "mail.example", "username": "canary",
                "password": hatch(), "from_address": "canary@example.com",
            }),
            change: json!({ "password": hatch() }),
            refused: json!({ "password": hatch(), "port": "all" }),
        },
    ];
    let ((key, certificate), (next, renewed)) = (canaries.key(app), canaries.key(app));
    planted.push(Planted {
        model: "authentik_crypto.certificatekeypair",
        fields: &["key_data"],
        document: json!({ "name": "canary", "key_data": key, "certificate_data": certificate }),
        change: json!({ "key_data": next, "certificate_data": renewed }),
        refused: json!({ "key_data": next, "certificate_data": "none" }),
    });
    planted
}

/// What is made by itself and shown to whoever asked for it, then and never again.
async fn shown_once(app: &TestApp, admin: &Program, canaries: &mut Canaries) {
    let robot = json!({ "name": "canary-robot", "create_group": false });
    canaries.ring(app, &admin.post("core/users/service_account/", robot).await.ok()["token"]);
    let found = admin.get("core/users/?username=canary").await.ok();
    let recovery = format!("core/users/{}/recovery/", found["results"][0]["pk"]);
    let link = admin.post(&recovery, json!({})).await.ok()["link"].as_str().unwrap().to_owned();
    canaries.ring(app, &json!(link.trim_end_matches('/').rsplit('/').next().unwrap()));
    let me = admin.get("core/users/me/").await.ok()["user"]["pk"].clone();
    let token = json!({ "identifier": "canary-made", "user": me, "intent": "api" });
    canaries.ring(app, &admin.post("core/tokens/", token).await.ok()["key"]);
}

/// Every answer to reading, with every object that a list shows in the place of what varies.
async fn answers(admin: &Program, canaries: &Canaries) -> usize {
    let rows = countersign_server::endpoints().unwrap();
    let mut looked_at = 0;
    for row in rows.iter().filter(|row| row.method == Method::Get && row.handler.is_some()) {
        if row.path.ends_with(SHOWS) || row.path == "core/users/impersonate_end/" {
            continue;
        }
        let Some((list, rest)) = row.path.split_once('{') else {
            let answer = admin.get(&format!("{}?page_size=100", row.path)).await;
            canaries.are_silent(&answer.text, &row.path);
            looked_at += 1;
            continue;
        };
        let (name, rest) = rest.split_once('}').unwrap();
        let all = admin.get(&format!("{list}?page_size=100")).await;
        for object in all.body["results"].as_array().into_iter().flatten().take(40) {
            let key = object.get(name).unwrap_or(&object["pk"]);
            let key = key.as_str().map_or_else(|| key.to_string(), str::to_owned);
            let path = format!("{list}{key}{rest}");
            let answer = admin.get(&path).await;
            assert!(answer.status < 500, "{path}: {}", answer.text);
            canaries.are_silent(&answer.text, &path);
            looked_at += 1;
        }
    }
    looked_at
}

/// Every page that the console leads to. Returns their paths.
async fn pages(browser: &Person, canaries: &Canaries) -> BTreeSet<String> {
    let (mut seen, mut ahead) = (BTreeSet::new(), VecDeque::from(["/if/admin/".to_owned()]));
    while let Some(path) = ahead.pop_front() {
        if seen.len() >= MOST_PAGES || !seen.insert(path.clone()) {
            continue;
        }
        let page = browser.get(&path).await;
        assert!(page.status < 500, "{path}: {}", page.body);
        canaries.are_silent(&page.body, &path);
        let links = page.links("/if/admin/").into_iter().map(|link| link.path().to_owned());
        // Where the canaries sit, first.
        for link in links.filter(|link| !seen.contains(link)) {
            if link.contains("canary") { ahead.push_front(link) } else { ahead.push_back(link) }
        }
    }
    seen
}

/// What is kept, as whoever steals the disk reads it. Hashes stand there; that is what they are for.
fn disk(app: &TestApp, canaries: &[String]) {
    let countersign_config::Database::Sqlite(file) = app.config().database() else { return };
    let file = file.display().to_string();
    for end in ["", "-wal"] {
        let Ok(bytes) = std::fs::read(format!("{file}{end}")) else { continue };
        let text = String::from_utf8_lossy(&bytes);
        for (number, canary) in canaries.iter().enumerate() {
            let found = text.match_indices(canary).any(|(at, _)| !text[..at].ends_with(SALT));
            assert!(!found, "canary {number} stands on the disk{end}");
        }
    }
}

on_both_databases! {
    async fn no_secret_of_any_kind_is_told_anywhere(app: TestApp) {
        let (admin, browser) = (admin(app).await, app.admin().await);
        let mut canaries = Canaries::default();
        let planted = planted(app, &admin, &mut canaries).await;
        let known: BTreeSet<(&str, String)> = planted
            .iter()
            .flat_map(|one| one.fields.iter().map(|field| (one.model, (*field).to_owned())))
            .collect();
        let wanted: BTreeSet<(&str, String)> = app
            .registry()
            .resources()
            .filter(|resource| resource.verbs() == Verbs::All)
            .flat_map(|resource| {
                let descriptor = resource.descriptor();
                descriptor.secrets().map(|field| (descriptor.model, field.path.to_string())).collect::<Vec<_>>()
            })
            .collect();
        assert_eq!(known, wanted, "every secret field of every kind has its canary");

        let mut made = Vec::new();
        for one in &planted {
            let list = format!("{}/", app.registry().get(one.model).unwrap().descriptor().api_path);
            let answer = admin.post(&list, one.document.clone()).await;
            canaries.are_silent(&answer.text, &list);
            let document = answer.expect(StatusCode::CREATED);
            let key = if one.model == "authentik_core.token" { &document["identifier"] } else { &document["pk"] };
            let address = format!("{list}{}/", key.as_str().map_or_else(|| key.to_string(), str::to_owned));
            for (change, status) in [(&one.change, StatusCode::OK), (&one.refused, StatusCode::BAD_REQUEST)] {
                let answer = admin.patch(&address, change.clone()).await;
                canaries.are_silent(&answer.text, &address);
                answer.expect(status);
            }
            let named = admin.get(&format!("{address}revisions/")).await;
            assert!(named.text.contains("***"), "that a secret changed is told, not what it is: {}", named.text);
            made.push(address);
        }
        let application = json!({ "name": "canary", "slug": "canary", "provider": admin.get(&made[2]).await.ok()["pk"] });
        admin.post("core/applications/", application).await.expect(StatusCode::CREATED);
        shown_once(app, &admin, &mut canaries).await;

        let looked_at = answers(&admin, &canaries).await;
        assert!(looked_at > 300, "only {looked_at} answers");
        let seen = pages(&browser, &canaries).await;
        assert!(seen.len() > 100, "only {} pages", seen.len());
        for place in ["users/", "tokens/", "providers/", "certificates/", "applications/"] {
            let object = seen.iter().find(|path| path.contains(place) && path.split('/').count() > 6);
            assert!(object.is_some(), "no object of {place} was looked at: {seen:?}");
        }
        let objects = [("authentik_core.application", "canary"), ("authentik_flows.flow", "default-authentication-flow")];
        let objects = objects.map(|(model, name)| Selection::Object { model: model.to_owned(), name: name.to_owned() });
        for selection in objects.iter().chain([&Selection::Everything]) {
            canaries.are_silent(&app.export(selection).await, "an export");
        }
        for address in &made {
            admin.delete(address).await.expect(StatusCode::NO_CONTENT);
        }
        let trail = app.store().read(|tx| events::list(tx, &EventFilter::default(), &PageRequest::first(1_000))).await.unwrap();
        for model in planted.iter().map(|one| one.model.rsplit('.').next().unwrap()) {
            let about = |action: &str| trail.items.iter().any(|event| {
                let about = event.context.get("model");
                event.action.as_str() == action && about.is_some_and(|about| about["model_name"] == model)
            });
            assert!(["model_created", "model_updated", "model_deleted"].into_iter().all(about), "the trail of {model}");
        }
        for event in &trail.items {
            canaries.are_silent(&format!("{event:?}"), "the trail");
        }
        disk(app, &canaries.0);
    }
}

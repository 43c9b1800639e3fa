//! `admin/…`: the system itself.

use std::collections::BTreeMap;

use countersign_authz::Permission;
use countersign_registry::{EDIT_SETTINGS, SystemSettings, VIEW_SETTINGS, words_of};
use countersign_store::Backend;
use countersign_types::{JsonObject, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use crate::{Access, Answer, ApiError, Call, Described, Endpoint, Intake, Shape};

pub(super) fn rows() -> Vec<Endpoint> {
    let system = |row: Endpoint| row.about("What the server runs on, as it sees it.").gives::<SystemInfo>();
    let settings = || Access::Global(VIEW_SETTINGS);
    let edit = || Access::Global(EDIT_SETTINGS);
    let patch = || Intake::Json(Shape::named("SettingsRequest", || settings_schema(false)));
    let given = || Shape::named("Settings", || settings_schema(true));
    vec![
        Endpoint::get("admin/version/", "admin_version_retrieve", system_info(), version)
            .about("The version that runs.")
            .gives::<Version>(),
        Endpoint::get("admin/version/history/", "admin_version_history_list", system_info(), version_history)
            .about("The versions that have run on this database, the latest first.")
            .gives_shape(Shape::of::<VersionHistory>().many()),
        Endpoint::get(
            "admin/version/history/{id}/",
            "admin_version_history_retrieve",
            system_info(),
            one_version,
        )
        .about("A version that has run on this database.")
        .gives::<VersionHistory>(),
        system(Endpoint::get("admin/system/", "admin_system_retrieve", system_info(), system_information)),
        system(Endpoint::post("admin/system/", "admin_system_create", system_info(), system_information)),
        Endpoint::get("admin/settings/", "admin_settings_retrieve", settings(), show_settings)
            .about("Settings of the system.")
            .gives_shape(given()),
        Endpoint::put("admin/settings/", "admin_settings_update", edit(), change_settings)
            .about("Changes settings of the system; what is left out stays.")
            .intake(patch())
            .gives_shape(given()),
        Endpoint::patch("admin/settings/", "admin_settings_partial_update", edit(), change_settings)
            .about("Changes settings of the system.")
            .intake(patch())
            .gives_shape(given()),
        Endpoint::get("admin/apps/", "admin_apps_list", Access::SignedIn, apps)
            .about("The parts of the system that have objects.")
            .gives_shape(Shape::of::<App>().many()),
        Endpoint::get("admin/models/", "admin_models_list", Access::SignedIn, models)
            .about("The kinds of object.")
            .param::<bool>("filter_has_attributes", "Only those with free attributes.")
            .gives_shape(Shape::of::<App>().many()),
    ]
}

fn system_info() -> Access {
    Access::Global(Permission::named("authentik_rbac.view_system_info"))
}

/// The version that runs.
#[derive(Serialize, JsonSchema)]
struct Version {
    /// The version that runs.
    version_current: &'static str,
    /// The newest version; we do not ask anybody, so it is ours.
    version_latest: &'static str,
    /// Whether the newest version is known.
    version_latest_valid: bool,
    /// Commit from which the binary was built; empty for a release.
    build_hash: &'static str,
    /// Whether there is a newer version.
    outdated: bool,
    /// Whether any outpost runs another version.
    outpost_outdated: bool,
}

async fn version(_: Call) -> Result<Answer, ApiError> {
    let version = env!("CARGO_PKG_VERSION");
    Answer::json(&Version {
        version_current: version,
        version_latest: version,
        version_latest_valid: true,
        build_hash: "",
        outdated: false,
        outpost_outdated: false,
    })
}

/// A version that has run on this database.
#[derive(Clone, Serialize, JsonSchema)]
struct VersionHistory {
    /// Counts from 1.
    id: u64,
    /// When it first ran.
    timestamp: String,
    /// The version.
    version: String,
    /// Commit from which it was built; empty for a release.
    build: String,
}

/// Kept by the server when it starts: `[[version, microseconds], …]`, the oldest first.
async fn history(call: &Call) -> Result<Vec<VersionHistory>, ApiError> {
    let snapshot = call.snapshot().await?;
    let kept = snapshot.settings("version_history").and_then(Value::as_array).cloned().unwrap_or_default();
    let entry = |(id, entry): (u64, Value)| {
        let version = entry.get(0)?.as_str()?.to_owned();
        let timestamp = Timestamp::from_micros(entry.get(1)?.as_i64()?).to_rfc3339();
        Some(VersionHistory { id, timestamp, version, build: String::new() })
    };
    let mut versions: Vec<_> = (1..).zip(kept).filter_map(entry).collect();
    versions.reverse();
    Ok(versions)
}

async fn version_history(call: Call) -> Result<Answer, ApiError> {
    Answer::json(&history(&call).await?)
}

async fn one_version(call: Call) -> Result<Answer, ApiError> {
    let id: u64 = call.arg("id")?.parse().map_err(|_| ApiError::not_found())?;
    let found = history(&call).await?.into_iter().find(|version| version.id == id);
    Answer::json(&found.ok_or_else(ApiError::not_found)?)
}

/// What the server runs on.
#[derive(Serialize, JsonSchema)]
struct SystemInfo {
    /// Header lines of this request, without secrets.
    http_headers: BTreeMap<String, String>,
    /// The host by which we were called.
    http_host: String,
    /// Whether the browser spoke HTTPS.
    http_is_secure: bool,
    /// The program.
    runtime: SystemInfoRuntime,
    /// The brand of this host.
    brand: String,
    /// The server's time.
    server_time: String,
    /// Whether the embedded outpost is off; there is none.
    embedded_outpost_disabled: bool,
    /// Its address.
    embedded_outpost_host: String,
    /// Our own address as the browser sees it.
    base_url: String,
    /// The database.
    database: &'static str,
}

/// The program and its machine.
#[derive(Serialize, JsonSchema)]
struct SystemInfoRuntime {
    /// No Python runs here.
    python_version: &'static str,
    /// How the program was installed; not known to it.
    environment: &'static str,
    /// Processor.
    architecture: &'static str,
    /// Operating system.
    platform: &'static str,
    /// Operating system and processor.
    uname: String,
    /// The library of cryptography.
    openssl_version: &'static str,
    /// Whether that is in its validated mode.
    openssl_fips_enabled: Option<bool>,
    /// Our version.
    authentik_version: &'static str,
}

/// Header lines that bear secrets.
const SECRET: [&str; 5] =
    ["authorization", "cookie", "proxy-authorization", "x-authentik-csrf", "x-forwarded-client-cert"];

async fn system_information(call: Call) -> Result<Answer, ApiError> {
    let headers = call.request.headers().iter().map(|(name, value)| {
        let is_secret = SECRET.contains(&name.as_str());
        let shown = if is_secret { "***" } else { value.to_str().unwrap_or_default() };
        (name.to_string(), shown.to_owned())
    });
    let snapshot = call.snapshot().await?;
    let (architecture, platform) = (std::env::consts::ARCH, std::env::consts::OS);
    Answer::json(&SystemInfo {
        http_headers: headers.collect(),
        http_host: call.facts.host.clone(),
        http_is_secure: call.facts.is_https(),
        runtime: SystemInfoRuntime {
            python_version: "",
            environment: "",
            architecture,
            platform,
            uname: format!("{platform} {architecture}"),
            openssl_version: "aws-lc",
            openssl_fips_enabled: None,
            authentik_version: env!("CARGO_PKG_VERSION"),
        },
        brand: snapshot.brand_for(&call.facts.host).map(|brand| brand.domain.clone()).unwrap_or_default(),
        server_time: call.app.now().to_rfc3339(),
        embedded_outpost_disabled: true,
        embedded_outpost_host: String::new(),
        base_url: call.facts.base_url.clone(),
        database: match call.app.store().backend() {
            Backend::Sqlite => "SQLite",
            Backend::Postgres => "PostgreSQL",
        },
    })
}

/// The schema of the settings, with authentik's flags where they are answered.
fn settings_schema(with_flags: bool) -> Value {
    let mut schema = Described::of::<SystemSettings>().schema;
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut)
        && with_flags
    {
        properties.insert("flags".to_owned(), json!({ "type": "object", "description": "Switches that are authentik's; they cannot be changed here." }));
    }
    schema
}

fn with_flags(settings: &SystemSettings) -> JsonObject {
    let mut document = settings.document();
    let flags = json!({
        // Applications without bindings are open to everybody.
        "core_default_app_access": true,
        "enterprise_audit_include_expanded_diff": false,
        "flows_continuous_login": false,
        "flows_refresh_others": false,
    });
    document.insert("flags".to_owned(), flags);
    document
}

async fn show_settings(call: Call) -> Result<Answer, ApiError> {
    Answer::json(&with_flags(&SystemSettings::of_snapshot(&*call.snapshot().await?)))
}

async fn change_settings(call: Call) -> Result<Answer, ApiError> {
    let patch = call.body.clone();
    let changed = call.write(move |tx, cx| Ok(SystemSettings::change(tx, cx, &patch)?)).await?;
    Answer::json(&with_flags(&changed))
}

/// A part of the system, or a kind of object.
#[derive(PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
struct App {
    /// Name in labels.
    name: String,
    /// What people call it.
    label: String,
}

async fn apps(call: Call) -> Result<Answer, ApiError> {
    let models = call.registry().resources().map(|resource| resource.descriptor().model);
    let mut apps: Vec<App> = models
        .filter_map(|model| model.split_once('.'))
        .map(|(app, _)| App { name: app.to_owned(), label: words_of(app) })
        .collect();
    apps.sort();
    apps.dedup();
    Answer::json(&apps)
}

async fn models(call: Call) -> Result<Answer, ApiError> {
    let only_free = call.flag("filter_has_attributes", false)?;
    let kinds = call.registry().resources().map(|resource| resource.descriptor());
    let kinds = kinds.filter(|kind| !only_free || kind.field("attributes").is_some());
    let mut models: Vec<App> =
        kinds.map(|kind| App { name: kind.model.to_owned(), label: kind.verbose_name.to_owned() }).collect();
    models.sort();
    Answer::json(&models)
}

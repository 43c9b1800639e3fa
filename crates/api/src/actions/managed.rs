//! `managed/blueprints/…`: what could be kept applied, applying it now, and files that are handed in.

use actix_web::http::header::CONTENT_DISPOSITION;
use countersign_authz::Permission;
use countersign_registry::{Applied, Drifted};
use countersign_types::{JsonObject, RawId, Timestamp};
use countersign_web::multipart::{boundary, parts};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::shapes::LogEvent;
use crate::{Access, Answer, ApiError, Call, Endpoint, Intake, Shape};

const INSTANCE: &str = "authentik_blueprints.blueprintinstance";
/// Fields of an import.
const MAX_FIELDS: usize = 10;

pub(super) fn rows() -> Vec<Endpoint> {
    let change = || Permission::change(INSTANCE);
    vec![
        Endpoint::get(
            "managed/blueprints/available/",
            "managed_blueprints_available_list",
            Access::Object(Permission::view(INSTANCE)),
            available,
        )
        .about("The files that could be kept applied.")
        .gives_shape(Shape::of::<BlueprintFile>().many()),
        Endpoint::post(
            "managed/blueprints/{instance_uuid}/apply/",
            "managed_blueprints_apply_create",
            Access::Object(change()),
            apply,
        )
        .about("Applies it now, in the name of the caller, who needs permission for every entry.")
        .gives_shape(Shape::bare(|| serde_json::json!({ "$ref": "#/components/schemas/BlueprintInstance" }))),
        Endpoint::post(
            "managed/blueprints/{instance_uuid}/drift/",
            "managed_blueprints_drift_create",
            Access::Object(change()),
            drift,
        )
        .about("What applying it now would make different, in the name of the caller. Nothing is written.")
        .gives::<BlueprintDrift>(),
        Endpoint::post(
            "managed/blueprints/{instance_uuid}/reset/",
            "managed_blueprints_reset_create",
            Access::Object(change()),
            reset,
        )
        .about("Sets one object to what the blueprint says about it, in the name of the caller.")
        .takes::<BlueprintResetRequest>()
        .gives::<BlueprintImportResult>(),
        Endpoint::get(
            "managed/blueprints/export/",
            "managed_blueprints_export_retrieve",
            Access::Global(Permission::named("authentik_rbac.edit_system_settings")),
            export,
        )
        .about("The whole configuration as a blueprint, for administrators without limits. Holds no secret.")
        .gives_media("application/x-yaml"),
        Endpoint::post(
            "managed/blueprints/import/",
            "managed_blueprints_import_create",
            Access::Global(Permission::add(INSTANCE)),
            import,
        )
        .about("Applies a file that is handed in, or one of the library, in the name of the caller.")
        .intake(Intake::Multipart(Shape::of::<BlueprintImportRequest>()))
        .gives::<BlueprintImportResult>(),
    ]
}

/// A file that could be kept applied.
#[derive(Serialize, JsonSchema)]
struct BlueprintFile {
    /// Its path below the blueprint folder.
    path: String,
    /// When it was last changed.
    last_m: String,
    /// SHA-256 of its text, hexadecimal.
    hash: String,
    /// What it says about itself.
    meta: Metadata,
}

/// What a blueprint says about itself.
#[derive(Serialize, JsonSchema)]
struct Metadata {
    /// Its name.
    name: String,
    /// Its labels.
    labels: JsonObject,
}

async fn available(call: Call) -> Result<Answer, ApiError> {
    let files = call.api.seams().blueprints.available().await?.into_iter();
    let shown = files.map(|file| BlueprintFile {
        path: file.path,
        last_m: file.modified.to_rfc3339(),
        hash: file.hash,
        meta: Metadata { name: file.name, labels: file.labels },
    });
    Answer::json(&shown.collect::<Vec<_>>())
}

async fn apply(call: Call) -> Result<Answer, ApiError> {
    let found = call.found(INSTANCE, call.arg("instance_uuid")?).await?;
    call.require(&Permission::change(INSTANCE), Some(found.id))?;
    let applied = call.api.seams().blueprints.apply(&call.actor()?, found.id).await?;
    if !applied.success {
        return Err(ApiError::field(
            "",
            "invalid",
            countersign_types::Text::literal(applied.problems.join("\n")),
        ));
    }
    let shown = super::shown(&call, INSTANCE, found.id).await?;
    Answer::json(&shown)
}

/// What applying a blueprint would make different.
#[derive(Serialize, JsonSchema)]
struct BlueprintDrift {
    /// Why it could not be applied, with line and entry; empty when it could.
    problems: Vec<String>,
    /// Things to look at.
    warnings: Vec<String>,
    /// The objects that would be made, changed or deleted.
    objects: Vec<BlueprintDriftObject>,
}

/// An object that applying a blueprint would make, change or delete.
#[derive(Serialize, JsonSchema)]
struct BlueprintDriftObject {
    /// Label of its model.
    model: String,
    /// Its identifier, where it would be changed.
    pk: Option<RawId>,
    /// What tells it from others of its kind.
    name: String,
    /// `created`, `updated` or `deleted`.
    done: String,
    /// Line of the file at which its entry begins.
    line: Option<usize>,
    /// What would be different.
    changes: Vec<BlueprintDriftChange>,
}

/// An attribute that would be different. Of a secret only that it is.
#[derive(Serialize, JsonSchema)]
struct BlueprintDriftChange {
    /// The attribute.
    field: String,
    /// What it is.
    before: Value,
    /// What it would be.
    after: Value,
}

async fn drift(call: Call) -> Result<Answer, ApiError> {
    let found = call.found(INSTANCE, call.arg("instance_uuid")?).await?;
    call.require(&Permission::change(INSTANCE), Some(found.id))?;
    let drift = call.api.seams().blueprints.drift(&call.actor()?, found.id).await?;
    let object = |object: Drifted| BlueprintDriftObject {
        model: object.model,
        pk: object.id,
        name: object.name,
        done: object.done.to_owned(),
        line: object.line,
        changes: object
            .changes
            .into_iter()
            .map(|(field, before, after)| BlueprintDriftChange { field, before, after })
            .collect(),
    };
    Answer::json(&BlueprintDrift {
        problems: drift.problems,
        warnings: drift.warnings,
        objects: drift.objects.into_iter().map(object).collect(),
    })
}

/// The object to reset.
#[derive(Deserialize, JsonSchema)]
struct BlueprintResetRequest {
    /// Its identifier.
    pk: RawId,
}

async fn reset(call: Call) -> Result<Answer, ApiError> {
    let found = call.found(INSTANCE, call.arg("instance_uuid")?).await?;
    call.require(&Permission::change(INSTANCE), Some(found.id))?;
    let BlueprintResetRequest { pk } = call.json()?;
    let applied = call.api.seams().blueprints.reset(&call.actor()?, found.id, pk).await?;
    Answer::json(&BlueprintImportResult::of(&applied, call.app.now()))
}

async fn export(call: Call) -> Result<Answer, ApiError> {
    // It holds objects of every kind.
    if !call.actor()?.is_superuser() {
        return Err(ApiError::denied());
    }
    let text = call.api.seams().blueprints.export_everything().await?;
    let answer = Answer::other("application/x-yaml", text);
    Ok(answer.header(CONTENT_DISPOSITION, "attachment; filename=\"countersign.yaml\""))
}

/// A blueprint to apply: a file, or the path of one of the library.
#[derive(Deserialize, JsonSchema)]
pub(super) struct BlueprintImportRequest {
    /// The file.
    #[schemars(with = "Option<String>", extend("format" = "binary"))]
    #[expect(dead_code, reason = "the shape of a form, which is read part by part")]
    file: Option<String>,
    /// Path of a file of the library.
    #[expect(dead_code, reason = "the shape of a form, which is read part by part")]
    path: Option<String>,
    /// Values for the blueprint's `!Context` tags.
    #[expect(dead_code, reason = "the shape of a form, which is read part by part")]
    context: Option<JsonObject>,
}

/// How it went.
#[derive(Serialize, JsonSchema)]
pub(super) struct BlueprintImportResult {
    /// What is wrong, or what to look at.
    logs: Vec<LogEvent>,
    /// Whether it is applied; nothing was written otherwise.
    success: bool,
}

impl BlueprintImportResult {
    fn of(applied: &Applied, at: Timestamp) -> Self {
        let lines = |level, lines: &[String]| LogEvent::lines(at, level, "countersign.blueprints", lines);
        let mut logs = lines("error", &applied.problems);
        logs.extend(lines("warning", &applied.warnings));
        Self { logs, success: applied.success }
    }
}

async fn import(call: Call) -> Result<Answer, ApiError> {
    Answer::json(&import_file(&call).await?)
}

/// Applies what the form of a call holds.
pub(super) async fn import_file(call: &Call) -> Result<BlueprintImportResult, ApiError> {
    let content_type = call.request.headers().get("content-type").and_then(|value| value.to_str().ok());
    let boundary = content_type.and_then(boundary).ok_or(countersign_web::BodyError::Malformed)?;
    let parts = parts(&call.raw, &boundary, MAX_FIELDS)?;
    let text = |name: &str| {
        let part = parts.iter().find(|part| part.name == name && !part.bytes.is_empty());
        part.map(|part| part.text()).transpose()
    };
    let context: JsonObject = match text("context")? {
        None => JsonObject::new(),
        Some(text) => serde_json::from_str(text)
            .map_err(|_| ApiError::field("context", "invalid", "resource-error-not-an-object"))?,
    };
    let (actor, blueprints) = (call.actor()?, &call.api.seams().blueprints);
    let applied = match (text("file")?, text("path")?) {
        (Some(file), _) => blueprints.import(&actor, file, &context).await?,
        (None, Some(path)) => blueprints.import_file(&actor, path, &context).await?,
        (None, None) => return Err(ApiError::field("file", "required", "resource-error-required")),
    };
    Ok(BlueprintImportResult::of(&applied, call.app.now()))
}

//! Configuration as files, for API and console.

use async_trait::async_trait;
use countersign_blueprints::{
    BlueprintError, Blueprints, Document, Done, EntryReport, Report, Selection, Source,
};
use countersign_model::{BlueprintInstance, BlueprintInstanceId};
use countersign_registry::{Actor, Applied, BlueprintFile, BlueprintWork, Drift, Drifted, SeamError};
use countersign_store::{Store, blueprint_instances};
use countersign_types::{ErrorKind, JsonObject, RawId, Timestamp};
use serde_json::Value;

use crate::House;

/// Blueprints over the house.
pub(super) struct Files {
    blueprints: Blueprints,
    store: Store,
}

impl Files {
    pub(super) fn new(house: &House) -> Self {
        Self { blueprints: house.blueprints(), store: house.store.clone() }
    }

    async fn instance(&self, instance: RawId) -> Result<BlueprintInstance, SeamError> {
        let id = BlueprintInstanceId(instance);
        let found = self.store.read(move |tx| blueprint_instances::by_id(tx, id)).await;
        found.map_err(countersign_registry::ResourceError::from)?.ok_or(SeamError::NotFound)
    }

    async fn apply_source(
        &self,
        actor: &Actor,
        source: &Source,
        context: &JsonObject,
    ) -> Result<Applied, SeamError> {
        match self.blueprints.apply(source, context, actor).await {
            Ok(report) => Ok(applied(report)),
            Err(error) => failed(&error),
        }
    }
}

#[async_trait]
impl BlueprintWork for Files {
    async fn export(&self, model: &str, name: &str) -> Result<String, SeamError> {
        let selection = Selection::Object { model: model.to_owned(), name: name.to_owned() };
        self.blueprints.export(&selection).await.map_err(|error| seam_error(&error))
    }

    async fn import(&self, actor: &Actor, text: &str, context: &JsonObject) -> Result<Applied, SeamError> {
        self.apply_source(actor, &Source::handed_in("import", text), context).await
    }

    async fn import_file(
        &self,
        actor: &Actor,
        path: &str,
        context: &JsonObject,
    ) -> Result<Applied, SeamError> {
        let source = self.blueprints.library().by_path(path).ok_or(SeamError::NotFound)?;
        self.apply_source(actor, &source, context).await
    }

    async fn apply(&self, actor: &Actor, instance: RawId) -> Result<Applied, SeamError> {
        let instance = self.instance(instance).await?;
        match self.blueprints.apply_instance(&instance, actor).await {
            Ok(report) => Ok(applied(report)),
            Err(error) => Ok(Applied { name: instance.name, ..failed(&error)? }),
        }
    }

    async fn export_everything(&self) -> Result<String, SeamError> {
        self.blueprints.export(&Selection::Everything).await.map_err(|error| seam_error(&error))
    }

    async fn drift(&self, actor: &Actor, instance: RawId) -> Result<Drift, SeamError> {
        let instance = self.instance(instance).await?;
        let outcome = match self.blueprints.source_of(&instance) {
            Ok(source) => self.blueprints.validate(&source, &instance.context, actor).await,
            Err(error) => Err(error),
        };
        told(outcome)
    }

    async fn reset(&self, actor: &Actor, instance: RawId, object: RawId) -> Result<Applied, SeamError> {
        let instance = self.instance(instance).await?;
        let outcome = match self.blueprints.source_of(&instance) {
            Ok(source) => self.blueprints.reset(&source, &instance.context, actor, object).await,
            Err(error) => Err(error),
        };
        match outcome {
            Ok(report) => Ok(applied(report)),
            Err(error) => Ok(Applied { name: instance.name, ..failed(&error)? }),
        }
    }

    async fn drift_of(&self, actor: &Actor, instance: RawId, object: RawId) -> Result<Drift, SeamError> {
        let instance = self.instance(instance).await?;
        let outcome = match self.blueprints.source_of(&instance) {
            Ok(source) => self.blueprints.validate_reset(&source, &instance.context, actor, object).await,
            Err(error) => Err(error),
        };
        told(outcome)
    }

    async fn available(&self) -> Result<Vec<BlueprintFile>, SeamError> {
        let library = self.blueprints.library().clone();
        // Reads files.
        let files = tokio::task::spawn_blocking(move || {
            let described = |source: Source| {
                let document = Document::parse(&source.text).ok();
                let labels = document.iter().flat_map(|document| &document.labels);
                BlueprintFile {
                    hash: source.hash(),
                    modified: library.modified(&source.file).unwrap_or(Timestamp::from_micros(0)),
                    labels: labels.map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect(),
                    name: document.map(|document| document.name).unwrap_or_default(),
                    path: source.file,
                }
            };
            library.sources().into_iter().map(described).collect()
        });
        files.await.map_err(|error| SeamError::Failed(ErrorKind::Internal, error.to_string()))
    }
}

/// What is wrong with a blueprint is an answer here too.
fn told(outcome: Result<Report, BlueprintError>) -> Result<Drift, SeamError> {
    match outcome {
        Ok(report) => Ok(drift(&report)),
        Err(error) => Ok(Drift { problems: failed(&error)?.problems, ..Drift::default() }),
    }
}

/// What applying would make different, in the blueprints that are needed first.
fn drift(report: &Report) -> Drift {
    let drifted = |entry: &EntryReport| {
        let changes = entry.changes.iter().cloned();
        Drifted {
            model: entry.entry.model.clone(),
            id: entry.id.filter(|_| entry.done == Done::Updated),
            name: entry.name(),
            done: entry.done.as_str(),
            line: entry.entry.line,
            changes: changes.map(|change| (change.field, change.before, change.after)).collect(),
        }
    };
    let objects = report.every().into_iter().filter(|entry| entry.is_change()).map(drifted).collect();
    let is_there = |entry: &&EntryReport| matches!(entry.done, Done::Updated | Done::Unchanged);
    let about = |entry: &EntryReport| Some((entry.entry.model.clone(), entry.id?, entry.name()));
    Drift {
        warnings: report.warnings.clone(),
        objects,
        about: report.entries.iter().filter(is_there).filter_map(about).collect(),
        ..Drift::default()
    }
}

fn applied(report: Report) -> Applied {
    let counts =
        [Done::Created, Done::Updated, Done::Deleted, Done::Unchanged].map(|done| report.count(done));
    let generated = report
        .generated()
        .map(|(entry, field, secret)| (format!("{entry}: {field}"), secret.clone()))
        .collect();
    Applied {
        success: true,
        name: report.name,
        problems: Vec::new(),
        warnings: report.warnings,
        counts,
        generated,
    }
}

/// What is wrong with a blueprint is an answer; that the database failed is not.
fn failed(error: &BlueprintError) -> Result<Applied, SeamError> {
    match error {
        BlueprintError::Wrong { entry, problems, .. } => {
            let place = entry.as_ref().map(|entry| format!("{entry}: ")).unwrap_or_default();
            let problems = problems.iter().map(|problem| format!("{place}{problem}")).collect();
            Ok(Applied { problems, ..Applied::default() })
        }
        BlueprintError::Denied { .. } => {
            Ok(Applied { problems: vec![error.to_string()], ..Applied::default() })
        }
        BlueprintError::Store(..) => Err(seam_error(error)),
    }
}

fn seam_error(error: &BlueprintError) -> SeamError {
    SeamError::Failed(error.kind(), error.to_string())
}

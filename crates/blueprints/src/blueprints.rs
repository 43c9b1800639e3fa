//! Applying, rehearsing and exporting against a store.

use std::sync::Arc;

use countersign_crypto::{HashError, HashPool};
use countersign_model::{BlueprintInstance, BlueprintStatus};
use countersign_registry::{Actor, Prepared, Registry};
use countersign_store::{Store, StoreError, Tx, blueprint_instances};
use countersign_types::{ErrorKind, JsonObject, RawId, Secret};

use crate::{
    BlueprintError, Document, Library, Outside, Problem, Report, Selection, Source,
    apply::{Applying, Fault},
    export,
    instances::{content_hash, note_failure},
    library::{Automatic, automatic},
};

/// Passwords that one file may set.
const MAX_PASSWORDS: usize = 50;

/// Blueprints over a store.
#[derive(Clone)]
pub struct Blueprints {
    store: Store,
    registry: Arc<Registry>,
    hashes: HashPool,
    outside: Outside,
    library: Library,
}

/// Whether what a file does is kept.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Apply,
    Rehearse,
    /// Only this object is set to what the file says.
    Reset(RawId),
}

/// How a try of a transaction ended.
enum Tried {
    Done(Report),
    Again(Secret<String>),
}

impl Blueprints {
    /// Blueprints of the library over a store. Nothing outside is reachable until [`Blueprints::reaching`].
    pub fn new(store: Store, registry: Arc<Registry>, hashes: HashPool, library: Library) -> Self {
        Self { store, registry, hashes, outside: Outside::default(), library }
    }

    /// Opens doors for `!Env` and `!File`.
    #[must_use]
    pub fn reaching(mut self, outside: Outside) -> Self {
        self.outside = outside;
        self
    }

    /// The blueprints that there are.
    pub const fn library(&self) -> &Library {
        &self.library
    }

    /// Applies a blueprint in one transaction: all of it or nothing. How it went is kept with its name.
    pub async fn apply(
        &self,
        source: &Source,
        context: &JsonObject,
        actor: &Actor,
    ) -> Result<Report, BlueprintError> {
        let outcome = self.run(source, context, actor, Mode::Apply).await;
        if let Err(error) = &outcome {
            self.keep_failure(source, error).await;
        }
        outcome
    }

    /// Does everything that applying does, and then undoes it.
    pub async fn validate(
        &self,
        source: &Source,
        context: &JsonObject,
        actor: &Actor,
    ) -> Result<Report, BlueprintError> {
        self.run(source, context, actor, Mode::Rehearse).await
    }

    /// Sets one object to what a file says about it, also where its entry leaves alone what is there. Nothing else is
    /// changed.
    pub async fn reset(
        &self,
        source: &Source,
        context: &JsonObject,
        actor: &Actor,
        object: RawId,
    ) -> Result<Report, BlueprintError> {
        self.run(source, context, actor, Mode::Reset(object)).await
    }

    /// Applies what of the library wants to be applied and was not yet, or changed since; the bootstrap only
    /// once. A file that fails is noted and does not keep the others from being applied.
    ///
    /// A file that did not change is not applied again, so that edits of administrators stay. When a release
    /// brings a changed file, its entries of state `present` are set to what the file says; those of state
    /// `created` are left alone.
    pub async fn apply_library(&self) -> Result<Vec<Result<Report, BlueprintError>>, BlueprintError> {
        let applied = self.store.read(blueprint_instances::all).await.map_err(store_error)?;
        let mut outcomes = Vec::new();
        let sources = self.library.sources();
        self.mark_orphans(&applied, &sources).await?;
        for source in sources {
            let mut context = JsonObject::new();
            let wanted = match Document::parse(&source.text) {
                Ok(document) => {
                    let before = applied.iter().find(|instance| instance.name == document.name);
                    context = before.map(|instance| instance.context.clone()).unwrap_or_default();
                    let hash = before.map(|instance| instance.content_hash.as_str()).unwrap_or_default();
                    before.is_none_or(|instance| instance.enabled)
                        && match automatic(&document) {
                            Automatic::No => false,
                            Automatic::Once => hash.is_empty(),
                            Automatic::OnChange => {
                                let is_back = before
                                    .is_some_and(|instance| instance.status == BlueprintStatus::Orphaned);
                                is_back || hash != content_hash(&source.text)
                            }
                        }
                }
                // Applying it says what is wrong.
                Err(_) => true,
            };
            if !wanted {
                continue;
            }
            let outcome = self.apply(&source, &context, &Actor::System).await;
            match &outcome {
                Ok(report) => tracing::info!(blueprint = report.name, file = report.file, "applied"),
                Err(error) => tracing::error!(file = source.file, %error, "a blueprint was not applied"),
            }
            outcomes.push(outcome);
        }
        Ok(outcomes)
    }

    /// Marks what was applied from files that are gone.
    async fn mark_orphans(
        &self,
        applied: &[BlueprintInstance],
        sources: &[Source],
    ) -> Result<(), BlueprintError> {
        let is_gone = |instance: &&BlueprintInstance| {
            !instance.path.is_empty()
                && instance.status != BlueprintStatus::Orphaned
                && sources.iter().all(|source| source.file != instance.path)
        };
        let gone: Vec<BlueprintInstance> = applied.iter().filter(is_gone).cloned().collect();
        if gone.is_empty() {
            return Ok(());
        }
        let marked = self.store.write(move |tx| {
            for instance in &gone {
                let orphaned = BlueprintInstance { status: BlueprintStatus::Orphaned, ..instance.clone() };
                blueprint_instances::update(tx, &orphaned)?;
            }
            Ok::<_, StoreError>(())
        });
        marked.await.map_err(store_error)
    }

    /// What was selected, as a blueprint that applies back unchanged. Holds no secret.
    pub async fn export(&self, selection: &Selection) -> Result<String, BlueprintError> {
        let (registry, selection) = (Arc::clone(&self.registry), selection.clone());
        let outcome = self.store.read(move |tx| export::export(tx, &registry, &selection)).await;
        outcome.map_err(|fault| fault_error("export", fault))
    }

    /// Tries until every password has its hash.
    async fn run(
        &self,
        source: &Source,
        context: &JsonObject,
        actor: &Actor,
        mode: Mode,
    ) -> Result<Report, BlueprintError> {
        let mut prepared = Prepared::default();
        loop {
            let applying = self.applying(actor, prepared.clone(), mode);
            let (from, with) = (source.clone(), context.clone());
            let outcome = self.store.write(move |tx| attempt(&applying, tx, &from, &with, mode)).await;
            match tried(&source.file, outcome, prepared.len())? {
                Tried::Done(report) => return Ok(report),
                Tried::Again(password) => {
                    let hash = self.hashes.hash(password.clone()).await;
                    prepared.add_hash(password, hash.map_err(|error| hash_error(&source.file, &error))?);
                }
            }
        }
    }

    fn applying(&self, actor: &Actor, prepared: Prepared, mode: Mode) -> Applying {
        Applying {
            registry: Arc::clone(&self.registry),
            outside: self.outside.clone(),
            library: self.library.clone(),
            actor: actor.clone(),
            prepared,
            explains: mode == Mode::Rehearse,
        }
    }

    async fn keep_failure(&self, source: &Source, error: &BlueprintError) {
        let (source, error) = (source.clone(), error.to_string());
        let outcome = self.store.write(move |tx| note_failure(tx, &source, &error)).await;
        if let Err(error) = outcome {
            tracing::warn!(%error, "that a blueprint failed could not be kept");
        }
    }
}

fn attempt(
    applying: &Applying,
    tx: &mut Tx<'_>,
    source: &Source,
    context: &JsonObject,
    mode: Mode,
) -> Result<Report, Fault> {
    let report = match mode {
        Mode::Reset(object) => applying.reset(tx, source, context, object)?,
        Mode::Apply | Mode::Rehearse => applying.apply(tx, source, context)?,
    };
    match mode {
        Mode::Apply | Mode::Reset(_) => Ok(report),
        Mode::Rehearse => Err(Fault::Rehearsed(Box::new(report))),
    }
}

fn tried(file: &str, outcome: Result<Report, Fault>, hashed: usize) -> Result<Tried, BlueprintError> {
    match outcome {
        Ok(report) => Ok(Tried::Done(report)),
        Err(Fault::Rehearsed(report)) => Ok(Tried::Done(*report)),
        Err(Fault::NeedsHash(password)) if hashed < MAX_PASSWORDS => Ok(Tried::Again(password)),
        Err(Fault::NeedsHash(_)) => {
            let problems = vec![Problem::new(format!("more than {MAX_PASSWORDS} passwords in one file"))];
            Err(BlueprintError::Wrong { file: file.to_owned(), entry: None, problems })
        }
        Err(fault) => Err(fault_error(file, fault)),
    }
}

fn fault_error(file: &str, fault: Fault) -> BlueprintError {
    match fault {
        Fault::Blueprint(error) => error,
        Fault::Store(error) => store_error(error),
        Fault::NeedsHash(_) | Fault::Rehearsed(_) => {
            BlueprintError::Store(format!("{file}: the transaction ended out of turn"), ErrorKind::Internal)
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err takes")]
fn store_error(error: StoreError) -> BlueprintError {
    BlueprintError::Store(error.to_string(), error.kind())
}

fn hash_error(file: &str, error: &HashError) -> BlueprintError {
    match error.kind() {
        ErrorKind::Unavailable => BlueprintError::Store(error.to_string(), ErrorKind::Unavailable),
        _ => {
            let problems = vec![Problem::new(format!("password: {error}"))];
            BlueprintError::Wrong { file: file.to_owned(), entry: None, problems }
        }
    }
}
